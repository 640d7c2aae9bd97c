"""The throttle's loop: a campaign's measured capacity, the rate that keeps its wait on target, and its mode."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from math import exp
from typing import Any, NamedTuple

from routing.admission import MODES, Limits, Mode, Valve

# What a call takes where no day was measured yet.
PLANNED_HANDLING_SECONDS = 300.0
_THROTTLE = MODES.index(Mode.THROTTLE)


class Band(NamedTuple):
    """A mode begins at *enter* seconds of expected wait, and ends below *exit*."""

    enter: float
    exit: float


@dataclass(frozen=True, slots=True)
class ThrottlePolicy:
    """What an administration decides of the pace.

    *target_wait_seconds* is from the decision on: the menu that follows is part of it. The loop aims at
    *aim_share* of it, because waits scatter around their mean. *bands* are those of advise, throttle and
    essential_only. While more than *refused_share_max* of those who ask are refused, no mode below throttle begins: a
    line that refuses many is not open, however short its queue. *floor_share* and *returning_share* are of the
    measured capacity.

    Raises:
        ValueError: bands that would make modes flap, or shares that are none.
    """

    target_wait_seconds: float = 90.0
    aim_share: float = 0.95
    burst: float = 10.0
    floor_share: float = 0.2
    returning_share: float = 0.2
    bands: tuple[Band, Band, Band] = (Band(15.0, 4.0), Band(25.0, 8.0), Band(240.0, 150.0))
    refused_share_max: float = 0.05
    dwell_seconds: float = 600.0
    tick_seconds: float = 10.0
    smoothing: float = 0.3
    correction_seconds: float = 120.0
    window_seconds: float = 600.0
    prior_until: int = 50
    mode_seconds: float = 300.0

    def __post_init__(self) -> None:
        if any(band.enter <= band.exit for band in self.bands):
            raise ValueError("a mode must end below the wait that begins it")
        if any(lower.enter >= upper.enter or lower.exit >= upper.exit for lower, upper in pairwise(self.bands)):
            raise ValueError("a stricter mode must begin and end at a longer wait")
        if not all(0 <= share <= 1 for share in (self.floor_share, self.returning_share, self.aim_share)):
            raise ValueError("a share is from 0 to 1")


class Work(NamedTuple):
    """What agents did by *at*: contacts completed so far, the seconds spent on them, and seconds spent idle."""

    at: float
    completed: int
    busy_seconds: float
    idle_seconds: float


@dataclass(slots=True)
class Capacity:
    """Completions a second that the agents could do, from what they did lately.

    Own completions + the contract's share of the idle agents' time at the pace of the busy ones, both over one
    window: right from the first call on, when agents are busy and nothing is done yet. Until enough was completed a
    prior holds: yesterday's, or agents / planned handling.
    """

    policy: ThrottlePolicy
    share: float
    per_second: float = 0.0
    _past: deque[Work] = field(default_factory=deque)
    _completed_before: int = 0

    def measure(self, work: Work, prior: float) -> float:
        """Take the present counts into account; a *prior* of 0 is nobody at work, and the next day begins anew."""
        past = self._past
        if prior <= 0:
            past.clear()
            self._completed_before, self.per_second = work.completed, 0.0
            return 0.0
        past.append(work)
        while work.at - past[0].at > self.policy.window_seconds:
            past.popleft()
        first = past[0]
        completed, busy = work.completed - first.completed, work.busy_seconds - first.busy_seconds
        if work.completed - self._completed_before < self.policy.prior_until:
            self.per_second = prior
            return prior
        if busy <= 0 or work.at <= first.at:
            return self.per_second
        idle = (work.idle_seconds - first.idle_seconds) * self.share
        found = completed * (1 + idle / busy) / (work.at - first.at)
        self.per_second += self.policy.smoothing * (found - self.per_second)
        return self.per_second

    def kept(self) -> dict[str, Any]:
        """What was measured so far, fit for JSON."""
        return _measured(self) | {"_past": list(self._past)}

    @classmethod
    def resumed(cls, policy: ThrottlePolicy, share: float, kept: dict[str, Any]) -> "Capacity":
        """Going on from what another has `kept`."""
        return cls(policy, share, **kept | {"_past": deque(Work(*one) for one in kept["_past"])})


def shared_out(capacities: Sequence[float], pool: float) -> list[float]:
    """The campaigns' capacities, made smaller where together they exceed what their pool can do."""
    total = sum(capacities)
    return [one * pool / total for one in capacities] if total > pool else list(capacities)


class Backlog(NamedTuple):
    """A campaign's callers: in the queue, in the menu after they were let in, and those who have left it so far.

    *asked* and *refused* are all decisions so far, and those of them that refused.
    """

    waiting: int
    in_menu: int
    entered: int
    hung_up: int
    asked: int = 0
    refused: int = 0


@dataclass(slots=True)
class Throttle:
    """One campaign's loop, turned every tick."""

    policy: ThrottlePolicy
    mode: Mode = Mode.OPEN
    rate: float = 0.0
    capacity: float = 0.0
    wait_seconds: float = 0.0
    _mode_since: float | None = None
    _long_wait_seconds: float = 0.0
    _counted: tuple[int, int] = (0, 0)
    _asked: float = 0.0
    _refused: float = 0.0
    _is_running: bool = False

    def turn(self, capacity: float, backlog: Backlog, now: float) -> None:
        """A new rate and mode, from the measured *capacity* and the present *backlog*.

        rate = capacity + (target backlog - predicted backlog) / correction time, smoothed: whoever was let in but has
        not reached the queue counts by the share that does.
        """
        policy = self.policy
        target = capacity * policy.target_wait_seconds * policy.aim_share
        raw = capacity + (target - predicted(backlog)) / policy.correction_seconds
        self.rate = max(self.rate + policy.smoothing * (raw - self.rate) if self._is_running else raw, 0.0)
        self.capacity = capacity
        self.wait_seconds = backlog.waiting / capacity if capacity > 0 else 0.0
        part = 1 - exp(-policy.tick_seconds / policy.mode_seconds)
        self._long_wait_seconds += part * (self.wait_seconds - self._long_wait_seconds)
        before_asked, before_refused = self._counted
        self._counted = (backlog.asked, backlog.refused)
        self._asked += backlog.asked - before_asked - part * self._asked
        self._refused += backlog.refused - before_refused - part * self._refused
        self._is_running = True
        self._step(now)

    def _step(self, now: float) -> None:
        """One level at a time, and none before its time."""
        if self._mode_since is not None and now - self._mode_since < self.policy.dwell_seconds:
            return
        level, wait, bands = MODES.index(self.mode), self._long_wait_seconds, self.policy.bands
        if level < len(bands) and wait >= bands[level].enter:
            self.mode, self._mode_since = MODES[level + 1], now
        elif level > 0 and wait < bands[level - 1].exit and not (level <= _THROTTLE and self._refuses_many):
            self.mode, self._mode_since = MODES[level - 1], now

    @property
    def _refuses_many(self) -> bool:
        return self._refused > self.policy.refused_share_max * self._asked

    @property
    def limits(self) -> Limits:
        """What fills the bucket until the next turn."""
        policy = self.policy
        return Limits(
            self.rate,
            policy.burst,
            policy.floor_share * self.capacity,
            policy.returning_share * self.capacity,
        )

    @property
    def valve(self) -> Valve:
        """What a decision reads."""
        return Valve(self.mode, self.wait_seconds)

    def kept(self) -> dict[str, Any]:
        """What the loop knows, fit for JSON."""
        return _measured(self)

    @classmethod
    def resumed(cls, policy: ThrottlePolicy, kept: dict[str, Any]) -> "Throttle":
        """Going on from what another has `kept`: its mode and dwell, its rate and its means."""
        return cls(policy, **kept | {"mode": Mode(kept["mode"]), "_counted": tuple(kept["_counted"])})


def _measured(part: Capacity | Throttle) -> dict[str, Any]:
    """Its fields, without what was decided for it."""
    return {one.name: getattr(part, one.name) for one in fields(part) if one.name not in ("policy", "share")}


_SEEN_BEFORE = 20


def predicted(backlog: Backlog) -> float:
    """Callers who will be in the queue: those there, and of those in the menu the share that gets through.

    The share is measured, and 1 while little is known.
    """
    left = backlog.entered + backlog.hung_up + _SEEN_BEFORE
    return backlog.waiting + backlog.in_menu * (backlog.entered + _SEEN_BEFORE) / left
