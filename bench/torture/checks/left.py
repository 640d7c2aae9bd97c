"""Nothing is left behind: no unfinished work, no lease without a leader, no transaction that nobody ends."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bench.torture.checks import Evidence, Violation

FINAL = ("done", "failed", "outcome_unknown", "quarantined")
SILENCE = "chat.silence"


def check(evidence: Evidence) -> Iterator[Violation]:
    for row in evidence.after.outbox:
        if not is_at_rest(row):
            yield Violation("unfinished", str(row.id), f"{row.topic} is {row.state}, due {row.due_at}")
        elif row.state == "quarantined":
            yield Violation("unfinished", str(row.id), f"{row.topic} failed for good: {row.failure}")
    yield from _silences(evidence)
    for row in evidence.after.leases:
        if not row.is_held:
            yield Violation("left behind", str(row.pool_id), f"lease of {row.holder} has run out, nobody leads")
    for row in evidence.after.dirty:
        yield Violation("left behind", str(row.entity_id), f"a change of {row.entity} that no dispatcher has read")
    for row in evidence.after.idle:
        yield Violation("left behind", str(row.pid), f"a transaction of {row.usename} idles")


def is_at_rest(row: Any) -> bool:
    """Over, or a timer: the next look at whether a chat's citizen has fallen silent, whose time has not come.

    No other topic waits for a time of its own; a delivery that waits to be tried again is not at rest.
    """
    return row.state in FINAL or (row.topic == SILENCE and row.state == "due" and row.is_future)


def _silences(evidence: Evidence) -> Iterator[Violation]:
    """Each chat that is served has exactly one next look."""
    known = {row.id for row in evidence.before.assignments}
    looks = Counter(
        row.ids["assignment_id"] for row in evidence.after.outbox if row.topic == SILENCE and row.state not in FINAL
    )
    for row in evidence.after.assignments:
        if row.state == "active" and row.channel == "chat" and row.id not in known and looks[str(row.id)] != 1:
            yield Violation("unfinished", str(row.id), f"a served chat with {looks[str(row.id)]} looks at its silence")
