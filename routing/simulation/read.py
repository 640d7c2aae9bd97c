"""A scenario from the tables of a TOML file: whatever is wrong is said with its place."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeAlias

from routing.rules import GROUPS
from routing.simulation.arrivals import DAY_SECONDS, Arrivals, Span
from routing.simulation.chance import KINDS, Distribution
from routing.simulation.history import History, read_history
from routing.simulation.scenario import FollowUp, Kind, Overflow, Part, Pause, Redial, Scenario, Shift, Team
from routing.types import EnginePolicy, Need, Step

Table: TypeAlias = Mapping[str, Any]
_HOUR_SECONDS = 3_600.0
_POLICY = {"offer_seconds_default", "missed_offers_max", "declined_again_seconds"}
_TOP = {
    *("name", "title", "days", "calls", "warm_up_seconds", "day_factor_cv", "interval_seconds", "announces"),
    *("history", "history_interval_seconds", "policy", "every_contact", "every_agent", "contacts", "agents"),
}
_CONTACT = {
    *("name", "channel", "language", "skills", "then", "queue", "priority", "target_seconds", "answer_within_seconds"),
    *("per_hour", "from", "hourly_shares", "rates", "arrivals_factor"),
    *("handling", "handling_factor", "patience", "wrap_up", "redial", "follow_up", "delays", "parts", "overflow"),
}
_AGENT = {
    *("name", "count", "skills", "languages", "channels", "queues", "shifts", "answering"),
    *("no_answer_share", "decline_share", "rest_seconds", "outsourcer", "shares"),
}


class ScenarioError(ValueError):
    """The file does not say a scenario; the message names the place."""


def read_scenario(table: Table, name: str, text_of: Callable[[str], str] | None = None) -> Scenario:
    """The scenario a file tells; *text_of* opens the history it names.

    Raises:
        ScenarioError: a word, value or combination that means nothing.
    """
    try:
        _known(table, _TOP, "the file")
        history = _history(table, text_of)
        calls = table.get("calls")
        scenario = Scenario(
            name=str(table.get("name", name)),
            title=dict(table.get("title", {})),
            kinds=tuple(_kind({**table.get("every_contact", {}), **one}, history) for one in table.get("contacts", ())),
            teams=tuple(_team({**table.get("every_agent", {}), **one}) for one in table.get("agents", ())),
            seconds=_number(table, "days", 1) * DAY_SECONDS,
            day_factor_cv=_number(table, "day_factor_cv", 0),
            interval_seconds=_number(table, "interval_seconds", 1_800),
            announces=bool(table.get("announces", False)),
            policy=_policy(table.get("policy", {})),
        )
        if calls is not None:
            scenario = scenario.lasting(calls=int(calls))
        return replace(scenario, warm_up_seconds=_number(table, "warm_up_seconds", 0))
    except ScenarioError:
        raise
    except (ValueError, TypeError, AttributeError) as wrong:
        raise ScenarioError(str(wrong)) from wrong


def _kind(table: Table, history: Mapping[str, History]) -> Kind:
    name = _text(table, "name", "a contact")
    with _Place(f"contacts {name!r}"):
        _known(table, _CONTACT, "it")
        recorded = history.get(name)
        handling, patience = _distribution(table, "handling"), _distribution(table, "patience")
        if recorded is not None:
            handling, patience = recorded.handling or handling, recorded.patience or patience
        if handling is None:
            raise ScenarioError("handling is missing")
        return Kind(
            name=name,
            steps=_steps(table),
            arrivals=recorded.arrivals if recorded else _arrivals(table),
            handling=handling.scaled(_number(table, "handling_factor", 1)),
            patience=patience,
            wrap_up=_distribution(table, "wrap_up"),
            redial=_redial(table),
            follow_up=_follow_up(table),
            delays=_delays(table),
            parts=_parts(table),
            overflow=_overflow(table),
            queue=str(table.get("queue", "main")),
            priority=int(table.get("priority", 0)),
            target_seconds=_number(table, "target_seconds", 0),
            answer_within_seconds=_number(table, "answer_within_seconds", 20),
        )


def _steps(table: Table) -> tuple[Step, ...]:
    """What is asked at first, then what *then* says; a language not named again stays."""
    channel, language = str(table.get("channel", "voice")), table.get("language")
    steps = [Step(0.0, Need(channel, language, _levels(table.get("skills", {}))))]
    for later in table.get("then", ()):
        _known(later, {"after_seconds", "skills", "language"}, "then")
        spoken = later.get("language", language) or None
        steps.append(Step(_number(later, "after_seconds", 0), Need(channel, spoken, _levels(later.get("skills", {})))))
    if steps != sorted(steps, key=lambda step: step.after_seconds):
        raise ScenarioError("then goes by after_seconds")
    return tuple(steps)


def _arrivals(table: Table) -> Arrivals:
    """`per_hour`, all day; with `hourly_shares` that of the busiest hour; or `rates`, from one hour to another."""
    factor = _number(table, "arrivals_factor", 1)
    if "rates" in table:
        spans = [
            Span(_time_of_day(one, "from"), _time_of_day(one, "to"), _number(one, "per_hour", None) / _HOUR_SECONDS)
            for one in table["rates"]
        ]
    elif "hourly_shares" in table:
        shares, start = [float(share) for share in table["hourly_shares"]], _time_of_day(table, "from")
        busiest = _number(table, "per_hour", None) / _HOUR_SECONDS
        spans = [
            Span(start + n * _HOUR_SECONDS, start + (n + 1) * _HOUR_SECONDS, busiest * share / max(shares))
            for n, share in enumerate(shares)
        ]
    else:
        spans = [Span(0.0, DAY_SECONDS, _number(table, "per_hour", None) / _HOUR_SECONDS)]
    return Arrivals(rates=tuple(spans)).scaled(factor)


def _redial(table: Table) -> Redial | None:
    told = table.get("redial")
    if told is None:
        return None
    _known(told, {"share", "after", "attempts_max", "place_seconds"}, "redial")
    after = _distribution(told, "after")
    if after is None:
        raise ScenarioError("redial needs after")
    place_seconds = _number(told, "place_seconds", 0)
    return Redial(_share(told, "share"), after, int(told.get("attempts_max", 5)), place_seconds)


def _follow_up(table: Table) -> FollowUp | None:
    told = table.get("follow_up")
    if told is None:
        return None
    _known(told, {"share", "after", "affinity_seconds"}, "follow_up")
    after = _distribution(told, "after")
    if after is None:
        raise ScenarioError("follow_up needs after")
    return FollowUp(_share(told, "share"), after, _number(told, "affinity_seconds", 0))


def _delays(table: Table) -> tuple[tuple[str, float], ...]:
    """`delays = [{ team = "beginners", seconds = 30 }]`"""
    for one in table.get("delays", ()):
        _known(one, {"team", "seconds"}, "delays")
    return tuple((_text(one, "team", "a delay"), _number(one, "seconds", None)) for one in table.get("delays", ()))


def _parts(table: Table) -> tuple[Part, ...]:
    """`parts = [{ outsourcer = "north", share = 0.6, spill_seconds = 60 }]`"""
    for one in table.get("parts", ()):
        _known(one, {"outsourcer", "share", "spill_seconds"}, "parts")
    return tuple(
        Part(_text(one, "outsourcer", "a part"), _share(one, "share"), _number(one, "spill_seconds", None))
        for one in table.get("parts", ())
    )


def _overflow(table: Table) -> Overflow | None:
    told = table.get("overflow")
    if told is None:
        return None
    _known(told, {"queue", "after_seconds"}, "overflow")
    return Overflow(_text(told, "queue", "an overflow"), _number(told, "after_seconds", None))


def _shares(table: Table) -> dict[str, float]:
    told = table.get("shares", {})
    _known(told, set(GROUPS.values()), "shares")
    return {group: _share(told, group) for group in told}


def _team(table: Table) -> Team:
    name = _text(table, "name", "an agent")
    with _Place(f"agents {name!r}"):
        _known(table, _AGENT, "they")
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
            answering=_distribution(table, "answering"),
            no_answer_share=_share(table, "no_answer_share"),
            decline_share=_share(table, "decline_share"),
            rest_seconds=_number(table, "rest_seconds", 120),
            outsourcer=table.get("outsourcer"),
            shares=_shares(table),
        )


def _shift(table: Table) -> Shift:
    _known(table, {"from", "to", "count", "pauses"}, "shifts")
    starts_at, ends_at = _time_of_day(table, "from"), _time_of_day(table, "to")
    if ends_at <= starts_at:
        raise ScenarioError("a shift ends after it starts, on the same day (24:00 is its end)")
    pauses = []
    for one in table.get("pauses", ()):
        _known(one, {"after_minutes", "minutes", "spread_minutes"}, "pauses")
        after, long, spread = (
            _number(one, key, None if key != "spread_minutes" else 0) * 60
            for key in ("after_minutes", "minutes", "spread_minutes")
        )
        pauses.append(Pause(after, long, spread))
    return Shift(starts_at, ends_at, int(_number(table, "count", None)), tuple(pauses))


def _distribution(table: Table, key: str) -> Distribution | None:
    """`{ lognormal = 300, cv = 1.2 }`: the kind with its mean in seconds, or its values."""
    told = table.get(key)
    if told is None:
        return None
    with _Place(key):
        kinds = [kind for kind in KINDS if isinstance(told, Mapping) and kind in told]
        if len(kinds) != 1 or set(told) - {kinds[0], "cv"}:
            raise ScenarioError(
                f"a distribution is like {{ lognormal = 300, cv = 1.2 }}; there are: {', '.join(KINDS)}"
            )
        value = told[kinds[0]]
        if isinstance(value, list):
            return Distribution(kinds[0], values=tuple(float(one) for one in value))
        return Distribution(kinds[0], float(value), float(told.get("cv", 1.0)))


def _history(table: Table, text_of: Callable[[str], str] | None) -> dict[str, History]:
    if "history" not in table:
        return {}
    if text_of is None:
        raise ScenarioError("a history cannot be read here")
    with _Place(f"history {table['history']!r}"):
        return read_history(text_of(str(table["history"])), _number(table, "history_interval_seconds", 1_800))


def _policy(table: Table) -> EnginePolicy:
    _known(table, _POLICY, "policy")
    return EnginePolicy(**{one.name: table[one.name] for one in fields(EnginePolicy) if one.name in table})


def _levels(told: Table) -> tuple[tuple[str, int], ...]:
    levels = tuple(sorted((str(skill), int(level)) for skill, level in told.items()))
    if not all(1 <= level <= 5 for _, level in levels):
        raise ScenarioError("skills have levels from 1 to 5")
    return levels


def _known(table: Table, words: set[str], place: str) -> None:
    if not isinstance(table, Mapping):
        raise ScenarioError(f"{place} must be a table")
    if unknown := set(table) - words:
        raise ScenarioError(f"{place} may not say {', '.join(sorted(unknown))}; may say: {', '.join(sorted(words))}")


def _text(table: Table, key: str, place: str) -> str:
    if not isinstance(table.get(key), str):
        raise ScenarioError(f"{place} needs a {key}")
    return str(table[key])


def _number(table: Table, key: str, default: float | None) -> float:
    value = table.get(key, default)
    if value is None:
        raise ScenarioError(f"{key} is missing")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ScenarioError(f"{key} must be a number from 0 on, not {value!r}")
    return float(value)


def _share(table: Table, key: str) -> float:
    value = _number(table, key, 0)
    if value > 1:
        raise ScenarioError(f"{key} is a share, from 0 to 1")
    return value


def _time_of_day(table: Table, key: str) -> float:
    """ "09:30" in seconds."""
    hours, _, minutes = str(table.get(key, "")).partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise ScenarioError(f"{key} is a time of day like 09:30, not {table.get(key)!r}")
    seconds = int(hours) * _HOUR_SECONDS + int(minutes) * 60
    if int(minutes) > 59 or seconds > DAY_SECONDS:
        raise ScenarioError(f"{key} is a time of day from 00:00 to 24:00, not {table.get(key)!r}")
    return seconds


class _Place:
    """Names where in the file something is wrong."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: object, wrong: BaseException | None, _trace: object) -> None:
        if isinstance(wrong, ValueError | TypeError | AttributeError):
            raise ScenarioError(f"{self._place}: {wrong}") from wrong
