"""The simulator: what must hold of any run, read from its log alone, and each thing it can model."""

import json
from collections import Counter, defaultdict
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.erlang import Queue, performance
from routing.simulate import simulate
from routing.simulation.arrivals import DAY_SECONDS, Arrivals, Span
from routing.simulation.chance import Distribution
from routing.simulation.intervals import ratio, student
from routing.simulation.log import MICROSECONDS, Log, What
from routing.simulation.results import results
from routing.simulation.scenario import Kind, Pause, Redial, Scenario, Shift, Team
from routing.types import EnginePolicy, Need, Step


def streams(seed=1):
    return lambda name: Random(f"{seed}/{name}")


def steps(*needs, every_seconds=60.0):
    return tuple(Step(number * every_seconds, each) for number, each in enumerate(needs))


def always(per_hour):
    return Arrivals(rates=(Span(0.0, DAY_SECONDS, per_hour / 3_600),))


def kind(name="calls", need=None, **told):
    facts = {"arrivals": always(360), "handling": Distribution("exponential", 240.0), **told}
    return Kind(name, steps(need or Need("voice", "fr")), **facts)


def at(*times, need=None, name="calls", **told):
    """A kind that comes at exactly these times, handled for 100 s unless told otherwise."""
    facts = {"handling": Distribution("deterministic", 100.0), **told}
    return kind(name, need, arrivals=Arrivals(times=times), **facts)


def scenario(kinds, *teams, seconds=3_600.0, **told):
    kinds = (kinds,) if isinstance(kinds, Kind) else tuple(kinds)
    return Scenario("test", kinds, teams or (Team("all", 20),), seconds, **told)


def story(log):
    """(seconds, what, call, who) without sign-ins: readable by eye."""
    return [
        (time / MICROSECONDS, What(what).name.lower(), call, who)
        for time, what, call, who, _ in log.events()
        if what != What.SIGN_IN
    ]


def counts(log):
    return Counter(What(what).name.lower() for what in log.whats)


ENDS = ("answered", "abandoned", "deflected", "waiting")
SOME = st.builds(
    lambda rate, mean, patience, agents, chats, wrap, miss, decline, answering: scenario(
        [
            kind(
                "calls",
                arrivals=always(rate),
                handling=Distribution("lognormal", mean, 1.2),
                patience=Distribution("exponential", patience),
                wrap_up=Distribution("deterministic", wrap) if wrap else None,
                redial=Redial(0.5, Distribution("exponential", 60.0)),
            ),
            kind(
                "chats",
                Need("chat", "fr"),
                arrivals=always(rate / 2),
                handling=Distribution("gamma", mean, 0.5),
                patience=Distribution("lognormal", patience, 0.8),
                target_seconds=30.0,
            ),
            kind(
                "emails",
                Need("email", "fr"),
                arrivals=always(rate / 4),
                handling=Distribution("exponential", mean),
                target_seconds=600.0,
            ),
        ],
        Team(
            "some",
            agents,
            capacity={"voice": 1, "chat": chats, "email": 1},
            no_answer_share=miss,
            decline_share=decline,
            answering=Distribution("exponential", answering) if answering else None,
            rest_seconds=90.0,
        ),
        Team("shifts", 0, capacity={"voice": 1}, shifts=(Shift(600.0, 3_000.0, 2, (Pause(900.0, 300.0, 600.0),)),)),
        announces=True,
        day_factor_cv=0.1,
    ),
    st.floats(20, 400),
    st.floats(60, 400),
    st.floats(30, 400),
    st.integers(1, 6),
    st.integers(1, 3),
    st.sampled_from((0.0, 30.0)),
    st.sampled_from((0.0, 0.2)),
    st.sampled_from((0.0, 0.1)),
    st.sampled_from((0.0, 5.0)),
)


class TestAnyRun:
    @settings(max_examples=25, deadline=None)
    @given(SOME, st.integers(1, 1_000))
    def test_nobody_is_lost_or_served_twice(self, some, seed):
        """Everyone who came was answered or gave up, once, or still waits; nobody is answered after giving up."""
        log = simulate(some, streams(seed))

        ends = defaultdict(list)
        for _, what, call, _, _ in log.events():
            if what in (What.ARRIVE, What.ACCEPT, What.ABANDON, What.FINISH):
                ends[call].append(What(what))
        allowed = (
            [What.ARRIVE],
            [What.ARRIVE, What.ABANDON],
            [What.ARRIVE, What.ACCEPT],
            [What.ARRIVE, What.ACCEPT, What.FINISH],
        )
        assert all(one in allowed for one in ends.values())
        told = {key: sum(one[key] for one in results(log)["kinds"]) for key in ("arrived", *ENDS)}
        assert told["arrived"] == sum(told[end] for end in ENDS) == len(ends)

    @settings(max_examples=25, deadline=None)
    @given(SOME, st.integers(1, 1_000))
    def test_capacity_is_never_exceeded(self, some, seed):
        """No agent holds more than their channels allow; a call is alone but for interrupted letters."""
        log = simulate(some, streams(seed))

        channel_of, held = {}, defaultdict(Counter)
        here = set()
        for _, what, call, who, value in log.events():
            if what == What.ARRIVE:
                channel_of[call] = some.kinds[who].channel
            elif what == What.SIGN_IN:
                here.add(who)
            elif what == What.SIGN_OUT:
                here.discard(who)
            elif what == What.ACCEPT:
                assert who in here
                held[who][channel_of[call]] += 1
                capacity = some.teams[0].capacity if who < some.teams[0].count else some.teams[1].capacity
                assert all(held[who][channel] <= capacity.get(channel, 0) for channel in held[who])
                assert not (held[who]["voice"] and held[who]["chat"])
            elif what == What.FREE or (what == What.FINISH and value == 0):
                held[who][channel_of[call]] -= 1

    @settings(max_examples=25, deadline=None)
    @given(SOME, st.integers(1, 1_000))
    def test_order_within_a_class(self, some, seed):
        """Where every offer is taken, contacts of a kind are answered in the order they came."""
        log = simulate(some, streams(seed))

        if {What.MISS, What.DECLINE} & set(log.whats) or some.teams[0].answering:
            return
        last = defaultdict(int)
        kind_of = {}
        for _, what, call, who, _ in log.events():
            if what == What.ARRIVE:
                kind_of[call] = who
            elif what == What.ACCEPT:
                assert call >= last[kind_of[call]]
                last[kind_of[call]] = call

    @settings(max_examples=20, deadline=None)
    @given(SOME, st.integers(1, 1_000))
    def test_nobody_idles_while_somebody_waits(self, some, seed):
        """No call waits at a moment when an agent of the telephone is here, holds nothing and has taken every offer.

        (Who has a letter in hand may finish it first: calls leave letters a tenth of the time, test_hours.)
        """
        log = simulate(some, streams(seed))

        if {What.OFFER, What.MISS, What.DECLINE} & set(log.whats):
            return
        waiting, busy = set(), Counter()
        events = list(log.events())
        for number, (time, what, call, who, value) in enumerate(events):
            if what == What.ARRIVE:
                if who == 0:
                    waiting.add(call)
            elif what in (What.ACCEPT, What.ABANDON):
                waiting.discard(call)
                if what == What.ACCEPT:
                    busy[who] += 1
            elif what == What.FREE or (what == What.FINISH and value == 0):
                busy[who] -= 1
            elif what in (What.SIGN_IN, What.BACK, What.SIGN_OUT, What.PAUSE) and who >= some.teams[0].count:
                busy[who] += 1 if what in (What.SIGN_OUT, What.PAUSE) else -1
            is_last_now = number + 1 == len(events) or events[number + 1][0] > time
            # The shifts' people may be about to leave; the others are always here.
            if waiting and is_last_now:
                assert all(busy[agent] > 0 for agent in range(some.teams[0].count))

    @settings(max_examples=15, deadline=None)
    @given(SOME, st.integers(1, 1_000))
    def test_the_same_streams_give_the_same_log(self, some, seed):
        """Nothing else is random: no clock, no order of a set, no identity."""
        assert simulate(some, streams(seed)) == simulate(some, streams(seed))
        assert simulate(some, streams(seed)) != simulate(some, streams(seed + 1))

    @settings(max_examples=15, deadline=None)
    @given(SOME, st.integers(1, 1_000))
    def test_every_result_comes_from_the_log(self, some, seed):
        """Written as text and read back, the log gives the same results, which are fit for JSON."""
        log = simulate(some, streams(seed))

        again = Log.read(json.loads(json.dumps(log.about)), list(log.lines()))

        assert again == log
        assert results(again) == results(log)
        assert json.loads(json.dumps(results(log), allow_nan=False))["kinds"] == results(log)["kinds"]


class TestAgainstErlang:
    def test_abandonment(self):
        """Erlang A within four half widths of the interval by batch means, and the identity within 2 %."""
        asked = kind(patience=Distribution("exponential", 120.0))
        run = scenario(asked).lasting(calls=20_000)

        told = results(simulate(run, streams()))["all"]

        known = performance(Queue(360, 240, 120), 20)
        for name, value in (
            ("abandon_share", known.abandon_share),
            ("mean_wait_seconds", known.mean_wait_seconds),
            ("wait_share", known.wait_share),
        ):
            assert abs(told[name]["value"] - value) < 4 * told[name]["half_width"]
            assert told[name]["half_width"] < 0.12 * value
        identity = told["mean_wait_seconds"]["value"] / 120
        assert told["abandon_share"]["value"] == pytest.approx(identity, rel=0.05)

    def test_the_same_calls_whatever_the_policy(self):
        """One more agent changes what becomes of calls, not the calls: who came first, for how long, how patient."""
        asked = kind(
            patience=Distribution("exponential", 120.0), redial=Redial(0.5, Distribution("exponential", 300.0))
        )

        fewer, more = (simulate(scenario(asked, Team("all", agents)), streams()) for agents in (18, 20))

        firsts = [
            [time for time, what, _, _, value in log.events() if what == What.ARRIVE and value < 0]
            for log in (fewer, more)
        ]
        assert firsts[0] == firsts[1]
        assert counts(fewer)["abandon"] > counts(more)["abandon"]


class TestCalls:
    def test_one_after_the_other(self):
        """One agent, two calls: the second begins when the first ends."""
        log = simulate(scenario(at(10.0, 20.0), Team("one", 1)), streams())

        assert story(log) == [
            (10.0, "arrive", 0, 0),
            (10.0, "accept", 0, 0),
            (20.0, "arrive", 1, 0),
            (110.0, "finish", 0, 0),
            (110.0, "accept", 1, 0),
            (210.0, "finish", 1, 0),
        ]

    def test_patience_ends(self):
        """Who waits longer than their patience is gone."""
        asked = at(10.0, 20.0, patience=Distribution("deterministic", 30.0))

        log = simulate(scenario(asked, Team("one", 1)), streams())

        assert (50.0, "abandon", 1, -1) in story(log)
        assert counts(log)["accept"] == 1

    def test_redials_say_whom_they_repeat(self):
        """Who gave up calls again, at most as often as told, and the log names the first call."""
        asked = at(
            10.0,
            20.0,
            handling=Distribution("deterministic", 5_000.0),
            patience=Distribution("deterministic", 30.0),
            redial=Redial(1.0, Distribution("deterministic", 100.0), attempts_max=3),
        )

        log = simulate(scenario(asked, Team("one", 1)), streams())

        arrivals = [(time / MICROSECONDS, value) for time, what, _, _, value in log.events() if what == What.ARRIVE]
        assert arrivals == [(10.0, -1), (20.0, -1), (150.0, 1), (280.0, 1)]
        assert results(log)["all"]["redials"] == 2

    def test_steps_widen_in_time(self):
        """After a minute a beginner will do: exactly then, though nothing else happens."""
        needs = steps(Need("voice", "fr", (("tax", 3),)), Need("voice", "fr", (("tax", 1),)))
        asked = Kind("calls", needs, Arrivals(times=(10.0,)), Distribution("deterministic", 100.0))

        log = simulate(scenario(asked, Team("beginner", 1, (("tax", 1),))), streams())

        assert (70.0, "accept", 0, 0) in story(log)

    def test_progress_is_told(self):
        """From the beginning to the end, about a hundred times."""
        told = []

        simulate(scenario(kind()), streams(), progress=told.append)

        assert told == sorted(told)
        assert 70 <= len(told) <= 110
        assert told[-1] == 1.0


class TestAgents:
    def test_wrap_up_keeps_the_agent(self):
        """The next call waits until the wrap-up is done."""
        asked = at(10.0, 20.0, wrap_up=Distribution("deterministic", 30.0))

        log = simulate(scenario(asked, Team("one", 1)), streams())

        assert [one for one in story(log) if one[2] == 0][-2:] == [(110.0, "finish", 0, 0), (140.0, "free", 0, 0)]
        assert (140.0, "accept", 1, 0) in story(log)

    def test_unanswered_offers(self):
        """Nobody answers: the offer lapses, the agent rests after two, comes back, and the contact keeps its place."""
        team = Team("one", 1, no_answer_share=1.0, rest_seconds=100.0)
        policy = EnginePolicy(offer_seconds_default=20.0, missed_offers_max=2)

        log = simulate(scenario(at(10.0), team, policy=policy, seconds=200.0), streams())

        assert story(log) == [
            (10.0, "arrive", 0, 0),
            (10.0, "offer", 0, 0),
            (30.0, "miss", 0, 0),
            (30.0, "offer", 0, 0),
            (50.0, "miss", 0, 0),
            (50.0, "pause", -1, 0),
            (150.0, "back", -1, 0),
            (150.0, "offer", 0, 0),
            (170.0, "miss", 0, 0),
            (170.0, "offer", 0, 0),
            (190.0, "miss", 0, 0),
            (190.0, "pause", -1, 0),
        ]

    def test_declined_offers_go_to_a_colleague(self):
        """Who declines is not asked again while a colleague may take it."""
        teams = (Team("no", 1, decline_share=1.0), Team("yes", 1, (("more", 5),)))

        log = simulate(scenario(at(10.0), *teams), streams())

        assert story(log)[1:4] == [(10.0, "offer", 0, 0), (10.0, "decline", 0, 0), (10.0, "accept", 0, 1)]

    def test_answering_takes_time(self):
        """Who gives up while it rings is gone, and the agent free at once."""
        team = Team("slow", 1, answering=Distribution("deterministic", 5.0))
        asked = at(10.0, 11.0, patience=Distribution("recorded", values=(3.0, 60.0)))

        log = simulate(scenario(asked, team), streams())

        assert story(log) == [
            (10.0, "arrive", 0, 0),
            (10.0, "offer", 0, 0),
            (11.0, "arrive", 1, 0),
            (13.0, "abandon", 0, -1),
            (13.0, "offer", 1, 0),
            (18.0, "accept", 1, 0),
            (118.0, "finish", 1, 0),
        ]

    def test_shifts_and_breaks(self):
        """Here from 1:00 to 2:00; the break and the end wait for the call in hand; nobody is served outside."""
        shift = Shift(3_600.0, 7_200.0, 1, (Pause(600.0, 300.0),))
        asked = at(3_000.0, 4_150.0, 4_260.0, 7_150.0, 7_160.0)

        log = simulate(scenario(asked, Team("one", 0, shifts=(shift,)), seconds=2 * DAY_SECONDS), streams())

        assert [one for one in story(log) if one[1] != "arrive"] == [
            (3_600.0, "accept", 0, 0),
            (3_700.0, "finish", 0, 0),
            (4_150.0, "accept", 1, 0),
            (4_250.0, "finish", 1, 0),
            (4_250.0, "pause", -1, 0),
            (4_550.0, "back", -1, 0),
            (4_550.0, "accept", 2, 0),
            (4_650.0, "finish", 2, 0),
            (7_150.0, "accept", 3, 0),
            (7_250.0, "finish", 3, 0),
            (7_250.0, "sign_out", -1, 0),
            (DAY_SECONDS + 3_600.0, "accept", 4, 0),
            (DAY_SECONDS + 3_700.0, "finish", 4, 0),
            (DAY_SECONDS + 4_200.0, "pause", -1, 0),
            (DAY_SECONDS + 4_500.0, "back", -1, 0),
            (DAY_SECONDS + 7_200.0, "sign_out", -1, 0),
        ]

    def test_breaks_are_spread(self):
        """Of four, each leaves a quarter of the spread later."""
        shift = Shift(0.0, 7_200.0, 4, (Pause(1_000.0, 300.0, 400.0),))

        log = simulate(scenario(at(7_000.0), Team("four", 0, shifts=(shift,)), seconds=6_000.0), streams())

        assert [one[0] for one in story(log) if one[1] == "pause"] == [1_000.0, 1_100.0, 1_200.0, 1_300.0]

    def test_a_call_interrupts_a_letter(self):
        """The letter stops while the telephone is served, wrap-up included, and is as long as before afterwards."""
        kinds = (
            at(10.0, need=Need("email", "fr"), name="emails"),
            at(50.0, wrap_up=Distribution("deterministic", 20.0)),
        )
        team = Team("both", 1, capacity={"voice": 1, "email": 1})

        log = simulate(scenario(kinds, team), streams())

        assert story(log)[2:] == [
            (50.0, "arrive", 1, 1),
            (50.0, "accept", 1, 0),
            (150.0, "finish", 1, 0),
            (170.0, "free", 1, 0),
            (230.0, "finish", 0, 0),
        ]

    def test_a_letter_offered_before_a_call_waits_for_it(self):
        """Offered both, the agent takes up the letter only when the call is over, and it is as long as it is."""
        kinds = (at(10.0, need=Need("email", "fr"), name="emails"), at(11.0))
        answering = Distribution("recorded", values=(5.0, 1.0))
        team = Team("both", 1, capacity={"voice": 1, "email": 1}, answering=answering)

        log = simulate(scenario(kinds, team), streams())

        assert [one for one in story(log) if one[1] in ("accept", "finish")] == [
            (12.0, "accept", 1, 0),
            (15.0, "accept", 0, 0),
            (112.0, "finish", 1, 0),
            (212.0, "finish", 0, 0),
        ]

    def test_several_chats_at_once(self):
        """Three at a time, the fourth waits."""
        asked = at(1.0, 2.0, 3.0, 4.0, need=Need("chat", "fr"))

        log = simulate(scenario(asked, Team("chat", 1, capacity={"chat": 3})), streams())

        assert [one[:3] for one in story(log) if one[1] == "accept"] == [
            (1.0, "accept", 0),
            (2.0, "accept", 1),
            (3.0, "accept", 2),
            (101.0, "accept", 3),
        ]


class TestResults:
    def test_by_hand(self):
        """Waits 0 and 90 s, one lost after 30 s: every figure computed on paper."""
        asked = at(10.0, 20.0, 130.0, patience=Distribution("recorded", values=(600.0, 600.0, 30.0)))

        told = results(simulate(scenario(asked, Team("one", 1), seconds=3_600.0), streams()))

        assert (told["all"]["answered"], told["all"]["abandoned"], told["all"]["waiting"]) == (2, 1, 0)
        assert told["all"]["mean_wait_seconds"] == {"value": pytest.approx(40.0), "half_width": None}
        assert told["all"]["mean_wait_answered_seconds"]["value"] == pytest.approx(45.0)
        assert told["all"]["service_level"]["value"] == pytest.approx(1 / 3)
        assert told["all"]["wait_share"]["value"] == pytest.approx(2 / 3)
        assert told["all"]["mean_handling_seconds"]["value"] == pytest.approx(100.0)
        assert told["agents"]["occupancy"] == pytest.approx(200 / 3_600)
        (row,) = [one for one in told["intervals"] if one["arrived"]]
        assert (row["arrived"], row["queue"]) == (3, pytest.approx(120 / 1_800))
        assert row["busy"] == pytest.approx(200 / 1_800)

    def test_levels_do_not_leak_over_midnight(self):
        """Two days, an agent from 23:00 to 24:00: present in the last interval of the day, and in no other."""
        team = Team("late", 0, shifts=(Shift(82_800.0, DAY_SECONDS, 1),))

        told = results(
            simulate(scenario(at(82_900.0), team, seconds=2 * DAY_SECONDS, interval_seconds=3_600.0), streams())
        )

        assert [(one["starts_at"], one["agents"]) for one in told["intervals"]] == [(82_800.0, pytest.approx(1.0))]

    def test_warm_up_is_left_out(self):
        """Who arrived before it ended is in no figure."""
        run = scenario(at(10.0, 20.0, 1_000.0), Team("one", 1), warm_up_seconds=500.0)

        told = results(simulate(run, streams()))["all"]

        assert told["arrived"] == 1
        assert told["mean_wait_seconds"]["value"] == 0

    def test_intervals_by_batches(self):
        """A ratio of sums with the spread between batches: 3 batches on paper."""
        found = ratio([10.0, 20.0, 30.0], [10.0, 10.0, 10.0])

        assert found.value == pytest.approx(2.0)
        assert found.half_width == pytest.approx(4.303 * (1 / 3) ** 0.5, rel=1e-3)
        assert ratio([1.0], [2.0]) == (0.5, None)
        assert ratio([0.0], [0.0]) == (None, None)
        assert student(30) == pytest.approx(student(31), abs=0.003)

    def test_intervals_hold_the_truth(self):
        """Of 30 short overloaded runs, about 95 % of the intervals hold Erlang's value: more than 23."""
        known = performance(Queue(360, 240, 120), 20).abandon_share
        asked, held = kind(patience=Distribution("exponential", 120.0)), 0
        for seed in range(30):
            run = Scenario("run", (asked,), (Team("all", 20),), warm_up_seconds=600.0).lasting(calls=1_500)
            told = results(simulate(run, streams(seed)))["all"]["abandon_share"]
            held += abs(told["value"] - known) <= told["half_width"]
        assert held > 23

    def test_announcements_beat_the_simple_rivals(self):
        """In overload, the announced wait errs less than the queue's length and the last served, and is kept."""
        asked = kind(patience=Distribution("exponential", 300.0), arrivals=always(420))

        told = results(simulate(scenario(asked, announces=True).lasting(calls=8_000), streams()))["announced"]

        ours, by_length, by_last = told["expected"], told["by_length"], told["by_last_served"]
        assert abs(ours["mean_error"]) < 10
        assert ours["root_mean_square_error"] < by_length["root_mean_square_error"]
        assert ours["root_mean_square_error"] < by_last["root_mean_square_error"]
        assert ours["kept_share"] > 0.8


class TestDistributions:
    @pytest.mark.parametrize(
        "asked",
        [
            Distribution("exponential", 300.0),
            Distribution("lognormal", 300.0, 1.2),
            Distribution("gamma", 300.0, 0.5),
            Distribution("deterministic", 300.0),
            Distribution("empirical", values=(100.0, 300.0, 500.0)),
        ],
        ids=lambda asked: asked.kind,
    )
    def test_mean_and_spread(self, asked):
        """Each has the mean and variation it is told."""
        draw = asked.draw(Random(1))

        drawn = [draw() for _ in range(60_000)]

        mean = sum(drawn) / len(drawn)
        deviation = (sum((one - mean) ** 2 for one in drawn) / len(drawn)) ** 0.5
        cv = {"exponential": 1.0, "deterministic": 0.0, "empirical": (8 / 3) ** 0.5 / 3}.get(asked.kind, asked.cv)
        assert asked.mean == 300.0
        assert mean == pytest.approx(300.0, rel=0.03)
        assert deviation / 300.0 == pytest.approx(cv, abs=0.05)

    @pytest.mark.parametrize(
        "wrong",
        [("normal", 1.0), ("exponential", 0.0), ("exponential", -1.0), ("empirical",), ("lognormal", 300.0, 0.0)],
    )
    def test_refuses_what_means_nothing(self, wrong):
        """An unknown kind, no mean, no values."""
        with pytest.raises(ValueError, match=r"distribution|needs|takes"):
            Distribution(*wrong)

    def test_recorded_values_come_in_order(self):
        """And then their mean."""
        draw = Distribution("recorded", values=(1.0, 2.0)).draw(Random(1))

        assert [draw() for _ in range(4)] == [1.0, 2.0, 1.5, 1.5]


class TestArrivals:
    def test_rates_follow_the_day(self):
        """Twice the rate in the second hour, none outside, times the day's factor."""
        asked = Arrivals(rates=(Span(3_600.0, 7_200.0, 0.1), Span(7_200.0, 10_800.0, 0.2)))

        times = list(asked.draw(Random(1), [1.0, 3.0] * 20))

        assert times == sorted(times)
        hours = Counter((int(one // DAY_SECONDS) % 2, int(one % DAY_SECONDS // 3_600)) for one in times)
        assert set(hours) == {(0, 1), (0, 2), (1, 1), (1, 2)}
        for (day, hour), count in hours.items():
            assert count / 20 == pytest.approx(360 * hour * (3 if day else 1), rel=0.06)

    def test_counts_are_exact(self):
        """As many as were counted, within their interval."""
        asked = Arrivals(counts=(Span(0.0, 900.0, 5), Span(900.0, 1_800.0, 7)))

        times = list(asked.draw(Random(1), [1.0]))

        assert times == sorted(times)
        assert (sum(one < 900 for one in times), len(times)) == (5, 12)

    def test_busy_days_are_busy_for_all(self):
        """The day's factor has mean 1 and the deviation told, and two kinds share it."""
        kinds = [kind("a", arrivals=always(15)), kind("b", arrivals=always(15))]
        run = scenario(kinds, Team("many", 10), seconds=60 * DAY_SECONDS, day_factor_cv=0.3)

        days = defaultdict(Counter)
        for time, what, _, who, _ in simulate(run, streams()).events():
            if what == What.ARRIVE:
                days[who][time // int(DAY_SECONDS * MICROSECONDS)] += 1

        a, b = ([days[number][day] / 360 for day in range(60)] for number in (0, 1))
        assert sum(a) / 60 == pytest.approx(1.0, abs=0.12)
        assert (sum((one - sum(a) / 60) ** 2 for one in a) / 60) ** 0.5 == pytest.approx(0.3, abs=0.1)
        assert max(abs(one - other) for one, other in zip(a, b, strict=True)) < 0.35

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"rates": (Span(0.0, 1.0, 1.0),), "times": (1.0,)},
            {"rates": (Span(0.0, 10.0, 1.0), Span(5.0, 20.0, 1.0))},
            {"rates": (Span(0.0, DAY_SECONDS + 1, 1.0),)},
        ],
    )
    def test_refuses_what_means_nothing(self, wrong):
        """One source, in order, of one day."""
        with pytest.raises(ValueError, match=r"arrivals|intervals|rates"):
            Arrivals(**wrong)
