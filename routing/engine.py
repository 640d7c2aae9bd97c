"""Facts in, decisions out: the one state machine that offers contacts to agents, live or simulated."""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import replace
from heapq import heapify, heappop, heapreplace
from math import inf
from typing import TypeVar
from uuid import UUID

from routing import explain, rules
from routing.book import KnownAgent, KnownContact, Order, Profile, WaitingClass
from routing.choice import Chosen, choose
from routing.explain import Explanation, Stats, Unserved
from routing.heaps import Entry
from routing.memory import Memory
from routing.spare import Spare
from routing.types import (
    RESTING,
    Agent,
    Choice,
    Contact,
    ContactClass,
    Decision,
    EnginePolicy,
    Expire,
    Offer,
    OpenOffer,
    Rescind,
    Rest,
)

_Line = TypeVar("_Line", bound=Hashable)


class Engine:
    """Offers the contacts of one pool to its agents.

    Level-triggered: `put_*` states the current facts, however often and in whatever order; `decide` answers with all
    that follows, and remembers it as done. A decision the caller could not carry out is undone by putting the truth
    again. `policy` may be replaced at any time. Not thread-safe.
    """

    def __init__(self, policy: EnginePolicy | None = None) -> None:
        self.policy = policy or EnginePolicy()
        self._memory = Memory()

    def put_agent(self, agent: Agent) -> None:
        """State an agent's current facts: new, changed or the same."""
        self._memory.put_agent(agent)

    def remove_agent(self, agent_id: UUID) -> None:
        """Forget an agent, if known. An open offer stays until it expires or its contact is put again."""
        self._memory.remove_agent(agent_id)

    def put_contact(self, contact: Contact, now: float) -> None:
        """State the current facts of a waiting or offered contact: new, changed or the same.

        One that was declined anew, or comes back from an offer, is hidden from its decliners for
        `declined_again_seconds` from *now*, and then for as long as a colleague who is ready, and has any time for such
        work, may take it.
        """
        self._memory.put_contact(contact, now, now + self.policy.declined_again_seconds)

    def remove_contact(self, contact_id: UUID) -> None:
        """Forget a contact, if known: assigned, abandoned or closed. What its agent holds is told by `put_agent`."""
        self._memory.remove_contact(contact_id)

    def name_offer(self, contact_id: UUID, offer_id: UUID) -> None:
        """Tell the stored id of the offer decided for a contact; its expiry will name it."""
        known = self._memory.contacts.get(contact_id)
        if known is not None and known.offer is not None:
            known.offer = known.offer._replace(id=offer_id)

    def decide(self, now: float, limit: int | None = None) -> list[Decision]:
        """All that is due, then all that can be matched, oldest key first; to the engine it is done.

        At most *limit* decisions (one more when an expiry makes its agent rest): when that many come back, ask again.
        """
        memory, room = self._memory, inf if limit is None else limit
        if memory.book.is_full:
            memory.book.sweep()
        decisions: list[Decision] = []
        while memory.expiries.head is not None and memory.expiries.head[0] <= now and len(decisions) < room:
            decisions += self._expire(memory.expiries.head[3], now)
        while memory.changes.head is not None and memory.changes.head[0] <= now:
            memory.place(memory.changes.head[3], now)
        memory.settle(now)
        while memory.rescinded and len(decisions) < room:
            decisions.append(self._rescind())
        if memory.freed or memory.stirred or memory.arrived:
            self._match(decisions, room, now)
        return decisions

    def next_due_at(self) -> float | None:
        """When `decide` will have something to do though no fact changes: an offer expires, a step begins."""
        heads = (self._memory.expiries.head, self._memory.changes.head)
        return min((head[0] for head in heads if head is not None), default=None)

    def idle(self, channel: str, asks: Mapping[_Line, ContactClass]) -> Spare[_Line]:
        """How many can take one more on the channel, as of the last decision, by which of the lines they may serve.

        *asks* says of each line what its contacts ask, all on the channel. O(idle profiles · lines)
        """
        profiles = self._memory.idle.get(channel, ())
        return self._by_lines(asks, {profile: len(profile.idle[channel]) for profile in profiles})

    def at_work(self, asks: Mapping[_Line, ContactClass]) -> Spare[_Line]:
        """How many are ready, busy or not, by which of the lines they may serve. O(profiles · lines)"""
        return self._by_lines(asks, {one: one.ready for one in self._memory.book.profiles.values() if one.ready})

    def waiting(self, channel: str) -> Counter[UUID]:
        """How many wait on the channel and are offered to nobody, by queue. O(classes)"""
        found: Counter[UUID] = Counter()
        for asks, waiting_class in self._memory.book.classes.items():
            if asks.channel == channel:
                found[asks.queue_id] += len(waiting_class)
        return found

    def _by_lines(self, asks: Mapping[_Line, ContactClass], many: Mapping[Profile, int]) -> Spare[_Line]:
        found: Spare[_Line] = {}
        classes = [(line, self._memory.book.class_of(one)) for line, one in asks.items()]
        for profile, count in many.items():
            lines = frozenset(line for line, waiting_class in classes if profile in waiting_class.fits)
            if lines:
                found[lines] = found.get(lines, 0) + count
        return found

    def explain(self, contact_id: UUID, now: float) -> Explanation:
        """See `routing.explain.explain`."""
        return explain.explain(self._memory, contact_id, now)

    def unserved(self, now: float) -> list[Unserved]:
        """See `routing.explain.unserved`."""
        return explain.unserved(self._memory, now)

    def stats(self) -> Stats:
        """See `routing.explain.stats`."""
        return explain.stats(self._memory)

    def _expire(self, known: KnownContact, now: float) -> list[Decision]:
        """The contact waits again under its key; its agent has missed one more, and rests at `missed_offers_max`."""
        offer = known.offer
        assert offer is not None
        self._memory.take_back(known, now, now + self.policy.declined_again_seconds)
        decisions: list[Decision] = [Expire(offer.id, offer.contact_id, offer.agent_id)]
        holder = self._memory.agents.get(offer.agent_id)
        if holder is not None:
            agent = holder.agent.holding(known.contact.channel, -1, missed=1)
            if agent.is_ready and agent.missed >= self.policy.missed_offers_max:
                agent = replace(agent, is_ready=False, state=RESTING)
                decisions.append(Rest(agent.id))
            self._memory.put_agent(agent)
        return decisions

    def _rescind(self) -> Rescind:
        """Another contact of the same place was served: this one is forgotten, and whoever was offered it is free."""
        known = min(self._memory.rescinded, key=lambda one: one.id)
        assert known.contact.place is not None
        self._memory.remove_contact(known.id)
        holder = self._memory.agents.get(known.offer.agent_id) if known.offer is not None else None
        if holder is not None:
            self._memory.put_agent(holder.agent.holding(known.contact.channel, -1))
        return Rescind(known.id, known.contact.place.id)

    def _match(self, decisions: list[Decision], room: float, now: float) -> None:
        """Give contacts to agents, again and again: first by group of channels, then the oldest, to its best agent.

        Before the facts changed no eligible pair was left over. So a new pair has an agent who was freed or a class
        where a contact arrived: the heads of those classes, and of all that those agents may serve, are all there is
        to look at.
        """
        memory = self._memory
        if len(memory.freed) == 1 and not memory.stirred and not (memory.arrived and memory.has_idle()):
            self._pull(next(iter(memory.freed)), decisions, room, now)
        memory.seat_freed()
        heads = self._heads_to_try() if memory.has_idle() else []
        while heads:
            if len(decisions) >= room:
                return
            willing, turn, head, found = heads[0]
            if found.head is not head:
                # Another contact of the place was offered, or this very one.
                if found.head is None:
                    heappop(heads)
                else:
                    heapreplace(heads, (willing, turn, found.head, found))
                continue
            # Where no contact arrived, only freed agents can be new to the class.
            chosen = choose(found, memory.idle[found.asks.channel] if found in memory.arrived else memory.stirred)
            if chosen is None:
                heappop(heads)
            elif chosen.willing > willing:
                # Whoever is left has had their share of such work: other groups come first.
                heapreplace(heads, (chosen.willing, turn, head, found))
            else:
                decisions.append(self._offer(found, chosen, now))
                memory.seat(chosen.agent)
        memory.arrived.clear()
        memory.stirred.clear()

    def _pull(self, known: KnownAgent, decisions: list[Decision], room: float, now: float) -> None:
        """Give the only freed agent the next contacts they may serve: nobody else can be new to those. O(classes).

        This is the whole work of a busy hour, and needs no idle heap. Where contacts arrived, nobody else is idle.
        """
        while known.open and len(decisions) < room:
            found = self._next_for(known)
            if found is None:
                return
            decisions.append(self._offer(found, Chosen(known, (), 1, "only_one"), now))

    def _next_for(self, known: KnownAgent) -> WaitingClass | None:
        """The class whose first contact the agent is to have next: of the group that comes first, the oldest."""
        best: tuple[Order, int] | None = None
        next_class: WaitingClass | None = None
        for channel in known.open:
            classes = known.profile.classes[channel]
            if known.own:
                classes = [*classes, *(found for found in known.own if found.asks.channel == channel)]
            oldest = _oldest(classes, known.id)
            if oldest is None or oldest.head is None:
                continue
            turn = (rules.blend(channel, known.agent), oldest.group_turn)
            if next_class is None or best is None or turn < best:
                best, next_class = turn, oldest
            elif turn == best and next_class.head is not None and oldest.head < next_class.head:
                next_class = oldest
        return next_class

    def _heads_to_try(self) -> list[tuple[Order, int, Entry[float, KnownContact], WaitingClass]]:
        """A heap of the classes that may have a new pair, by their group's turn and their first contact."""
        memory = self._memory
        classes = {found for found in memory.arrived if found.owner is not None or memory.idle[found.asks.channel]}
        for profile in memory.stirred:
            for channel, idle in profile.idle.items():
                if idle.head is not None:
                    classes.update(profile.classes[channel])
        heads = [
            (found.most_willing, found.group_turn, found.head, found) for found in classes if found.head is not None
        ]
        heapify(heads)
        return heads

    def _offer(self, found: WaitingClass, chosen: Chosen, now: float) -> Offer:
        """Offer the first contact of a class to the chosen agent, who holds it from now on."""
        assert found.head is not None
        known, holder = found.head[3], chosen.agent
        contact, agent = known.contact, holder.agent
        expires_at = now + self.policy.offer_seconds.get(contact.queue_id, self.policy.offer_seconds_default)
        known.offer = OpenOffer(None, contact.id, agent.id, now, expires_at)
        self._memory.place(known, now)
        self._memory.hold(holder, contact.channel)
        fit = found.fits[holder.profile]
        choice = Choice(contact, agent, found.asks, fit, chosen.eligible_idle, chosen.decided_by, rules.orders)
        return Offer(contact.id, agent.id, now, expires_at, choice)


def _oldest(classes: list[WaitingClass], agent_id: UUID) -> WaitingClass | None:
    """The class with the smallest head that is not hidden from the agent."""
    oldest, first = None, None
    for found in classes:
        head = found.head
        if head is not None and (first is None or head < first):
            if found.hidden_from and agent_id in found.hidden_from:
                continue
            oldest, first = found, head
    return oldest
