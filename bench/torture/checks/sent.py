"""Every reply that the console acknowledged left the house once, in order for each contact point."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from bench.torture.checks import Evidence, Violation
from bench.torture.checks.said import Said

OUT = ("sms", "email")
# The one text that the product writes by itself here; its words name the ticket.
CALL_BACK = "sms_callback"


def check(evidence: Evidence) -> Iterator[Violation]:
    lines: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, line in enumerate(evidence.ledger):
        lines[line["body"]].append(line | {"number": number})
    yield from _counts(evidence, lines)
    yield from _recipients(evidence, lines)
    yield from _attempts(evidence)
    yield from _order(evidence, lines)


def outgoing(evidence: Evidence) -> list[Any]:
    """The replies of this run that a carrier takes, and what tells callers which number will call them back."""
    channels = {row.id: row.channel for row in evidence.after.interactions}
    found = evidence.new("messages")
    return [
        row
        for row in found
        if (row.kind == "agent" or row.code == CALL_BACK) and channels.get(row.interaction_id) in OUT
    ]


def unknown(evidence: Evidence) -> list[Any]:
    """Replies that nobody can say were sent, and a person sees so."""
    return [row for row in outgoing(evidence) if row.state == "outcome_unknown"]


def _counts(evidence: Evidence, lines: dict[str, list[dict[str, Any]]]) -> Iterator[Violation]:
    for row in outgoing(evidence):
        count = len(lines.get(row.body, ()))
        if row.state in ("sent", "delivered", "read"):
            if count == 0:
                yield Violation("unsent", str(row.id), "said to be sent, and the ledger has no line of it")
            elif count > 1:
                yield Violation("sent twice", str(row.id), f"{count} lines in the ledger")
        elif row.state in ("failed", "undelivered"):
            if count:
                yield Violation("sent twice", str(row.id), f"said to have failed, with {count} lines in the ledger")
        elif row.state != "outcome_unknown":
            yield Violation("unsent", str(row.id), f"still {row.state}, with {count} lines in the ledger")


def _recipients(evidence: Evidence, lines: dict[str, list[dict[str, Any]]]) -> Iterator[Violation]:
    """Nothing was sent that nobody wrote, or to anybody else."""
    values = {row.id: row.value for row in evidence.after.points}
    addresses = {row.id: (row.channel, values[row.contact_point_id]) for row in evidence.after.interactions}
    wanted = {row.body: addresses[row.interaction_id] for row in outgoing(evidence)}
    for body, found in lines.items():
        for line in found:
            if wanted.get(body) != (line["channel"], line["to"]):
                yield Violation("invented", line["attempt"], f"ledger line {line['id']} is not as anybody wrote it")


def _attempts(evidence: Evidence) -> Iterator[Violation]:
    seen = set()
    for line in evidence.ledger:
        if line["attempt"] in seen:
            yield Violation("sent twice", line["attempt"], "one attempt, two lines in the ledger")
        seen.add(line["attempt"])


def _order(evidence: Evidence, lines: dict[str, list[dict[str, Any]]]) -> Iterator[Violation]:
    """To one contact point: replies of a ticket by their number, others as they were acknowledged and begun.

    A number that writes to several administrations is a contact point of each.
    """
    said = Said(evidence)
    times = {said.intents[key]["body"]: (said.intents[key]["at"], told["at"]) for key, told in said.accepted.items()}
    points = defaultdict(list)
    for row in outgoing(evidence):
        found = lines.get(row.body, [])
        if row.state in ("sent", "delivered", "read") and len(found) == 1:
            points[row.tenant_id, found[0]["channel"], found[0]["to"]].append((found[0]["number"], row))
    for point, sent in points.items():
        for (_, earlier), (_, later) in combinations(sorted(sent, key=lambda one: one[0]), 2):
            if earlier.ticket_id == later.ticket_id:
                is_wrong = earlier.seq > later.seq
            else:
                both = earlier.body in times and later.body in times
                is_wrong = both and times[later.body][1] < times[earlier.body][0]
            if is_wrong:
                yield Violation("send order", str(later.id), f"by {point[1]} it left after {earlier.id}")
