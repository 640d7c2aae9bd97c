"""Menus for tests: one by hand, and any that a publication lets pass."""

from copy import deepcopy
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from contact.domain.documents import UNSAYABLE
from contact.domain.menu_document import KEYS, OPTIONS_MAX

TOPICS = [UUID(int=number) for number in range(1, 9)]
INCOME, CREDIT, PAYMENT = TOPICS[:3]
SAYABLE = st.characters(exclude_categories=UNSAYABLE)


def option(key: str, leads_to: str, topic: UUID | None, fr: str, en: str, *, also_fr: str = "") -> dict[str, Any]:
    told = {"fr": [also_fr] if also_fr else [], "en": []}
    return {
        "key": key,
        "name": {"fr": fr, "en": en},
        "words": told,
        "leads_to": leads_to,
        "topic": topic and str(topic),
    }


_TAXES: dict[str, Any] = {
    "welcome": {"fr": "Bienvenue au service des impôts.", "en": "Welcome to the tax service."},
    "options": [
        option("1", "topic", INCOME, "Déclarer mes revenus", "My tax return", also_fr="impôt sur le revenu"),
        option("2", "topic", CREDIT, "Crédits d'impôt", "Tax credits"),
        option("4", "voicemail", None, "Laisser un message", "Leave a message"),
        option("5", "person", None, "Autre chose", "Something else"),
    ],
    "otherwise": str(PAYMENT),
    "closed": {"fr": "Nous sommes fermés.", "en": "We are closed."},
    "voicemail": {"fr": "Parlez après le bip.", "en": "Speak after the tone."},
    "takes_messages": True,
    "openings": [
        {"day": 0, "opens": "09:00", "closes": "12:00"},
        {"day": 0, "opens": "13:30", "closes": "17:00"},
    ],
    "closed_on": ["2026-12-28"],
    "timeout_seconds": 4,
}


def taxes() -> dict[str, Any]:
    return deepcopy(_TAXES)


def documents(languages: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Any document, right or wrong in what no schema sees."""
    texts = st.fixed_dictionaries({one: st.text(SAYABLE, max_size=140) for one in languages})
    phrase = st.text(SAYABLE, min_size=1, max_size=40)
    phrases = st.fixed_dictionaries({one: st.lists(phrase, max_size=3) for one in languages})
    one_option = st.fixed_dictionaries(
        {
            "key": st.sampled_from(KEYS),
            "name": texts,
            "words": phrases,
            "leads_to": st.sampled_from(["topic", "person", "voicemail"]),
            "topic": st.sampled_from([str(one) for one in TOPICS]),
        }
    )
    return st.fixed_dictionaries(
        {
            "welcome": texts,
            "options": st.lists(one_option, min_size=1, max_size=OPTIONS_MAX),
            "otherwise": st.sampled_from([str(one) for one in TOPICS]),
            "closed": texts,
            "voicemail": texts,
            "takes_messages": st.booleans(),
            "openings": st.just([]),
            "closed_on": st.just([]),
            "timeout_seconds": st.integers(2, 15),
        }
    )


def passing(languages: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Documents that mostly pass: keys that differ, names with a word of their own, no text missing or too long."""
    return documents(languages).map(_made_right)


def _made_right(document: dict[str, Any]) -> dict[str, Any]:
    for place, one in enumerate(document["options"]):
        own = "abcde"[place] * 5
        one |= {"key": str(place + 1), "words": {tongue: [] for tongue in one["name"]}}
        one["name"] = {tongue: f"{own} {name[:40]}" for tongue, name in one["name"].items()}
    for name in ("welcome", "closed", "voicemail"):
        document[name] = {tongue: text[:100].strip() or "x" for tongue, text in document[name].items()}
    return document
