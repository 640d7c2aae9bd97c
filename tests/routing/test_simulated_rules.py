"""Each rule of who waits for whom, said in a scenario: what it changes in a run, against the same calls without it."""

from collections import Counter
from typing import Any

from routing.simulate import simulate
from routing.simulation.chance import Distribution
from routing.simulation.log import MICROSECONDS, Log, What
from routing.simulation.scenario import FollowUp, Overflow, Part, Redial, Team
from routing.types import Need
from tests.routing.test_simulate import always, at, kind, scenario, streams

EMAIL = Need("email", "fr")


def served(log: Log) -> dict[int, tuple[float, int]]:
    """By call, when it was accepted and by whom."""
    return {call: (time / MICROSECONDS, who) for time, what, call, who, _ in log.events() if what == What.ACCEPT}


def run(kinds: Any, *teams: Team, **told: Any) -> Log:
    return simulate(scenario(kinds, *teams, **told), streams())


def test_a_team_comes_later():
    """Its agent is idle and is asked only at that age."""
    log = run(at(10.0, delays=(("juniors", 30.0),)), Team("juniors", 1))

    assert served(log) == {0: (40.0, 0)}


def test_parts_by_contract_and_their_spill():
    """Each contractor gets its part of the calls; what it cannot answer in time goes to the other."""
    parts = (Part("north", 0.7, 60.0), Part("south", 0.3, 60.0))
    north, south = Team("north", 40, outsourcer="north"), Team("south", 40, outsourcer="south")
    whole = served(run(kind(parts=parts), north, south, seconds=36_000.0))
    share = Counter(who < 40 for _, who in whole.values())[True] / len(whole)
    assert abs(share - 0.7) < 0.01

    log = run(at(10.0, parts=(Part("north", 1.0, 60.0),)), Team("south", 1, outsourcer="south"))
    assert served(log) == {0: (70.0, 0)}


def test_it_overflows():
    """From that age on the other queue's agents are asked."""
    other = Team("other", 1, queues=("other",))

    assert served(run(at(10.0, overflow=Overflow("other", 120.0)), Team("main", 0), other)) == {0: (130.0, 0)}
    assert served(run(at(10.0), Team("main", 0), other)) == {}


def test_a_follow_up_goes_to_who_knows_the_matter():
    """With affinity all of them are answered by the agent of the first time; without, hardly any."""

    def to_the_same(affinity_seconds: float) -> float:
        told = FollowUp(1.0, Distribution("deterministic", 500.0), affinity_seconds)
        # A follow-up is told by nothing in the log but its time: five hundred seconds after its first one ended.
        log = run(at(10.0, 11.0, 12.0, 13.0, follow_up=told), Team("all", 12))
        by = [who for _, (_, who) in sorted(served(log).items())]
        assert len(by) == 8
        return sum(first == later for first, later in zip(by[:4], by[4:], strict=True)) / 4

    assert to_the_same(60.0) == 1.0
    assert to_the_same(0.0) < 0.5


def test_letters_get_their_tenth():
    """Under an endless line of calls an agent still answers letters; told that none need be, they do not."""

    def letters(**shares: float) -> int:
        calls = kind(arrivals=always(60), handling=Distribution("deterministic", 100.0))
        mail = kind("mail", EMAIL, arrivals=always(20), handling=Distribution("deterministic", 100.0))
        blended = Team("blended", 1, capacity={"voice": 1, "email": 1}, shares=shares)
        log = run((calls, mail), blended, seconds=36_000.0)
        mails = {call for _, what, call, who, _ in log.events() if what == What.ARRIVE and who == 1}
        return len(mails & served(log).keys())

    assert letters(deferred=0.0) <= 1
    assert letters() > 20


def test_who_returns_in_time_stands_where_they_stood():
    """Before those who came meanwhile; with no place they are at the end."""

    def order(place_seconds: float) -> list[int]:
        redial = Redial(1.0, Distribution("deterministic", 10.0), place_seconds=place_seconds)
        impatient = at(20.0, name="impatient", patience=Distribution("deterministic", 5.0), redial=redial)
        first = at(10.0, name="first", handling=Distribution("deterministic", 29.0))
        others = at(30.0, name="others")
        log = run((first, impatient, others), Team("one", 1))
        return [call for call, _ in sorted(served(log).items(), key=lambda item: item[1])]

    # Call 3 is the second attempt of call 1; call 2 came between the two.
    assert order(600.0)[:2] == [0, 3]
    assert order(0.0)[:2] == [0, 2]
