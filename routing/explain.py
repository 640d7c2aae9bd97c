"""Say where contacts stand and why an agent may not have one: codes and facts, no prose."""

from dataclasses import dataclass
from uuid import UUID

from routing import rules
from routing.book import KnownContact
from routing.memory import Memory
from routing.steps import class_at, class_now, next_step_at, step_now
from routing.types import Contact, ContactClass, Failing


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a contact stands. *step* counts from 0; *position* from 1, None while it or one of its place is offered.

    *offered_to* is its agent, *waits_for* the contact of the same place that is offered. *agents* holds every agent
    told to the engine with the rule that fails, None for eligible at this moment.
    """

    contact_id: UUID
    key: float
    asks: ContactClass
    step: int
    steps: int
    next_step_at: float | None
    position: int | None
    offered_to: UUID | None
    waits_for: UUID | None
    agents: tuple[tuple[UUID, Failing | None], ...]


@dataclass(frozen=True, slots=True)
class Unserved:
    """Waiting contacts of one class that no signed-in agent could serve, even at their last step."""

    asks: ContactClass
    contact_ids: tuple[UUID, ...]
    oldest_waited_seconds: float


@dataclass(frozen=True, slots=True)
class Stats:
    """Sizes, for metrics."""

    waiting: int
    offered: int
    classes: int
    profiles: int
    agents: int
    agents_ready: int


def explain(memory: Memory, contact_id: UUID, now: float) -> Explanation:
    """Where a contact stands, and which rule keeps each agent from it. O(waiting + agents).

    While offered, it counts as asking what it would ask if it waited.

    Raises:
        KeyError: The contact is neither waiting nor offered.
    """
    known = memory.contacts[contact_id]
    contact, step = known.contact, step_now(known.contact, now)
    asks = class_now(contact, now) if known.waits_in is None else known.waits_in.asks
    before = [other.id for other in memory.sharing_place(known) if other.offer is not None]
    return Explanation(
        contact_id=contact_id,
        key=contact.key[0],
        asks=asks,
        step=step,
        steps=len(contact.steps),
        next_step_at=next_step_at(contact, now),
        position=_position(known),
        offered_to=None if known.offer is None else known.offer.agent_id,
        waits_for=before[0] if before else None,
        agents=tuple((id, rules.failing(asks, memory.agents[id].agent)) for id in sorted(memory.agents)),
    )


def unserved(memory: Memory, now: float) -> list[Unserved]:
    """Waiting contacts that no signed-in agent could ever serve, by the class of their last step."""
    signed_in = {known.profile for known in memory.agents.values() if known.agent.is_signed_in}
    stuck: dict[ContactClass, list[Contact]] = {}
    for found in memory.book.classes.values():
        if not signed_in.isdisjoint(found.fits):
            continue  # the pool only grows: who can be served now can be at the last step
        for known_contact in found:
            contact = known_contact.contact
            stuck.setdefault(class_at(contact, -1), []).append(contact)
    return [
        Unserved(asks, tuple(contact.id for contact in contacts), now - min(c.enqueued_at for c in contacts))
        for asks, contacts in stuck.items()
        if all(rules.fit(asks, profile.agent) is None for profile in signed_in)
    ]


def stats(memory: Memory) -> Stats:
    """Sizes, for metrics. O(classes + profiles)."""
    offered = len(memory.expiries)
    return Stats(
        waiting=len(memory.contacts) - offered,
        offered=offered,
        classes=sum(len(found) > 0 for found in memory.book.classes.values()),
        profiles=sum(profile.members > 0 for profile in memory.book.profiles.values()),
        agents=len(memory.agents),
        agents_ready=sum(profile.ready for profile in memory.book.profiles.values()),
    )


def _position(known: KnownContact) -> int | None:
    """1 + how many contacts of its channel with a smaller key some of the same agents may serve; None if offered."""
    if known.waits_in is None:
        return None
    key, channel = (known.key, known.id), known.contact.channel
    rivals = {known.waits_in, *(found for profile in known.waits_in.fits for found in profile.classes[channel])}
    return 1 + sum((other.key, other.id) < key for found in rivals for other in found)
