"""The throttle's loop: what capacity is measured, how the rate answers a backlog, and modes that do not flap."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.admission import MODES, Mode
from routing.throttle import Backlog, Band, Capacity, Throttle, ThrottlePolicy, Work, predicted, shared_out

POLICY = ThrottlePolicy()


def turned(throttle, waiting, capacity=0.3, seconds=3_600, since=0.0):
    """The modes after every tick with so many waiting."""
    found = []
    for tick in range(int(seconds / 10)):
        throttle.turn(capacity, Backlog(waiting, 0, 100, 0), since + tick * 10.0)
        found.append(throttle.mode)
    return found


class TestCapacity:
    def test_from_an_empty_start(self):
        """100 agents and 300 s make a third of a call a second, known while the agents are still filling up."""
        chance, capacity = Random(1), Capacity(POLICY, 1.0)
        busy, completed, busy_seconds, idle_seconds = 0, 0, 0.0, 0.0
        for tick in range(360):
            for _ in range(10):
                busy += busy < 100 and chance.random() < 0.28
                done = sum(chance.random() < 1 / 300 for _ in range(busy))
                busy, completed = busy - done, completed + done
                busy_seconds, idle_seconds = busy_seconds + busy, idle_seconds + 100 - busy
            found = capacity.measure(Work(10.0 * tick, completed, busy_seconds, idle_seconds), 100 / 300)

            assert 0.22 <= found <= 0.46
        assert found == pytest.approx(1 / 3, rel=0.2)

    def test_until_enough_is_known(self):
        """Before 50 completions the prior holds; on the next morning again."""
        capacity = Capacity(POLICY, 1.0)

        assert capacity.measure(Work(0.0, 0, 0.0, 0.0), 0.4) == 0.4
        assert capacity.measure(Work(10.0, 49, 100.0, 0.0), 0.4) == 0.4
        assert capacity.measure(Work(20.0, 60, 200.0, 0.0), 0.4) > 0.4
        assert capacity.measure(Work(30.0, 60, 200.0, 0.0), 0.0) == 0.0
        assert capacity.measure(Work(40.0, 90, 210.0, 0.0), 0.3) == 0.3

    def test_only_ones_own(self):
        """Two campaigns of one pool: each counts what it completed, and its half of the idle agents."""
        halves = [Capacity(POLICY, 0.5) for _ in range(2)]
        for tick in range(200):
            for number, half in enumerate(halves):
                own = 20 + 40 * number
                half.measure(Work(tick * 10.0, int(own * tick * 10 / 300), own * tick * 10.0, 20 * tick * 10.0), 0.1)

        assert [half.per_second * 300 for half in halves] == pytest.approx([30, 70], rel=0.1)

    @given(st.lists(st.floats(0.001, 5), min_size=1, max_size=6), st.floats(0.001, 5))
    def test_never_more_than_the_pool(self, capacities, pool):
        """Together the campaigns have no more than their pool, and nobody more than they measured."""
        found = shared_out(capacities, pool)

        assert sum(found) <= pool * (1 + 1e-9) or found == capacities
        assert sum(found) <= max(pool, 0) * (1 + 1e-9) or sum(capacities) <= pool
        assert all(after <= before * (1 + 1e-9) for before, after in zip(capacities, found, strict=True))


class TestRate:
    def test_backlog(self):
        """On target the rate is the capacity; a shorter queue admits more, a longer one fewer, never below nothing."""
        rates = []
        for waiting in (0, 25, 50, 10_000):
            throttle = Throttle(POLICY)
            throttle.turn(1 / 3, Backlog(waiting, 0, 0, 0), 0.0)
            rates.append(throttle.rate)

        assert rates[0] > 1 / 3 > rates[2] > rates[3] == 0.0
        throttle = Throttle(POLICY)
        throttle.turn(1 / 3, Backlog(POLICY.target_wait_seconds * POLICY.aim_share / 3, 0, 0, 0), 0.0)
        assert throttle.rate == pytest.approx(1 / 3)

    def test_the_menu_counts_by_what_gets_through(self):
        """Of ten in a menu that half of all leave, five are expected in the queue; with nothing known, all ten."""
        assert predicted(Backlog(3, 10, 0, 0)) == 13
        assert predicted(Backlog(3, 10, 100_000, 100_000)) == pytest.approx(8, rel=0.001)

    def test_smooth(self):
        """A sudden change moves the rate by three tenths a tick."""
        throttle = Throttle(POLICY)
        throttle.turn(0.3, Backlog(0, 0, 0, 0), 0.0)
        before = throttle.rate
        throttle.turn(0.3, Backlog(12, 0, 0, 0), 10.0)

        assert throttle.rate == pytest.approx(before - 0.3 * 12 / 120)


class TestModes:
    def test_up_and_down(self):
        """A long wait raises the mode level by level, a short one lowers it level by level."""
        throttle = Throttle(POLICY)

        up = turned(throttle, waiting=200)
        down = turned(throttle, waiting=0, since=3_600.0, seconds=7_200)

        assert list(dict.fromkeys([Mode.OPEN, *up])) == list(MODES)
        assert list(dict.fromkeys(down)) == list(reversed(MODES))

    @given(st.lists(st.integers(0, 200), min_size=50, max_size=400))
    def test_never_flaps(self, waiting):
        """Whatever happens, one level at a time and none left before its ten minutes."""
        throttle, modes = Throttle(POLICY), []
        for tick, many in enumerate(waiting):
            throttle.turn(0.3, Backlog(many, 0, 0, 0), tick * 10.0)
            modes.append((MODES.index(throttle.mode), tick * 10.0))
        changes = [(after, at) for (before, _), (after, at) in pairwise(modes) if before != after]

        assert all(abs(after - before) <= 1 for (before, _), (after, _) in pairwise(modes))
        assert all(later - at >= POLICY.dwell_seconds for (_, at), (_, later) in pairwise(changes))

    def test_refusing_many_is_not_open(self):
        """A queue that is short because most are refused keeps its mode, until few are."""
        throttle, told = Throttle(POLICY), [0, 0]
        turned(throttle, waiting=10)
        assert throttle.mode is Mode.THROTTLE

        for refused in (9, 0):
            for tick in range(360):
                told = [told[0] + 10, told[1] + refused]
                throttle.turn(0.3, Backlog(0, 0, 100, 0, *told), 10_000.0 * (10 - refused) + tick * 10.0)
            assert throttle.mode is (Mode.THROTTLE if refused else Mode.OPEN)

    def test_between_the_borders(self):
        """A wait between exit and entry changes nothing, from either side."""
        throttle = Throttle(POLICY)
        assert set(turned(throttle, waiting=3)) == {Mode.OPEN}

        turned(throttle, waiting=6)
        assert throttle.mode is Mode.ADVISE
        assert set(turned(throttle, waiting=3, since=3_600.0)) == {Mode.ADVISE}

    @pytest.mark.parametrize(
        "told",
        [
            {"bands": (Band(10, 10), Band(20, 5), Band(30, 6))},
            {"bands": (Band(10, 3), Band(9, 4), Band(30, 6))},
            {"floor_share": 1.5},
        ],
    )
    def test_refused(self, told):
        """Modes that would flap or leap, and shares that are none, are refused."""
        with pytest.raises(ValueError, match=r"mode|share"):
            ThrottlePolicy(**told)
