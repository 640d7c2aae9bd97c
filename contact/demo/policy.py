"""The policy of the demo's filing season, set around the day on which the demo is loaded."""

from datetime import date, timedelta
from typing import Any

from contact.domain import policy_default

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
    document["exemptions"] |= {"deadline_days": 3, "safety_topics": ["payment"]}
    document["modes"]["throttle"]["alternatives"]["mobile"] = ["sms_link", "callback", "chat", "voicemail"]
    document["modes"]["essential_only"]["alternatives"]["mobile"] = ["sms_link", "chat", "voicemail"]
    return document


def _day(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()
