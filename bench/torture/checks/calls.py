"""Exact conservation of calls: each that came in is one row in one ticket, no row is of a call that never was.

Who was not let in has a ticket, waits for nobody on that line, and has what they took.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bench.torture.checks import Evidence, Violation
from bench.torture.checks.work import LIVE


def check(evidence: Evidence) -> Iterator[Violation]:
    rows = evidence.new("calls")
    known = came(evidence.calls)
    kept = Counter(row.provider_id for row in rows if row.direction == "inbound")
    yield from (Violation("lost", sid, "the company had this call, and we have no row") for sid in known - set(kept))
    yield from (Violation("invented", sid, "no such call at the company") for sid in set(kept) - known)
    yield from (Violation("twice", sid, f"{count} rows of one call") for sid, count in kept.items() if count > 1)
    tickets = {row.id: row.ticket_id for row in evidence.after.interactions}
    live = {row.interaction_id for row in evidence.after.contacts if row.state in LIVE}
    for row in rows:
        if row.direction == "inbound" and row.stage != "ended":
            yield Violation("unfinished", str(row.id), f"still {row.stage}, the line {row.state}")
        if row.outcome not in (None, "left_menu") and row.ticket_id is None:
            yield Violation("no ticket", str(row.id), f"{row.outcome}, and nobody will ever know")
        if row.ticket_id != tickets.get(row.interaction_id):
            yield Violation("two tickets", str(row.id), f"{row.ticket_id} and {tickets.get(row.interaction_id)}")
        if row.stage == "ended" and row.interaction_id in live:
            yield Violation("dead line", str(row.id), "its contact still waits or is served")
    yield from _dialled(evidence.calls, rows)
    yield from _not_let_in(evidence, rows)


def came(calls: list[dict[str, Any]]) -> set[str]:
    """The calls that citizens made, by the company's list."""
    return {one["sid"] for one in calls if one["direction"] == "inbound" and not one["from_"].startswith("client:")}


def _dialled(calls: list[dict[str, Any]], rows: list[Any]) -> Iterator[Violation]:
    """A citizen's phone rang at most as often as an agent began to call them."""
    rang = Counter(one["to"] for one in calls if one["direction"] == "outbound-api")
    wanted: Counter[str] = Counter()
    for row in rows:
        wanted[row.number] += row.attempt
    for number, count in rang.items():
        if count > wanted[number]:
            yield Violation("dialled twice", number, f"{count} legs for {wanted[number]} attempts")


def _not_let_in(evidence: Evidence, rows: list[Any]) -> Iterator[Violation]:
    refused = {row.call_id: row for row in evidence.new("admissions") if not row.is_admitted and row.rule != "closed"}
    queued = {row.interaction_id for row in evidence.after.contacts}
    called_back = {row.ticket_id for row in rows if row.direction == "outbound"}
    for row in rows:
        answer = refused.get(row.id)
        if answer is None:
            if row.outcome in ("deflected", "not_taken"):
                yield Violation("unexplained", str(row.id), f"{row.outcome}, and no answer of the valve says why")
        elif row.ticket_id is None:
            yield Violation("no ticket", str(row.id), "was not let in, and nobody will ever know")
        elif row.interaction_id in queued:
            yield Violation("let in", str(row.id), "was not to be, and waits or waited")
        elif answer.taken == "callback" and row.ticket_id not in called_back:
            yield Violation("not called back", str(row.id), "took a call back, and none was promised")
