"""A campaign's policy: what is refused and where, when it is open, what changes in words, what the throttle makes."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contact.api.sentences import sentence
from contact.domain import holidays, policy, policy_checks, policy_default, policy_words
from contact.domain.alternatives import ADVICE, LINES, USABLE
from contact.schemas.policy import PolicyDocument
from routing.admission import Mode
from routing.policy import admission_of, exemptions_of, throttle_of
from routing.throttle import Band
from tests.domain.policies import LANGUAGES, REFUSED, TOPICS, example, faults, leaves

FORM = PolicyDocument()
LEAVES = list(leaves(example()))


def test_the_example_can_be_published():
    """It is the contract: complete, and without a fault; so is what an administration begins with."""
    assert faults(example()) == {}
    assert set(example()) == set(FORM.fields)
    for tongues in (("fr",), LANGUAGES):
        assert policy_checks.faults(policy_default.default(tongues), tongues, ()) == {}


@pytest.mark.parametrize("refused", REFUSED, ids=lambda one: one["why"])
def test_refused_by_place(refused: dict[str, Any]):
    """Each of the refused ones for its reason, at its place, in a sentence of each language."""
    found = faults(example(refused["change"]))

    told = {place: code for place, code in found.items() if place in refused["faults"]}
    assert {place: code.partition("|")[0] if "choice" in code else code for place, code in told.items()} == refused[
        "faults"
    ]
    others = {code for place, code in found.items() if place not in refused["faults"]}
    assert others <= set(refused["faults"].values()), found
    for code in found.values():
        assert sentence(code, "fr") != sentence(code, "en")


def test_a_policy_goes_out_and_in_unchanged():
    """As a file, and through the form of the API."""
    document = example()

    assert FORM.load(json.loads(json.dumps(document))) == document
    assert FORM.dump(document) == document


@given(st.sampled_from(LEAVES), st.sampled_from([None, [], {}, "", -1, 10**9, True, "x" * 500, 1.5]))
def test_whatever_stands_at_a_place_is_judged(leaf: tuple[str, Any], value: Any):
    """A wrong value is a fault at a place, never an error of ours."""
    place, _ = leaf
    found = faults(example({place: value}))

    assert all(name and sentence(code, "fr") for name, code in found.items())


def test_every_change_is_told():
    """No field changes in silence: one at least of its values is named, in both languages."""
    tried = (2, 6, 17, 30, "12:21", "2027-05-12", "RE", "article", "quiet_hours", "other")
    for place, value in LEAVES:
        changed = (example({place: other}) for other in (not value, *tried) if other != value)
        after = next(one for one in changed if not FORM.validate(one))

        for language in LANGUAGES:
            told = policy_words.differences(example(), after, language)
            assert told, place
            assert policy_words.differences(after, example(), language) != told
    assert [policy_words.differences(example(), example(), language) for language in LANGUAGES] == [[], []]


def test_differences_read_well():
    """Days with the same hours together, things by their names, in the reader's words."""
    after = example(
        {
            "hours.voice": policy_default.week([("09:00", "12:00")]),
            "pace.wait_cap_seconds": None,
            "modes.throttle.alternatives.fixed": ["voicemail"],
            "season.peaks": [],
        }
    )

    assert policy_words.differences(example(), after, "fr") == [
        "Horaires du téléphone : lun.–ven. 08:30–12:30, 13:30–17:30 ; sam. 09:00–12:00 → lun.–ven. 09:00–12:00",
        "Période de pointe retirée : Dates limites / Deadlines, du 10/05/2027 au 08/06/2027, attente visée 120 s,"
        " part réservée 25 %",
        "Attente maximale promise (s) : 900 → aucun",
        "Régulation, ligne fixe : rappel, messagerie web, message vocal → message vocal",
    ]
    assert policy_words.differences(after, example({"season": None}), "en")[1] == "Season removed"
    assert policy_words.differences(example({"season": None}), example(), "en")[:2] == [
        "Season added: 08/04/2027 to 30/06/2027",
        "Peak period added: Dates limites / Deadlines, 10/05/2027 to 08/06/2027, target wait 120 s, floor 25%",
    ]


@pytest.mark.parametrize(
    ("territory", "days"),
    [
        ("FR", []),
        ("FR-AM", ["2027-03-26", "2027-12-26"]),
        ("GP", ["2027-05-27"]),
        ("MQ", ["2027-05-22"]),
        ("GF", ["2027-06-10"]),
        ("RE", ["2027-12-20"]),
        ("YT", ["2027-04-27"]),
        ("PM", []),
        ("BL", ["2027-10-09"]),
        ("MF", ["2027-05-28"]),
        ("NC", ["2027-09-24"]),
        ("PF", ["2027-03-05", "2027-03-26", "2027-11-20"]),
        ("WF", ["2027-04-28", "2027-06-29", "2027-07-29"]),
    ],
)
def test_holidays_of_a_territory(territory: str, days: list[str]):
    """The eleven of the nation everywhere, and its own."""
    national = ["01-01", "03-29", "05-01", "05-06", "05-08", "05-17", "07-14", "08-15", "11-01", "11-11", "12-25"]
    found = sorted(day.isoformat() for day in holidays.of_year(2027, territory))

    assert found == sorted([*(f"2027-{day}" for day in national), *days])
    assert territory in holidays.TERRITORIES


def test_a_day_is_open_by_its_hours():
    """A special day before a holiday, a holiday before the week."""
    document = example()
    document["special_days"].append(
        {"date": "2027-05-08", "name": {}, "openings": [{"opens": "09:00", "closes": "10:00"}]}
    )

    def opens(day: str) -> list[tuple[str, str]]:
        return [tuple(one) for one in policy.open_on(document, "voice", date.fromisoformat(day))]

    assert opens("2027-05-10") == [("08:30", "12:30"), ("13:30", "17:30")]
    assert opens("2027-05-09") == opens("2027-05-06") == opens("2027-05-07") == []
    assert opens("2027-05-08") == [("09:00", "10:00")]
    told = [datetime(2027, 5, 10, *at) for at in ((8, 29), (8, 30), (12, 29), (12, 30), (13, 30))]
    assert [policy.is_open(document, "voice", one) for one in told] == [False, True, True, False, True]


def test_the_relay_covers_the_phone_in_any_cut():
    """Two intervals that touch are one."""
    parts = [policy.Interval("08:00", "12:30"), policy.Interval("12:30", "18:00")]

    assert policy.covers(parts, [policy.Interval("09:00", "17:00")])
    assert not policy.covers(parts[:1], [policy.Interval("09:00", "17:00")])
    assert policy.covers([], [])


def test_the_throttle_is_set_by_the_document():
    """Its pace, its bands, and in a peak that peak's own target and floor."""
    ordinary, peak = (throttle_of(example(), date.fromisoformat(day)) for day in ("2027-05-09", "2027-05-10"))

    assert (ordinary.target_wait_seconds, ordinary.floor_share, ordinary.returning_share) == (90, 0.2, 0.2)
    assert (peak.target_wait_seconds, peak.floor_share, peak.returning_share) == (120, 0.25, 0.2)
    assert ordinary.bands == peak.bands == (Band(15, 4), Band(25, 8), Band(240, 150))
    assert ordinary.dwell_seconds == 600


def test_a_call_is_decided_by_the_document():
    """Its offers by mode and line, without advice and what is used up; its exemptions, window and cap."""
    found = admission_of(example(), 7, Mode.THROTTLE, "mobile")

    assert (found.version, found.alternatives) == (7, ("sms_link", "callback", "chat", "voicemail"))
    assert (found.sticky_seconds, found.wait_cap_seconds) == (1800, 900)
    assert found.exemptions == {"deadline", "promise_broken", "need", "safety", "returns_our_call"}
    assert admission_of(example(), 7, Mode.OPEN, "mobile").alternatives[0] == "callback"
    empty = example({"callbacks.per_quarter": 0})
    assert admission_of(empty, 7, Mode.ADVISE, "fixed").alternatives == ("chat", "voicemail")
    assert exemptions_of(example({"exemptions.declared_need": False, "exemptions.deadline_days": None})) == {
        "promise_broken",
        "safety",
        "returns_our_call",
    }


FOR_LINE = {line: [one for one in policy.OFFERS if one in ADVICE or line in USABLE[one]] for line in LINES}
# Of one mode and one line, what is offered there: mostly something that it can use.
ORDERS = st.sampled_from(LINES).flatmap(
    lambda line: st.tuples(
        st.sampled_from(policy.MODES), st.just(line), st.lists(st.sampled_from(FOR_LINE[line]), unique=True, min_size=1)
    )
)


@given(st.lists(ORDERS, max_size=3), st.sampled_from([0, 5]))
def test_nobody_is_left_with_nothing(orders: list[tuple[str, str, list[str]]], per_quarter: int):
    """However an administration orders and leaves out: what passes offers every line something it can use.

    Should hardly any pass, Hypothesis tells: nothing would be asserted.
    """
    document = example({"callbacks.per_quarter": per_quarter})
    for mode, line, offers in orders:
        document["modes"][mode]["alternatives"][line] = offers
    assume(not policy_checks.faults(document, LANGUAGES, TOPICS))

    for kept in Mode:
        for line in LINES:
            alternatives = admission_of(document, 1, kept, line).alternatives
            assert alternatives
            assert all(line in USABLE[one] for one in alternatives)
