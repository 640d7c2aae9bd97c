"""The policy that an administration begins with: careful, complete, and one that can be published as it is."""

from collections.abc import Sequence
from typing import Any

from contact.domain.policy_texts import DEFAULTS

_PHONE = [("08:30", "12:30"), ("13:30", "17:00")]
_ALL_DAY = [("08:30", "17:00")]


def default(languages: Sequence[str], territory: str = "FR") -> dict[str, Any]:
    """Working days and hours, no season, everybody offered all that their line can use."""
    return {
        "needs_second_person": False,
        "channels": {"voice": True, "sms": True, "email": True, "chat": True},
        "hours": {"voice": week(_PHONE), "relay": week(_PHONE), "chat": week(_ALL_DAY)},
        "territory": territory,
        "special_days": [],
        "season": None,
        "pace": {
            "target_wait_seconds": 90,
            "floor_percent": 20,
            "returning_percent": 20,
            "sticky_minutes": 30,
            "dwell_minutes": 10,
            "wait_cap_seconds": None,
        },
        "modes": {
            "advise": {"enter_seconds": 15, "exit_seconds": 4, "alternatives": _alternatives()},
            "throttle": {"enter_seconds": 25, "exit_seconds": 8, "alternatives": _alternatives()},
            "essential_only": {"enter_seconds": 240, "exit_seconds": 150, "alternatives": _alternatives()},
        },
        "exemptions": {
            "deadline_days": None,
            "promise_broken": True,
            "returns_our_call": True,
            "declared_need": True,
            "declared_need_percent_max": 15,
            "safety_topics": [],
        },
        "callbacks": {
            "openings": week([("09:00", "12:00"), ("14:00", "17:00")]),
            "window_minutes": 60,
            "per_quarter": 10,
            "no_show_percent": 10,
            "overbooking_percent_max": 10,
            "attempts": 3,
            "retry_minutes": 20,
            "days_ahead": 2,
        },
        "limits": {
            "chats_waiting_max": 40,
            "chat_answer_hours": 24,
            "links_per_hour": 300,
            "links_per_caller_day": 1,
            "text_answer_hours": 48,
        },
        "follow_up": {"link_hours": 24, "recontact_days": 7},
        "texts": {name: {one: text[one] for one in languages} for name, text in DEFAULTS.items()},
    }


def week(intervals: Sequence[tuple[str, str]], days: int = 5) -> list[dict[str, Any]]:
    """The same intervals on so many days from Monday on: to Friday, unless it is said."""
    return [{"day": day, "opens": opens, "closes": closes} for day in range(days) for opens, closes in intervals]


def _alternatives() -> dict[str, list[str]]:
    return {
        "mobile": ["callback", "sms_link", "chat", "voicemail"],
        "fixed": ["callback", "chat", "voicemail"],
        "withheld": ["voicemail", "quiet_hours"],
        "overseas": ["chat", "voicemail"],
        "relay": ["chat"],
    }
