"""A draft before it is published: the same season under the policy in force and under the draft, side by side."""

from copy import deepcopy
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact.domain import policy_default
from contact.domain.alternatives import LINES
from routing.admission import MODES
from routing.simulation.comparison import BOOKS, better
from routing.simulation.profile import profile
from routing.simulation.rehearsal import Rehearsal
from routing.simulation.season import CALM, DEADLINE, PEAK, Day, days, scenario

TODAY = date(2026, 11, 24)
NAMED = {"fr": "Dates limites", "en": "Deadlines"}
SEASON = {
    "begins_on": "2027-04-08",
    "ends_on": "2027-06-30",
    # The 8th is a holiday, the 9th a Sunday.
    "peaks": [
        {
            "begins_on": "2027-05-08",
            "ends_on": "2027-06-08",
            "name": NAMED,
            "target_wait_seconds": 300,
            "floor_percent": 30,
        }
    ],
    "cohorts": [
        {"zone": "1", "name": NAMED, "deadline": "2027-05-10"},
        {"zone": "2", "name": NAMED, "deadline": "2027-06-06"},
    ],
}


def document(**told):
    return {**policy_default.default(["fr", "en"]), **deepcopy(told)}


def agents(count, **told):
    facts = {"skills": {"tax": 2}, "languages": ["fr"], "capacity": {"voice": 1, "chat": 3, "email": 1}, "shares": {}}
    return [{**facts, "weight": 1.0, **told} for _ in range(count)]


def topics(*slugs):
    steps = [{"after_seconds": 0, "skills": {"tax": 1}, "language": "fr"}]
    return [{"slug": one, "steps": steps, "priority": 0, "target_seconds": 0.0} for one in slugs]


def known(count=8, **told):
    return profile(topics("income", "payment"), agents(count), language="fr", **told)


def streams(seed=1):
    return lambda day: lambda name: Random(f"{seed}/{day}/{name}")


def rehearsed(draft, standing=None, seed=1, **told):
    made = Rehearsal(standing, draft, (0, 1), told.pop("known", None) or known(), TODAY)
    return made.report([made.run(step, streams(seed)) for step in range(made.steps)])


def lines(**told):
    """The document with what is offered to some kinds of line, in all modes."""
    found = document()
    for mode in found["modes"].values():
        mode["alternatives"] |= told
    return found


class TestDays:
    def test_the_calendar_gives_them(self):
        """Calm before the season, the first open day of a peak that is no deadline, the last open day by the last."""
        found = days(document(season=SEASON), TODAY)

        assert [(one.name, one.on.isoformat()) for one in found] == [
            (CALM, "2026-11-24"),
            (PEAK, "2027-05-11"),
            (DEADLINE, "2027-06-04"),
        ]

    def test_without_a_season(self):
        """Next to the calm day there is a busy one."""
        found = days(document(), TODAY)

        assert [(one.name, one.on.isoformat()) for one in found] == [(CALM, "2026-11-24"), (PEAK, "2026-11-25")]
        assert found[0].calls_factor < found[1].calls_factor

    def test_never_open(self):
        """A phone that never opens has no day to try."""
        hours = {"voice": [], "relay": [], "chat": []}

        assert days(document(hours=hours), TODAY) == []

    def test_each_day_has_its_own_pace(self):
        """A peak period's target and floor hold on its days, the ordinary ones on others."""
        draft = document(season=SEASON)

        targets = {
            day.name: scenario(draft, 1, day, known()).campaigns[0].throttle.target_wait_seconds
            for day in days(draft, TODAY)
        }

        assert targets == {CALM: 90.0, PEAK: 300.0, DEADLINE: 300.0}

    def test_who_says_that_the_deadline_is_near(self):
        """Those of the cohorts whose date is within the days that the policy names, and nobody where it names none."""
        exemptions = document()["exemptions"]
        day = Day(DEADLINE, date(2027, 6, 4), 1.0)

        def share(within):
            draft = document(season=SEASON, exemptions={**exemptions, "deadline_days": within})
            return scenario(draft, 1, day, known()).kinds[0].door.exempt["deadline"]

        assert share(None) == share(1) == 0
        assert share(2) == share(30) == pytest.approx(0.15)


class TestProfile:
    def test_recorded_calls_go_before_the_default(self):
        """Hours, topics and lines are those that were counted."""
        by_hour = [0.0] * 8 + [40.0] * 8 + [0.0] * 8
        counted = {"calls_by_hour": by_hour, "topics": {"payment": 30, "gone": 9}, "lines": {"fixed": 4}, "days": 20}

        found = known(recorded=counted, handling={"mean_seconds": 200.0, "cv": 1.0})

        assert found["calls_by_hour"] == by_hour
        assert {one["slug"]: one["share"] for one in found["topics"]} == {"income": 0.0, "payment": 1.0}
        assert found["lines"] == {one: float(one == "fixed") for one in LINES}
        assert found["sources"] == {"calls": "recorded", "days": 20, "handling": "recorded"}

    @settings(max_examples=50, deadline=None)
    @given(st.integers(1, 3_000), st.integers(1, 4))
    def test_it_is_bounded(self, count, campaigns):
        """However many agents, a calm day has no more than so many calls; calls per agent stay what they were."""
        mixed = [
            one for number in range(count) for one in agents(1, skills={"tax": 1 + number % 5}, weight=1 / campaigns)
        ]

        found = profile(topics("income"), mixed, language="fr")

        staff = sum(team["count"] for team in found["teams"])
        assert sum(found["calls_by_hour"]) <= 8_100
        assert staff == max(1, round(max(1.0, 0.7 * count / campaigns) * found["scale"]))
        if found["scale"] < 1:
            per_agent = sum(found["calls_by_hour"]) / staff
            assert per_agent == pytest.approx(sum(known(100)["calls_by_hour"]) / 70, rel=0.01)

    def test_all_kinds_of_agents_are_there(self):
        """Of a larger staff every kind is drawn in its proportion."""
        mixed = agents(300, skills={"tax": 1}) + agents(600, skills={"tax": 5}) + agents(3, languages=["en"])

        found = profile(topics("income"), mixed, language="fr")

        by_level = {team["skills"]["tax"]: team["count"] for team in found["teams"] if team["languages"] == ["fr"]}
        assert by_level[5] == pytest.approx(2 * by_level[1], abs=2)


DRAFTS = st.builds(
    lambda target, floor, sticky, stock, links, chats, season, voice: {
        **document(season=season),
        "pace": {**document()["pace"], "target_wait_seconds": target, "floor_percent": floor, "sticky_minutes": sticky},
        "callbacks": {**document()["callbacks"], "per_quarter": stock},
        "limits": {**document()["limits"], "links_per_hour": links, "chats_waiting_max": chats},
        "hours": {**document()["hours"], "voice": policy_default.week(voice)},
    },
    st.integers(10, 900),
    st.integers(1, 90),
    st.integers(1, 240),
    st.integers(0, 20),
    st.integers(1, 100),
    st.integers(1, 10),
    st.sampled_from((None, SEASON)),
    st.sampled_from(([("08:30", "12:30"), ("13:30", "17:00")], [("10:00", "11:30")], [("07:15", "20:45")])),
)


class TestReport:
    @settings(max_examples=6, deadline=None)
    @given(DRAFTS, st.booleans(), st.integers(1, 1_000))
    def test_the_books_balance(self, draft, has_standing, seed):
        """Every call is closed out, deflected, hung up, answered, abandoned or waiting; hours and groups add up."""
        report = rehearsed(draft, document() if has_standing else None, seed, known=known(3))

        for told in (day[side] for day in report["days"] for side in ("before", "after")):
            totals, hours = told["totals"], told["hours"]
            for one in (totals, *hours):
                assert one["arrived"] == sum(one[end] for end in BOOKS)
                assert one["arrived"] == one["admitted"] + one["deflected"] + one["closed"]
                assert sum(one["offered"].values()) == one["deflected"]
                assert one["exempt"] <= one["admitted"]
            for name in ("arrived", "exempt", *BOOKS):
                assert sum(one[name] for one in hours) == totals[name]
            for group in told["losers"].values():
                assert sum(one["asked"] for one in group) == totals["arrived"] - totals["closed"]
                assert sum(one["refused"] for one in group) == totals["deflected"]
            people = [totals[f"citizens_{end}"] for end in ("answered", "helped", "unserved")]
            assert sum(people) == totals["citizens"]
            assert min(people) >= 0
            for way in told["alternatives"]:
                assert way["taken"] <= way["offered"] == totals["offered"][way["name"]]
            for channel in told["channels"]:
                ends = sum(channel[end] for end in ("answered", "abandoned", "waiting"))
                assert channel["contacts"] == ends == sum(one["contacts"] for one in channel["hours"])

    def test_the_same_seed_is_the_same_report(self):
        """To the last digit; another seed is another season."""
        found = [rehearsed(document(), seed=seed, known=known(3)) for seed in (1, 1, 2)]

        assert found[0] == found[1] != found[2]

    def test_a_policy_against_itself(self):
        """The same callers meet both: nothing differs, and nothing is better."""
        draft = document()

        for day in rehearsed(draft, draft, known=known(3))["days"]:
            assert day["before"] == day["after"]
            assert set(day["better"].values()) == {"same"}

    def test_the_better_one_is_told(self):
        """At a peak a throttle has fewer hang up while they wait, and leaves fewer with nothing; either way round."""
        draft, loose = document(), document(pace={**document()["pace"], "target_wait_seconds": 900})

        against_none = rehearsed(draft)["days"][1]
        against_loose = rehearsed(draft, loose)["days"][1]
        turned = rehearsed(loose, draft)["days"][1]

        before, after = against_none["before"]["totals"], against_none["after"]["totals"]
        assert before["deflected"] == before["exempt"] == 0
        assert after["deflected"] > 0
        assert after["citizens"] == before["citizens"]
        assert after["abandon_share"] < before["abandon_share"] / 2
        assert after["unserved_share"] < before["unserved_share"]
        assert {against_none["better"][one] for one in ("abandon_share", "unserved_share")} == {"after"}
        assert against_none["better"]["refused_share"] == "before"
        assert against_loose["better"]["abandon_share"] == "after"
        assert turned["better"]["abandon_share"] == "before"
        assert after["staff_needed"] < before["staff_needed"]

    def test_who_loses(self):
        """A kind of line that is offered nothing is always let in; the others wait for its sake, and it is told."""
        day = rehearsed(lines(fixed=[]), document())["days"][1]

        def refused(side):
            return {one["name"]: one["refused_share"] for one in day[side]["losers"]["line"]}

        assert refused("after")["fixed"] == 0 < refused("before")["fixed"]
        assert refused("after")["mobile"] > refused("before")["mobile"]

    def test_stock_and_limits_hold(self):
        """No more callbacks than their stock, and no more chats than may wait and are answered meanwhile."""
        draft = lines(mobile=["callback", "chat", "voicemail"])
        draft["callbacks"] |= {"per_quarter": 1, "overbooking_percent_max": 0}
        draft["limits"] |= {"chats_waiting_max": 1}
        wide = deepcopy(draft)
        wide["limits"] |= {"chats_waiting_max": 10_000}

        day = rehearsed(draft, wide)["days"][1]
        taken = {one["name"]: one["taken"] for one in day["after"]["alternatives"]}
        chats = {side: day[side]["channels"][1]["contacts"] for side in ("before", "after")}

        assert taken["callback"] <= 4 * len(day["after"]["hours"])
        assert chats["after"] < chats["before"]

    def test_closed_is_not_deflected(self):
        """Callers who come when only the other policy is open are closed out, and count in nobody's refusals."""
        short = {**document()["hours"], "voice": policy_default.week([("10:00", "11:00")])}

        day = rehearsed(document(hours=short), document())["days"][0]

        assert day["before"]["totals"]["closed"] < day["after"]["totals"]["closed"] / 10
        for hour in day["after"]["hours"]:
            assert hour["hour"] == 10 or hour["deflected"] == hour["admitted"] == 0


def test_each_mode_and_line_decides_by_its_own_list():
    """What the document offers a kind of line in a mode is what the simulated decision reads."""
    draft = document()
    draft["modes"]["throttle"]["alternatives"]["fixed"] = ["voicemail"]

    (campaign,) = scenario(draft, 7, days(draft, TODAY)[0], known()).campaigns

    assert campaign.policy(MODES[2], "fixed").alternatives == ("voicemail",)
    assert campaign.policy(MODES[1], "fixed").alternatives == ("callback", "chat", "voicemail")
    assert campaign.policy(MODES[2], "fixed").version == 7


def test_better_needs_a_difference():
    """Less than a hundredth apart is the same; a share of nothing is none."""
    before = {"abandon_share": 0.2, "wait_p90_seconds": 100.0, "refused_share": None, "unserved_share": 0.0}

    found = better(before, {**before, "abandon_share": 0.1999, "wait_p90_seconds": 120.0})

    assert found == {
        "abandon_share": "same",
        "wait_p90_seconds": "before",
        "refused_share": "same",
        "unserved_share": "same",
    }
