"""What was said is there: once, in its ticket, in its administration, in order; and nothing else is."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from bench.torture.checks import Evidence, Violation

KINDS = {"start": "citizen", "say": "citizen", "text": "citizen", "reply": "agent", "note": "note"}
# The session ended between two tries with one key: the first may have been taken.
_OPEN_REFUSALS = (401,)


class Said:
    """Journals and message rows side by side, matched by the words: each text was written by one intent alone."""

    def __init__(self, evidence: Evidence) -> None:
        self.intents: dict[str, dict[str, Any]] = {}
        self.accepted: dict[str, dict[str, Any]] = {}
        self.refused: dict[str, dict[str, Any]] = {}
        for line in evidence.journal:
            if line["what"] == "intent":
                self.intents[line["key"]] = line
            elif line["what"] in ("accepted", "refused"):
                getattr(self, line["what"])[line["key"]] = line
        self.rows: defaultdict[str, list[Any]] = defaultdict(list)
        for row in evidence.new("messages"):
            self.rows[row.body].append(row)

    def row(self, key: str) -> Any:
        """The one message row of an intent, or None."""
        found = self.rows.get(self.intents[key]["body"], [])
        return found[0] if len(found) == 1 else None


def check(evidence: Evidence) -> Iterator[Violation]:
    said = Said(evidence)
    for key, intent in said.intents.items():
        found = said.rows.get(intent["body"], [])
        if key in said.accepted and not found:
            yield Violation("lost", key, f"{intent['kind']} of {intent['who']} was accepted and is nowhere")
        if len(found) > 1:
            yield Violation("twice", key, f"{intent['kind']} of {intent['who']} is in {len(found)} rows")
        is_closed = key in said.refused and said.refused[key]["status"] not in _OPEN_REFUSALS
        if is_closed and found and not intent["twin"]:
            yield Violation("refused yet kept", key, f"{intent['kind']} of {intent['who']}: {said.refused[key]}")
    yield from _invented(evidence, said)
    yield from _places(evidence, said)
    yield from _order(evidence, said)
    yield from _acts(evidence)


def _invented(evidence: Evidence, said: Said) -> Iterator[Violation]:
    known = {(intent["body"], KINDS[intent["kind"]]) for intent in said.intents.values()}
    for row in evidence.new("messages"):
        if row.kind != "system" and (row.body, row.kind) not in known:
            yield Violation("invented", str(row.id), f"a message of kind {row.kind} that nobody wrote")


def _places(evidence: Evidence, said: Said) -> Iterator[Violation]:
    """Each message in the administration and the ticket it was written to, as it was acknowledged."""
    tenants = {row.address: row.tenant_id for row in evidence.after.addresses}
    values = {row.id: row.value for row in evidence.after.points}
    numbers = {row.id: values[row.contact_point_id] for row in evidence.after.interactions}
    begun = defaultdict(set)
    for key, intent in said.intents.items():
        if intent["kind"] == "start" and (row := said.row(key)):
            begun[intent["visitor"]].add(row.ticket_id)
    for key, intent in said.intents.items():
        row = said.row(key)
        if row is None:
            continue
        if intent["kind"] == "text":
            is_right = numbers[row.interaction_id] == intent["number"]
        elif "address" in intent:
            is_right = row.tenant_id == tenants[intent["address"]] and row.ticket_id in begun[intent["visitor"]]
        else:
            is_right = str(row.ticket_id) == intent["ticket"]
        if not is_right:
            yield Violation("place", key, f"message {row.id} is in ticket {row.ticket_id} of {row.tenant_id}")
        told = said.accepted.get(key)
        if told and told["id"] and told["id"] not in (str(row.id), str(row.interaction_id)):
            yield Violation("place", key, f"acknowledged as {told['id']}, but it is {row.id}")
        if told and told["seq"] not in (None, row.seq):
            yield Violation("order", key, f"acknowledged as number {told['seq']}, but it is {row.seq}")


def _order(evidence: Evidence, said: Said) -> Iterator[Violation]:
    """A ticket's messages are numbered from 1 without a gap; what one person wrote stands as they wrote it."""
    seqs = defaultdict(list)
    for row in evidence.after.messages:
        seqs[row.ticket_id].append(row.seq)
    for ticket in evidence.after.tickets:
        if sorted(seqs[ticket.id]) != list(range(1, ticket.last_seq + 1)):
            yield Violation("order", str(ticket.id), f"numbers {sorted(seqs[ticket.id])}, last_seq {ticket.last_seq}")
    last: dict[tuple[str, Any], int] = {}
    for key, intent in said.intents.items():
        row = said.row(key)
        # The telephone network promises no order.
        if row is None or key not in said.accepted or intent["kind"] == "text":
            continue
        place = (intent["who"], row.ticket_id)
        if row.seq < last.get(place, 0):
            yield Violation("order", key, f"number {row.seq} of ticket {row.ticket_id} was written after a later one")
        last[place] = max(row.seq, last.get(place, 0))


def _acts(evidence: Evidence) -> Iterator[Violation]:
    """What an agent was told has been done: the contact taken, the work finished."""
    assignments = {str(row.id): row for row in evidence.after.assignments}
    for line in evidence.journal:
        if line["what"] not in ("took", "finished"):
            continue
        row = assignments.get(line["assignment"])
        stands = row is not None and (
            str(row.offer_id) == line["offer"]
            if line["what"] == "took"
            else row.state == "done" and row.wrap_up_code_id is not None
        )
        if not stands:
            yield Violation("lost", line["assignment"], f"{line['who']} {line['what']} it, and it does not stand so")
