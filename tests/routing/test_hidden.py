"""What hides a contact from some agents and when it shows; overflow, places, the blend of live and deferred."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from routing.engine import Engine
from routing.shares import reserved_for
from routing.types import DELAYED, HELD, RESERVED, Agent, Curtain, Offer, OpenOffer, Place, Rescind
from tests.routing.build import OTHER_QUEUE, QUEUE, agent, contact, need

OURS, THEIRS = UUID(int=71), UUID(int=72)
FOR_FIRST = (Curtain(HELD, agent(1).id, 30.0),)


def engine_of(*facts, now=0.0):
    engine = Engine()
    for fact in facts:
        if isinstance(fact, Agent):
            engine.put_agent(fact)
        else:
            engine.put_contact(fact, now)
    return engine


def pairs(decisions):
    return [(one.contact_id, one.agent_id) for one in decisions if isinstance(one, Offer)]


class TestHeld:
    def test_waits_for_the_preferred_agent_even_if_busy(self):
        """A colleague who is free does not get it before its time, and gets it then."""
        engine = engine_of(contact(1, curtains=FOR_FIRST), agent(1, load={"voice": 1}), agent(2))

        assert engine.decide(0) == []
        assert engine.next_due_at() == 30
        assert pairs(engine.decide(30)) == [(contact(1).id, agent(2).id)]

    def test_preferred_agent_has_it_though_another_suits_better(self):
        """Who knows the matter comes before who has just enough skill."""
        engine = engine_of(contact(1, need(tax=1), curtains=FOR_FIRST), agent(1, tax=5), agent(2, tax=1))

        assert pairs(engine.decide(0)) == [(contact(1).id, agent(1).id)]

    def test_freed_preferred_agent_takes_it_by_its_key(self):
        """Held for somebody is no privilege: older contacts of theirs come first."""
        older, held = contact(1, at=0), contact(2, at=1, curtains=FOR_FIRST)
        engine = engine_of(older, held, agent(1, load={"voice": 1}), now=1)
        engine.decide(1)
        engine.put_agent(agent(1))

        assert pairs(engine.decide(2)) == [(older.id, agent(1).id)]

    @pytest.mark.parametrize(
        "absent", [(), (agent(1, is_ready=False, state="paused"),), (agent(1, languages=("en",)),)]
    )
    def test_nobody_waits_for_who_is_not_there(self, absent):
        """Signed out, on a break, or not able to: it is everybody's at once."""
        engine = engine_of(contact(1, curtains=FOR_FIRST), *absent, agent(2))

        assert pairs(engine.decide(0)) == [(contact(1).id, agent(2).id)]

    def test_hold_ends_when_the_preferred_agent_leaves(self):
        """And when they decline."""
        engine = engine_of(contact(1, curtains=FOR_FIRST), agent(1, load={"voice": 1}), agent(2))
        engine.decide(0)
        engine.remove_agent(agent(1).id)

        assert pairs(engine.decide(1)) == [(contact(1).id, agent(2).id)]

    def test_declined_by_the_preferred_agent(self):
        """The colleague need not wait out the time that was theirs."""
        refused = contact(1, curtains=FOR_FIRST, declined_by=frozenset({agent(1).id}))
        engine = engine_of(refused, agent(1), agent(2))

        assert pairs(engine.decide(0)) == [(contact(1).id, agent(2).id)]

    def test_explained(self):
        """A colleague reads for whom it is held."""
        engine = engine_of(contact(1, curtains=FOR_FIRST), agent(1, load={"voice": 1}), agent(2))
        engine.decide(0)

        told = dict(engine.explain(contact(1).id, 0).agents)

        assert (told[agent(1).id].code, told[agent(2).id].code) == ("no_room", "held")
        assert told[agent(2).id].facts == {"agent_id": str(agent(1).id)}


class TestDelayed:
    def test_group_sees_it_only_after_its_delay(self):
        """Others at once, the group when the age has come."""
        late = contact(1, curtains=(Curtain(DELAYED, "juniors", 20.0),))
        engine = engine_of(late, agent(1, group="juniors"))

        assert engine.decide(19.9) == []
        assert pairs(engine.decide(20)) == [(late.id, agent(1).id)]
        assert pairs(engine_of(late, agent(1, group="juniors"), agent(2)).decide(0)) == [(late.id, agent(2).id)]


class TestContracts:
    def test_reserved_until_the_spill_timer(self):
        """Another outsourcer's agents idle until then; its own may have it at once."""
        theirs = contact(1, curtains=(Curtain(RESERVED, THEIRS, 40.0),))
        engine = engine_of(theirs, agent(1, outsourcer=OURS))

        assert engine.decide(39) == []
        assert pairs(engine.decide(40)) == [(theirs.id, agent(1).id)]
        assert len(engine_of(theirs, agent(1, outsourcer=THEIRS)).decide(0)) == 1

    def test_each_outsourcer_gets_its_share(self):
        """By the contacts' ids alone, the same at every look; what nobody has reserved is free."""
        shares = {OURS: 0.6, THEIRS: 0.3}
        ids = [uuid4() for _ in range(4_000)]
        drawn = [reserved_for(id, shares) for id in ids]

        assert drawn == [reserved_for(id, shares) for id in ids]
        assert [round(drawn.count(one) / len(ids), 1) for one in (OURS, THEIRS, None)] == [0.6, 0.3, 0.1]


class TestOverflow:
    def test_last_step_asks_another_queues_agents(self):
        """They are added, nobody is sent away, and the contact stays in its own queue."""
        overflow = need()._replace(queue_id=OTHER_QUEUE)
        helper = agent(1, queues=frozenset({OTHER_QUEUE}))
        engine = engine_of(contact(1, need(tax=3), overflow), helper)

        assert engine.decide(59) == []
        (offer,) = engine.decide(60)
        assert (offer.agent_id, offer.why.needs[1]["queue_id"]) == (helper.id, str(OTHER_QUEUE))


class TestPlaces:
    PLACE = Place(UUID(int=90))

    def test_one_of_a_place_is_offered_at_a_time(self):
        """Two agents never serve the same matter; when the offer ends, both stand where they stood."""
        call, chat = contact(1, place=self.PLACE), contact(2, channel="chat", place=self.PLACE)
        engine = engine_of(call, chat, agent(1), agent(2))

        assert pairs(engine.decide(0)) == [(call.id, agent(1).id)]
        told = engine.explain(chat.id, 0)
        assert (told.position, told.waits_for) == (None, call.id)
        engine.remove_contact(call.id)
        assert pairs(engine.decide(1)) == [(chat.id, agent(2).id)]

    def test_first_served_uses_it_up(self):
        """The others are rescinded, once, and never offered."""
        call, chat = contact(1, place=self.PLACE), contact(2, channel="chat", place=self.PLACE)
        engine = engine_of(call, chat, agent(1), agent(2))
        engine.decide(0)
        engine.remove_contact(call.id)
        engine.put_contact(replace(chat, place=Place(self.PLACE.id, is_used=True)), 1)

        assert engine.decide(1) == [Rescind(chat.id, self.PLACE.id)]
        assert engine.decide(2) == []

    def test_offered_while_it_is_used_up(self):
        """An agent of another pool answered first: the offer is withdrawn, and its agent gets the next one at once."""
        call, later = contact(1, place=self.PLACE), contact(2, at=5)
        engine = engine_of(call, later, agent(1), now=5)
        (offer,) = engine.decide(5)
        engine.put_contact(replace(call, offer=OpenOffer(None, *offer[:4]), place=Place(self.PLACE.id, True)), 6)

        assert engine.decide(6)[0] == Rescind(call.id, self.PLACE.id)
        assert engine.stats().offered == 1


class TestBlend:
    def test_live_work_first_however_late_the_rest_is(self):
        """A letter past its target does not overtake a call."""
        letter, chat, call = (contact(n, channel=c, at=n) for n, c in enumerate(("email", "chat", "voice")))
        engine = engine_of(letter, chat, call, agent(1), now=99)

        assert [one for one, _ in pairs(engine.decide(99))] == [call.id]

    def test_what_has_had_its_share_comes_last(self):
        """An agent whose time went into calls gets what may wait."""
        letter, call = contact(1, channel="email"), contact(2)
        busy = agent(1, shares={"voice": 0.7}, worked={"voice": 80.0, "deferred": 20.0})

        assert pairs(engine_of(letter, call, busy).decide(0))[0] == (letter.id, busy.id)
        engine = engine_of(letter, call, replace(busy, worked={"voice": 60.0, "deferred": 40.0}))
        assert pairs(engine.decide(0)) == [(call.id, busy.id)]

    def test_share_idles_nobody(self):
        """With calls alone waiting, one over their share answers them; a colleague below it is asked first."""
        over = agent(1, shares={"voice": 0.5}, worked={"voice": 9.0, "chat": 1.0})
        (offer,) = engine_of(contact(1), over).decide(0)
        assert offer.agent_id == over.id

        (offer,) = engine_of(contact(1), over, agent(2, tax=5)).decide(0)

        assert (offer.agent_id, offer.why.decided_by) == (agent(2).id, "over_share")


def test_queue_of_the_contact_is_named():
    """The default of every need is the contact's own queue."""
    (offer,) = engine_of(contact(1, queue=QUEUE), agent(1)).decide(0)

    assert "queue_id" not in offer.why.needs[0]
