"""When nobody is sent news: not at night, on Sundays or holidays, by the calendar of where the recipient lives.

Answers and reminders of one's own matter come at any hour (ARCEP and the postal code speak of canvassing alone).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contact.domain.phones import ZONES
from contact.domain.vocabulary import Purpose

OPENS, CLOSES = time(8), time(22)
# (month, day)
NATIONAL = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
# The abolition of slavery, and what else one territory alone keeps.
LOCAL = {
    "GP": ((5, 27),),
    "MQ": ((5, 22),),
    "GF": ((6, 10),),
    "RE": ((12, 20),),
    "YT": ((4, 27),),
    "MF": ((5, 28),),
    "BL": ((10, 9),),
    "NC": ((9, 24),),
    "PF": ((3, 5), (6, 29)),
    "WF": ((4, 28), (7, 29)),
}
# Easter Monday, Ascension, Whit Monday.
AFTER_EASTER = (1, 39, 50)


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
    fixed = (*NATIONAL, *LOCAL.get(territory or "", ()))
    movable = {easter(day.year) + timedelta(days=days) for days in AFTER_EASTER}
    return day.weekday() == 6 or (day.month, day.day) in fixed or day in movable


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    century, of_century = divmod(year, 100)
    leap, rest = divmod(century, 4)
    moon = (19 * (year % 19) + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * rest + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)
