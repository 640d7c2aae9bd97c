"""Random traffic against the engine, judged by an oracle that shares none of its code and keeps no structure."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from routing.engine import Engine
from routing.types import EnginePolicy, Expire, Need, Offer, OpenOffer, Rest
from tests.routing.build import OTHER_QUEUE, QUEUE, agent, contact

POLICY = EnginePolicy(offer_seconds={OTHER_QUEUE: 7.0})
CHANNELS = ("voice", "chat", "sms", "email")
SKILLS = st.dictionaries(st.sampled_from(("tax", "housing")), st.integers(1, 5))
FEW_SKILLS = st.dictionaries(st.sampled_from(("tax", "housing")), st.integers(1, 2), max_size=1)
NEEDS = st.builds(
    lambda language, skills: (language, tuple(sorted(skills.items()))), st.sampled_from(("fr", "en", None)), FEW_SKILLS
)
PEOPLE = st.builds(
    lambda number, skills, languages, queues, capacity: agent(
        number, languages=languages, queues=queues, capacity=dict(zip(CHANNELS, capacity, strict=True)), **skills
    ),
    st.integers(0, 5),
    SKILLS,
    st.sampled_from((("fr",), ("en",), ("fr", "en"))),
    st.sampled_from((frozenset({QUEUE}), frozenset({QUEUE, OTHER_QUEUE}))),
    st.tuples(st.sampled_from((1, 1, 0)), *[st.integers(0, 3)] * 3),
)


class Traffic(RuleBasedStateMachine):
    """A pool whose stored facts are `agents` and `contacts`; `decide` commits what the engine says, then checks it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_795_000_000.25
        self.engine = Engine(POLICY)
        self.agents = {}
        self.contacts = {}
        self.withheld_until = {}  # by contact: the end of its decliners' pause
        self.count = 0
        self.settled = True

    # -- what people do

    @initialize(people=st.lists(PEOPLE, min_size=2, max_size=6))
    def open_the_counter(self, people):
        """Nothing much happens without agents."""
        for person in people:
            self.sign_in_or_change(person, is_ready=True)

    @rule(person=PEOPLE, is_ready=st.booleans())
    def sign_in_or_change(self, person, is_ready):
        """Skills, queues and capacity change under way; what is held stays."""
        known = self.agents.get(person.id, person)
        state = "ready" if is_ready else "paused"
        self.tell_agent(
            replace(person, is_ready=is_ready, state=state, load=known.load, missed=known.missed, ready_since=self.now)
        )

    @precondition(lambda self: self.agents)
    @rule(data=st.data())
    def sign_out(self, data):
        """The agent's offers and work are left behind, as when a browser dies."""
        id = data.draw(st.sampled_from(sorted(self.agents)))
        del self.agents[id]
        self.engine.remove_agent(id)
        self.settled = False

    @rule(
        channel=st.sampled_from(CHANNELS),
        needs=st.lists(NEEDS, min_size=1, max_size=3),
        queue=st.sampled_from((QUEUE, OTHER_QUEUE)),
        priority=st.integers(0, 2),
        many=st.integers(1, 4),
    )
    def arrive(self, channel, needs, queue, priority, many):
        """Several alike at once, so that classes hold more than one contact."""
        for _ in range(many):
            self.count += 1
            asked = [Need(channel, *each) for each in needs]
            new = contact(self.count, *asked, at=self.now, channel=channel, every_seconds=11.0, queue=queue)
            self.tell_contact(replace(new, priority=priority))

    @precondition(lambda self: self.contacts)
    @rule(data=st.data())
    def hang_up(self, data):
        """A waiting or offered contact leaves; its agent is free again."""
        gone = self.contacts.pop(data.draw(st.sampled_from(sorted(self.contacts))))
        self.engine.remove_contact(gone.id)
        self.settled = False
        if gone.offer is not None:
            self.release(gone.offer.agent_id, gone.channel)

    @precondition(lambda self: self.offered)
    @rule(data=st.data())
    def accept(self, data):
        """The contact leaves the queues and stays in the agent's hands."""
        taken = self.contacts.pop(data.draw(st.sampled_from(self.offered)))
        self.engine.remove_contact(taken.id)
        if taken.offer.agent_id in self.agents:
            self.tell_agent(replace(self.agents[taken.offer.agent_id], missed=0))

    @precondition(lambda self: self.offered)
    @rule(data=st.data(), agent_first=st.booleans())
    def decline(self, data, agent_first):
        """The two hints come in any order."""
        refused = self.contacts[data.draw(st.sampled_from(self.offered))]
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

    @precondition(lambda self: self.contacts or self.agents)
    @rule(data=st.data())
    def repeat_a_hint(self, data):
        """The same facts again."""
        fact = data.draw(st.sampled_from([*self.contacts.values(), *self.agents.values()]))
        (self.tell_contact if fact.id in self.contacts else self.tell_agent)(fact)

    @rule(seconds=st.sampled_from((0.5, 4.0, 11.0, 31.0)))
    def wait(self, seconds):
        """Time passes."""
        self.now += seconds
        self.settled = False

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
        assert sorted(map(repr, decisions)) == sorted(map(repr, fresh.decide(self.now)))

        self.expire([each for each in decisions if not isinstance(each, Offer)])
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
        assert sorted(each.agent_id for each in decisions if isinstance(each, Rest)) == sorted(resting)

    def commit(self, offer):
        """A contact that waits, the oldest of its kind, to an eligible agent, the best of all."""
        chosen = self.contacts[offer.contact_id]
        assert chosen.offer is None, "offered twice"
        assert self.is_eligible(chosen, self.agents[offer.agent_id])
        for other in self.contacts.values():
            if other.offer is None and other.key < chosen.key:
                assert not self.is_eligible(other, self.agents[offer.agent_id]), "an older one was passed over"
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
        if not self.settled:
            return
        stats = self.engine.stats()
        assert (stats.offered, stats.agents) == (len(self.offered), len(self.agents))
        assert stats.waiting == len(self.contacts) - len(self.offered)
        stuck = {id for alarm in self.engine.unserved(self.now) for id in alarm.contact_ids}
        assert stuck == {c.id for c in self.contacts.values() if c.offer is None and not self.has_hope(c)}
        assert self.engine.next_due_at() == min(self.timers(), default=None)
        for each in self.contacts.values():
            told = dict(self.engine.explain(each.id, self.now).agents)
            if each.offer is None:
                assert all((told[id] is None) == self.is_eligible(each, known) for id, known in self.agents.items())

    # -- the oracle: the rules again, from their sentences

    @property
    def offered(self):
        return sorted(c.id for c in self.contacts.values() if c.offer is not None)

    def needs_met(self, waiting, known, at):
        levels = dict(known.skills)
        return [
            step.need
            for step in waiting.steps
            if waiting.enqueued_at + step.after_seconds <= at
            and step.need.language in (None, *known.languages)
            and all(levels.get(skill, 0) >= level for skill, level in step.need.skills)
        ]

    def could_serve(self, waiting, known, at):
        is_able = waiting.queue_id in known.queues and known.capacity[waiting.channel] > 0
        return is_able and self.needs_met(waiting, known, at) != []

    def is_eligible(self, waiting, known):
        load = {channel: known.load.get(channel, 0) for channel in CHANNELS}
        if not known.is_ready or not self.could_serve(waiting, known, self.now):
            return False
        if load["voice"] or load[waiting.channel] >= known.capacity[waiting.channel]:
            return False
        if waiting.channel == "voice" and load["chat"]:
            return False
        return known.id not in waiting.declined_by or self.may_ask_again(waiting)

    def may_ask_again(self, waiting):
        if self.withheld_until[waiting.id] > self.now:
            return False
        others = (known for id, known in self.agents.items() if id not in waiting.declined_by)
        return not any(known.is_ready and self.could_serve(waiting, known, self.now) for known in others)

    def rank(self, waiting, known):
        asked = max(sum(level for _, level in each.skills) for each in self.needs_met(waiting, known, self.now))
        surplus = sum(level for _, level in known.skills) - asked
        return (surplus, known.missed, known.load.get(waiting.channel, 0), known.ready_since, known.id)

    def has_hope(self, waiting):
        signed_in = (known for known in self.agents.values() if known.state != "offline")
        return any(self.could_serve(waiting, known, float("inf")) for known in signed_in)

    def timers(self):
        for each in self.contacts.values():
            if each.offer is not None:
                yield each.offer.expires_at
                continue
            begin = [each.enqueued_at + step.after_seconds for step in each.steps]
            if each.declined_by:
                begin.append(self.withheld_until[each.id])
            yield from (at for at in begin if at > self.now)

    # -- the store

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


Traffic.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None, derandomize=True)
TestTraffic = Traffic.TestCase
