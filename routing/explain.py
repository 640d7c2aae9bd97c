"""Say where contacts stand and why an agent may not have one: codes and facts, no prose."""

from dataclasses import replace
from uuid import UUID

from routing import rules
from routing.book import KnownContact
from routing.memory import Memory
from routing.steps import class_at, next_step_at, step_now
from routing.types import Agent, Contact, ContactClass, Explanation, Failing, Stats, Unserved


def explain_agent(contact: Contact, agent: Agent, now: float) -> Failing | None:
    """The rule that keeps the agent from the contact at *now*, from their facts alone; None when eligible.

    Nothing being known of other agents, the contact counts as hidden from everyone who declined it.
    """
    asks = replace(class_at(contact, step_now(contact, now)), hidden_from=contact.declined_by)
    return rules.failing(asks, agent)


def explain(memory: Memory, contact_id: UUID, now: float) -> Explanation:
    """Where a contact stands, and which rule keeps each agent from it. O(waiting + agents).

    Raises:
        KeyError: The contact is neither waiting nor offered.
    """
    known = memory.contacts[contact_id]
    contact, step = known.contact, step_now(known.contact, now)
    asks = class_at(contact, step)
    if known.waits_in is not None:
        asks = replace(asks, hidden_from=known.waits_in.asks.hidden_from)
    return Explanation(
        contact_id=contact_id,
        key=contact.key[0],
        asks=asks,
        step=step,
        steps=len(contact.steps),
        next_step_at=next_step_at(contact, now),
        position=_position(known),
        offered_to=None if contact.offer is None else contact.offer.agent_id,
        agents=tuple((id, rules.failing(asks, memory.agents[id].agent)) for id in sorted(memory.agents)),
    )


def unserved(memory: Memory, now: float) -> list[Unserved]:
    """Waiting contacts that no signed-in agent could ever serve, by the class of their last step."""
    signed_in = {known.profile for known in memory.agents.values() if known.agent.is_signed_in}
    stuck: dict[ContactClass, list[Contact]] = {}
    for found in memory.book.classes.values():
        if not signed_in.isdisjoint(found.fits):
            continue  # the pool only grows: who can be served now can be at the last step
        for known_contact in found.waiting:
            contact = known_contact.contact
            stuck.setdefault(class_at(contact, -1), []).append(contact)
    return [
        Unserved(asks, tuple(contact.id for contact in contacts), now - min(c.enqueued_at for c in contacts))
        for asks, contacts in stuck.items()
        if all(rules.fit(asks, profile.agent) is None for profile in signed_in)
    ]


def stats(memory: Memory) -> Stats:
    """Sizes, for metrics. O(classes + agents)."""
    waiting = [len(found.waiting) for found in memory.book.classes.values() if len(found.waiting) > 0]
    return Stats(
        waiting=sum(waiting),
        offered=len(memory.contacts) - sum(waiting),
        classes=len(waiting),
        profiles=sum(profile.members > 0 for profile in memory.book.profiles.values()),
        agents=len(memory.agents),
        agents_ready=sum(known.agent.is_ready for known in memory.agents.values()),
    )


def _position(known: KnownContact) -> int | None:
    """1 + how many contacts of its channel with a smaller key some of the same agents may serve; None if offered."""
    if known.waits_in is None:
        return None
    key, channel = known.contact.key, known.contact.channel
    rivals = {known.waits_in, *(found for profile in known.waits_in.fits for found in profile.classes[channel])}
    return 1 + sum(other.contact.key < key for found in rivals for other in found.waiting)
