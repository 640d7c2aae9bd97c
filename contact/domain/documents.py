"""What the documents have in common that administrations write: what is wrong with a text, a date, with hours."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

# Characters that no telephone company reads out and no text message carries: controls, lone surrogates, unassigned.
UNSAYABLE = ("Cc", "Cs", "Cn")

Document = Mapping[str, Any]
# Codes by place in the document.
Faults = dict[str, list[str]]


def fault_of_text(text: str) -> str | None:
    if not text.strip():
        return "required"
    return "unstorable_characters" if any(unicodedata.category(one) in UNSAYABLE for one in text) else None


def fault_of_date(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "not_a_date"
    return None


def interval_faults(place: str, openings: Sequence[Document]) -> Faults:
    """Of intervals of a week, or of one day that names no weekday."""
    found: Faults = {}
    for number, one in enumerate(openings):
        if one["closes"] <= one["opens"]:
            found[f"{place}.{number}.closes"] = ["closes_before_opening"]
        for earlier in openings[:number]:
            is_same_day = earlier.get("day") == one.get("day")
            if is_same_day and earlier["opens"] < one["closes"] and one["opens"] < earlier["closes"]:
                found[f"{place}.{number}.opens"] = ["overlapping_hours"]
    return found
