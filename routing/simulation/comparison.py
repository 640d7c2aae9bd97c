"""What a day of the season came to under one policy, from its log alone: the books, hour by hour, and who loses."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contact.domain.alternatives import ALTERNATIVES, LINES
from routing.admission import MODES, Put, Rule
from routing.erlang import Queue, Target
from routing.simulation.log import MICROSECONDS, Log, What
from routing.simulation.season import OTHER, PATIENCE_SECONDS
from routing.staffing import Demand, staff

BOOKS = ("closed", "deflected", "hung_up", "answered", "abandoned", "waiting")
"""Where each call ends; their sum is what arrived. Deflected is by load alone: outside of the hours it is closed."""
# Staff needed is what keeps so many of those let in within the target wait.
_SERVICE_SHARE = 0.8
_TRIES = ("first", "second", "later")
_HOUR_SECONDS = 3_600.0
_RULES, _PUTS = tuple(Rule), tuple(Put)
_LOWER_IS_BETTER = ("abandon_share", "wait_p90_seconds", "refused_share", "unserved_share")


@dataclass(slots=True)
class _Call:
    """An attempt of a citizen, whose first attempt is *root*; times in seconds."""

    kind: int
    at: float
    root: int
    attempt: int
    end: str = "waiting"
    is_exempt: bool = False
    offered: str | None = None
    queued_at: float | None = None
    waited: float | None = None


@dataclass(slots=True)
class _Other:
    """A contact that an alternative came back as."""

    kind: int
    at: float
    end: str = "waiting"
    waited: float | None = None
    began_at: float = 0.0
    handled: float = 0.0


@dataclass(slots=True)
class _Reading:
    """One pass over a log."""

    about: Mapping[str, Any]
    calls: dict[int, _Call] = field(default_factory=dict)
    others: dict[int, _Other] = field(default_factory=dict)
    line_of: dict[int, str] = field(default_factory=dict)
    taken: dict[int, str] = field(default_factory=dict)
    modes: list[dict[str, Any]] = field(default_factory=list)
    tries: Counter[int] = field(default_factory=Counter)

    def read(self, at: float, what: int, call: int, who: int, value: float) -> None:
        if what == What.ARRIVE:
            self._arrive(at, call, who, int(value))
        elif what == What.LINE:
            self.line_of[self.calls[call].root] = LINES[who]
        elif what == What.FOLLOW:
            self.taken[int(value)] = ALTERNATIVES[who]
        elif what == What.MODE:
            self.modes.append({"at_seconds": at, "mode": MODES[int(value)].value})
        elif call in self.calls:
            self._of_call(self.calls[call], at, what, who, int(value))
        elif call in self.others:
            self._of_other(self.others[call], at, what)

    def _arrive(self, at: float, call: int, kind: int, first: int) -> None:
        if self.about["kinds"][kind]["campaign"] is None:
            self.others[call] = _Other(kind, at)
            return
        root = first if first >= 0 else call
        self.tries[root] += 1
        self.calls[call] = _Call(kind, at, root, self.tries[root])

    def _of_call(self, call: _Call, at: float, what: int, who: int, value: int) -> None:
        if what == What.ADMIT:
            call.is_exempt = _PUTS[value] is Put.EXEMPT and _RULES[who] is not Rule.OVERRIDE
        elif what == What.DEFLECT:
            call.end = "closed" if _RULES[who] is Rule.CLOSED else "deflected"
            call.offered = ALTERNATIVES[value]
        elif what == What.ENTER:
            call.queued_at = at
        elif what == What.HANG_UP:
            call.end = "hung_up"
        elif what in (What.ACCEPT, What.ABANDON) and call.queued_at is not None:
            call.end = "answered" if what == What.ACCEPT else "abandoned"
            call.waited = at - call.queued_at

    def _of_other(self, other: _Other, at: float, what: int) -> None:
        if what == What.ACCEPT:
            other.end, other.waited, other.began_at = "answered", at - other.at, at
        elif what == What.ABANDON:
            other.end, other.waited = "abandoned", at - other.at
        elif what == What.FINISH:
            other.handled = at - other.began_at


def side(log: Log, target_wait_seconds: float, handling_seconds: float) -> dict[str, Any]:
    """All figures of one policy on one day, fit for JSON. Hours are of the day, those of the arrival.

    `totals` and each of `hours` balance: `BOOKS`. A share is null where there is nothing to have a share of.
    """
    reading = _Reading(log.about)
    for time, what, call, who, value in log.events():
        reading.read(time / MICROSECONDS, what, call, who, value)
    by_hour: dict[int, list[_Call]] = defaultdict(list)
    for one in reading.calls.values():
        by_hour[int(one.at // _HOUR_SECONDS)].append(one)
    hours = [
        {
            "hour": hour,
            **_figures(by_hour[hour]),
            "staff_needed": _staff(by_hour[hour], target_wait_seconds, handling_seconds),
        }
        for hour in sorted(by_hour)
    ]
    return {
        "totals": {
            **_figures(reading.calls.values()),
            "staff_needed": max((one["staff_needed"] for one in hours), default=0),
            **_citizens(reading),
        },
        "hours": hours,
        "alternatives": _alternatives(reading),
        "channels": [_channel(reading, name) for name in OTHER],
        "losers": _losers(reading),
        "modes": reading.modes,
    }


def better(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """For each figure of two `totals` of which less is better: which has it, `before`, `after` or `same`."""
    found = {}
    for name in _LOWER_IS_BETTER:
        old, new = before[name] or 0.0, after[name] or 0.0
        found[name] = "same" if abs(old - new) <= 0.01 * max(old, new) else "after" if new < old else "before"
    return found


def _figures(calls: Iterable[_Call]) -> dict[str, Any]:
    calls = list(calls)
    ends = Counter(call.end for call in calls)
    waits = sorted(call.waited for call in calls if call.waited is not None)
    through, asked = ends["answered"] + ends["abandoned"], len(calls) - ends["closed"]
    return {
        "arrived": len(calls),
        "admitted": asked - ends["deflected"],
        "exempt": sum(call.is_exempt for call in calls),
        **{end: ends[end] for end in BOOKS},
        "offered": {
            one: sum(call.end == "deflected" and call.offered == one for call in calls) for one in ALTERNATIVES
        },
        "wait_p50_seconds": _percentile(waits, 0.5),
        "wait_p90_seconds": _percentile(waits, 0.9),
        "abandon_share": ends["abandoned"] / through if through else None,
        "refused_share": ends["deflected"] / asked if asked else None,
    }


def _percentile(ordered: list[float], share: float) -> float | None:
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1) if ordered else None


def _staff(calls: list[_Call], target_wait_seconds: float, handling_seconds: float) -> int:
    """Who it takes to answer those of the hour who came through the menu, by Erlang A."""
    per_hour = float(sum(call.queued_at is not None for call in calls))
    queue = Queue(per_hour, handling_seconds, PATIENCE_SECONDS)
    (found,) = staff([Demand("", "", queue)], Target(_SERVICE_SHARE, target_wait_seconds))
    return found.agents if per_hour else 0


def _citizens(reading: _Reading) -> dict[str, Any]:
    """People, however often they called: answered, else with an alternative, else left with nothing that day."""
    answered = {call.root for call in reading.calls.values() if call.end == "answered"}
    helped = {reading.calls[number].root for number in reading.taken} - answered
    # Whoever calls while the line is closed is not turned away by the policy's pace.
    asked = {call.root for call in reading.calls.values() if call.end != "closed"} | helped
    unserved = len(asked) - len(answered) - len(helped)
    return {
        "citizens": len(asked),
        "citizens_answered": len(answered),
        "citizens_helped": len(helped),
        "citizens_unserved": unserved,
        "unserved_share": unserved / len(asked) if asked else None,
    }


def _alternatives(reading: _Reading) -> list[dict[str, Any]]:
    offered = Counter(call.offered for call in reading.calls.values() if call.end == "deflected")
    taken = Counter(
        alternative for number, alternative in reading.taken.items() if reading.calls[number].end == "deflected"
    )
    return [{"name": one, "offered": offered[one], "taken": taken[one]} for one in ALTERNATIVES]


def _channel(reading: _Reading, name: str) -> dict[str, Any]:
    kinds = [kind["name"] for kind in reading.about["kinds"]]
    found = [one for one in reading.others.values() if kinds[one.kind] == name]
    ends = Counter(one.end for one in found)
    waits = sorted(one.waited for one in found if one.waited is not None)
    hours = Counter(int(one.at // _HOUR_SECONDS) for one in found)
    return {
        "name": name,
        "contacts": len(found),
        **{end: ends[end] for end in ("answered", "abandoned", "waiting")},
        "wait_p50_seconds": _percentile(waits, 0.5),
        "wait_p90_seconds": _percentile(waits, 0.9),
        "work_hours": round(sum(one.handled for one in found) / _HOUR_SECONDS, 1),
        "hours": [{"hour": hour, "contacts": hours[hour]} for hour in sorted(hours)],
    }


def _losers(reading: _Reading) -> dict[str, list[dict[str, Any]]]:
    """By what callers have in common, how many asked while the line was open, and how many were refused."""
    kinds = [kind["name"] for kind in reading.about["kinds"]]
    groups: dict[str, dict[str, list[int]]] = {
        "line": {one: [0, 0] for one in LINES},
        "topic": {kind["name"]: [0, 0] for kind in reading.about["kinds"] if kind["campaign"] is not None},
        "hour": {},
        "habit": {one: [0, 0] for one in _TRIES},
    }
    for call in sorted(reading.calls.values(), key=lambda call: call.at):
        if call.end == "closed":
            continue
        told = {
            "line": reading.line_of[call.root],
            "topic": kinds[call.kind],
            "hour": str(int(call.at // _HOUR_SECONDS)),
            "habit": _TRIES[min(call.attempt, len(_TRIES)) - 1],
        }
        for group, name in told.items():
            counts = groups[group].setdefault(name, [0, 0])
            counts[0] += 1
            counts[1] += call.end == "deflected"
    return {
        group: [
            {"name": name, "asked": asked, "refused": refused, "refused_share": refused / asked if asked else None}
            for name, (asked, refused) in found.items()
        ]
        for group, found in groups.items()
    }
