"""A scenario from the tables of a TOML file: whatever is wrong is said with its place."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace

from routing.rules import GROUPS
from routing.simulation.arrivals import DAY_SECONDS, Arrivals, Span
from routing.simulation.history import History, read_history
from routing.simulation.read_campaigns import DOOR, read_campaign, read_door
from routing.simulation.scenario import FollowUp, Kind, Overflow, Part, Pause, Redial, Scenario, Shift, Team
from routing.simulation.values import (
    HOUR_SECONDS,
    Place,
    ScenarioError,
    Table,
    distribution,
    known,
    number,
    share,
    text,
    time_of_day,
)
from routing.types import EnginePolicy, Need, Step

_POLICY = {"offer_seconds_default", "missed_offers_max", "declined_again_seconds"}
_TOP = {
    *("name", "title", "days", "calls", "warm_up_seconds", "day_factor_cv", "interval_seconds", "announces"),
    *("history", "history_interval_seconds", "policy", "every_contact", "every_agent", "contacts", "agents"),
    "campaigns",
}
_CONTACT = {
    *("name", "channel", "language", "skills", "then", "queue", "priority", "target_seconds", "answer_within_seconds"),
    *("per_hour", "from", "hourly_shares", "rates", "arrivals_factor"),
    *("handling", "handling_factor", "patience", "wrap_up", "redial", "follow_up", "delays", "parts", "overflow"),
    *DOOR,
}
_AGENT = {
    *("name", "count", "skills", "languages", "channels", "queues", "shifts", "answering"),
    *("no_answer_share", "decline_share", "rest_seconds", "outsourcer", "shares"),
}


def read_scenario(table: Table, name: str, text_of: Callable[[str], str] | None = None) -> Scenario:
    """The scenario a file tells; *text_of* opens the history it names.

    Raises:
        ScenarioError: a word, value or combination that means nothing.
    """
    try:
        known(table, _TOP, "the file")
        history = _history(table, text_of)
        calls = table.get("calls")
        scenario = Scenario(
            name=str(table.get("name", name)),
            title=dict(table.get("title", {})),
            kinds=tuple(_kind({**table.get("every_contact", {}), **one}, history) for one in table.get("contacts", ())),
            teams=tuple(_team({**table.get("every_agent", {}), **one}) for one in table.get("agents", ())),
            seconds=number(table, "days", 1) * DAY_SECONDS,
            day_factor_cv=number(table, "day_factor_cv", 0),
            interval_seconds=number(table, "interval_seconds", 1_800),
            announces=bool(table.get("announces", False)),
            policy=_policy(table.get("policy", {})),
            campaigns=tuple(read_campaign(one) for one in table.get("campaigns", ())),
        )
        if calls is not None:
            scenario = scenario.lasting(calls=int(calls))
        return replace(scenario, warm_up_seconds=number(table, "warm_up_seconds", 0))
    except ScenarioError:
        raise
    except (ValueError, TypeError, AttributeError) as wrong:
        raise ScenarioError(str(wrong)) from wrong


def _kind(table: Table, history: Mapping[str, History]) -> Kind:
    name = text(table, "name", "a contact")
    with Place(f"contacts {name!r}"):
        known(table, _CONTACT, "it")
        recorded = history.get(name)
        handling, patience = distribution(table, "handling"), distribution(table, "patience")
        if recorded is not None:
            handling, patience = recorded.handling or handling, recorded.patience or patience
        if handling is None:
            raise ScenarioError("handling is missing")
        return Kind(
            name=name,
            steps=_steps(table),
            arrivals=recorded.arrivals if recorded else _arrivals(table),
            handling=handling.scaled(number(table, "handling_factor", 1)),
            patience=patience,
            wrap_up=distribution(table, "wrap_up"),
            redial=_redial(table),
            follow_up=_follow_up(table),
            delays=_delays(table),
            parts=_parts(table),
            overflow=_overflow(table),
            door=read_door(table),
            queue=str(table.get("queue", "main")),
            priority=int(table.get("priority", 0)),
            target_seconds=number(table, "target_seconds", 0),
            answer_within_seconds=number(table, "answer_within_seconds", 20),
        )


def _steps(table: Table) -> tuple[Step, ...]:
    """What is asked at first, then what *then* says; a language not named again stays."""
    channel, language = str(table.get("channel", "voice")), table.get("language")
    steps = [Step(0.0, Need(channel, language, _levels(table.get("skills", {}))))]
    for later in table.get("then", ()):
        known(later, {"after_seconds", "skills", "language"}, "then")
        spoken = later.get("language", language) or None
        steps.append(Step(number(later, "after_seconds", 0), Need(channel, spoken, _levels(later.get("skills", {})))))
    if steps != sorted(steps, key=lambda step: step.after_seconds):
        raise ScenarioError("then goes by after_seconds")
    return tuple(steps)


def _arrivals(table: Table) -> Arrivals:
    """`per_hour`, all day; with `hourly_shares` that of the busiest hour; or `rates`, from one hour to another."""
    factor = number(table, "arrivals_factor", 1)
    if "rates" in table:
        spans = [
            Span(time_of_day(one, "from"), time_of_day(one, "to"), number(one, "per_hour", None) / HOUR_SECONDS)
            for one in table["rates"]
        ]
    elif "hourly_shares" in table:
        shares, start = [float(share) for share in table["hourly_shares"]], time_of_day(table, "from")
        busiest = number(table, "per_hour", None) / HOUR_SECONDS
        spans = [
            Span(start + n * HOUR_SECONDS, start + (n + 1) * HOUR_SECONDS, busiest * share / max(shares))
            for n, share in enumerate(shares)
        ]
    else:
        spans = [Span(0.0, DAY_SECONDS, number(table, "per_hour", None) / HOUR_SECONDS)]
    return Arrivals(rates=tuple(spans)).scaled(factor)


def _redial(table: Table) -> Redial | None:
    told = table.get("redial")
    if told is None:
        return None
    known(told, {"share", "after", "attempts_max", "place_seconds", "deflected_only"}, "redial")
    after = distribution(told, "after")
    if after is None:
        raise ScenarioError("redial needs after")
    place_seconds = number(told, "place_seconds", 0)
    attempts_max, deflected_only = int(told.get("attempts_max", 5)), bool(told.get("deflected_only", False))
    return Redial(share(told, "share"), after, attempts_max, place_seconds, deflected_only)


def _follow_up(table: Table) -> FollowUp | None:
    told = table.get("follow_up")
    if told is None:
        return None
    known(told, {"share", "after", "affinity_seconds"}, "follow_up")
    after = distribution(told, "after")
    if after is None:
        raise ScenarioError("follow_up needs after")
    return FollowUp(share(told, "share"), after, number(told, "affinity_seconds", 0))


def _delays(table: Table) -> tuple[tuple[str, float], ...]:
    """`delays = [{ team = "beginners", seconds = 30 }]`"""
    for one in table.get("delays", ()):
        known(one, {"team", "seconds"}, "delays")
    return tuple((text(one, "team", "a delay"), number(one, "seconds", None)) for one in table.get("delays", ()))


def _parts(table: Table) -> tuple[Part, ...]:
    """`parts = [{ outsourcer = "north", share = 0.6, spill_seconds = 60 }]`"""
    for one in table.get("parts", ()):
        known(one, {"outsourcer", "share", "spill_seconds"}, "parts")
    return tuple(
        Part(text(one, "outsourcer", "a part"), share(one, "share"), number(one, "spill_seconds", None))
        for one in table.get("parts", ())
    )


def _overflow(table: Table) -> Overflow | None:
    told = table.get("overflow")
    if told is None:
        return None
    known(told, {"queue", "after_seconds"}, "overflow")
    return Overflow(text(told, "queue", "an overflow"), number(told, "after_seconds", None))


def _shares(table: Table) -> dict[str, float]:
    told = table.get("shares", {})
    known(told, set(GROUPS.values()), "shares")
    return {group: share(told, group) for group in told}


def _team(table: Table) -> Team:
    name = text(table, "name", "an agent")
    with Place(f"agents {name!r}"):
        known(table, _AGENT, "they")
        shifts = tuple(_shift(one) for one in table.get("shifts", ()))
        if not shifts and "count" not in table:
            raise ScenarioError("count is missing")
        return Team(
            name=name,
            count=int(table.get("count", 0)),
            skills=_levels(table.get("skills", {})),
            languages=tuple(table.get("languages", ("fr",))),
            capacity={channel: int(many) for channel, many in table.get("channels", {"voice": 1}).items()},
            queues=tuple(table.get("queues", ("main",))),
            shifts=shifts,
            answering=distribution(table, "answering"),
            no_answer_share=share(table, "no_answer_share"),
            decline_share=share(table, "decline_share"),
            rest_seconds=number(table, "rest_seconds", 120),
            outsourcer=table.get("outsourcer"),
            shares=_shares(table),
        )


def _shift(table: Table) -> Shift:
    known(table, {"from", "to", "count", "pauses"}, "shifts")
    starts_at, ends_at = time_of_day(table, "from"), time_of_day(table, "to")
    if ends_at <= starts_at:
        raise ScenarioError("a shift ends after it starts, on the same day (24:00 is its end)")
    pauses = []
    for one in table.get("pauses", ()):
        known(one, {"after_minutes", "minutes", "spread_minutes"}, "pauses")
        after, long, spread = (
            number(one, key, None if key != "spread_minutes" else 0) * 60
            for key in ("after_minutes", "minutes", "spread_minutes")
        )
        pauses.append(Pause(after, long, spread))
    return Shift(starts_at, ends_at, int(number(table, "count", None)), tuple(pauses))


def _history(table: Table, text_of: Callable[[str], str] | None) -> dict[str, History]:
    if "history" not in table:
        return {}
    if text_of is None:
        raise ScenarioError("a history cannot be read here")
    with Place(f"history {table['history']!r}"):
        return read_history(text_of(str(table["history"])), number(table, "history_interval_seconds", 1_800))


def _policy(table: Table) -> EnginePolicy:
    known(table, _POLICY, "policy")
    return EnginePolicy(**{one.name: table[one.name] for one in fields(EnginePolicy) if one.name in table})


def _levels(told: Table) -> tuple[tuple[str, int], ...]:
    levels = tuple(sorted((str(skill), int(level)) for skill, level in told.items()))
    if not all(1 <= level <= 5 for _, level in levels):
        raise ScenarioError("skills have levels from 1 to 5")
    return levels
