"""Expected wait: how long a contact that must wait will wait, from what was measured, and what may be promised.

Source: Whitt (1999), "Improving service by informing customers about anticipated delays"; the rivals it is scored
against are in Ibrahim and Whitt (2009), "Real-time delay estimation based on delay history".
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from math import ceil, sqrt
from statistics import NormalDist
from typing import Generic, TypeVar
from uuid import UUID

from routing.types import Key

_KEPT_SHARE = 0.8
_MINUTE = 60
# What people say: nobody is told "between 7 and 13 minutes".
_MARKS = tuple(_MINUTE * minutes for minutes in (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120))
_HOUR = 60 * _MINUTE
_NORMAL = NormalDist()
_PRIOR_STARTS = 10.0  # what was planned counts as so many contacts seen
_Kind = TypeVar("_Kind", bound=Hashable)
_Group = TypeVar("_Group", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Expected:
    """The wait still to come, as a distribution; *basis* is `measured` or, for want of any figure, `last_served`."""

    mean_seconds: float
    deviation_seconds: float
    ahead: float
    basis: str

    def percentile(self, share: float) -> float:
        """The wait that *share* of such contacts stay below, by a gamma of the same mean and deviation.

        Wilson and Hilferty (1931); a single exponential stage is met within 1 % at 0.8.
        """
        if self.mean_seconds <= 0:
            return 0.0
        ninth = (self.deviation_seconds / self.mean_seconds) ** 2 / 9
        cube = 1 - ninth + _NORMAL.inv_cdf(share) * sqrt(ninth)
        return self.mean_seconds * max(cube, 0.0) ** 3

    def announcement(self) -> tuple[int, int]:
        """(from, to) in seconds, on round minutes: never a precise figure. Four in five wait *to* or less."""
        low, high = self.percentile(1 - _KEPT_SHARE), self.percentile(_KEPT_SHARE)
        to = next((mark for mark in _MARKS if mark >= high), ceil(high / _HOUR) * _HOUR)
        below = [mark for mark in (0, *_MARKS, int(low // _HOUR) * _HOUR) if mark <= low and mark < to]
        return max(below, default=0), to


def expected(ahead: float, departures_per_second: float, leaving_rate: float) -> tuple[float, float]:
    """(mean, deviation) in seconds of the wait behind *ahead* contacts, rounded to whole ones, the own start included.

    Sum over i = 0..ahead of 1 / (departures + i * leaving_rate): one exponential stage after another, with i contacts
    still in front that may give up. Infinite without departures.
    """
    if departures_per_second <= 0:
        return float("inf"), float("inf")
    stages = [1 / (departures_per_second + number * leaving_rate) for number in range(round(ahead) + 1)]
    return sum(stages), sqrt(sum(stage * stage for stage in stages))


@dataclass(frozen=True, slots=True)
class Planned:
    """What is believed of a kind before anything was measured; None is not known (patience: nobody gives up)."""

    handle_seconds: float | None = None
    patience_seconds: float | None = None


@dataclass(slots=True)
class _Rate:
    """Events over exposure, both fading by half every *half_life* seconds."""

    half_life: float
    events: float = 0.0
    exposure: float = 0.0
    at: float = 0.0

    def pass_to(self, now: float, exposed: float) -> None:
        """Let time pass with *exposed* at risk all the while."""
        seconds = now - self.at
        if seconds > 0:
            fading = 0.5 ** (seconds / self.half_life)
            self.events *= fading
            self.exposure = self.exposure * fading + exposed * seconds
            self.at = now

    def per_second(self, prior: float | None) -> float | None:
        """The rate, drawn towards *prior* while little was seen; None when nothing is known."""
        if prior is None:
            return self.events / self.exposure if self.exposure > 0 and self.events > 0 else None
        return (self.events + _PRIOR_STARTS) / (self.exposure + _PRIOR_STARTS / prior)


@dataclass(slots=True)
class _KindState(Generic[_Group]):
    """Keys of those who wait, in order; who served them lately; how fast they give up."""

    groups: list[_Group]
    leaving: _Rate
    keys: list[Key] = field(default_factory=list)
    starts: dict[_Group, _Rate] = field(default_factory=dict)
    last_waited: float | None = None


@dataclass(slots=True)
class _GroupState(Generic[_Kind]):
    """Agents alike: how many are here, and how fast one of them takes contacts while any they may serve wait."""

    kinds: list[_Kind]
    taking: _Rate
    present: int = 0
    kinds_waiting: int = 0


@dataclass(frozen=True, slots=True)
class _Waits(Generic[_Kind]):
    kind: _Kind
    key: Key
    since: float


class Estimator(Generic[_Kind, _Group]):
    """Measures what happens, kind by kind of contact and group by group of agents, and expects accordingly.

    A kind is whatever decides who may serve (a `ContactClass`), a group agents who answer that alike (a profile);
    *may_serve* is asked once for each pair. Rates are measured while contacts wait, when agents have no choice but to
    work, per agent present: who signs in or out changes the expectation at once.

    An agent shared between kinds is counted once, with all the contacts in front that would use them: of each kind,
    those with a smaller key, times the share of that kind that the same agents serve.
    """

    def __init__(
        self,
        planned: Mapping[_Kind, Planned],
        groups: list[_Group],
        may_serve: Callable[[_Kind, _Group], bool],
        half_life_seconds: float = 600.0,
    ) -> None:
        self._planned = planned
        self._half_life = half_life_seconds
        pairs = {(kind, group) for kind in planned for group in groups if may_serve(kind, group)}
        self._kinds = {
            kind: _KindState[_Group]([group for group in groups if (kind, group) in pairs], _Rate(half_life_seconds))
            for kind in planned
        }
        self._groups = {
            group: _GroupState[_Kind]([kind for kind in planned if (kind, group) in pairs], _Rate(half_life_seconds))
            for group in groups
        }
        self._waiting: dict[UUID, _Waits[_Kind]] = {}

    def put_agents(self, group: _Group, present: int, now: float) -> None:
        """How many of the group are at work, busy or not."""
        self._pass(group, now)
        self._groups[group].present = present

    def put_waiting(self, contact_id: UUID, kind: _Kind, key: Key, now: float) -> None:
        """A contact waits, or waits again; a new key or kind moves it."""
        known = self._waiting.get(contact_id)
        if known is not None:
            if (known.kind, known.key) == (kind, key):
                return
            self._take(contact_id, now)
        state = self._kinds[kind]
        state.leaving.pass_to(now, len(state.keys))
        if not state.keys:
            for group in state.groups:
                self._pass(group, now)
                self._groups[group].kinds_waiting += 1
        insort(state.keys, key)
        self._waiting[contact_id] = _Waits(kind, key, known.since if known else now)

    def served(self, contact_id: UUID, kind: _Kind, group: _Group, now: float) -> None:
        """An agent of the group took a contact; one that never waited is told too."""
        known = self._take(contact_id, now)
        state = self._kinds[kind]
        state.last_waited = now - known.since if known else 0.0
        if self._groups[group].kinds_waiting or known:
            self._pass(group, now)
            self._groups[group].taking.events += 1
        starts = state.starts.setdefault(group, _Rate(self._half_life))
        starts.pass_to(now, 0.0)
        starts.events += 1

    def left(self, contact_id: UUID, now: float, *, gave_up: bool) -> None:
        """The contact waits no more and was not served: the citizen gave up, or it was withdrawn."""
        known = self._take(contact_id, now)
        if known is not None and gave_up:
            self._kinds[known.kind].leaving.events += 1

    def expect(self, kind: _Kind, key: Key, now: float) -> Expected | None:
        """The wait still to come of a contact with this key; None when no agent who may serve it is here."""
        state = self._kinds[kind]
        here = [group for group in state.groups if self._groups[group].present]
        if not here:
            return None
        rates = [self._taking(group, now) for group in here]
        if any(rate is None for rate in rates):
            if state.last_waited is None:
                return None
            return Expected(state.last_waited, state.last_waited, bisect_left(state.keys, key), "last_served")
        ahead = leaving = 0.0
        for other in {other for group in here for other in self._groups[group].kinds}:
            count = bisect_left(self._kinds[other].keys, key) * self._share(other, here, now)
            ahead += count
            leaving += count * self._leaving(other, now)
        mean, deviation = expected(ahead, sum(rate or 0.0 for rate in rates), leaving / ahead if ahead else 0.0)
        return Expected(mean, deviation, ahead, "measured")

    def by_length(self, kind: _Kind, key: Key) -> float | None:
        """The plain rival: own contacts in front, times planned handling, over agents; None without one of them."""
        handle = self._planned[kind].handle_seconds
        present = sum(self._groups[group].present for group in self._kinds[kind].groups)
        if handle is None or not present:
            return None
        return (bisect_left(self._kinds[kind].keys, key) + 1) * handle / present

    def by_last_served(self, kind: _Kind) -> float | None:
        """The other rival: as long as the last who was served; None before anybody was."""
        return self._kinds[kind].last_waited

    def _take(self, contact_id: UUID, now: float) -> _Waits[_Kind] | None:
        known = self._waiting.pop(contact_id, None)
        if known is None:
            return None
        state = self._kinds[known.kind]
        state.leaving.pass_to(now, len(state.keys))
        del state.keys[bisect_left(state.keys, known.key)]
        if not state.keys:
            for group in state.groups:
                self._pass(group, now)
                self._groups[group].kinds_waiting -= 1
        return known

    def _pass(self, group: _Group, now: float) -> None:
        state = self._groups[group]
        state.taking.pass_to(now, state.present if state.kinds_waiting else 0.0)

    def _taking(self, group: _Group, now: float) -> float | None:
        """Contacts a second that the group takes while some wait."""
        self._pass(group, now)
        state = self._groups[group]
        known = [self._planned[kind].handle_seconds for kind in state.kinds]
        handles = [seconds for seconds in known if seconds]
        rate = state.taking.per_second(len(handles) / sum(handles) if handles else None)
        return None if rate is None else rate * state.present

    def _leaving(self, kind: _Kind, now: float) -> float:
        state, patience = self._kinds[kind], self._planned[kind].patience_seconds
        state.leaving.pass_to(now, len(state.keys))
        return state.leaving.per_second(1 / patience if patience else None) or 0.0

    def _share(self, kind: _Kind, here: list[_Group], now: float) -> float:
        """The share of a kind that these groups take: as lately seen, at first as many as their agents."""
        state = self._kinds[kind]
        present = sum(self._groups[group].present for group in state.groups)
        ours = total = 0.0
        for group in state.groups:
            starts = state.starts.get(group)
            if starts is not None:
                starts.pass_to(now, 0.0)
            seen = (starts.events if starts else 0.0) + _PRIOR_STARTS * self._groups[group].present / max(present, 1)
            total += seen
            ours += seen if group in here else 0.0
        return ours / total if total else 0.0
