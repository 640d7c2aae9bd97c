"""Texts as words, numbers and hours: no database."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact.domain import holidays, phones, quiet_hours, sms_text, words_of_texts
from contact.domain.vocabulary import Purpose

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "segments.json").read_text())
NEWS = Purpose.INFORMATION_CAMPAIGN


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: one["name"])
def test_counts_as_the_page_does(vector: dict):
    """Encoding, units, parts and costly characters of texts that both sides read."""
    found = sms_text.count(vector["text"] * vector.get("times", 1))

    assert [found.encoding, found.units, found.parts, "".join(found.costly)] == [
        vector["encoding"],
        vector["units"],
        vector["parts"],
        vector.get("costly", ""),
    ]


@given(st.text(max_size=400), st.integers(1, 200))
def test_shortened_texts_are_whole(text: str, most: int):
    """At most so long, and never a letter without its accent or half of a family."""
    found = sms_text.shorten(text, most)

    assert len(found) <= most
    assert found == text or found.endswith("…")


def test_a_letter_is_not_cut_from_its_accent():
    """The whole sequence goes, or stays."""
    assert sms_text.shorten("caf" + "e\u0301" * 3, 5) == "caf…"
    assert sms_text.shorten("a👨\u200d👩\u200d👧b", 4) == "a…"


@pytest.mark.parametrize(
    ("typed", "territory", "number"),
    [
        ("06 12 34 56 78", None, "+33612345678"),
        ("0692 12 34 56", None, "+262692123456"),
        ("0690-12-34-56", None, "+590690123456"),
        ("0696 12 34 56", None, "+596696123456"),
        ("0694 20 12 34", None, "+594694201234"),
        ("0033 6 12 34 56 78", None, "+33612345678"),
        ("+687 75 12 34", None, "+687751234"),
        ("75 12 34", "NC", "+687751234"),
        ("87 12 34 56", "PF", "+68987123456"),
        ("41 12 34", "PM", "+508411234"),
        ("02 69 61 23 45", "YT", "+262269612345"),
        ("02 69 61 23 45", None, None),
        ("12", None, None),
        ("hello", None, None),
    ],
)
def test_numbers_from_overseas(typed: str, territory: str | None, number: str | None):
    """Ten digits mean the one French territory in which they are good; where several are, only its home tells."""
    found = phones.read(typed, territory)

    assert found.number == number
    if typed.startswith("02 69") and territory is None:
        assert found.choices == ("+33269612345", "+262269612345")


def test_whom_a_text_reaches():
    """Mobile phones of allowed countries: no landline, no premium number, no stranger's word."""
    allowed = frozenset(phones.TERRITORIES)
    found = {
        one: phones.why_no_text(one, allowed)
        for one in ("+33612345678", "+262692123456", "+687751234", "+33140000000", "+33899123456", "+3247012345")
    }
    assert found == {
        "+33612345678": None,
        "+262692123456": None,
        "+687751234": None,
        "+33140000000": "landline",
        "+33899123456": "costly_number",
        "+3247012345": "country_not_allowed",
    }


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", "stop"),
        (" Arrêt ! ", "stop"),
        ("Désinscrire", "stop"),
        ("ne plus recevoir", "stop"),
        ("Start", "start"),
        ("Stop aux courriers", None),
        ("", None),
    ],
)
def test_wishes(text: str, wish: str | None):
    """The whole message is the word, however it is written."""
    assert words_of_texts.wish(text) == wish


def test_choices():
    """One figure answers, with little around it; anything else is something to read."""
    assert [words_of_texts.choice(one, 2) for one in ("1", " 2.", "le n° 2", "3", "12", "1 ou 2", "deux", "")] == [
        1, 2, 2, None, None, None, None, None
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("territory", "now", "until"),
    [
        ("FR", "2026-03-03T09:00", None),
        ("FR", "2026-03-03T21:30", "2026-03-04T07:00"),
        ("FR", "2026-03-03T06:30", "2026-03-03T07:00"),
        ("RE", "2026-03-03T19:00", "2026-03-04T04:00"),
        ("MQ", "2026-03-03T10:00", "2026-03-03T12:00"),
        ("FR", "2026-03-07T22:00", "2026-03-09T07:00"),
        ("FR", "2026-04-06T10:00", "2026-04-07T06:00"),
        ("RE", "2026-12-19T19:00", "2026-12-21T04:00"),
        (None, "2026-03-03T21:30", "2026-03-04T07:00"),
    ],
)
def test_hours_of_news(territory: str | None, now: str, until: str | None):
    """Not at night, on Sundays or holidays, by the clock and calendar of where the recipient lives."""
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    found = quiet_hours.quiet_until(NEWS, territory, at)

    assert found == (datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None)
    assert quiet_hours.quiet_until(Purpose.TRANSACTIONAL, territory, at) is None


def test_easter():
    """As the calendars have it."""
    assert [holidays.easter(year) for year in (2024, 2025, 2026, 2038)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2038, 4, 25),
    ]
