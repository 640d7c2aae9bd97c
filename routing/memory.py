"""What is known of one pool, each agent and contact kept where its facts put it."""

from collections import defaultdict
from dataclasses import replace
from uuid import UUID

from routing import rules
from routing.book import Book, KnownAgent, KnownContact, Profile, WaitingClass
from routing.heaps import LazyHeap
from routing.steps import class_at, next_step_at, step_now
from routing.types import Agent, Contact, ContactClass


class Memory:
    """Agents in the idle heaps of their profile, contacts in their class, one timer for each contact that needs one.

    `freed` and `arrived` are the agents and classes that may have made a match possible; the reader clears them. An
    agent in `freed` is not in the idle heaps as its facts say before it is seated.
    """

    def __init__(self) -> None:
        self.book = Book()
        self.agents: dict[UUID, KnownAgent] = {}
        self.contacts: dict[UUID, KnownContact] = {}
        self.timers: LazyHeap[float, KnownContact] = LazyHeap()
        self.freed: set[KnownAgent] = set()
        self.arrived: set[WaitingClass] = set()
        self.idle: defaultdict[str, set[Profile]] = defaultdict(set)  # by channel, the profiles with somebody idle
        # Waiting contacts somebody declined: who may have them depends on which colleagues are ready.
        self._declined: set[KnownContact] = set()
        self._readiness_changed = False

    def put_agent(self, agent: Agent) -> None:
        """Take over an agent's facts."""
        known = self.agents.get(agent.id)
        if known is not None and not _are_alike(agent, known.agent):
            self.remove_agent(agent.id)
            known = None
        if known is None:
            known = self.agents[agent.id] = KnownAgent(agent.id, agent, self.book.profile_of(agent))
            known.profile.members += 1
            self._readiness_changed = True
        elif agent == known.agent:
            return
        elif agent.is_ready != known.agent.is_ready:
            self._readiness_changed = True
        known.agent = agent
        self.freed.add(known)

    def seat(self, known: KnownAgent) -> None:
        """Put an agent into the idle heaps of exactly the channels where there is room."""
        agent, profile = known.agent, known.profile
        for channel, idle in profile.idle.items():
            if rules.is_idle(channel, agent):
                idle.put(known, rules.turn(channel, agent))
                self.idle[channel].add(profile)
            elif known in idle:
                self._unseat(known, channel)

    def remove_agent(self, agent_id: UUID) -> None:
        """Forget an agent, if known."""
        known = self.agents.pop(agent_id, None)
        if known is None:
            return
        known.profile.members -= 1
        self._readiness_changed = True
        self.freed.discard(known)
        for channel in known.profile.idle:
            self._unseat(known, channel)

    def _unseat(self, known: KnownAgent, channel: str) -> None:
        idle = known.profile.idle[channel]
        idle.discard(known)
        if idle.head is None:
            self.idle[channel].discard(known.profile)

    def put_contact(self, contact: Contact, now: float, hidden_until: float) -> None:
        """Take over a contact's facts. Its decliners may not have it before *hidden_until* if it was declined anew."""
        known = self.contacts.get(contact.id)
        if known is None:
            known = self.contacts[contact.id] = KnownContact(contact.id, contact, hidden_until)
        elif contact == known.contact:
            return
        else:
            came_back = known.contact.offer is not None and contact.offer is None
            if came_back or contact.declined_by != known.contact.declined_by:
                known.hidden_until = hidden_until
            known.contact = contact
        self.place(known, now)

    def remove_contact(self, contact_id: UUID) -> None:
        """Forget a contact, if known."""
        known = self.contacts.pop(contact_id, None)
        if known is None:
            return
        self.timers.discard(known)
        self._declined.discard(known)
        if known.waits_in is not None:
            known.waits_in.waiting.discard(known)

    def place(self, known: KnownContact, now: float) -> None:
        """Put a contact into the class its facts and the time say, with its next timer."""
        contact = known.contact
        if contact.offer is not None:
            self._declined.discard(known)
            self._move(known, None)
            due_at: float | None = contact.offer.expires_at
        else:
            due_at = next_step_at(contact, now)
            if contact.declined_by:
                self._declined.add(known)
                if known.hidden_until > now:
                    due_at = known.hidden_until if due_at is None else min(due_at, known.hidden_until)
            self._move(known, self._class_now(known, now))
        if due_at is None:
            self.timers.discard(known)
        else:
            self.timers.put(known, due_at)

    def place_declined(self, now: float) -> None:
        """Place the declined contacts again, if colleagues came or went since the last time."""
        if self._readiness_changed:
            self._readiness_changed = False
            for known in tuple(self._declined):
                self.place(known, now)

    def _move(self, known: KnownContact, to: WaitingClass | None) -> None:
        if known.waits_in is not None and known.waits_in is not to:
            known.waits_in.waiting.discard(known)
        known.waits_in = to
        if to is not None and to.waiting.put(known, known.contact.key[0]):
            self.arrived.add(to)

    def _class_now(self, known: KnownContact, now: float) -> WaitingClass:
        contact = known.contact
        asks = class_at(contact, step_now(contact, now))
        if contact.declined_by and (known.hidden_until > now or self._has_colleague(asks, contact.declined_by)):
            asks = replace(asks, hidden_from=contact.declined_by)
        return self.book.class_of(asks)

    def _has_colleague(self, asks: ContactClass, declined_by: frozenset[UUID]) -> bool:
        """Somebody else is ready who may serve the class, now or after the work they hold."""
        fits = self.book.class_of(asks).fits
        return any(
            known.agent.is_ready and known.profile in fits and agent_id not in declined_by
            for agent_id, known in self.agents.items()
        )


def _are_alike(one: Agent, other: Agent) -> bool:
    """Nothing that makes the profile differs."""
    return (
        one.skills == other.skills
        and one.queues == other.queues
        and one.languages == other.languages
        and one.capacity == other.capacity
    )
