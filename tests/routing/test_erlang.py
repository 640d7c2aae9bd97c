"""Erlang's formulas against published values, a chain solved by brute force, and what must hold of any queue."""

from itertools import pairwise
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.erlang import Performance, Queue, Target, agents_needed, blocking, performance, service_level
from routing.staffing import Demand, pooled, staff

QUEUES = st.builds(Queue, st.floats(1, 20_000), st.floats(10, 1_200), st.floats(5, 3_600))
CROWDS = st.integers(1, 600)


def solved(queue: Queue, agents: int, within_seconds: float) -> tuple[float, float, float, float]:
    """(wait share, mean wait, abandon share, service level): the birth-death chain state by state.

    Whoever arrives behind k others is served once k + 1 have left; the chance of that by a given time is followed in
    small steps of time. Shares no formula with the product.
    """
    arriving, serving = queue.per_second, 1 / queue.handle_seconds
    leaving = 1 / queue.patience_seconds
    chance = [1.0]
    while len(chance) <= agents or chance[-1] > 1e-14 * max(chance):
        busy, waiting = min(len(chance), agents), max(len(chance) - agents, 0)
        chance.append(chance[-1] * arriving / (busy * serving + waiting * leaving))
    total = sum(chance)
    chance = [one / total for one in chance]
    waiting = sum((state - agents) * one for state, one in enumerate(chance) if state > agents)
    # in_front[k]: among those who found k in front of them, still waiting with k in front now.
    in_front, served, steps = chance[agents:], sum(chance[:agents]), 4_000
    pace = within_seconds / steps
    for _ in range(steps):
        moved = [one * pace * (agents * serving + k * leaving) for k, one in enumerate(in_front)]
        patient = [one * (1 - pace * leaving) for one in in_front]
        served += moved[0]
        in_front = [
            stays - moves + comes for stays, moves, comes in zip(patient, moved, [*moved[1:], 0.0], strict=True)
        ]
    return sum(chance[agents:]), waiting / arriving, leaving * waiting / arriving, served


class TestPerformance:
    def test_erlang_c(self):
        """25 agents, 240 calls an hour of 300 s: the design's row."""
        queue = Queue(240, 300)

        found = performance(queue, 25)

        assert found.wait_share == pytest.approx(0.2091, abs=5e-5)
        assert found.mean_wait_seconds == pytest.approx(12.55, abs=5e-3)
        assert service_level(queue, 25, 20) == pytest.approx(0.8502, abs=5e-5)
        assert found.occupancy == pytest.approx(0.8)

    def test_erlang_a(self):
        """20 agents, 360 calls an hour of 240 s, patience 120 s: the design's row."""
        found = performance(Queue(360, 240, 120), 20)

        assert found.abandon_share == pytest.approx(0.2014, abs=5e-5)
        assert found.mean_wait_seconds == pytest.approx(24.17, abs=5e-3)
        assert found.wait_share == pytest.approx(0.7143, abs=5e-5)

    @pytest.mark.parametrize(("agents", "load", "lost"), [(1, 1, 0.5), (2, 1, 0.2), (10, 5, 0.018385), (0, 3, 1.0)])
    def test_erlang_b(self, agents: int, load: float, lost: float):
        """As in every table of blocking."""
        assert blocking(agents, load) == pytest.approx(lost, abs=5e-7)

    @pytest.mark.parametrize("agents", [1, 3, 18, 24, 30])
    @pytest.mark.parametrize("patience", [20.0, 120.0, 900.0])
    def test_is_the_chain_solved(self, agents: int, patience: float):
        """Every figure is that of the chain, in overload and with agents to spare."""
        queue = Queue(360, 240, patience)

        wait_share, mean_wait, abandon_share, level = solved(queue, agents, 20.0)

        found = performance(queue, agents)
        assert found.wait_share == pytest.approx(wait_share, rel=1e-8)
        assert found.mean_wait_seconds == pytest.approx(mean_wait, rel=1e-8)
        assert found.abandon_share == pytest.approx(abandon_share, rel=1e-8)
        assert service_level(queue, agents, 20.0) == pytest.approx(level, abs=2e-4)

    def test_thousands_of_agents(self):
        """Square-root staffing: 100 times the load with the same margin in deviations waits as often, nearly."""
        small, large = performance(Queue(1_200, 300), 110), performance(Queue(120_000, 300), 10_100)

        assert large.wait_share == pytest.approx(small.wait_share, rel=0.1)
        assert performance(Queue(120_000, 300, 300), 10_100).abandon_share < 0.01

    @pytest.mark.parametrize("queue", [Queue(1e6, 3_000, 1e9), Queue(0.001, 10, 1e7), Queue(1e5, 300, 0.001)])
    def test_extremes_stay_shares(self, queue: Queue):
        """No overflow and nothing outside 0..1, however absurd the figures."""
        for agents in (1, 100, 5_000):
            found = performance(queue, agents)

            assert 0 <= found.wait_share <= 1
            assert 0 <= found.abandon_share <= 1
            assert 0 <= service_level(queue, agents, 20.0) <= 1 + 1e-12

    def test_edges(self):
        """No calls, no agents, and more work than agents."""
        assert performance(Queue(0, 300, 60), 3) == Performance(0.0, 0.0, 0.0, 0.0)
        assert performance(Queue(10, 300, 60), 0) == Performance(1.0, 60.0, 1.0, 0.0)
        assert performance(Queue(120, 60), 2) == Performance(1.0, inf, 0.0, 1.0)
        assert service_level(Queue(120, 60), 2, 20) == 0.0

    @pytest.mark.parametrize("wrong", [(-1, 60, None), (inf, 60, None), (1, 0, None), (1, 60, 0), (1, 60, -5)])
    def test_refuses_what_means_nothing(self, wrong: tuple):
        """Never a figure from a negative rate or an empty duration."""
        with pytest.raises(ValueError, match=r"must be"):
            Queue(*wrong)

    @given(QUEUES, CROWDS)
    def test_identity(self, queue: Queue, agents: int):
        """The share that gives up is the mean wait of all over the mean patience."""
        found = performance(queue, agents)

        assert found.abandon_share == pytest.approx(found.mean_wait_seconds / queue.patience_seconds)

    @given(QUEUES, CROWDS)
    def test_one_more_agent_helps(self, queue: Queue, agents: int):
        """Every figure is better with one more, or equal where nothing is left to gain."""
        before, after = performance(queue, agents), performance(queue, agents + 1)

        assert after.wait_share <= before.wait_share + 1e-12
        assert after.abandon_share <= before.abandon_share + 1e-12
        assert service_level(queue, agents + 1, 20) >= service_level(queue, agents, 20) - 1e-9

    @given(QUEUES, CROWDS)
    def test_later_is_likelier(self, queue: Queue, agents: int):
        """The share served within a time grows with it, from those who need not wait to all who are ever served."""
        found = performance(queue, agents)
        levels = [service_level(queue, agents, seconds) for seconds in (0, 5, 20, 60, 600, 1e9)]

        assert levels[0] == pytest.approx(1 - found.wait_share, abs=1e-9)
        assert levels[-1] == pytest.approx(1 - found.abandon_share, abs=1e-9)
        assert all(later >= earlier - 1e-12 for earlier, later in pairwise(levels))

    @given(QUEUES, CROWDS)
    def test_who_is_served_keeps_agents_busy(self, queue: Queue, agents: int):
        """Calls served times their length is the time agents are busy, and never more than all of it."""
        found = performance(queue, agents)

        assert found.occupancy == pytest.approx(min(queue.load * (1 - found.abandon_share) / agents, 1), abs=1e-9)


class TestStaffing:
    def test_eighty_twenty(self):
        """24 agents keep 79.2 % within 20 s of 20 erlangs, 25 keep 85.0 %: 25 are needed."""
        assert agents_needed(Queue(240, 300), Target(0.8, 20)) == 25
        assert service_level(Queue(240, 300), 24, 20) < 0.8

    @given(QUEUES, st.floats(0.05, 0.99), st.floats(0, 120))
    def test_is_the_fewest(self, queue: Queue, share: float, within: float):
        """One fewer would break the promise."""
        agents = agents_needed(queue, Target(share, within))

        assert service_level(queue, agents, within) >= share
        assert service_level(queue, agents - 1, within) < share

    def test_other_promises(self):
        """A limit of those who give up, or of how busy agents are, may ask for more than 80/20 does."""
        queue = Queue(360, 240, 120)
        plain = agents_needed(queue, Target())

        strict = agents_needed(queue, Target(abandon_share_max=0.01))
        rested = agents_needed(queue, Target(occupancy_max=0.7))

        assert plain < strict
        assert performance(queue, strict).abandon_share <= 0.01 < performance(queue, strict - 1).abandon_share
        assert performance(queue, rested).occupancy <= 0.7 < performance(queue, rested - 1).occupancy

    def test_by_interval_and_skill(self):
        """Each skill on its own, shrinkage on top, and nobody where nobody calls."""
        demands = [Demand("09:00", "tax", Queue(240, 300)), Demand("09:30", "tax", Queue(0, 300))]

        morning, quiet = staff(demands, Target(), shrinkage=0.2)

        assert (morning.agents, morning.rostered) == (25, 32)
        assert morning.service_level == pytest.approx(0.8502, abs=5e-5)
        assert (quiet.agents, quiet.rostered) == (0, 0)

    def test_pooling_needs_fewer(self):
        """Six skills shared by all need fewer agents than six teams, for the same promise."""
        apart = [Demand("09:00", f"skill-{number}", Queue(84, 600)) for number in range(6)]

        (together,) = staff(pooled(apart), Target())

        assert together.demand.queue == Queue(504, 600)
        assert together.agents < sum(one.agents for one in staff(apart, Target()))

    def test_pooled_means(self):
        """Handling by the calls; patience only where everybody has one."""
        both = [Demand("9", "a", Queue(100, 300, 60)), Demand("9", "b", Queue(300, 100, 120))]

        assert pooled(both) == [Demand("9", "*", Queue(400, 150, 105))]
        assert pooled([both[0], Demand("9", "c", Queue(300, 100))])[0].queue.patience_seconds is None
        assert pooled([Demand("9", "a", Queue(0, 300)), Demand("9", "b", Queue(0, 100))])[0].queue == Queue(0, 200)

    @pytest.mark.parametrize("wrong", [{"share": 1.0}, {"share": 0.0}, {"within_seconds": -1}, {"occupancy_max": 0}])
    def test_refuses_a_promise_nobody_can_keep(self, wrong: dict):
        """A target that no number of agents reaches is refused, not searched for."""
        with pytest.raises(ValueError, match="must be"):
            Target(**wrong)
        with pytest.raises(ValueError, match="shrinkage"):
            staff([], Target(), shrinkage=1.0)
