"""Tickets wait, are served by one, or rest; nobody holds more than they can; no contact with two at once."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

from bench.torture.checks import Evidence, Violation
from bench.torture.facts import Facts

CHANNELS = ("voice", "chat", "sms", "email")
LIVE = ("waiting", "offered", "assigned")
SERVING = ("connecting", "active")
ENDS = ("ended", "citizen_ended", "paused_silent")
# A step or an offer of this moment may not have been decided yet.
SETTLED = timedelta(seconds=5)


def check(evidence: Evidence) -> Iterator[Violation]:
    yield from _contacts(evidence.after)
    yield from _conversations(evidence)
    yield from _load(evidence.after)
    yield from _history(evidence.after)
    yield from _stranded(evidence.after)


def _contacts(facts: Facts) -> Iterator[Violation]:
    """Waiting: no offer, nobody serves. Offered: one open offer. Assigned: one agent serves. Over: none of these."""
    expected = {"waiting": (0, 0), "offered": (1, 0), "assigned": (0, 1)}
    offers = Counter(row.contact_id for row in facts.offers if row.state == "offered")
    serving = Counter(row.contact_id for row in facts.assignments if row.state in SERVING)
    for row in facts.contacts:
        found = (offers[row.id], serving[row.id])
        if found != expected.get(row.state, (0, 0)):
            what = f"{row.state} with {found[0]} open offers and {found[1]} agents who serve it"
            yield Violation("ticket", str(row.ticket_id), f"contact {row.id} is {what}")


def _conversations(evidence: Evidence) -> Iterator[Violation]:
    """An open chat has one live contact, any other none, and no chat ends before what its citizen said last."""
    live = Counter(row.interaction_id for row in evidence.after.contacts if row.state in LIVE)
    said: dict[Any, int] = {}
    ended: dict[Any, int] = {}
    for row in evidence.after.messages:
        if row.kind == "citizen":
            said[row.interaction_id] = max(row.seq, said.get(row.interaction_id, 0))
        elif row.code in ENDS:
            ended[row.interaction_id] = max(row.seq, ended.get(row.interaction_id, 0))
    for row in evidence.new("interactions"):
        wanted = 1 if row.state == "open" else 0
        if live[row.id] != wanted:
            what = f"interaction {row.id} is {row.state} with {live[row.id]} live contacts"
            yield Violation("ticket", str(row.ticket_id), what)
        elif not wanted and said.get(row.id, 0) > ended.get(row.id, 0):
            what = f"interaction {row.id} is {row.state}, but its citizen spoke last"
            yield Violation("ticket", str(row.ticket_id), what)


def _load(facts: Facts) -> Iterator[Violation]:
    held: Counter[tuple[Any, str]] = Counter()
    held.update((row.agent_id, row.channel) for row in facts.offers if row.state == "offered")
    held.update((row.agent_id, row.channel) for row in facts.assignments if row.state in (*SERVING, "wrapping"))
    for agent in facts.agents:
        for channel in CHANNELS:
            load, count = getattr(agent, f"load_{channel}"), held[agent.id, channel]
            capacity = getattr(agent, f"capacity_{channel}")
            if not load == count <= capacity:
                what = f"{channel}: load {load}, holds {count}, capacity {capacity}"
                yield Violation("load", str(agent.id), what)


def _history(facts: Facts) -> Iterator[Violation]:
    """At no time was a contact with two agents: an offer is made after the one before it was decided."""
    by_contact = defaultdict(list)
    for row in facts.offers:
        by_contact[row.contact_id].append(row)
    for contact_id, offers in by_contact.items():
        offers.sort(key=lambda row: (row.offered_at, row.id))
        for before, after in pairwise(offers):
            if before.decided_at is None or before.decided_at > after.offered_at:
                what = f"offers {before.id} ({before.state} {before.decided_at}) and {after.id} ({after.offered_at})"
                yield Violation("two offers", str(contact_id), what)


def _stranded(facts: Facts) -> Iterator[Violation]:
    """Nobody waits for an agent who is ready, able and has room: somebody was forgotten."""
    skills: defaultdict[Any, dict[str, int]] = defaultdict(dict)
    for row in facts.skills:
        skills[row.agent_id][row.skill] = row.level
    grants = {(row.agent_id, row.queue_id) for row in facts.grants}
    steps = {row.id: row.steps for row in facts.needs}
    now = facts.clock[0].now
    for contact in facts.contacts:
        if contact.state != "waiting":
            continue
        age = (now - contact.enqueued_at - SETTLED).total_seconds()
        reached = [step for step in steps[contact.need_id] if step["after_seconds"] <= age]
        for agent in facts.agents:
            if (agent.id, contact.queue_id) not in grants or agent.id in contact.declined_by:
                continue
            if _has_room(agent, contact.channel) and any(_fits(agent, skills[agent.id], step) for step in reached):
                yield Violation("stranded", str(contact.ticket_id), f"contact {contact.id} waits, {agent.id} is free")
                break


def _has_room(agent: Any, channel: str) -> bool:
    if agent.state != "ready" or agent.load_voice or (channel == "voice" and agent.load_chat):
        return False
    return bool(getattr(agent, f"load_{channel}") < getattr(agent, f"limit_{channel}"))


def _fits(agent: Any, skills: dict[str, int], step: dict[str, Any]) -> bool:
    speaks = step["language"] is None or step["language"] in agent.languages
    return speaks and all(skills.get(skill, 0) >= level for skill, level in step["skills"].items())
