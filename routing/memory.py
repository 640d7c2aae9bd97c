"""What is known of one pool, each agent and contact kept where its facts put it."""

from collections import defaultdict
from uuid import UUID

from routing import rules
from routing.book import Book, KnownAgent, KnownContact, Planned, Profile, Timers, WaitingClass
from routing.types import HELD, Agent, Contact


class Memory:
    """Agents in the idle heaps of their profile, contacts in their class, one timer for each contact that needs one.

    `freed` are agents whose facts changed and who are not yet seated; `stirred` the profiles where somebody was seated
    and `arrived` the classes where a contact came, since everything was last matched: whoever matches clears them.
    """

    def __init__(self) -> None:
        self.book = Book()
        self.agents: dict[UUID, KnownAgent] = {}
        self.contacts: dict[UUID, KnownContact] = {}
        # Two heaps: offers come and go by the second, steps mostly never come.
        self.expiries = Timers()
        self.changes = Timers()
        self.freed: set[KnownAgent] = set()
        self.stirred: set[Profile] = set()
        self.arrived: set[WaitingClass] = set()
        self.idle: defaultdict[str, set[Profile]] = defaultdict(set)  # by channel, the profiles with somebody idle
        self.rescinded: set[KnownContact] = set()  # of a place that another contact has used up
        # Waiting contacts whose class depends on others: on who is ready, on who holds their place.
        self._declined: set[KnownContact] = set()
        self._held: defaultdict[UUID, set[KnownContact]] = defaultdict(set)
        self._places: defaultdict[UUID, set[KnownContact]] = defaultdict(set)
        self._unsettled: set[KnownContact] = set()

    # -- agents

    def put_agent(self, agent: Agent) -> None:
        """Take over an agent's facts."""
        known = self.agents.get(agent.id)
        if known is not None and not _are_alike(agent, known.agent):
            self.remove_agent(agent.id)
            known = None
        if known is None:
            known = self.agents[agent.id] = KnownAgent(agent.id, agent, self.book.profile_of(agent))
            known.profile.members += 1
            known.profile.count_ready(agent, 1)
            self._readiness_changed(agent.id)
        elif agent.is_ready is not known.agent.is_ready or agent.shares != known.agent.shares:
            known.profile.count_ready(known.agent, -1)
            known.profile.count_ready(agent, 1)
            self._readiness_changed(agent.id)
        known.agent, known.open = agent, rules.open_channels(agent, known.profile.channels)
        if known.open or known.seats:
            self.freed.add(known)

    def remove_agent(self, agent_id: UUID) -> None:
        """Forget an agent, if known."""
        known = self.agents.pop(agent_id, None)
        if known is None:
            return
        known.profile.members -= 1
        known.profile.count_ready(known.agent, -1)
        self._readiness_changed(agent_id)
        self.book.disown(known)
        self.freed.discard(known)
        for channel in tuple(known.seats):
            self._unseat(known, channel)

    def hold(self, known: KnownAgent, channel: str) -> None:
        """The agent has one contact more in hand."""
        known.agent = known.agent.holding(channel, 1)
        known.open = rules.open_channels(known.agent, known.open)

    def seat_freed(self) -> None:
        """Put every freed agent into the idle heaps of exactly the channels where there is room."""
        for known in self.freed:
            self.seat(known)
            if known.seats:
                self.stirred.add(known.profile)
                self.arrived.update(known.own)
        self.freed.clear()

    def has_idle(self) -> bool:
        """Somebody is seated on some channel."""
        return any(self.idle.values())

    def seat(self, known: KnownAgent) -> None:
        """The same for one agent who gained no room."""
        for channel in tuple(known.seats):
            if channel not in known.open:
                self._unseat(known, channel)
        for channel in known.open:
            idle, turn, seat = (
                known.profile.idle[channel],
                rules.standing(channel, known.agent),
                known.seats.get(channel),
            )
            if seat is None or seat[0] != turn:
                known.seats[channel] = idle.push(known, turn)
                if seat is not None:
                    idle.drop(seat)
                self.idle[channel].add(known.profile)

    def _unseat(self, known: KnownAgent, channel: str) -> None:
        idle = known.profile.idle[channel]
        idle.drop(known.seats.pop(channel))
        if idle.head is None:
            self.idle[channel].discard(known.profile)

    def _readiness_changed(self, agent_id: UUID) -> None:
        self._unsettled |= self._declined
        self._unsettled |= self._held.get(agent_id, set())

    # -- contacts

    def put_contact(self, contact: Contact, now: float, hidden_until: float) -> None:
        """Take over a contact's facts. Its decliners may not have it before *hidden_until* if it was declined anew."""
        known = self.contacts.get(contact.id)
        if known is None:
            known = KnownContact(contact.id, contact, contact.order, hidden_until, contact.offer)
            self.contacts[contact.id] = known
        elif contact is known.contact and contact.offer is known.offer:
            return
        else:
            came_back = known.offer is not None and contact.offer is None
            if came_back or contact.declined_by != known.contact.declined_by:
                known.hidden_until = hidden_until
            self._release_place(known)
            self._unlist(known)
            known.contact, known.key, known.offer = contact, contact.order, contact.offer
        if contact.curtains or contact.place is not None:
            self._list(known)
        self.place(known, now)

    def take_back(self, known: KnownContact, now: float, hidden_until: float) -> None:
        """The contact's offer is over: it waits again under its key."""
        self._release_place(known)
        known.offer, known.hidden_until = None, hidden_until
        self.place(known, now)

    def remove_contact(self, contact_id: UUID) -> None:
        """Forget a contact, if known."""
        known = self.contacts.pop(contact_id, None)
        if known is None:
            return
        known.wake_at(None, self.changes)
        known.wait_in(None)
        if known.contact.curtains or known.contact.place is not None:
            self._release_place(known)
            self._unlist(known)
        for some in (self._declined, self._unsettled, self.rescinded):
            some.discard(known)

    def place(self, known: KnownContact, now: float) -> None:
        """Put a contact into the class its facts and the time say, with its next timer."""
        contact = known.contact
        if known.offer is not None:
            if contact.place is not None and not self._is_used_up(known):
                self._take_place(known)
            known.wait_in(None)
            known.wake_at(known.offer.expires_at, self.expiries)
            return
        plan, at, number = self.book.plan_of(contact), contact.enqueued_at, 0
        while number + 1 < len(plan) and at + plan[number + 1].after_seconds <= now:
            number += 1
        due_at = at + plan[number + 1].after_seconds if number + 1 < len(plan) else None
        if contact.declined_by:
            self._declined.add(known)
            if known.hidden_until > now:
                due_at = known.hidden_until if due_at is None else min(due_at, known.hidden_until)
        elif self._declined:
            self._declined.discard(known)
        if contact.place is not None and self._is_out_of_place(known):
            known.wait_in(None)
        else:
            found = self._class_now(known, plan[number], now)
            if known.wait_in(found):
                self.arrived.add(found)
        known.wake_at(due_at, self.changes)

    def settle(self, now: float) -> None:
        """Place the contacts again whose class may have changed because of others."""
        while self._unsettled:
            self.place(self._unsettled.pop(), now)

    def sharing_place(self, known: KnownContact) -> set[KnownContact]:
        """The other contacts of the same place."""
        place = known.contact.place
        return set() if place is None else self._places[place.id] - {known}

    def _class_now(self, known: KnownContact, planned: Planned, now: float) -> WaitingClass:
        found, declined_by = planned.found, known.contact.declined_by
        if planned.held_for is not None and planned.held_for not in declined_by:
            holder = self.agents.get(planned.held_for)
            if holder is not None and holder.agent.is_ready and holder.profile in found.fits:
                return self.book.class_held(found.asks, holder)
        if declined_by and (known.hidden_until > now or self._has_colleague(found, declined_by)):
            return self.book.class_of(found.asks._replace(hidden_from=declined_by))
        return found

    def _has_colleague(self, found: WaitingClass, declined_by: frozenset[UUID]) -> bool:
        """Somebody else is ready who may serve the class, now or after the work they hold, and has any time for it."""
        group = rules.GROUPS.get(found.asks.channel, found.asks.channel)
        decliners = [self.agents[agent_id] for agent_id in declined_by if agent_id in self.agents]
        ready = sum(profile.ready - profile.without_time.get(group, 0) for profile in found.fits)
        return ready > sum(
            known.agent.is_ready and known.profile in found.fits and rules.has_time(group, known.agent)
            for known in decliners
        )

    # -- who depends on whom

    def _list(self, known: KnownContact) -> None:
        for curtain in known.contact.curtains:
            if curtain.kind == HELD and isinstance(curtain.who, UUID):
                self._held[curtain.who].add(known)
        if known.contact.place is not None:
            self._places[known.contact.place.id].add(known)

    def _unlist(self, known: KnownContact) -> None:
        for curtain in known.contact.curtains:
            if curtain.kind == HELD and isinstance(curtain.who, UUID):
                _discard(self._held, curtain.who, known)
        if known.contact.place is not None:
            _discard(self._places, known.contact.place.id, known)

    def _is_out_of_place(self, known: KnownContact) -> bool:
        """Another of the same place is offered just now, or was served."""
        return self._is_used_up(known) or any(other.offer is not None for other in self.sharing_place(known))

    def _is_used_up(self, known: KnownContact) -> bool:
        """Another of the same place was served: then this one is to be told so."""
        if known.contact.place is not None and known.contact.place.is_used:
            self.rescinded.add(known)
            return True
        self.rescinded.discard(known)
        return False

    def _take_place(self, known: KnownContact) -> None:
        for other in self.sharing_place(known):
            other.wait_in(None)

    def _release_place(self, known: KnownContact) -> None:
        """The others of the place may wait again, unless it is used up."""
        if known.offer is not None:
            self._unsettled |= self.sharing_place(known)


def _discard(index: defaultdict[UUID, set[KnownContact]], id: UUID, known: KnownContact) -> None:
    index[id].discard(known)
    if not index[id]:
        del index[id]


def _are_alike(one: Agent, other: Agent) -> bool:
    """Nothing that makes the profile differs."""
    return one is other or (
        one.skills == other.skills
        and one.queues == other.queues
        and one.languages == other.languages
        and one.capacity == other.capacity
        and one.group == other.group
        and one.outsourcer_id == other.outsourcer_id
        and one.traits == other.traits
    )
