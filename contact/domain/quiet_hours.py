"""When nobody is sent news: not at night, on Sundays or holidays, by the calendar of where the recipient lives.

Answers and reminders of one's own matter come at any hour (ARCEP and the postal code speak of canvassing alone).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contact.domain.holidays import is_holiday
from contact.domain.phones import ZONES
from contact.domain.vocabulary import Purpose

OPENS, CLOSES = time(8), time(22)


def quiet_until(purpose: Purpose, territory: str | None, now: datetime) -> datetime | None:
    """When a text of this purpose may leave, if not now. A number whose home nobody knows is asked as in Paris."""
    if purpose is not Purpose.INFORMATION_CAMPAIGN:
        return None
    zone = ZoneInfo(ZONES.get(territory or "", "Europe/Paris"))
    local = now.astimezone(zone)
    if OPENS <= local.time() < CLOSES and not _is_free_day(local.date(), territory):
        return None
    day = local.date() + timedelta(days=local.time() >= OPENS)
    while _is_free_day(day, territory):
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, zone).astimezone(UTC)


def _is_free_day(day: date, territory: str | None) -> bool:
    return day.weekday() == 6 or is_holiday(day, territory or "FR")
