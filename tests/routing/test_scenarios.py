"""Scenarios as files: what they may say, what is refused and where, recorded histories, and those we ship."""

import tomllib
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from routing.simulate import simulate
from routing.simulation.arrivals import DAY_SECONDS, Arrivals, Span
from routing.simulation.chance import Distribution
from routing.simulation.history import read_history
from routing.simulation.read import read_scenario
from routing.simulation.results import results
from routing.simulation.scenario import FollowUp, Overflow, Part, Pause, Redial, Shift
from routing.simulation.values import ScenarioError
from routing.types import Need, Step

SHIPPED = sorted((Path(__file__).parent.parent.parent / "routing/scenarios").glob("*.toml"))
SMALL = """
[[contacts]]
name = "calls"
per_hour = 60
handling = { exponential = 300 }

[[agents]]
name = "agents"
count = 8
"""
WHOLE = """
name = "whole"
days = 3
day_factor_cv = 0.1
interval_seconds = 900
policy = { offer_seconds_default = 15, missed_offers_max = 3 }

[[contacts]]
name = "tax"
language = "fr"
skills = { tax = 3 }
then = [{ after_seconds = 60, skills = { tax = 1 } }, { after_seconds = 120, language = "" }]
per_hour = 100
from = "09:00"
hourly_shares = [20, 40, 30]
arrivals_factor = 2
handling = { lognormal = 300, cv = 1.2 }
handling_factor = 1.5
patience = { empirical = [60, 120] }
wrap_up = { deterministic = 30 }
redial = { share = 0.4, after = { exponential = 600 }, attempts_max = 3, place_seconds = 7_200 }
follow_up = { share = 0.1, after = { exponential = 900 }, affinity_seconds = 60 }
delays = [{ team = "early", seconds = 20 }]
parts = [{ outsourcer = "north", share = 0.6, spill_seconds = 45 }]
overflow = { queue = "counter", after_seconds = 90 }
priority = 2
target_seconds = 20
answer_within_seconds = 30

[[agents]]
name = "early"
skills = { tax = 4 }
channels = { voice = 1, chat = 2 }
answering = { gamma = 4, cv = 0.5 }
no_answer_share = 0.02
outsourcer = "north"
shares = { voice = 0.7 }
shifts = [
    { from = "09:00", to = "11:30", count = 3, pauses = [{ after_minutes = 60, minutes = 10, spread_minutes = 30 }] },
]
"""


def scenario(text: str, **more: object):
    return read_scenario({**tomllib.loads(text), **more}, "test")


class TestFile:
    def test_all_words(self):
        """Every word of the file means what the scenario then holds."""
        told = scenario(WHOLE)

        (kind,), (team,) = told.kinds, told.teams
        assert (told.name, told.days, told.day_factor_cv, told.interval_seconds) == ("whole", 3, 0.1, 900)
        assert (told.policy.offer_seconds_default, told.policy.missed_offers_max) == (15, 3)
        assert kind.steps == (
            Step(0.0, Need("voice", "fr", (("tax", 3),))),
            Step(60.0, Need("voice", "fr", (("tax", 1),))),
            Step(120.0, Need("voice", None)),
        )
        assert [round(span.amount * 3_600) for span in kind.arrivals.rates] == [100, 200, 150]
        assert kind.arrivals.rates[0].starts_at == 9 * 3_600
        assert kind.handling == Distribution("lognormal", 450.0, 1.2)
        assert kind.patience == Distribution("empirical", values=(60.0, 120.0))
        assert kind.redial == Redial(0.4, Distribution("exponential", 600.0), 3, 7_200)
        assert (kind.priority, kind.target_seconds, kind.answer_within_seconds) == (2, 20, 30)
        assert kind.follow_up == FollowUp(0.1, Distribution("exponential", 900.0), 60)
        assert (kind.delays, kind.parts) == ((("early", 20.0),), (Part("north", 0.6, 45.0),))
        assert kind.overflow == Overflow("counter", 90)
        assert told.steps_of(kind)[2] == Step(90.0, Need("voice", None, (), told.queue_ids["counter"]))
        assert (team.outsourcer, team.shares) == ("north", {"voice": 0.7})
        assert team.capacity == {"voice": 1, "chat": 2}
        assert team.shifts == (Shift(9 * 3_600, 11.5 * 3_600, 3, (Pause(3_600, 600, 1_800),)),)
        assert (team.places, team.no_answer_share) == (3, 0.02)
        assert not told.is_steady

    def test_calls_set_the_length(self):
        """As many hours as the calls take on average; the warm-up is taken off the results."""
        told = scenario(SMALL, calls=600, warm_up_seconds=3_600)

        assert told.is_steady
        assert told.seconds == pytest.approx(10 * 3_600)
        assert told.lasting(calls=6_000).warm_up_seconds == pytest.approx(36_000)
        assert scenario(WHOLE).lasting(calls=1_000).seconds == 2 * DAY_SECONDS

    def test_what_every_contact_says(self):
        """Said once for all, and overruled by one."""
        told = scenario(SMALL, every_contact={"patience": {"exponential": 60}, "per_hour": 10})

        assert told.kinds[0].patience == Distribution("exponential", 60.0)
        assert told.kinds[0].arrivals.rates[0].amount == pytest.approx(60 / 3_600)

    @pytest.mark.parametrize(
        ("before", "after", "says"),
        [
            ("per_hour = 60", "per_minute = 60", "contacts 'calls': it may not say per_minute; may say: .*per_hour"),
            ("per_hour = 60", "", "contacts 'calls': per_hour is missing"),
            ("per_hour = 60", "per_hour = -1", "per_hour must be a number from 0 on, not -1"),
            ("per_hour = 60", 'per_hour = "many"', "per_hour must be a number"),
            ("handling = { exponential = 300 }", "", "handling is missing"),
            ("exponential = 300", "normal = 300", "handling: a distribution is like"),
            ("exponential = 300", "exponential = 0", "handling: exponential needs a mean above 0"),
            ("count = 8", "", "agents 'agents': count is missing"),
            ("count = 8", "count = 8\nskills = { tax = 9 }", "agents 'agents': skills have levels from 1 to 5"),
            ("count = 8", "count = 8\nno_answer_share = 2", "no_answer_share is a share"),
            ("per_hour = 60", 'per_hour = 60\ndelays = [{ team = "x", seconds = 3 }]', "there is no team 'x'"),
            ("per_hour = 60", "per_hour = 60\nfollow_up = { share = 0.1 }", "follow_up needs after"),
            ("count = 8", "count = 8\nshares = { letters = 0.1 }", "shares may not say letters"),
            ("count = 8", 'shifts = [{ from = "9", to = "12:00", count = 1 }]', "from is a time of day like 09:30"),
            ("count = 8", 'shifts = [{ from = "12:00", to = "09:00", count = 1 }]', "a shift ends after it starts"),
            ('name = "calls"', "", "a contact needs a name"),
            ("[[agents]]", "[[people]]", "the file may not say people"),
            ('[[agents]]\nname = "agents"\ncount = 8', "", "a scenario needs contacts and agents"),
            ("[[contacts]]", "days = 1\nwarm_up_seconds = 90000\n[[contacts]]", "the warm-up must end before"),
            ("[[contacts]]", 'history = "x.csv"\n[[contacts]]', "a history cannot be read here"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, before: str, after: str, says: str):
        """A mistake is an error with its place, never a run of something else."""
        assert before in SMALL
        with pytest.raises(ScenarioError, match=says):
            scenario(SMALL.replace(before, after))


class TestHistory:
    def test_counts_from_csv(self):
        """Counts of quarters of an hour, by kind, dates from the first midnight."""
        text = "time,contact,count\n2026-05-04T09:15,tax,3\n2026-05-04T09:00,tax,5\n2026-05-05T09:00,home,2\n"

        told = read_history(text, 900.0)

        assert told["tax"].arrivals == Arrivals(counts=(Span(32_400.0, 33_300.0, 5), Span(33_300.0, 34_200.0, 3)))
        assert told["home"].arrivals.counts[0].starts_at == DAY_SECONDS + 32_400.0

    def test_single_contacts_from_json(self):
        """One by one, with how long each took; patience only where all have it."""
        text = """[{"time": 20, "contact": "tax", "handling_seconds": 40, "patience_seconds": 9},
                   {"time": 10.5, "contact": "tax", "handling_seconds": 60}]"""

        told = read_history(text, 900.0)["tax"]

        assert told.arrivals == Arrivals(times=(10.5, 20.0))
        assert told.handling == Distribution("recorded", values=(60.0, 40.0))
        assert told.patience is None

    def test_is_replayed(self):
        """The calls of the file, at their times and as long as they were, through the engine."""
        table = tomllib.loads(SMALL.replace("per_hour = 60\n", "").replace("count = 8", "count = 1"))
        rows = "time,contact,handling_seconds\n10,calls,100\n20,calls,50\n"

        told = read_scenario({**table, "history": "calls.csv"}, "test", {"calls.csv": rows}.__getitem__)

        found = results(simulate(told, lambda name: Random(f"1/{name}")))["all"]
        assert (found["answered"], found["mean_wait_seconds"]["value"]) == (2, pytest.approx(45.0))

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "a history has rows"),
            ("when,contact\n1,tax\n", "a history has rows"),
            ("time,contact,count\nnoon,tax,1\n", "row 1: time must be seconds or ISO 8601, not 'noon'"),
            ("time,contact,count\n1,tax,few\n", "row 1: count must be a number, not 'few'"),
            ("time,contact,count\n1,tax,-2\n", "row 1: count must be from 0 on"),
            ("time,contact,count\n1,tax,2\n5,tax,2\n", "intervals must follow each other"),
            ("time,contact\n2026-05-04T09:00,tax\n2026-05-04T09:00Z,tax\n", "with an offset"),
            ("[1, 2]", "a history has rows"),
            ("time,contact\n-1,tax\n", "times are numbers from 0 on"),
        ],
    )
    def test_says_which_row_is_wrong(self, text: str, says: str):
        """Never a guess."""
        with pytest.raises(ValueError, match=says):
            read_history(text, 900.0)


class TestShipped:
    def test_there_are_some(self):
        """Those the product names."""
        names = {path.stem for path in SHIPPED}

        assert names >= {"erlang-c", "erlang-a", "pooling-one", "pooling-two", "pooling-all", "tax-season", "storm"}

    @pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
    def test_runs(self, path: Path):
        """Each is read, has both titles, runs, and serves all it can: no kind that comes by itself lacks agents."""
        told = read_scenario(tomllib.loads(path.read_text()), path.stem)
        assert told.name == path.stem
        assert set(told.title) == {"fr", "en"}

        few = [replace(kind, arrivals=kind.arrivals.scaled(1 if told.is_steady else 0.1)) for kind in told.kinds]
        short = replace(told, kinds=tuple(few)).lasting(calls=1_000)
        found = results(simulate(short, lambda name: Random(f"1/{name}")))

        own = {kind.name for kind in told.kinds if kind.arrivals.per_day}  # others come of calls not let in
        assert all(kind["answered"] > 0 for kind in found["kinds"] if kind["name"] in own)
