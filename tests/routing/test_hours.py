"""How agents' time went, and that what may wait gets its part of it."""

from dataclasses import replace

import pytest

from routing import rules
from routing.engine import Engine
from routing.hours import CREDIT_SECONDS, HALF_LIFE_SECONDS, Hours
from tests.routing.build import agent, contact

BOTH = {"voice": 1, "email": 2}


def test_time_is_shared_by_what_is_held():
    """A call has all of it, chats and letters share; it fades by half in two hours, and begins with a credit."""
    hours, known = Hours(), agent(1)

    credit = dict.fromkeys(("chat", "deferred"), CREDIT_SECONDS)

    assert hours.seen(replace(known, load={"chat": 2, "email": 1}), 0).worked == credit
    assert hours.seen(replace(known, load={"voice": 1, "email": 1}), HALF_LIFE_SECONDS).worked == dict.fromkeys(
        credit, CREDIT_SECONDS / 2 + HALF_LIFE_SECONDS / 2
    )
    assert hours.seen(known, HALF_LIFE_SECONDS + 60).worked["voice"] == 60


def test_nobody_asks_for_those_who_do_one_thing():
    """An agent of one group, without shares, is not watched; begins with no credit, if they have shares."""
    alone = agent(1, capacity={"email": 1}, shares={"deferred": 0.5})
    assert Hours().seen(alone, 0).worked == {}
    assert Hours().seen(agent(1, capacity={"voice": 1}), 0).worked == {}
    assert not rules.has_shares(agent(1, capacity={"sms": 3, "email": 1}))


@pytest.mark.parametrize(
    ("shares", "worked", "is_over"),
    [
        ({}, {"voice": 95.0, "deferred": 5.0}, True),
        ({}, {"voice": 50.0, "chat": 45.0, "deferred": 5.0}, True),
        ({}, {"voice": 85.0, "deferred": 15.0}, False),
        ({"deferred": 0.0}, {"voice": 100.0}, False),
        ({"deferred": 0.02}, {"voice": 97.0, "deferred": 3.0}, False),
        ({"voice": 0.5}, {"voice": 60.0, "deferred": 40.0}, True),
    ],
)
def test_live_work_leaves_a_part(shares: dict[str, float], worked: dict[str, float], is_over: bool):
    """A tenth by default, less where less is set, nothing only where that is said; a letter comes first or a call."""
    known = agent(1, capacity=BOTH, shares=shares, worked=worked)

    assert (rules.blend("email", known) < rules.blend("voice", known)) is is_over


def test_what_is_owed_to_chats_is_no_letters():
    """Nobody chats for hours: calls come before letters all the same, and a chat that comes then before both."""
    known = agent(1, worked={"voice": 80.0, "deferred": 20.0})

    assert rules.blend("chat", known) < rules.blend("voice", known) == rules.blend("email", known)


@pytest.mark.parametrize("later", ["chat", "email"])
def test_the_rest_gets_through_an_endless_line_of_calls(later: str):
    """Ten hours in which a call always waits: chats, and what may wait, have about their tenth, and no more."""
    engine, hours, now, held = Engine(), Hours(), 0.0, {"voice": 0.0, later: 0.0}
    waiting = {}

    def put(number: int, channel: str) -> None:
        made = contact(number, at=0.0 if channel == later else now, channel=channel)
        waiting[made.id] = channel
        engine.put_contact(made, now)

    for number in range(400):
        put(number, "voice")
        put(1_000 + number, later)
    known = agent(1, capacity={"voice": 1, later: 1})
    while now < 36_000:
        engine.put_agent(hours.seen(replace(known, load={"voice": 0, later: 0}), now))
        # An email may begin beside nothing: only the first offer is taken, the other goes back.
        first, *others = engine.decide(now)
        channel = waiting[first.contact_id]
        for one in others:
            engine.remove_contact(one.contact_id)
        engine.remove_contact(first.contact_id)
        hours.seen(replace(known, load={channel: 1}), now)
        held[channel] += 300
        now += 300

    assert 0.05 < held[later] / sum(held.values()) < 0.2
