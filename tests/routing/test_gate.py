"""The throttle in a simulation: books that balance, answers that stick, other ways in the caller's place."""

import io
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact.domain.alternatives import ALTERNATIVES
from contact.simulator.tables import tables
from routing.admission import AdmissionPolicy, Rule
from routing.simulate import simulate
from routing.simulation.arrivals import DAY_SECONDS, Arrivals, Span
from routing.simulation.campaign import Campaign, Door, Way
from routing.simulation.chance import Distribution
from routing.simulation.log import MICROSECONDS, Log, What
from routing.simulation.read import read_scenario
from routing.simulation.results import results
from routing.simulation.scenario import Kind, Redial, Scenario, Team
from routing.simulation.values import ScenarioError
from routing.throttle import ThrottlePolicy
from routing.types import Need, Step

RULES = tuple(Rule)


def streams(seed=1):
    return lambda name: Random(f"{seed}/{name}")


def steady(seconds):
    return Distribution("deterministic", seconds)


def calls(name="calls", per_hour=0.0, times=(), **told):
    rates = (Span(0.0, DAY_SECONDS, per_hour / 3_600),)
    facts = {
        "arrivals": Arrivals(times=times) if times else Arrivals(rates=rates),
        "handling": steady(300.0),
        "door": Door(name, steady(45.0)),
        **told,
    }
    return Kind(name, (Step(0.0, Need(facts.pop("channel", "voice"), "fr")),), **facts)


def campaign(name="calls", *ways, share=1.0, **told):
    ways = ways or (Way("voicemail", taken_share=0.0),)
    policy = AdmissionPolicy(alternatives=tuple(way.alternative for way in ways))
    return Campaign(name, 300.0, share, throttle=ThrottlePolicy(**told), admission=policy, ways=ways)


def run(kinds, campaigns, *teams, seconds=3_600.0, seed=1, **told):
    made = Scenario("test", tuple(kinds), teams or (Team("all", 5),), seconds, campaigns=tuple(campaigns), **told)
    return simulate(made, streams(seed))


def of(log, *whats):
    return [event for event in log.events() if event[1] in whats]


BUSY = st.builds(
    lambda rate, share, hang_up, exempt, stock, taken, fails: (
        [
            calls(
                per_hour=rate,
                handling=Distribution("exponential", 200.0),
                patience=Distribution("exponential", 200.0),
                redial=Redial(share, Distribution("exponential", 900.0)),
                door=Door(
                    "calls", steady(30.0), hang_up, {"mobile": 0.5, "fixed": 0.2, "withheld": 0.3}, {"need": exempt}
                ),
            ),
            calls("callbacks", handling=steady(100.0), door=None, target_seconds=600.0),
            calls("chats", channel="chat", door=None, patience=Distribution("exponential", 300.0)),
        ],
        [
            campaign(
                "calls",
                Way("callback", "callbacks", taken, fails, steady(120.0), stock),
                Way("sms_link", "chats", taken, fails),
                Way("voicemail"),
            )
        ],
    ),
    st.floats(20, 900),
    st.sampled_from((0.0, 0.8)),
    st.sampled_from((0.0, 0.2)),
    st.sampled_from((0.0, 0.1)),
    st.sampled_from((None, 3)),
    st.floats(0, 1),
    st.sampled_from((0.0, 0.3)),
)


class TestAnyRun:
    @settings(max_examples=20, deadline=None)
    @given(BUSY, st.integers(1, 1_000))
    def test_the_books_balance(self, busy, seed):
        """Every call is let in or deflected, once; who is let in is answered, gives up, hangs up or is still there."""
        log = run(
            *busy, Team("all", 5), Team("chat", 2, capacity={"chat": 2}), seconds=7_200.0, seed=seed, announces=True
        )
        (told,) = results(log)["admission"]
        decided = Counter(call for _, _, call, _, _ in of(log, What.ADMIT, What.DEFLECT))
        ends = Counter(call for _, _, call, _, _ in of(log, What.ACCEPT, What.ABANDON, What.HANG_UP, What.DEFLECT))
        kind_of = {call: who for _, _, call, who, _ in of(log, What.ARRIVE)}
        open_ones = {call for call, kind in kind_of.items() if kind == 0} - set(ends)

        assert set(decided.values()) | set(ends.values()) <= {1}
        assert set(decided) == {call for call, kind in kind_of.items() if kind == 0}
        assert told["arrived"] == told["admitted"] + told["deflected"]
        assert told["admitted"] == told["answered"] + told["abandoned"] + told["hung_up"] + len(open_ones)
        assert sum(told["admitted_by"].values()) == told["admitted"]
        assert sum(told["deflected_by"].values()) == told["deflected"]
        for way in told["alternatives"]:
            assert way["served"] <= way["taken"] <= way["offered"]

    @settings(max_examples=5, deadline=None)
    @given(BUSY, st.integers(1, 1_000))
    def test_the_log_tells_it_again(self, busy, seed):
        """The same seed is the same run; its log as text gives the same figures, in both languages."""
        log = run(*busy, seed=seed)
        again = Log.read(log.about, io.StringIO("".join(log.lines())))

        assert log == run(*busy, seed=seed)
        assert results(again) == results(log)
        for language in ("fr", "en"):
            assert {"admission", "ways", "modes"} <= {table.name for table in tables(results(again), language)}


class TestCallers:
    def test_the_same_answer(self):
        """Deflected and back within the window: deflected with the same alternative, until the window is over."""
        again = Redial(1.0, steady(700.0), attempts_max=4)
        kinds = [calls(per_hour=400, redial=again, handling=steady(900.0))]

        log = run(kinds, [campaign(floor_share=0.0, returning_share=0.0)], seconds=7_200.0)

        first = {call: int(value) for _, _, call, _, value in of(log, What.ARRIVE)}
        offered = {}
        for _, what, call, who, value in of(log, What.DEFLECT, What.ADMIT):
            root = first[call] if first[call] >= 0 else call
            offered.setdefault(root, []).append((what, RULES[who], value if what == What.DEFLECT else None))
        repeated = [told for told in offered.values() if len(told) > 1 and told[0][0] == What.DEFLECT]
        assert len(repeated) > 20
        for told in repeated:
            assert all(rule in (Rule.STICKY, Rule.IDLE) for _, rule, _ in told[1:])
            assert {value for what, _, value in told if what == What.DEFLECT} == {told[0][2]}

    def test_a_failed_alternative_exempts(self):
        """A way taken in vain: the citizen calls again and is let in, whatever the load."""
        ways = (Way("callback", failing_share=1.0, after=steady(120.0)),)

        log = run([calls(per_hour=600)], [campaign("calls", *ways)], seconds=7_200.0)

        again = {call for _, _, call, _, value in of(log, What.ARRIVE) if value >= 0}
        decided = {call: what for _, what, call, _, _ in of(log, What.ADMIT, What.DEFLECT)}
        assert len(again) > 50
        assert {decided[call] for call in again} == {What.ADMIT}

    def test_in_the_callers_place(self):
        """A callback counts from the call: it goes before whoever called after, though it was made later."""
        kinds = [
            calls(times=(0.5, 1.0, 100.0), handling=steady(200.0), door=Door("calls")),
            calls("later", times=(50.0,), door=None),
            calls("callbacks", per_hour=0, door=None),
        ]
        way = Way("callback", "callbacks", after=steady(90.0))

        log = run(kinds, [campaign("calls", way, burst=1.0, floor_share=0.0)], Team("one", 1), seconds=900.0)

        assert [RULES[who] for _, what, _, who, _ in of(log, What.ADMIT)][:1] == [Rule.IDLE]
        (followed, *_) = of(log, What.FOLLOW)
        served = [call for _, _, call, _, _ in of(log, What.ACCEPT)]
        later = next(call for time, _, call, _, _ in of(log, What.ARRIVE) if time == 50 * MICROSECONDS)
        assert ALTERNATIVES[followed[3]] == "callback"
        assert served.index(followed[2]) < served.index(later)

    def test_stock(self):
        """No more callbacks than there are in a quarter of an hour; the next way takes over."""
        ways = (Way("callback", per_quarter_max=3), Way("voicemail"))

        log = run([calls(per_hour=1_200)], [campaign("calls", *ways)], seconds=900.0)

        found = Counter(ALTERNATIVES[int(value)] for _, _, _, _, value in of(log, What.DEFLECT))
        assert found["callback"] == 3
        assert found["voicemail"] > 20

    def test_closed(self):
        """Outside its hours the line lets nobody in, idle agents or not."""
        late = replace(campaign(), openings=((600.0, DAY_SECONDS),))

        log = run([calls(per_hour=200)], [late], seconds=1_200.0)

        assert {RULES[who] for time, _, _, who, _ in of(log, What.DEFLECT) if time < 600 * MICROSECONDS} == {
            Rule.CLOSED
        }
        assert all(time >= 600 * MICROSECONDS for time, *_ in of(log, What.ADMIT))


class TestCampaigns:
    def test_two_on_one_pool(self):
        """Each has its own decisions, and together no more capacity than the agents have."""
        kinds = [calls(name, per_hour=120, door=Door(name, steady(45.0))) for name in ("one", "two")]

        log = run(kinds, [campaign(name, share=0.5) for name in ("one", "two")], Team("all", 10), seconds=4 * 3_600.0)

        by_tick = {}
        for time, _, _, _, value in of(log, What.CAPACITY):
            by_tick[time] = by_tick.get(time, 0.0) + value
        assert max(by_tick.values()) <= 10 / 300 * 1.1
        assert [one["name"] for one in results(log)["admission"]] == ["one", "two"]
        assert all(0 < one["deflected"] < one["arrived"] for one in results(log)["admission"])

    def test_idle_for_ones_own(self):
        """Who is idle for the other campaign lets nobody in, nor one for whom somebody is still in the menu."""
        kinds = [
            calls("one", times=(0.0, 2.0), queue="first"),
            calls("two", times=(4.0, 6.0), queue="second"),
        ]
        teams = (Team("a", 1, queues=("first",)), Team("b", 1, queues=("second",)))

        log = run(kinds, [campaign(name, share=0.5) for name in ("one", "two")], *teams, seconds=40.0)

        assert [RULES[who] is Rule.IDLE for _, _, _, who, _ in of(log, What.ADMIT, What.DEFLECT)] == [
            True,
            False,
            True,
            False,
        ]

    def test_each_turns_at_its_own_tick(self):
        """A campaign whose policy says every minute is measured and paced every minute, beside one of ten seconds."""
        kinds = [calls(name, per_hour=60, door=Door(name)) for name in ("one", "two")]

        log = run(kinds, [campaign("one"), campaign("two", tick_seconds=60.0)], seconds=601.0)

        turned = {
            name: [time // MICROSECONDS for time, _, _, who, _ in of(log, What.RATE) if who == name] for name in (0, 1)
        }
        assert turned == {0: list(range(0, 601, 10)), 1: list(range(0, 601, 60))}


BASE = {
    "campaigns": [{"name": "tax", "planned_handling_seconds": 300, "alternatives": [{"name": "voicemail"}]}],
    "contacts": [{"name": "calls", "campaign": "tax", "per_hour": 10, "handling": {"exponential": 300}}],
    "agents": [{"name": "all", "count": 1}],
}


class TestRead:
    def test_all_that_may_be_said(self):
        """Every word of a campaign arrives where it is used."""
        modes = {
            "advise": {"enter": 9, "exit": 3},
            "throttle": {"enter": 20, "exit": 4},
            "essential_only": {"enter": 90, "exit": 40},
        }
        way = {"name": "callback", "contacts": "calls", "taken_share": 0.5, "failing_share": 0.1, "per_quarter_max": 4}
        told = {
            **BASE["campaigns"][0],
            "share": 0.5,
            "from": "08:00",
            "to": "18:00",
            "modes": modes,
            "dwell_minutes": 5,
            "sticky_minutes": 20,
            "exemptions": ["need"],
            "wait_cap_seconds": 600,
            "floor_share": 0.3,
            "alternatives": [way],
        }

        (found,) = read_scenario({**BASE, "campaigns": [told]}, "test").campaigns

        assert (found.openings, found.share) == (((28_800, 64_800),), 0.5)
        assert (found.throttle.dwell_seconds, found.throttle.floor_share, found.throttle.bands[1]) == (
            300,
            0.3,
            (20, 4),
        )
        assert (found.admission.sticky_seconds, found.admission.wait_cap_seconds) == (1_200, 600)
        assert (found.ways[0].per_quarter_max, found.ways[0].failing_share) == (4, 0.1)

    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            ("campaigns", {"name": "other"}, "there is no campaign 'tax'"),
            ("campaigns", {"alternatives": [{"name": "fax"}]}, "there is no alternative fax"),
            ("campaigns", {"modes": {"advise": {"enter": 9, "exit": 10}}}, "modes needs throttle"),
            ("campaigns", {"alternatives": [{"name": "chat", "contacts": "chats"}]}, "there are no contacts 'chats'"),
            ("campaigns", {"flor_share": 1}, "may not say flor_share"),
            ("contacts", {"lines": {"mobile": 0.5}}, "shares of lines add up to 1"),
            ("contacts", {"lines": {"telex": 1}}, "there is no line telex"),
            ("contacts", {"campaign": "other"}, "there is no campaign 'other'"),
        ],
    )
    def test_refused(self, path, value, message):
        """What means nothing is said with its place."""
        table = {**BASE, path: [{**BASE[path][0], **value}]}

        with pytest.raises(ScenarioError, match=message):
            read_scenario(table, "test")
