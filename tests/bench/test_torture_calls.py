"""The torture's judge of calls: the company's list and our rows agree, and each way in which they may not is named."""

from types import SimpleNamespace
from typing import Any

import pytest

from bench.torture.checks import Evidence
from bench.torture.checks.calls import check
from bench.torture.facts import Facts

CITIZEN, AGENT = "+33612000001", "client:amelie"


def row(**facts: Any) -> Any:
    """A call that came in, was talked and has ended, unless *facts* say otherwise."""
    usual = {"id": "row-1", "provider_id": "CA1", "direction": "inbound", "number": CITIZEN, "stage": "ended"}
    usual |= {"state": "completed", "outcome": "talked", "attempt": 0, "ticket_id": "T1", "interaction_id": "I1"}
    return SimpleNamespace(**{**usual, **facts})


def leg(sid: str = "CA1", direction: str = "inbound", from_: str = CITIZEN, to: str = "+331") -> dict[str, Any]:
    return {"sid": sid, "direction": direction, "from_": from_, "to": to}


def answer(call_id: str, **facts: Any) -> Any:
    """A call that was not let in, and took a call back, unless *facts* say otherwise."""
    usual = {"id": "A1", "is_admitted": False, "rule": "bucket", "taken": "callback"}
    return SimpleNamespace(**{**usual, "call_id": call_id, **facts})


def found(
    rows: list[Any], legs: list[dict[str, Any]], contact_state: str = "done", answers: tuple[Any, ...] = ()
) -> list[tuple[str, str]]:
    """What is said of them: the promise and whose it was."""
    contact = SimpleNamespace(id="C1", interaction_id="I1", state=contact_state)
    interaction = SimpleNamespace(id="I1", ticket_id="T1")
    other = SimpleNamespace(id="I2", ticket_id="T1")
    tables = {"calls": rows, "contacts": [contact], "interactions": [interaction, other], "admissions": answers}
    evidence = Evidence(Facts({"calls": [], "admissions": []}), Facts(tables), [], [], legs)
    return [(one.promise, one.id) for one in check(evidence)]


DIALLED = row(id="row-2", direction="outbound", provider_id="CA2", attempt=1, outcome="not_reached")
DEFLECTED = {"id": "row-5", "provider_id": "CA5", "outcome": "deflected", "interaction_id": "I2"}
# By the promise that each breaks: the rows, the company's legs, the state of the contact, and whose it is.
BREAKINGS: dict[str, tuple[list[Any], list[dict[str, Any]], str, str]] = {
    "lost": ([], [leg()], "done", "CA1"),
    "invented": ([row(), row(id="row-3", provider_id="CA9")], [leg()], "done", "CA9"),
    "twice": ([row(), row(id="row-3")], [leg()], "done", "CA1"),
    "unfinished": ([row(stage="waiting")], [leg()], "waiting", "row-1"),
    "no ticket": ([row(ticket_id=None, interaction_id=None)], [leg()], "done", "row-1"),
    "two tickets": ([row(ticket_id="T2")], [leg()], "done", "row-1"),
    "dead line": ([row()], [leg()], "assigned", "row-1"),
    "dialled twice": ([DIALLED], [leg(f"CA{n}", "outbound-api", "+331", CITIZEN) for n in (2, 3)], "done", CITIZEN),
}
# The same of a call that was not let in: what its row says, and the valve's answers.
NOT_LET_IN = [
    ("unexplained", {}, ()),
    ("no ticket", {"ticket_id": None, "interaction_id": None, "outcome": None}, (answer("row-5", taken=None),)),
    ("let in", {"interaction_id": "I1"}, (answer("row-5"),)),
    ("not called back", {}, (answer("row-5"),)),
]


def test_an_honest_list():
    """A call each way, an agent's own leg and a caller who left the menu: nothing is said."""
    legs = [leg(), leg("CA2", "outbound-api", "+331", CITIZEN), leg("CA3", from_=AGENT), leg("CA4")]
    left = row(id="row-4", provider_id="CA4", outcome="left_menu", ticket_id=None, interaction_id=None)
    away = [row(**DEFLECTED), row(**DEFLECTED | {"id": "row-6", "provider_id": "CA6", "outcome": "not_taken"})]
    legs += [leg("CA5"), leg("CA6")]
    answers = (answer("row-5"), answer("row-6", id="A2", taken=None), answer("row-1", id="A3", is_admitted=True))

    assert found([row(), DIALLED, left, *away], legs, answers=answers) == []


@pytest.mark.parametrize("promise", BREAKINGS)
def test_each_is_named(promise):
    """Whatever does not agree is found under its promise, and nothing else is."""
    rows, legs, contact_state, whose = BREAKINGS[promise]

    assert found(rows, legs, contact_state) == [(promise, whose)]


@pytest.mark.parametrize(("promise", "facts", "answers"), NOT_LET_IN)
def test_each_that_was_not_let_in(promise, facts, answers):
    """Who was refused is known to have been, has a ticket, waits for nobody, and is called back if they wished."""
    assert found([row(**DEFLECTED | facts)], [leg("CA5")], answers=answers) == [(promise, "row-5")]
