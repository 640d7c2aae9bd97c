"""Expected wait by what was measured, what is announced of it, and how it is judged."""

from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.announce import Expected, expected
from routing.erlang import Queue, performance
from routing.estimate import Estimator, Planned
from routing.moment import Moment
from routing.scoring import Outcome, score

PLANNED = Planned(handle_seconds=300.0, patience_seconds=600.0)


def key(number: int) -> tuple[float, UUID]:
    return float(number), UUID(int=number)


def estimator(serves: dict[str, set[str]], planned: Planned = PLANNED, **present: int) -> Estimator[str, str]:
    """Groups by name with the kinds they serve, and how many of each are present at 0."""
    kinds = sorted(set().union(*serves.values()))
    made = Estimator(dict.fromkeys(kinds, planned), sorted(serves), lambda kind, group: kind in serves[group])
    for group, count in present.items():
        made.put_agents(group, count, 0.0)
    return made


def fill(made: Estimator[str, str], kind: str, numbers: range, now: float = 0.0) -> None:
    for number in numbers:
        made.put_waiting(UUID(int=number), kind, key(number), now)


class TestFormula:
    def test_without_leaving_is_ahead_plus_one_stages(self):
        """Nobody gives up: each in front takes one departure, and so does the own start."""
        mean, deviation = expected(3, 0.5, 0.0)

        assert mean == pytest.approx(8.0)
        assert deviation == pytest.approx(4.0)

    def test_who_gives_up_shortens_the_wait(self):
        """1/0.5 + 1/0.75 + 1/1."""
        assert expected(2, 0.5, 0.25)[0] == pytest.approx(2 + 4 / 3 + 1)

    @given(st.integers(0, 5_000), st.floats(0.0001, 10), st.floats(0, 1))
    def test_long_queues_are_summed_as_short_ones(self, ahead: int, departures: float, leaving: float):
        """However many stand in front, mean and deviation are those of the stages one by one."""
        stages = [1 / (departures + number * leaving) for number in range(ahead + 1)]

        mean, deviation = expected(ahead, departures, leaving)

        assert mean == pytest.approx(sum(stages), rel=1e-6)
        assert deviation**2 == pytest.approx(sum(stage**2 for stage in stages), rel=1e-6)

    def test_no_departures_no_end(self):
        """Nobody is ever served."""
        assert expected(0, 0.0, 0.1)[0] == float("inf")

    def test_is_the_mean_wait_of_the_queue_it_models(self):
        """Summed over the states an arrival may find, it is Erlang's offered wait: the identity once more."""
        queue, agents = Queue(360, 240, 120), 20
        serving, leaving = agents / 240, 1 / 120
        chance, wait, lost, weight = 1.0, 0.0, 0.0, 0.0
        for ahead in range(400):
            # Whoever waits V gives up first with chance 1 - E[exp(-leaving V)], a product over the same stages.
            stays = 1.0
            for number in range(ahead + 1):
                rate = serving + number * leaving
                stays *= rate / (rate + leaving)
            weight += chance
            wait += chance * expected(ahead, serving, leaving)[0]
            lost += chance * (1 - stays)
            chance *= queue.per_second / (serving + (ahead + 1) * leaving)
        assert lost / weight * performance(queue, agents).wait_share == pytest.approx(0.2014, abs=5e-5)
        assert wait / weight > lost / weight * 120

    @given(st.integers(0, 500), st.floats(0.001, 10), st.floats(0, 0.1))
    def test_more_ahead_waits_longer(self, ahead: int, departures: float, leaving: float):
        """And faster departures or departures of others shorten it."""
        mean, _ = expected(ahead, departures, leaving)

        assert expected(ahead + 1, departures, leaving)[0] > mean
        assert expected(ahead, departures * 2, leaving)[0] < mean
        assert expected(ahead, departures, leaving + 0.01)[0] <= mean


class TestAnnouncement:
    def test_percentile_of_one_stage(self):
        """A single exponential stage: 80 % stay below 1.609 means."""
        assert Expected(100.0, 100.0, 0, "measured").percentile(0.8) == pytest.approx(160.9, rel=0.01)

    def test_percentile_of_many_stages(self):
        """Many stages are nearly normal."""
        assert Expected(1_000.0, 100.0, 99, "measured").percentile(0.8) == pytest.approx(1_084.2, rel=0.005)

    @pytest.mark.parametrize(
        ("mean", "deviation", "told"),
        [(20.0, 20.0, (0, 60)), (300.0, 60.0, (180, 600)), (1_000.0, 300.0, (600, 1_800)), (0.0, 0.0, (0, 60))],
    )
    def test_is_a_range_on_round_minutes(self, mean: float, deviation: float, told: tuple[int, int]):
        """Never a precise figure."""
        assert Expected(mean, deviation, 0, "measured").announcement() == told

    @given(st.floats(0, 200_000), st.floats(0.01, 1))
    def test_holds_the_percentile(self, mean: float, spread: float):
        """The upper end is never below the 80th percentile, the lower never above the 20th."""
        found = Expected(mean, mean * spread, 0, "measured")

        low, high = found.announcement()

        assert low < high
        assert low <= found.percentile(0.2)
        assert high >= found.percentile(0.8)
        assert low % 60 == high % 60 == 0


class TestEstimator:
    def test_nobody_eligible_is_none(self):
        """No agent who may serve it, no promise."""
        made = estimator({"taxes": {"tax"}, "homes": {"housing"}}, taxes=3)

        assert made.expect("housing", key(1), 0.0) is None
        assert made.expect("tax", key(1), 0.0) is not None

    def test_starts_from_the_plan(self):
        """10 agents of 300 s: a departure every 30 s."""
        made = estimator({"all": {"tax"}}, Planned(300.0), all=10)
        fill(made, "tax", range(1, 4))

        found = made.expect("tax", key(9), 0.0)

        assert found.mean_seconds == pytest.approx(4 * 30)
        assert (found.ahead, found.basis) == (3, "measured")

    def test_counts_only_smaller_keys(self):
        """Who came later but stands before counts, who stands behind does not."""
        made = estimator({"all": {"tax"}}, all=10)
        fill(made, "tax", range(1, 6))

        assert made.expect("tax", key(3), 0.0).ahead == pytest.approx(2)

    def test_other_kinds_of_the_same_agents_count(self):
        """A queue served by the same people stands in front too."""
        made = estimator({"all": {"tax", "housing"}}, all=10)
        fill(made, "housing", range(1, 6))

        assert made.expect("tax", key(9), 0.0).ahead == pytest.approx(5)

    def test_shared_agents_are_counted_once(self):
        """Of what others could take as well, only the share that the same agents take stands in front."""
        made = estimator({"both": {"tax", "housing"}, "homes": {"housing"}}, both=5, homes=15)
        fill(made, "housing", range(1, 9))

        found = made.expect("tax", key(9), 0.0)

        assert found.ahead == pytest.approx(8 * 5 / 20)
        assert found.mean_seconds < expected(8, 5 / 300, 1 / 600)[0]

    def test_measures_the_departures(self):
        """Half the planned pace, seen long enough, doubles the wait; agents who leave lengthen it at once."""
        made = estimator({"all": {"tax"}}, Planned(300.0), all=10)
        fill(made, "tax", range(1, 2_000))
        for number in range(1, 200):
            made.served(UUID(int=number), "tax", "all", number * 60.0)

        found = made.expect("tax", key(200), 200 * 60.0)
        made.put_agents("all", 5, 200 * 60.0)

        assert found.mean_seconds == pytest.approx(60, rel=0.2)
        assert made.expect("tax", key(200), 200 * 60.0).mean_seconds == pytest.approx(2 * found.mean_seconds)

    def test_measures_only_while_somebody_waits(self):
        """An idle hour says nothing of how fast people work."""
        made = estimator({"all": {"tax"}}, Planned(300.0), all=10)
        before = made.expect("tax", key(1), 0.0)

        made.served(UUID(int=1), "tax", "all", 3_600.0)

        assert made.expect("tax", key(2), 7_200.0).mean_seconds == before.mean_seconds

    def test_measures_those_who_give_up(self):
        """Impatience is learnt, and shortens the wait behind it."""
        patient, hasty = (estimator({"all": {"tax"}}, Planned(300.0), all=2) for _ in range(2))
        for made in (patient, hasty):
            fill(made, "tax", range(1, 400))
        for number in range(1, 100):
            patient.left(UUID(int=number), number * 5.0, gave_up=False)
            hasty.left(UUID(int=number), number * 5.0, gave_up=True)

        assert (
            hasty.expect("tax", key(900), 500.0).mean_seconds
            < 0.7 * patient.expect("tax", key(900), 500.0).mean_seconds
        )

    def test_without_figures_the_last_served(self):
        """Nothing planned and nothing measured: as long as the last one; before that, nothing."""
        made = estimator({"all": {"tax"}, "other": {"tax"}}, Planned(), all=2, other=2)
        fill(made, "tax", range(1, 4))
        assert made.expect("tax", key(9), 0.0) is None

        made.served(UUID(int=1), "tax", "all", 90.0)

        found = made.expect("tax", key(9), 90.0)
        assert (found.mean_seconds, found.basis) == (90.0, "last_served")

    def test_a_repeated_hint_changes_nothing(self):
        """The same fact twice, a new key, and one who left twice."""
        made = estimator({"all": {"tax"}}, all=10)
        fill(made, "tax", range(1, 4))
        fill(made, "tax", range(1, 4), now=5.0)
        assert made.expect("tax", key(9), 5.0).ahead == pytest.approx(3)

        made.put_waiting(UUID(int=1), "tax", key(20), 5.0)
        assert made.expect("tax", key(9), 5.0).ahead == pytest.approx(2)

        made.left(UUID(int=2), 6.0, gave_up=True)
        made.left(UUID(int=2), 6.0, gave_up=True)
        assert made.expect("tax", key(9), 6.0).ahead == pytest.approx(1)

    def test_rivals(self):
        """Length x handling / agents, and the last served."""
        made = estimator({"all": {"tax"}}, all=10)
        assert made.by_last_served("tax") is None
        fill(made, "tax", range(1, 4))

        assert made.by_length("tax", key(9)) == pytest.approx(4 * 300 / 10)
        made.put_agents("all", 0, 0.0)
        assert made.by_length("tax", key(9)) is None


class TestScore:
    def test_by_hand(self):
        """Three served: two within what was announced, one within the range."""
        told = [
            Outcome(60.0, 60.0, 120.0, 90.0, was_served=True),
            Outcome(60.0, 60.0, 120.0, 30.0, was_served=True),
            Outcome(60.0, 60.0, 120.0, 180.0, was_served=True),
        ]

        found = score(told)

        assert (found.contacts, found.kept_share, found.covered_share) == (
            3,
            pytest.approx(2 / 3),
            pytest.approx(1 / 3),
        )
        assert found.mean_error == pytest.approx(60 - 100)
        assert found.mean_absolute_error == pytest.approx((30 + 30 + 120) / 3)

    def test_nobody_served_is_none(self):
        """There is nothing to compare with."""
        assert score([]) is None
        assert score([Outcome(60.0, 0.0, 60.0, 10.0, was_served=False)]) is None

    def test_who_gave_up_is_accounted_for(self):
        """Waits of 300 s on average, cut short by a patience of 300 s: a true announcement is found true.

        The served alone waited half as long, and would call it twice too long.
        """
        chance, told = Random(1), []
        for _ in range(60_000):
            wait, patience = chance.gammavariate(4, 75.0), chance.expovariate(1 / 300)
            told.append(Outcome(300.0, 0.0, 413.0, min(wait, patience), wait <= patience))

        found = score(told)

        served = [one.waited for one in told if one.was_served]
        assert sum(served) / len(served) < 250
        assert found.mean_error == pytest.approx(0, abs=6)
        assert found.kept_share == pytest.approx(0.8, abs=0.01)

    def test_calibration_goes_by_what_was_told(self):
        """Tenths in order; each with the mean of what was told and of what came."""
        told = [Outcome(float(n), 0.0, 999.0, 2.0 * n, was_served=True) for n in range(1, 101)]

        found = score(told).calibration

        assert len(found) == 10
        assert found[0] == (pytest.approx(5.5), pytest.approx(11.0))
        assert found[-1] == (pytest.approx(95.5), pytest.approx(191.0))


class TestMany:
    def _made(self) -> Estimator[str, str]:
        made = estimator({"a": {"tax", "city"}, "b": {"city", "work"}, "c": {"work"}}, a=3, b=2, c=1)
        made.served(UUID(int=900), "city", "a", 5.0)
        made.served(UUID(int=901), "city", "b", 6.0)
        return made

    def test_a_moment_expects_what_each_question_would(self):
        """Asked of many kinds and keys at one moment, the answers are those of asking one by one."""
        made = self._made()
        for number, kind in enumerate(("tax", "city", "work") * 30):
            made.put_waiting(UUID(int=number), kind, key(number), 0.0)
        asked = [(kind, key(number)) for kind in ("tax", "city", "work") for number in (0, 17, 45, 1_000)]
        moment: Moment[str] = Moment(20.0)

        together = [made.expect(kind, one, 20.0, moment) for kind, one in asked]

        assert together == [made.expect(kind, one, 20.0) for kind, one in asked]

    def test_who_waited_before_counts_as_who_came(self):
        """Told all at once in any order, those who wait already are expected as if they had come one by one."""
        one_by_one, at_once = self._made(), self._made()
        fill(one_by_one, "city", range(50), 10.0)

        at_once.begin("city", [(UUID(int=number), key(number)) for number in reversed(range(50))], 10.0)

        assert at_once.expect("city", key(40), 30.0) == one_by_one.expect("city", key(40), 30.0)

    def test_the_line_is_thinned_evenly(self):
        """Its first and last are kept, and about as many as asked."""
        made = self._made()
        fill(made, "tax", range(400))
        fill(made, "city", range(400, 1_000))

        line = made.line(100)

        assert (line[0], line[-1]) == (0.0, 999.0)
        assert 100 <= len(line) <= 110
