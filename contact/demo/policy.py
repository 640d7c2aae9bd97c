"""The policy of the demo's filing season, set around the day on which the demo is loaded."""

from datetime import date, timedelta
from typing import Any

from contact.domain import policy, policy_default
from contact.domain.holidays import is_holiday

_YEAR_DAYS = 366

_COHORTS = (
    ("1", "Départements 01 à 19", "Departments 01 to 19", 14),
    ("2", "Départements 20 à 54", "Departments 20 to 54", 21),
    ("3", "Départements 55 et plus, outre-mer", "Departments from 55 on, overseas", 28),
)


def filing_season(today: date) -> dict[str, Any]:
    """A season of three months in its last weeks, with three deadlines to come and a peak around them."""
    document = policy_default.default(("fr", "en"))
    document["season"] = {
        "begins_on": _day(today, -60),
        "ends_on": _day(today, 35),
        "peaks": [
            {
                "begins_on": _day(today, 7),
                "ends_on": _day(today, 28),
                "name": {"fr": "Dates limites", "en": "Deadlines"},
                "target_wait_seconds": 120,
                "floor_percent": 25,
            }
        ],
        "cohorts": [
            {"zone": zone, "name": {"fr": fr, "en": en}, "deadline": _day(today, days)}
            for zone, fr, en, days in _COHORTS
        ],
    }
    # Whoever looks at a demo does so at any hour of any day.
    stay_open(document, today)
    document["exemptions"]["deadline_days"] = 3
    document["modes"]["throttle"]["alternatives"]["mobile"] = ["sms_link", "callback", "chat", "voicemail"]
    document["modes"]["essential_only"]["alternatives"]["mobile"] = ["sms_link", "chat", "voicemail"]
    return document


def stay_open(document: dict[str, Any], today: date) -> None:
    """For a year from *today*, at every hour of every day."""
    always = policy_default.week([("00:00", policy.MIDNIGHT)], days=7)
    document["hours"] = dict.fromkeys(policy.ATTENDED, always)
    document["callbacks"]["openings"] = always
    document["special_days"] = _open_holidays(today, document["territory"])


def _open_holidays(today: date, territory: str) -> list[dict[str, Any]]:
    days = (today + timedelta(days=number) for number in range(_YEAR_DAYS))
    return [
        {
            "date": day.isoformat(),
            "name": {"fr": "Jour férié travaillé", "en": "Holiday that is worked"},
            "openings": [{"opens": "00:00", "closes": policy.MIDNIGHT}],
        }
        for day in days
        if is_holiday(day, territory)
    ]


def _day(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()
