"""Random traffic against the engine, judged by an oracle that shares none of its code and keeps no structure."""

from dataclasses import replace
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from routing.engine import Engine
from routing.types import (
    DELAYED,
    HELD,
    RESERVED,
    Curtain,
    EnginePolicy,
    Expire,
    Need,
    Offer,
    OpenOffer,
    Place,
    Rescind,
    Rest,
)
from tests.routing.build import OTHER_QUEUE, QUEUE, agent, contact
from tests.routing.closing import Closing

POLICY = EnginePolicy(offer_seconds={OTHER_QUEUE: 7.0})
CHANNELS = ("voice", "chat", "sms", "email")
SKILLS = st.fixed_dictionaries({"tax": st.sampled_from((3, 2, 5))}, optional={"housing": st.integers(1, 5)})
FEW_SKILLS = st.sampled_from(({}, {}, {"tax": 1}, {"tax": 3}, {"housing": 2}))
NEEDS = st.builds(
    lambda language, skills, overflow: (language, tuple(sorted(skills.items())), overflow),
    st.sampled_from(("fr", None, "fr", "en")),
    FEW_SKILLS,
    st.sampled_from((None, None, OTHER_QUEUE)),
)
OUTSOURCERS = (UUID(int=71), UUID(int=72))
CURTAINS = st.one_of(
    st.builds(Curtain, st.just(HELD), st.integers(0, 5).map(lambda n: agent(n).id), st.sampled_from((5.0, 15.0))),
    st.just(Curtain(DELAYED, "juniors", 9.0)),
    st.builds(Curtain, st.just(RESERVED), st.sampled_from(OUTSOURCERS), st.just(11.0)),
)
PLACES = st.sampled_from((None, None, None, 91, 92))
SHARES = st.sampled_from(({}, {}, {"voice": 0.5}, {"voice": 0.5, "chat": 0.3}, {"deferred": 0.0}))
WORKED = st.fixed_dictionaries({"voice": st.integers(0, 9), "chat": st.integers(0, 9), "deferred": st.integers(0, 9)})
PEOPLE = st.builds(
    lambda number, skills, languages, queues, capacity, group, outsourcer, shares: agent(
        number,
        languages=languages,
        queues=queues,
        capacity=dict(zip(CHANNELS, capacity, strict=True)),
        group=group,
        outsourcer=outsourcer,
        shares=shares,
        **skills,
    ),
    st.integers(0, 5),
    SKILLS,
    st.sampled_from((("fr",), ("fr", "en"), ("en",))),
    st.sampled_from((frozenset({QUEUE}), frozenset({QUEUE, OTHER_QUEUE}))),
    st.tuples(st.sampled_from((1, 1, 1, 0)), *[st.sampled_from((2, 3, 1, 0))] * 3),
    st.sampled_from((None, "juniors")),
    st.sampled_from(OUTSOURCERS),
    SHARES,
)


class Traffic(Closing, RuleBasedStateMachine):
    """A pool whose stored facts are `agents` and `contacts`; `decide` commits what the engine says, then checks it.

    No double offer, capacity, eligibility and the order are held in `commit`; that nobody eligible idles, in
    `nobody_idles`; step times, alarms and one offer a place, in `accounts_agree`; a place used once, in `accept` and
    `rescind`, and kept, in `return_soon`; what runs out and who rests, in `expire`; no starvation, in `Closing`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_795_000_000.25
        self.engine = Engine(POLICY)
        self.agents = {}
        self.contacts = {}
        self.withheld_until = {}  # by contact: the end of its decliners' pause
        self.count = 0
        self.settled = True
        self.used_places = set()
        self.left = []  # arrivals of those who hung up and may return

    # -- what people do

    @initialize(people=st.lists(PEOPLE, min_size=3, max_size=6))
    def open_the_counter(self, people):
        """Nothing much happens without agents."""
        for person in people:
            self.sign_in_or_change(person, is_ready=True)

    @rule(person=PEOPLE, is_ready=st.sampled_from((True, True, False)))
    def sign_in_or_change(self, person, is_ready):
        """Skills, queues and capacity change under way; what is held stays."""
        known = self.agents.get(person.id, person)
        state = "ready" if is_ready else "paused"
        kept = {"load": known.load, "missed": known.missed, "worked": known.worked}
        self.tell_agent(replace(person, is_ready=is_ready, state=state, ready_since=self.now, **kept))

    @precondition(lambda self: self.agents)
    @rule(data=st.data())
    def sign_out(self, data):
        """The agent's offers and work are left behind, as when a browser dies."""
        id = data.draw(st.sampled_from(sorted(self.agents)))
        del self.agents[id]
        self.engine.remove_agent(id)
        self.settled = False

    @precondition(lambda self: self.hidden)
    @rule(data=st.data())
    def step_away(self, data):
        """Just the one whom a contact is held for, or by whom a refused one may still be taken, goes on a break."""
        hidden = self.contacts[data.draw(st.sampled_from(self.hidden))]
        held_for = {one.who for one in hidden.curtains if one.kind == HELD}
        those = [id for id in self.agents if id in held_for or (hidden.declined_by and id not in hidden.declined_by)]
        for id in those:
            self.tell_agent(replace(self.agents[id], is_ready=False, state="paused"))
        self.tick()

    @precondition(lambda self: self.agents)
    @rule(data=st.data(), worked=WORKED)
    def look_back(self, data, worked):
        """What an agent's time went into."""
        known = self.agents[data.draw(st.sampled_from(sorted(self.agents)))]
        self.tell_agent(replace(known, worked=worked))

    @rule(
        channel=st.sampled_from(CHANNELS),
        needs=st.lists(NEEDS, min_size=1, max_size=3),
        queue=st.sampled_from((QUEUE, OTHER_QUEUE)),
        priority=st.integers(0, 2),
        target_seconds=st.sampled_from((0.0, 0.0, 45.0)),
        curtains=st.one_of(st.just(()), st.lists(CURTAINS, max_size=2, unique_by=lambda one: one.kind)),
        place=PLACES,
        many=st.integers(1, 4),
        at_once=st.booleans(),
    )
    def arrive(self, channel, needs, queue, priority, target_seconds, curtains, place, many, at_once):
        """Several alike at once, so that classes hold more than one contact; some have a place together."""
        place_id = None if place is None else UUID(int=place + 1000 * len(self.used_places))
        for _ in range(many):
            self.count += 1
            asked = [Need(channel, language, skills, overflow) for language, skills, overflow in needs]
            new = contact(self.count, *asked, at=self.now, channel=channel, every_seconds=11.0, queue=queue)
            shared = None if place_id is None else Place(place_id)
            new = replace(new, priority=priority, target_seconds=target_seconds, curtains=tuple(curtains), place=shared)
            self.tell_contact(new)
        if at_once:
            self.tick()

    @rule(channel=st.sampled_from(CHANNELS), many=st.integers(2, 4), priority=st.integers(0, 2), at_once=st.booleans())
    def arrive_simply(self, channel, many, priority, at_once):
        """What most may serve, so that there is always somebody to choose and something to be passed over."""
        for _ in range(many):
            self.count += 1
            new = contact(self.count, Need(channel, None), at=self.now, channel=channel, priority=priority)
            self.tell_contact(new)
        if at_once:
            self.tick()

    @precondition(lambda self: self.left)
    @rule()
    def return_soon(self):
        """Whoever hung up and calls again stands where they stood."""
        self.count += 1
        gone = self.left.pop()
        self.tell_contact(replace(gone, id=contact(self.count).id, offer=None, declined_by=frozenset()))

    @precondition(lambda self: self.contacts)
    @rule(data=st.data(), to_agent=st.booleans())
    def transfer(self, data, to_agent):
        """To the other queue, or to an agent who has some time to themselves; whoever had it is free."""
        moved = self.contacts[data.draw(st.sampled_from(sorted(self.contacts)))]
        new = replace(moved, offer=None, declined_by=frozenset(), curtains=())
        if to_agent:
            until_seconds = self.now - moved.enqueued_at + 6.0
            new.curtains = (Curtain(HELD, agent(data.draw(st.integers(0, 5))).id, until_seconds),)
        else:
            new.queue_id = OTHER_QUEUE if moved.queue_id == QUEUE else QUEUE
        if moved.offer is not None:
            self.withheld_until[moved.id] = self.now + POLICY.declined_again_seconds
        self.tell_contact(new)
        if moved.offer is not None:
            self.release(moved.offer.agent_id, moved.channel)

    @precondition(lambda self: self.contacts)
    @rule(data=st.data())
    def hang_up(self, data):
        """A waiting or offered contact leaves; its agent is free again."""
        gone = self.contacts.pop(data.draw(st.sampled_from(sorted(self.contacts))))
        self.engine.remove_contact(gone.id)
        self.settled = False
        self.left.append(gone)
        if gone.offer is not None:
            self.release(gone.offer.agent_id, gone.channel)

    @precondition(lambda self: self.offered)
    @rule(data=st.data())
    def accept(self, data):
        """The contact leaves the queues and stays in the agent's hands."""
        taken = self.contacts[data.draw(st.sampled_from(self.offered))]
        if taken.place is not None and taken.place.is_used:
            return  # refused: the citizen is being served elsewhere
        del self.contacts[taken.id]
        self.engine.remove_contact(taken.id)
        self.settled = False
        if taken.offer.agent_id in self.agents:
            self.tell_agent(replace(self.agents[taken.offer.agent_id], missed=0))
        if taken.place is not None:
            assert taken.place.id not in self.used_places, "a place was used twice"
            self.use_up(taken.place)

    @precondition(lambda self: any(one.place for one in self.contacts.values()))
    @rule(data=st.data())
    def serve_elsewhere(self, data):
        """Another pool's agent answers a contact of the place, while one of ours may be offered."""
        standing = sorted({one.place for one in self.contacts.values() if one.place and not one.place.is_used})
        if standing:
            self.use_up(data.draw(st.sampled_from(standing)))

    @precondition(lambda self: self.offered)
    @rule(data=st.data(), agent_first=st.booleans())
    def decline(self, data, agent_first):
        """The two hints come in any order."""
        self.refuse(data.draw(st.sampled_from(self.offered)), agent_first)

    def refuse(self, contact_id, agent_first):
        refused = self.contacts[contact_id]
        agent_id = refused.offer.agent_id
        if agent_first:
            self.release(agent_id, refused.channel)
        self.withheld_until[refused.id] = self.now + POLICY.declined_again_seconds
        self.tell_contact(replace(refused, offer=None, declined_by=refused.declined_by | {agent_id}))
        if not agent_first:
            self.release(agent_id, refused.channel)

    @precondition(lambda self: any(any(known.load.values()) for known in self.agents.values()))
    @rule(data=st.data())
    def finish(self, data):
        """One piece of accepted work ends."""
        held = [(id, channel) for id in self.agents for channel in CHANNELS if self.accepted(id, channel) > 0]
        if held:
            self.release(*data.draw(st.sampled_from(sorted(held))))
            self.tick()

    @precondition(lambda self: self.contacts or self.agents)
    @rule(data=st.data())
    def repeat_a_hint(self, data):
        """The same facts again."""
        fact = data.draw(st.sampled_from([*self.contacts.values(), *self.agents.values()]))
        (self.tell_contact if fact.id in self.contacts else self.tell_agent)(fact)

    @rule(seconds=st.sampled_from((0.5, 4.0, 11.0, 31.0)), looks=st.sampled_from((True, True, False)))
    def wait(self, seconds, looks):
        """Time passes, and mostly the dispatcher looks then."""
        self.now += seconds
        self.settled = False
        if looks:
            self.tick()

    # -- what the dispatcher does

    @rule()
    def tick(self):
        """Most of the time, everything at once."""
        self.decide(None)

    @rule(limit=st.sampled_from((None, 1, 3)))
    def decide(self, limit):
        """The same from an engine rebuilt from the stored facts; then every decision is committed and judged."""
        fresh = self.rebuilt()
        decisions, again = [], True
        while again:
            batch = self.engine.decide(self.now, limit)
            decisions += batch
            again = limit is not None and len(batch) >= limit
        assert sorted(map(told, decisions)) == sorted(map(told, fresh.decide(self.now)))

        self.expire([each for each in decisions if isinstance(each, Expire | Rest)])
        self.rescind([each for each in decisions if isinstance(each, Rescind)])
        for each in decisions:
            if isinstance(each, Offer):
                self.commit(each)
        self.settled = True

    def expire(self, decisions):
        """Exactly the offers that are due, and rest for exactly those who have missed enough."""
        due = {c.id: c for c in self.contacts.values() if c.offer is not None and c.offer.expires_at <= self.now}
        resting = set()
        for contact_id, lapsed in sorted(due.items()):
            agent_id = lapsed.offer.agent_id
            assert Expire(lapsed.offer.id, contact_id, agent_id) in decisions
            self.contacts[contact_id] = replace(lapsed, offer=None)
            self.withheld_until[contact_id] = self.now + POLICY.declined_again_seconds
            if agent_id in self.agents:
                known = self.held(agent_id, lapsed.channel, -1)
                self.agents[agent_id] = replace(known, missed=known.missed + 1)
                if known.is_ready and known.missed + 1 >= POLICY.missed_offers_max:
                    resting.add(agent_id)
        for agent_id in resting:
            self.agents[agent_id] = replace(self.agents[agent_id], is_ready=False, state="resting")
        assert sum(isinstance(each, Expire) for each in decisions) == len(due)
        assert sorted(each for each in decisions if isinstance(each, Rest)) == sorted(
            Rest(agent_id) for agent_id in resting
        )

    def rescind(self, decisions):
        """Exactly those who stand at a place that was used; whoever was offered one has room again."""
        over = [one for one in self.contacts.values() if one.place and one.place.is_used]
        assert sorted(decisions) == sorted(Rescind(one.id, one.place.id) for one in over)
        for one in over:
            del self.contacts[one.id]
            if one.offer is not None and one.offer.agent_id in self.agents:
                self.held(one.offer.agent_id, one.channel, -1)

    def commit(self, offer):
        """A contact that waits, the next of all the agent may have, to an eligible agent, the best of all."""
        chosen, taker = self.contacts[offer.contact_id], self.agents[offer.agent_id]
        assert chosen.offer is None, "offered twice"
        assert self.is_eligible(chosen, taker)
        for other in self.contacts.values():
            if self.turn(other, taker) < self.turn(chosen, taker):
                assert other.offer is not None or not self.is_eligible(other, taker), "another one was next"
        rivals = [known for known in self.agents.values() if self.is_eligible(chosen, known)]
        assert min(rivals, key=lambda known: self.rank(chosen, known)).id == offer.agent_id
        assert offer.why.eligible_idle == len(rivals)
        seconds = POLICY.offer_seconds.get(chosen.queue_id, POLICY.offer_seconds_default)
        assert (offer.offered_at, offer.expires_at) == (self.now, self.now + seconds)
        stored = OpenOffer(None, chosen.id, offer.agent_id, offer.offered_at, offer.expires_at)
        self.contacts[chosen.id] = replace(chosen, offer=stored)
        self.held(offer.agent_id, chosen.channel, 1)

    # -- what must hold

    @invariant()
    def nobody_idles(self):
        """After a decision, no eligible agent is idle while a contact they may serve waits."""
        if self.settled:
            for waiting in self.contacts.values():
                if waiting.offer is None:
                    idle = [known for known in self.agents.values() if self.is_eligible(waiting, known)]
                    assert idle == []

    @invariant()
    def accounts_agree(self):
        """Sizes, alarms, timers and explanations follow from the stored facts."""
        places = [c.place.id for c in self.contacts.values() if c.offer is not None and c.place is not None]
        assert len(places) == len(set(places)), "two of one place offered at once"
        if not self.settled:
            return
        stats = self.engine.stats()
        assert (stats.offered, stats.agents) == (len(self.offered), len(self.agents))
        assert stats.waiting == len(self.contacts) - len(self.offered)
        stuck = {id for alarm in self.engine.unserved(self.now) for id in alarm.contact_ids}
        waiting = [c for c in self.contacts.values() if c.offer is None and not self.is_out_of_place(c)]
        assert stuck == {c.id for c in waiting if not self.has_hope(c)}
        assert self.engine.next_due_at() == min(self.timers(), default=None)
        for each in self.contacts.values():
            account = self.engine.explain(each.id, self.now)
            told = dict(account.agents)
            assert (account.waits_for is not None) == self.is_out_of_place(each)
            if each in waiting:
                assert all((told[id] is None) == self.is_eligible(each, known) for id, known in self.agents.items())

    # -- the oracle: the rules again, from their sentences

    @property
    def offered(self):
        return sorted(c.id for c in self.contacts.values() if c.offer is not None)

    @property
    def hidden(self):
        """Waiting contacts that are kept for some, or from some, because of who is ready."""
        waiting = [c for c in self.contacts.values() if c.offer is None]
        return sorted(c.id for c in waiting if c.declined_by or any(one.kind == HELD for one in c.curtains))

    def needs_met(self, waiting, known, at):
        levels = dict(known.skills)
        return [
            step.need
            for step in waiting.steps
            if waiting.enqueued_at + step.after_seconds <= at
            and (step.need.queue_id or waiting.queue_id) in known.queues
            and step.need.language in (None, *known.languages)
            and all(levels.get(skill, 0) >= level for skill, level in step.need.skills)
        ]

    def could_serve(self, waiting, known, at):
        if known.capacity[waiting.channel] == 0 or not self.needs_met(waiting, known, at):
            return False
        up = {kind: who for kind, who, until in waiting.curtains if waiting.enqueued_at + until > at}
        if DELAYED in up and known.group == up[DELAYED]:
            return False
        return RESERVED not in up or known.outsourcer_id == up[RESERVED]

    def is_eligible(self, waiting, known):
        load = {channel: known.load.get(channel, 0) for channel in CHANNELS}
        if not known.is_ready or not self.could_serve(waiting, known, self.now) or self.is_out_of_place(waiting):
            return False
        if load["voice"] or load[waiting.channel] >= known.capacity[waiting.channel]:
            return False
        if waiting.channel == "voice" and load["chat"]:
            return False
        if waiting.channel in ("voice", "chat") and load["sms"] + load["email"] and self.is_at_letters(waiting, known):
            return False
        if self.holder(waiting) not in (None, known.id):
            return False
        return known.id not in waiting.declined_by or self.may_ask_again(waiting)

    def holder(self, waiting):
        """Whom it is held for: somebody who is there, can serve it and has not declined."""
        for kind, who, until in waiting.curtains:
            known = self.agents.get(who)
            is_up = kind == HELD and waiting.enqueued_at + until > self.now
            if is_up and known and known.is_ready and who not in waiting.declined_by:
                return who if self.could_serve(waiting, known, self.now) else None
        return None

    def is_out_of_place(self, waiting):
        return waiting.place is not None and any(
            other.offer is not None and other.id != waiting.id and other.place and other.place.id == waiting.place.id
            for other in self.contacts.values()
        )

    def may_ask_again(self, waiting):
        if self.withheld_until[waiting.id] > self.now:
            return False
        others = (known for id, known in self.agents.items() if id not in waiting.declined_by)
        group = {"voice": "voice", "chat": "chat"}.get(waiting.channel, "deferred")
        with_time = [known for known in others if known.is_ready and known.shares.get(group, 1.0) > 0]
        return not any(self.could_serve(waiting, known, self.now) for known in with_time)

    def over_share(self, waiting, known):
        """Beyond the group's own share; or, but for calls, less than a tenth, or less than its own most."""
        group = {"sms": "deferred", "email": "deferred"}.get(waiting.channel, waiting.channel)
        return self.has_had_its_own(group, known) - (group != "voice" and self.is_owed(group, known))

    def is_at_letters(self, waiting, known):
        return self.has_had_its_own(waiting.channel, known) or self.is_owed("deferred", known)

    def has_had_its_own(self, group, known):
        worked = sum(known.worked.values())
        return worked > 0 and known.worked.get(group, 0.0) > known.shares.get(group, 1.0) * worked

    def is_owed(self, group, known):
        channels = ("sms", "email") if group == "deferred" else (group,)
        left = min(0.1, known.shares.get(group, 1.0)) * sum(known.worked.values())
        return any(known.capacity[channel] for channel in channels) and known.worked.get(group, 0.0) < left

    def turn(self, waiting, known):
        """When the agent is to have it: what has had its share last, calls before chats before the rest, by age."""
        group = {"voice": 0, "chat": 1}.get(waiting.channel, 2)
        return (self.over_share(waiting, known), group, self.key(waiting))

    def key(self, waiting):
        return (waiting.enqueued_at + waiting.target_seconds - 60 * waiting.priority, waiting.id)

    def rank(self, waiting, known):
        asked = max(sum(level for _, level in each.skills) for each in self.needs_met(waiting, known, self.now))
        surplus = sum(level for _, level in known.skills) - asked
        load = known.load.get(waiting.channel, 0)
        return (self.over_share(waiting, known), surplus, known.missed, load, known.ready_since, known.id)

    def has_hope(self, waiting):
        signed_in = (known for known in self.agents.values() if known.state != "offline")
        return any(self.could_serve(waiting, known, float("inf")) for known in signed_in)

    def timers(self):
        for each in self.contacts.values():
            if each.offer is not None:
                yield each.offer.expires_at
                continue
            begin = [each.enqueued_at + step.after_seconds for step in each.steps]
            begin += [each.enqueued_at + curtain.until_seconds for curtain in each.curtains]
            if each.declined_by:
                begin.append(self.withheld_until[each.id])
            yield from (at for at in begin if at > self.now)

    # -- the store

    def use_up(self, place):
        self.used_places.add(place.id)
        for other in [one for one in self.contacts.values() if one.place == place]:
            self.tell_contact(replace(other, place=Place(place.id, is_used=True)))
        self.left = [one for one in self.left if one.place != place]

    def rebuilt(self):
        engine = Engine(POLICY)
        for known in sorted(self.agents.values(), key=lambda each: each.id, reverse=True):
            engine.put_agent(known)
        for known in self.contacts.values():
            pause_began_at = self.withheld_until.get(known.id, self.now) - POLICY.declined_again_seconds
            engine.put_contact(known, pause_began_at)
        return engine

    def tell_agent(self, known):
        self.agents[known.id] = known
        self.engine.put_agent(known)
        self.settled = False

    def tell_contact(self, known):
        self.contacts[known.id] = known
        self.engine.put_contact(known, self.now)
        self.settled = False

    def held(self, agent_id, channel, change):
        known = self.agents[agent_id]
        load = {**known.load, channel: max(known.load.get(channel, 0) + change, 0)}
        self.agents[agent_id] = replace(known, load=load)
        return self.agents[agent_id]

    def release(self, agent_id, channel):
        if agent_id in self.agents:
            self.tell_agent(self.held(agent_id, channel, -1))

    def accepted(self, agent_id, channel):
        offers = [c.offer.agent_id for c in self.contacts.values() if c.offer is not None and c.channel == channel]
        return self.agents[agent_id].load.get(channel, 0) - offers.count(agent_id)


def told(decision):
    """A decision with its account, in words that can be compared."""
    return repr((decision[:4], decision.why)) if isinstance(decision, Offer) else repr(decision)


Traffic.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None, derandomize=True)
TestTraffic = Traffic.TestCase
