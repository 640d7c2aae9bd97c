"""The engine by example: order, choice, offers, steps, refusals, rest."""

import json
from dataclasses import replace
from uuid import UUID

import pytest

from routing import steps
from routing.engine import Engine
from routing.types import Agent, EnginePolicy, Expire, Offer, OpenOffer, Rest
from tests.routing.build import OTHER_QUEUE, QUEUE, agent, contact, need


def engine_of(*facts, now=0.0, policy=None):
    engine = Engine(policy)
    for fact in facts:
        put(engine, fact, now)
    return engine


def put(engine, fact, now=0.0):
    if isinstance(fact, Agent):
        engine.put_agent(fact)
    else:
        engine.put_contact(fact, now)


def offers(decisions):
    return [(d.contact_id, d.agent_id) for d in decisions if isinstance(d, Offer)]


class TestOrder:
    @pytest.mark.parametrize(("age_seconds", "first"), [(301.0, "older"), (299.0, "younger")])
    def test_one_point_of_priority_is_one_minute(self, age_seconds, first):
        """Priority 5 arriving now stands behind 301 seconds of age and before 299."""
        older, younger = contact(1, at=1_000 - age_seconds), contact(2, at=1_000, priority=5)
        engine = engine_of(older, younger, agent(1), now=1_000)

        ((contact_id, _),) = offers(engine.decide(1_000))

        assert contact_id == {"older": older, "younger": younger}[first].id

    def test_target_sets_channels_apart(self):
        """What is promised sooner stands before what may wait, whichever arrived first."""
        letter = contact(1, channel="email", at=0, target_seconds=14_400)
        call = contact(2, at=100, target_seconds=20)
        engine = engine_of(letter, call, agent(1), now=100)

        assert [c for c, _ in offers(engine.decide(100))] == [call.id]

    def test_id_breaks_ties(self):
        """Equal keys are served in the order of their ids."""
        engine = engine_of(contact(2), contact(1), agent(1))

        assert [c for c, _ in offers(engine.decide(0))] == [contact(1).id]

    def test_changed_priority_moves_the_contact(self):
        """A new key counts from the same arrival."""
        engine = engine_of(contact(1, at=0), contact(2, at=10), now=10)
        engine.put_contact(contact(2, at=10, priority=1), 10)
        engine.put_agent(agent(1))

        assert [c for c, _ in offers(engine.decide(10))] == [contact(2).id]


class TestPull:
    def test_freed_agent_gets_the_oldest_they_may_serve(self):
        """Being freed is enough: the oldest eligible contact comes at once, past older ones for other people."""
        engine = engine_of(
            contact(1, need(tax=3)), contact(2, at=5), contact(3, at=6), agent(1, load={"voice": 1}), now=6
        )
        assert engine.decide(6) == []

        engine.put_agent(agent(1))

        assert offers(engine.decide(7)) == [(contact(2).id, agent(1).id)]

    def test_arriving_contact_finds_the_idle_agent(self):
        """Nobody idles while a contact they may serve waits."""
        engine = engine_of(agent(1))
        assert engine.decide(0) == []

        engine.put_contact(contact(1), 0)

        assert offers(engine.decide(0)) == [(contact(1).id, agent(1).id)]

    def test_chats_fill_up_to_capacity_evenly(self):
        """Six chats for two agents of three: each gets three, in turn."""
        engine = engine_of(*(contact(n, channel="chat", at=n) for n in range(7)), agent(1), agent(2), now=7)

        given = [a for _, a in offers(engine.decide(7))]

        assert given == [agent(1).id, agent(2).id] * 3

    def test_one_offer_on_voice(self):
        """An open offer of a call holds the agent."""
        engine = engine_of(contact(1), contact(2), contact(3, channel="chat"), agent(1))

        assert len(offers(engine.decide(0))) == 1

    def test_saying_a_thing_twice_changes_nothing(self):
        """Duplicate hints are harmless."""
        engine = engine_of(contact(1), agent(1), agent(1), contact(1))
        (offer,) = engine.decide(0)
        open_offer = OpenOffer(UUID(int=7), offer.contact_id, offer.agent_id, offer.offered_at, offer.expires_at)
        for _ in range(2):
            engine.put_contact(contact(1, offer=open_offer), 1)
            engine.put_agent(agent(1, load={"voice": 1}))

        assert engine.decide(1) == []

    def test_refused_decision_is_undone_by_the_truth(self):
        """When the commit fails, stating the facts again makes the contact and the agent available."""
        engine = engine_of(contact(1), agent(1))
        engine.decide(0)

        engine.put_contact(contact(1), 1)
        engine.put_agent(agent(1))

        assert offers(engine.decide(1)) == [(contact(1).id, agent(1).id)]

    def test_arrival_goes_to_the_best_even_when_another_was_just_freed(self):
        """Who is freed at the same moment has no claim on a contact somebody else suits better."""
        engine = engine_of(agent(1, tax=1))
        engine.decide(0)
        engine.put_contact(contact(1, need(tax=1)), 1)
        engine.put_agent(agent(2, tax=5))

        assert offers(engine.decide(1)) == [(contact(1).id, agent(1).id)]

    def test_limit_cuts_the_work_into_batches(self):
        """Batches add up to what one call decides, and what is left over is not forgotten."""
        facts = [*(contact(n, at=n) for n in range(5)), *(agent(n) for n in range(4))]
        whole, cut = engine_of(*facts, now=5), engine_of(*facts, now=5)

        batches = [cut.decide(5, limit=3), cut.decide(5, limit=3), cut.decide(5, limit=3)]

        assert [len(batch) for batch in batches] == [3, 1, 0]
        assert [decision for batch in batches for decision in batch] == whole.decide(5)

    def test_removed_contact_is_not_offered(self):
        """Who hung up is not called back by mistake."""
        engine = engine_of(contact(1), contact(2, at=1), now=1)
        engine.remove_contact(contact(1).id)
        engine.put_agent(agent(1))

        assert offers(engine.decide(1)) == [(contact(2).id, agent(1).id)]

    def test_removed_agent_is_not_chosen(self):
        """Signing out takes effect at once, and twice is harmless."""
        engine = engine_of(agent(1), contact(1))
        engine.remove_agent(agent(1).id)
        engine.remove_agent(agent(1).id)

        assert engine.decide(0) == []


class TestChoice:
    @pytest.mark.parametrize(
        ("better", "worse", "rule"),
        [
            (agent(2, tax=3, ready_since=9), agent(1, tax=5), "skill_surplus"),
            (agent(2, tax=3, ready_since=9), agent(1, tax=3, housing=3), "skill_surplus"),
            (agent(2, tax=3, load={"chat": 1}), agent(1, tax=3, missed=1), "missed_offers"),
            (agent(2, tax=3, ready_since=9), agent(1, tax=3, load={"chat": 1}), "channel_load"),
            (agent(2, tax=3, ready_since=1), agent(1, tax=3, ready_since=2), "ready_since"),
            (agent(1, tax=3), agent(2, tax=3), "id"),
        ],
    )
    def test_order_of_the_rules(self, better, worse, rule):
        """Least surplus, then fewest missed, least load, longest ready; the offer says which one decided."""
        engine = engine_of(worse, better)
        engine.decide(0)
        engine.put_contact(contact(1, need(channel="chat", tax=3), channel="chat"), 0)

        (offer,) = engine.decide(0)

        assert (offer.agent_id, offer.why.decided_by, offer.why.eligible_idle) == (better.id, rule, 2)

    def test_why_is_fit_for_storing(self):
        """The account of a choice survives JSON and holds the facts that were compared."""
        engine = engine_of(contact(1, need(tax=3), need(tax=1), at=0), agent(1, tax=2), now=75)

        (offer,) = engine.decide(75)

        assert json.loads(json.dumps(offer.why.told())) == {
            "step": 1,
            "needs": [
                {"channel": "voice", "language": "fr", "skills": [["tax", 3]]},
                {"channel": "voice", "language": "fr", "skills": [["tax", 1]]},
            ],
            "waited_seconds": 75.0,
            "rank": offer.why.rank,
            "eligible_idle": 1,
            "decided_by": "only_one",
        }
        ranked = {"over_share": 0.0, "skill_surplus": 0.25, "missed_offers": 0, "channel_load": 0, "ready_since": 0.0}
        assert ranked.items() <= offer.why.rank.items()


def test_traits_make_a_profile():
    """Facts that only a newcomer's order would read tell agents and classes apart, and stay with their agent."""
    here, elsewhere = agent(1), agent(2)
    here.traits, elsewhere.traits = (("city", "Lyon"),), (("city", "Metz"),)
    engine = engine_of(contact(1, need()._replace(traits=(("city", "Lyon"),))), contact(2), here, elsewhere)
    assert (engine.stats().profiles, engine.stats().classes) == (2, 2)

    assert {one.choice.agent.holding("voice", 1).traits for one in engine.decide(0)} == {here.traits, elsewhere.traits}
    engine.put_agent(replace(elsewhere, traits=here.traits))
    assert engine.stats().profiles == 1


def test_idle_by_what_they_may_serve():
    """Whoever can take one more is counted once, with all the lines they may serve; who cannot, not at all."""
    agents = [agent(1), agent(2, languages=("fr", "en")), agent(3, load={"voice": 1}), agent(4, languages=("de",))]
    engine = engine_of(*agents)
    asks = {name: steps.class_at(contact(1, need(language=name)), 0) for name in ("fr", "en")}
    assert engine.decide(0) == []

    assert engine.idle("voice", asks) == {frozenset({"fr"}): 1, frozenset({"fr", "en"}): 1}
    engine.put_contact(contact(1), 0)
    engine.decide(0)
    assert sum(engine.idle("voice", asks).values()) == 1


class TestSteps:
    def test_next_step_widens_the_pool_at_its_age(self):
        """Not a moment before, and the engine says when to ask again."""
        engine = engine_of(contact(1, need(tax=3), need()), agent(1))

        assert engine.decide(0) == []
        assert engine.next_due_at() == 60
        assert engine.decide(59.999) == []
        assert offers(engine.decide(60)) == [(contact(1).id, agent(1).id)]

    def test_pool_only_grows(self):
        """A later step that asks for something else adds people and sends nobody away."""
        engine = engine_of(contact(1, need(tax=3), need(language="en")), agent(1, tax=3, load={"voice": 1}))
        engine.decide(60)

        engine.put_agent(agent(1, tax=3))

        assert offers(engine.decide(61)) == [(contact(1).id, agent(1).id)]

    def test_relaxed_contact_still_prefers_who_was_asked_for_first(self):
        """Widening the pool does not send the citizen to the least able of it."""
        engine = engine_of(contact(1, need(tax=3), need()), agent(1, housing=1), agent(2, tax=3), now=60)

        assert offers(engine.decide(60)) == [(contact(1).id, agent(2).id)]

    def test_relaxed_contact_keeps_its_place(self):
        """It enters the wider class before those who arrived later."""
        engine = engine_of(contact(1, need(tax=3), need()), contact(2, at=30), agent(1, load={"voice": 1}), now=30)
        engine.decide(60)

        engine.put_agent(agent(1))

        assert offers(engine.decide(61)) == [(contact(1).id, agent(1).id)]

    def test_age_counts_from_arrival_after_a_rebuild(self):
        """A contact told late is at the step its age says."""
        engine = engine_of(contact(1, need(tax=3), need(), at=0), agent(1), now=1_000)

        assert offers(engine.decide(1_000)) == [(contact(1).id, agent(1).id)]

    def test_step_times_come_true_at_real_dates(self):
        """Rounding of large POSIX times never leaves a timer due for ever."""
        at = 1_795_000_000.123456
        engine = engine_of(contact(1, need(tax=5), need(tax=4), need(tax=3), at=at, every_seconds=0.1), now=at)

        due = [engine.next_due_at()]
        while due[-1] is not None:
            assert engine.decide(due[-1]) == []
            due.append(engine.next_due_at())

        assert due == [at + 0.1, at + 0.2, None]


class TestOffers:
    def test_unanswered_offer_expires_and_the_contact_goes_to_a_colleague(self):
        """Back at once with its key; whoever missed it is chosen after the others."""
        engine = engine_of(contact(1), contact(2, at=1), agent(1), now=1)
        (offer,) = engine.decide(1)
        engine.put_agent(agent(2, ready_since=2))
        engine.decide(2)
        engine.remove_contact(contact(2).id)
        engine.put_agent(agent(2, ready_since=5))

        assert engine.decide(20.999) == []
        expire, again = engine.decide(21)

        assert expire == Expire(None, offer.contact_id, agent(1).id)
        assert offers([again]) == [(contact(1).id, agent(2).id)]

    def test_expiry_names_the_stored_offer(self):
        """Once the stored offer was told, its id comes back."""
        open_offer = OpenOffer(UUID(int=7), contact(1).id, agent(1).id, 0.0, 20.0)
        engine = engine_of(contact(1, offer=open_offer), agent(1, load={"voice": 1}, is_ready=False))

        assert engine.decide(20) == [Expire(UUID(int=7), contact(1).id, agent(1).id)]

    def test_agent_rests_after_too_many_missed_offers(self):
        """The second one in a row: the agent leaves `ready` and gets nothing more."""
        engine = engine_of(contact(1), agent(1))
        engine.decide(0)
        engine.decide(20)

        assert engine.decide(40) == [Expire(None, contact(1).id, agent(1).id), Rest(agent(1).id)]
        assert engine.stats().agents_ready == 0
        assert engine.decide(100) == []

    def test_each_queue_has_its_own_time_to_answer(self):
        """Without one of its own, a queue has the default."""
        policy = EnginePolicy(offer_seconds={QUEUE: 7.0}, offer_seconds_default=9.0)
        people = [agent(n, queues=frozenset({QUEUE, OTHER_QUEUE})) for n in (1, 2)]
        engine = engine_of(contact(1), contact(2, queue=OTHER_QUEUE), *people, policy=policy)

        assert [d.expires_at for d in engine.decide(0)] == [7.0, 9.0]

    def test_holder_unknown(self):
        """An offer to somebody who signed out still expires."""
        open_offer = OpenOffer(UUID(int=7), contact(1).id, agent(9).id, 0.0, 20.0)
        engine = engine_of(contact(1, offer=open_offer))

        assert engine.decide(20) == [Expire(UUID(int=7), contact(1).id, agent(9).id)]


class TestDeclined:
    def declined(self, number=1, **facts):
        return contact(number, declined_by=frozenset({agent(1).id}), **facts)

    def test_goes_to_a_colleague(self):
        """The next best is asked, though the one who declined would rank before and is of the same profile."""
        engine = engine_of(self.declined(), agent(1), agent(2))

        (offer,) = engine.decide(0)

        assert (offer.agent_id, offer.why.eligible_idle) == (agent(2).id, 1)

    def test_waits_for_a_busy_colleague(self):
        """Not offered again to the same person while somebody else who is ready may take it, however long."""
        engine = engine_of(self.declined(), agent(1), agent(2, load={"voice": 1}))

        assert [engine.decide(now) for now in (0, 30, 300)] == [[], [], []]
        engine.put_agent(agent(2))
        assert offers(engine.decide(301)) == [(contact(1).id, agent(2).id)]

    def test_hides_one_contact_and_not_those_behind_it(self):
        """The agent who declined gets the next contact at once."""
        engine = engine_of(self.declined(), contact(2, at=5), agent(1), agent(2, load={"voice": 1}), now=5)

        assert offers(engine.decide(5)) == [(contact(2).id, agent(1).id)]

    def test_alone_is_asked_again_after_a_pause(self):
        """The only one who can serve it: again, by a timer, and each refusal starts the pause anew."""
        engine = engine_of(self.declined(), agent(1))
        assert engine.decide(0) == []
        assert engine.next_due_at() == 30

        assert offers(engine.decide(30)) == [(contact(1).id, agent(1).id)]
        engine.put_contact(self.declined(), 33)
        engine.put_agent(agent(1))

        assert engine.decide(33) == []
        assert engine.next_due_at() == 63
        assert offers(engine.decide(63)) == [(contact(1).id, agent(1).id)]

    @pytest.mark.parametrize("away", [agent(2, is_ready=False, state="paused"), agent(2, tax=1, languages=("en",))])
    def test_colleague_who_cannot_take_it_does_not_count(self, away):
        """On a break, or not able to: nobody is kept waiting for them."""
        engine = engine_of(self.declined(), agent(1), away)

        assert offers(engine.decide(30)) == [(contact(1).id, agent(1).id)]

    def test_colleague_without_time_for_it_does_not_count(self):
        """Set to take of the group only what finds them idle: in a flood of calls a letter would wait for ever."""
        letter, busy = self.declined(channel="email"), agent(2, load={"voice": 1})
        engine = engine_of(letter, agent(1), replace(busy, shares={"deferred": 0.0}))
        assert offers(engine.decide(30)) == [(letter.id, agent(1).id)]

        engine = engine_of(letter, agent(1), busy)
        assert engine.decide(30) == []
        engine.put_agent(replace(busy, shares={"deferred": 0.0}))
        assert offers(engine.decide(31)) == [(letter.id, agent(1).id)]

    def test_last_colleague_leaves(self):
        """Past the pause, the decliner is asked as soon as nobody else is ready."""
        engine = engine_of(self.declined(), agent(1), agent(2, load={"voice": 1}))
        assert engine.decide(100) == []

        engine.remove_agent(agent(2).id)

        assert offers(engine.decide(100)) == [(contact(1).id, agent(1).id)]

    def test_saying_it_twice_does_not_lengthen_the_pause(self):
        """A duplicate hint is harmless here too."""
        engine = engine_of(self.declined(), agent(1))
        engine.put_contact(self.declined(), 20)

        assert engine.next_due_at() == 30


class TestAccounts:
    def test_explain_tells_place_and_people(self):
        """Key, step, next step, position, and per agent the rule that fails."""
        people = [agent(1, tax=1), agent(2, tax=3, load={"voice": 1}), agent(3, tax=3, is_ready=False, state="paused")]
        engine = engine_of(contact(1, need(tax=3)), contact(2, need(tax=3), need(tax=2), at=5), *people, now=6)
        engine.decide(6)

        told = engine.explain(contact(2).id, 6)

        assert (told.key, told.position, told.step, told.steps, told.next_step_at) == (5, 2, 0, 2, 65)
        assert told.asks.needs == (need(tax=3),)
        assert [(id, failing.code) for id, failing in told.agents] == [
            (agent(1).id, "skill"),
            (agent(2).id, "no_room"),
            (agent(3).id, "not_ready"),
        ]

    def test_position_counts_whoever_the_same_people_may_serve(self):
        """Older contacts of another class are ahead only when somebody serves both."""
        engine = engine_of(
            contact(1, need(tax=1)), contact(2, need(language="en")), contact(3, at=9), agent(1, tax=2, is_ready=False)
        )

        assert engine.explain(contact(3).id, 9).position == 2

    def test_offered_contact_has_no_position(self):
        """It has somebody's name instead."""
        engine = engine_of(contact(1), agent(1))
        engine.decide(0)

        told = engine.explain(contact(1).id, 0)

        assert (told.position, told.offered_to) == (None, agent(1).id)

    def test_unknown_contact(self):
        """There is nothing to explain about a contact that does not wait."""
        with pytest.raises(KeyError):
            Engine().explain(contact(1).id, 0)

    def test_unserved_only_when_nobody_ever_could(self):
        """No alarm for who is busy, on a break, or comes in at a later step; offline people do not count."""
        waiting = [
            contact(1, need(tax=3), need(tax=1)),
            contact(2, need(language="en")),
            contact(3, need(language="en"), at=4),
            contact(4, need(language="de")),
        ]
        people = [
            agent(1, tax=1, is_ready=False, state="paused"),
            agent(2, languages=("en",), is_ready=False, state="offline"),
        ]
        engine = engine_of(*waiting, *people, now=10)

        told = {alarm.asks.needs[0].language: alarm for alarm in engine.unserved(10)}

        assert {language: alarm.contact_ids for language, alarm in told.items()} == {
            "en": (contact(2).id, contact(3).id),
            "de": (contact(4).id,),
        }
        assert told["en"].oldest_waited_seconds == 10

    def test_stats(self):
        """Sizes follow the facts."""
        engine = engine_of(contact(1), contact(2), contact(3, channel="chat"), agent(1), agent(2, is_ready=False))
        engine.decide(0)

        stats = engine.stats()

        assert (stats.waiting, stats.offered, stats.classes) == (2, 1, 2)
        assert (stats.profiles, stats.agents, stats.agents_ready) == (1, 2, 1)


class TestMemory:
    def test_forgotten_classes_come_back(self):
        """Short-lived classes and profiles are dropped; those in use stay, and one used again works as before."""
        engine = engine_of(contact(0, need(tax=3)), agent(0, tax=3, is_ready=False))
        for number in range(1, 600):
            rare = {f"rare{number}": 1}
            engine.put_contact(contact(number, need(**rare)), 0)
            engine.put_agent(agent(number, **rare))
            assert len(engine.decide(0)) == 1
            engine.remove_contact(contact(number).id)
            engine.remove_agent(agent(number).id)

        engine.put_agent(agent(0, tax=3))
        engine.put_contact(contact(1, need(rare1=1)), 0)
        engine.put_agent(agent(1, rare1=1))

        assert offers(engine.decide(0)) == [(contact(0).id, agent(0).id), (contact(1).id, agent(1).id)]

    def test_changed_skills_change_what_is_offered(self):
        """A new profile takes effect with the next fact, and the old one no longer counts."""
        engine = engine_of(agent(1, tax=1))
        engine.decide(0)
        engine.put_agent(replace(agent(1), languages=("en",)))
        engine.put_contact(contact(1), 0)
        engine.put_contact(contact(2, need(language="en")), 0)

        assert offers(engine.decide(0)) == [(contact(2).id, agent(1).id)]
