"""Facts in, decisions out: the one state machine that offers contacts to agents, live or simulated."""

from dataclasses import replace
from heapq import heapify, heappop, heapreplace
from math import inf
from uuid import UUID

from routing import explain, rules
from routing.book import KnownAgent, KnownContact, Profile, WaitingClass
from routing.choice import Choice, choose
from routing.heaps import Entry
from routing.memory import Memory
from routing.steps import step_now
from routing.types import (
    RESTING,
    Agent,
    Contact,
    Decision,
    EnginePolicy,
    Expire,
    Explanation,
    Offer,
    OpenOffer,
    Rest,
    Stats,
    Unserved,
    Why,
)


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
        `declined_again_seconds` from *now*, and then for as long as a colleague who is ready may take it.
        """
        self._memory.put_contact(contact, now, now + self.policy.declined_again_seconds)

    def remove_contact(self, contact_id: UUID) -> None:
        """Forget a contact, if known: assigned, abandoned or closed. What its agent holds is told by `put_agent`."""
        self._memory.remove_contact(contact_id)

    def name_offer(self, contact_id: UUID, offer_id: UUID) -> None:
        """Tell the stored id of the offer decided for a contact; expiries will name it."""
        known = self._memory.contacts.get(contact_id)
        if known is not None and known.contact.offer is not None:
            known.contact = known.contact.with_offer(replace(known.contact.offer, id=offer_id))

    def decide(self, now: float, limit: int | None = None) -> list[Decision]:
        """All that is due, then all that can be matched, oldest key first; to the engine it is done.

        At most *limit* decisions (one more when an expiry makes its agent rest): when that many come back, ask again.
        """
        memory, room = self._memory, inf if limit is None else limit
        memory.book.sweep()
        decisions: list[Decision] = []
        while memory.timers.head is not None and memory.timers.head[0] <= now and len(decisions) < room:
            known = memory.timers.head[3]
            if known.contact.offer is None:
                memory.place(known, now)
            else:
                decisions += self._expire(known, known.contact.offer, now)
        memory.place_declined(now)
        self._match(decisions, room, now)
        return decisions

    def next_due_at(self) -> float | None:
        """When `decide` will have something to do though no fact changes: an offer expires, a step begins."""
        head = self._memory.timers.head
        return None if head is None else head[0]

    def explain(self, contact_id: UUID, now: float) -> Explanation:
        """See `routing.explain.explain`."""
        return explain.explain(self._memory, contact_id, now)

    def unserved(self, now: float) -> list[Unserved]:
        """See `routing.explain.unserved`."""
        return explain.unserved(self._memory, now)

    def stats(self) -> Stats:
        """See `routing.explain.stats`."""
        return explain.stats(self._memory)

    def _expire(self, known: KnownContact, offer: OpenOffer, now: float) -> list[Decision]:
        """The contact waits again under its key; its agent has missed one more, and rests at `missed_offers_max`."""
        self._memory.put_contact(known.contact.with_offer(None), now, now + self.policy.declined_again_seconds)
        decisions: list[Decision] = [Expire(offer.id, offer.contact_id, offer.agent_id)]
        holder = self._memory.agents.get(offer.agent_id)
        if holder is not None:
            agent = holder.agent.holding(known.contact.channel, -1)
            agent = replace(agent, missed=agent.missed + 1)
            if agent.is_ready and agent.missed >= self.policy.missed_offers_max:
                agent = replace(agent, is_ready=False, state=RESTING)
                decisions.append(Rest(agent.id))
            self._memory.put_agent(agent)
        return decisions

    def _match(self, decisions: list[Decision], room: float, now: float) -> None:
        """Give the oldest contact that can be served to its best agent, again and again.

        Before the facts changed no eligible pair was left over. So a new pair has an agent who was freed or a class
        where a contact arrived: the heads of those classes, and of all that those agents may serve, are all there is
        to look at.
        """
        memory = self._memory
        if len(memory.freed) == 1:
            self._pull(next(iter(memory.freed)), decisions, room, now)
        for known in memory.freed:
            memory.seat(known)
        freed = {known.profile for known in memory.freed}
        heads = self._heads_to_try(freed)
        while heads:
            if len(decisions) >= room:
                return
            found = heads[0][1]
            # Where no contact arrived, only freed agents can be new to the class.
            choice = choose(found, memory.idle[found.asks.channel] if found in memory.arrived else freed)
            if choice is not None:
                decisions.append(self._offer(found, choice, now))
                memory.seat(choice.agent)
            if choice is not None and found.waiting.head is not None:
                heapreplace(heads, (found.waiting.head, found))
            else:
                heappop(heads)
        memory.arrived.clear()
        memory.freed.clear()

    def _pull(self, known: KnownAgent, decisions: list[Decision], room: float, now: float) -> None:
        """Give the only freed agent the oldest contacts they may serve: nobody else can be new to those. O(classes).

        This is the whole work of a busy hour, and needs no idle heap. Stops at a class where a contact arrived, which
        others who are idle may serve as well.
        """
        while len(decisions) < room:
            found = self._oldest_for(known)
            if found is None or (found in self._memory.arrived and self._memory.idle[found.asks.channel]):
                return
            rank = (*found.fits[known.profile], *rules.turn(found.asks.channel, known.agent))
            decisions.append(self._offer(found, Choice(known, rank, 1, "only_one"), now))

    def _oldest_for(self, known: KnownAgent) -> WaitingClass | None:
        """The class whose first contact is the oldest that the agent may serve now."""
        oldest: WaitingClass | None = None
        first: Entry[float, KnownContact] | None = None
        for channel, classes in known.profile.classes.items():
            heads = [(found.waiting.head, found) for found in classes if found.waiting.head is not None]
            if not heads or not rules.is_idle(channel, known.agent):
                continue
            for head, found in heads:
                if (first is None or head < first) and known.id not in found.asks.hidden_from:
                    first, oldest = head, found
        return oldest

    def _heads_to_try(self, freed: set[Profile]) -> list[tuple[Entry[float, KnownContact], WaitingClass]]:
        """A heap of the classes that may have a new pair, by their first contact."""
        classes = {found for found in self._memory.arrived if self._memory.idle[found.asks.channel]}
        for profile in freed:
            for channel, idle in profile.idle.items():
                if idle.head is not None:
                    classes.update(profile.classes[channel])
        heads = [(found.waiting.head, found) for found in classes if found.waiting.head is not None]
        heapify(heads)
        return heads

    def _offer(self, found: WaitingClass, choice: Choice, now: float) -> Offer:
        """Offer the first contact of a class to the chosen agent, who holds it from now on."""
        assert found.waiting.head is not None
        known = found.waiting.head[3]
        contact, agent = known.contact, choice.agent.agent
        offer_seconds = self.policy.offer_seconds.get(contact.queue_id, self.policy.offer_seconds_default)
        offer = OpenOffer(None, contact.id, agent.id, now, now + offer_seconds)
        known.contact = contact.with_offer(offer)
        self._memory.place(known, now)
        choice.agent.agent = agent.holding(contact.channel, 1)
        why = Why(
            step=step_now(contact, now),
            needs=found.asks.needs,
            waited_seconds=now - contact.enqueued_at,
            rank=dict(zip(rules.ORDER_NAMES, choice.rank, strict=True)),
            eligible_idle=choice.eligible_idle,
            decided_by=choice.decided_by,
        )
        return Offer(contact.id, agent.id, now, offer.expires_at, why)
