"""What came of a run, from its log and nothing else: anybody with the log finds the same."""

from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from routing.scoring import Outcome, score
from routing.simulation.admitted import admission
from routing.simulation.arrivals import DAY_SECONDS
from routing.simulation.intervals import Figure, ratio
from routing.simulation.log import MICROSECONDS, Log, What

BATCHES = 20
_PRESENCE = frozenset({What.SIGN_IN, What.SIGN_OUT, What.PAUSE, What.BACK})
_COUNTS = ("arrived", "redials", "answered", "abandoned", "deflected", "hung_up", "waiting")
_STEADY_ROWS = 48
_PERCENTILES = (0.5, 0.8, 0.95)
_PROMISES = {
    What.EXPECT: "expected",
    What.PROMISE_LOW: "low",
    What.PROMISE_HIGH: "high",
    What.RIVAL_LENGTH: "by_length",
    What.RIVAL_LAST: "by_last_served",
}


@dataclass(slots=True)
class _Seen:
    """One call, as the log tells it; times in seconds."""

    kind: int
    arrived_at: float
    is_redial: bool
    queued_at: float
    ended: str = "waiting"
    waited: float = 0.0
    handled: float = 0.0
    accepted_at: float = 0.0
    had_to_wait: bool = True
    told: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Level:
    """A number of people or contacts over time, and its integral by interval."""

    rows: "Rows"
    now: int = 0
    at: float = 0.0
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seconds = [0.0] * self.rows.count

    def change(self, by: int, at: float) -> None:
        """Add what the level was until now, then move it."""
        if self.now and at > self.at:
            self.rows.spread(self.seconds, self.at, at, self.now)
        self.at = at
        self.now += by


class Rows:
    """The intervals reported: of the run if nothing changes with the time of day, else of the day, all days in one."""

    def __init__(self, about: dict[str, Any]) -> None:
        self.is_steady: bool = about["is_steady"]
        self.seconds: float = about["seconds"] / _STEADY_ROWS if self.is_steady else about["interval_seconds"]
        self.count = _STEADY_ROWS if self.is_steady else -int(-DAY_SECONDS // self.seconds)
        self.days = 1 if self.is_steady else about["days"]

    def of(self, at: float) -> int:
        """The interval of a moment."""
        return min(int((at if self.is_steady else at % DAY_SECONDS) / self.seconds), self.count - 1)

    def spread(self, seconds: list[float], start: float, end: float, amount: float) -> None:
        """Share amount x time out over the intervals from start to end."""
        while start < end:
            row = self.of(start)
            day = 0.0 if self.is_steady else start // DAY_SECONDS * DAY_SECONDS
            border = day + (DAY_SECONDS if row == self.count - 1 and not self.is_steady else (row + 1) * self.seconds)
            until = min(end, border) if border > start else end
            seconds[row] += amount * (until - start)
            start = until


class _Reading:
    """One pass over a log."""

    def __init__(self, log: Log) -> None:
        self.rows = Rows(log.about)
        self.is_live: list[bool] = [kind["is_live"] for kind in log.about["kinds"]]
        self._has_door = [kind["campaign"] is not None for kind in log.about["kinds"]]
        self.calls: dict[int, _Seen] = {}
        self.present = _Level(self.rows)
        self.busy = _Level(self.rows)
        self.queue = _Level(self.rows)
        self.counts: dict[str, int] = defaultdict(int)
        self._held: dict[int, int] = defaultdict(int)
        self._away: set[int] = set()
        for time, what, call, who, value in log.events():
            self._read(time / MICROSECONDS, what, call, who, value)
        for level in (self.present, self.busy, self.queue):
            level.change(0, log.about["seconds"])

    def _read(self, at: float, what: int, call: int, who: int, value: float) -> None:
        if what == What.ARRIVE:
            self.calls[call] = _Seen(who, at, value >= 0, at)
            if not self._has_door[who]:
                self._queue(call, 1, at)
        elif what == What.ENTER:
            self.calls[call].queued_at = at
            self._queue(call, 1, at)
        elif what in (What.DEFLECT, What.HANG_UP):
            self.calls[call].ended = "deflected" if what == What.DEFLECT else "hung_up"
        elif what == What.ACCEPT:
            seen = self.calls[call]
            seen.ended, seen.waited, seen.accepted_at = "answered", at - seen.queued_at, at
            seen.had_to_wait = seen.had_to_wait and at > seen.queued_at
            self._queue(call, -1, at)
            self._hold(who, 1, at)
        elif what == What.ABANDON:
            seen = self.calls[call]
            seen.ended, seen.waited = "abandoned", at - seen.queued_at
            self._queue(call, -1, at)
        elif what == What.FINISH:
            self.calls[call].handled = at - self.calls[call].accepted_at
            if value == 0:
                self._hold(who, -1, at)
        elif what == What.FREE:
            self._hold(who, -1, at)
        elif what in _PROMISES:
            self.calls[call].told[_PROMISES[What(what)]] = value
        elif what in (What.OFFER, What.DECLINE, What.MISS):
            self.counts[What(what).name.lower()] += 1
            seen = self.calls[call]
            seen.had_to_wait = seen.had_to_wait and (what != What.OFFER or at > seen.queued_at)
        elif what in _PRESENCE:
            self._presence(what, who, at)

    def _queue(self, call: int, change: int, at: float) -> None:
        if self.is_live[self.calls[call].kind]:
            self.queue.change(change, at)

    def _hold(self, who: int, change: int, at: float) -> None:
        before = self._held[who]
        self._held[who] = before + change
        if (before == 0) != (before + change == 0):
            self.busy.change(change, at)

    def _presence(self, what: int, who: int, at: float) -> None:
        if what in (What.SIGN_IN, What.BACK):
            self.present.change(1, at)
            self._away.discard(who)
        elif who not in self._away:
            self.present.change(-1, at)
            self._away.add(who)


def results(log: Log) -> dict[str, Any]:
    """All figures, fit for JSON: `all` and `kinds` with 95 % intervals, `intervals`, `days`, `announced`,
    `admission` (empty without a campaign), `about`.

    A kind is live when somebody holds the line for it, who may give up (or nobody ever does): letters, which wait for
    hours, are in no figure for all. Waits are those of who arrived after the warm-up and was answered or gave up; who
    still waits at the end is counted and no more. Intervals are by 20 stretches of a steady run, else by days: a single
    day tells none.
    """
    about = log.about
    reading = _Reading(log)
    seen = [one for one in reading.calls.values() if one.arrived_at >= about["warm_up_seconds"]]
    batches = BATCHES if about["is_steady"] else about["days"]
    kinds = about["kinds"]
    by_batch = [seen[len(seen) * n // batches : len(seen) * (n + 1) // batches] for n in range(batches)]
    if not about["is_steady"]:
        by_batch = [[one for one in seen if int(one.arrived_at // DAY_SECONDS) == day] for day in range(batches)]
    within = [kind["answer_within_seconds"] for kind in kinds]
    return {
        "about": about,
        "all": _figures([[one for one in batch if reading.is_live[one.kind]] for batch in by_batch], within),
        "kinds": [
            {"name": kind["name"], **_figures([[one for one in batch if one.kind == n] for batch in by_batch], within)}
            for n, kind in enumerate(kinds)
        ],
        "agents": {
            "occupancy": ratio([sum(reading.busy.seconds)], [sum(reading.present.seconds)]).value,
            "present_hours": sum(reading.present.seconds) / 3_600,
            "offers_missed": reading.counts["miss"],
            "offers_declined": reading.counts["decline"],
        },
        "intervals": _intervals(reading, within),
        "days": []
        if about["is_steady"]
        else [
            {"day": n + 1, **_sums([one for one in day if reading.is_live[one.kind]], within)}
            for n, day in enumerate(by_batch)
        ],
        "announced": _announced(seen),
        "admission": admission(log),
    }


def _sums(calls: list[_Seen], within: list[float]) -> dict[str, float]:
    """What adds up."""
    found = dict.fromkeys(
        (*_COUNTS, "waited", "in_time", "had_to_wait"),
        0.0,
    )
    for one in calls:
        found["arrived"] += 1
        found["redials"] += one.is_redial
        found[one.ended] += 1
        found["in_time"] += one.ended == "answered" and one.waited <= within[one.kind]
        if one.ended in ("answered", "abandoned"):
            found["waited"] += one.waited
            found["had_to_wait"] += one.had_to_wait
    return found


def _figures(by_batch: list[list[_Seen]], within: list[float]) -> dict[str, Any]:
    sums = [_sums(batch, within) for batch in by_batch]
    answered = [[one for one in batch if one.ended == "answered"] for batch in by_batch]
    admitted = [one["answered"] + one["abandoned"] for one in sums]

    def figure(above: list[float], below: list[float]) -> dict[str, float | None]:
        return Figure._asdict(ratio(above, below))

    def column(name: str) -> list[float]:
        return [one[name] for one in sums]

    counts = [float(len(batch)) for batch in answered]
    waits = sorted(one.waited for batch in answered for one in batch)
    handled = [[one.handled for one in batch if one.handled > 0] for batch in answered]
    return {
        **{name: int(sum(column(name))) for name in _COUNTS},
        "abandon_share": figure(column("abandoned"), admitted),
        "deflected_share": figure(column("deflected"), column("arrived")),
        "wait_share": figure(column("had_to_wait"), admitted),
        "mean_wait_seconds": figure(column("waited"), admitted),
        "mean_wait_answered_seconds": figure([sum(one.waited for one in batch) for batch in answered], counts),
        "service_level": figure(column("in_time"), admitted),
        "mean_handling_seconds": figure([sum(batch) for batch in handled], [float(len(batch)) for batch in handled]),
        "wait_percentiles_seconds": {
            f"{share:.0%}": waits[min(int(share * len(waits)), len(waits) - 1)] if waits else None
            for share in _PERCENTILES
        },
    }


def _intervals(reading: _Reading, within: list[float]) -> list[dict[str, float | None]]:
    """Means of a day for each interval in which anything happened; live contacts alone, warm-up included."""
    rows = reading.rows
    by_row: dict[int, list[_Seen]] = defaultdict(list)
    for one in reading.calls.values():
        if reading.is_live[one.kind]:
            by_row[rows.of(one.arrived_at)].append(one)
    found = []
    for row in range(rows.count):
        present = reading.present.seconds[row]
        if not by_row[row] and present < rows.seconds * rows.days / 2:
            continue  # the counter is closed: at most the last call of the day goes on
        sums = _sums(by_row[row], within)
        admitted = sums["answered"] + sums["abandoned"]
        counts = {name: sums[name] / rows.days for name in ("arrived", "answered", "abandoned", "deflected")}
        found.append(
            {
                "starts_at": row * rows.seconds,
                **counts,
                "mean_wait_seconds": sums["waited"] / admitted if admitted else None,
                "service_level": sums["in_time"] / admitted if admitted else None,
                "agents": present / rows.seconds / rows.days,
                "busy": reading.busy.seconds[row] / rows.seconds / rows.days,
                "queue": reading.queue.seconds[row] / rows.seconds / rows.days,
            }
        )
    return found


def _announced(calls: list[_Seen]) -> dict[str, Any] | None:
    """How true the announced waits were, beside what the simple rivals would have said of the same contacts."""
    judged = [one for one in calls if one.ended in ("answered", "abandoned") and len(one.told) == len(_PROMISES)]
    found = {}
    for name in ("expected", "by_length", "by_last_served"):
        outcomes = [
            Outcome(one.told[name], one.told["low"], one.told["high"], one.waited, one.ended == "answered")
            for one in judged
        ]
        scored = score(outcomes)
        if scored is None:
            return None
        found[name] = asdict(scored)
    return found
