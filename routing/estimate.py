"""Expects waits from what was measured: how fast agents take contacts, who stands in front, who gives up.

The rivals it is scored against are in Ibrahim and Whitt (2009), "Real-time delay estimation based on delay history".
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from uuid import UUID

from routing.announce import Expected, expected
from routing.types import Key

_PRIOR_STARTS = 10.0  # what was planned counts as so many contacts seen
_Kind = TypeVar("_Kind", bound=Hashable)
_Group = TypeVar("_Group", bound=Hashable)


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
class _Lane(Generic[_Kind]):
    """One group's agents, the kinds that stand in each other's way before them, and how fast an agent takes those."""

    kinds: tuple[_Kind, ...]
    taking: _Rate
    present: int = 0
    kinds_waiting: int = 0

    def pass_to(self, now: float) -> None:
        """While any of them waits, the agents have no choice but to work: only then is there something to measure."""
        self.taking.pass_to(now, self.present if self.kinds_waiting else 0.0)


@dataclass(slots=True)
class _KindState(Generic[_Kind, _Group]):
    """Keys of those who wait, in order; who may serve them, and did lately; how fast they give up.

    `lanes` has, for each group that may serve the kind, the lane its contacts stand in; `counted_in` all lanes of the
    group where they stand in somebody's way.
    """

    leaving: _Rate
    lanes: dict[_Group, _Lane[_Kind]] = field(default_factory=dict)
    counted_in: dict[_Group, list[_Lane[_Kind]]] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    starts: dict[_Group, _Rate] = field(default_factory=dict)
    last_waited: float | None = None


@dataclass(frozen=True, slots=True)
class _Waits(Generic[_Kind]):
    kind: _Kind
    key: Key
    since: float


@dataclass(frozen=True, slots=True)
class _Front:
    """Contacts that stand before a key, how many of them give up a second, and how many agents take a second."""

    ahead: float
    leaving: float
    rate: float

    def seconds(self) -> float:
        """About how far away the key is."""
        return (self.ahead + 1) / self.rate if self.rate else float("inf")

    def with_(self, other: "_Front") -> "_Front":
        """Both, taking from one line."""
        return _Front(self.ahead + other.ahead, self.leaving + other.leaving, self.rate + other.rate)


class Estimator(Generic[_Kind, _Group]):
    """Measures what happens, kind by kind of contact and group by group of agents, and expects accordingly.

    A kind is whatever decides who may serve (a `ContactClass`), a group agents who answer that alike (a profile);
    *may_serve* is asked once for each pair. *is_in_the_way* (other, kind) is false where an agent takes the one
    whatever they hold of the other: a letter with the smaller key does not hold up a call.

    Rates are measured while contacts wait, per agent present: who signs in or out changes the expectation at once. An
    agent shared between kinds is counted once, with all the contacts in front that would use them: of each kind, those
    with a smaller key, times the share of that kind that the same agents serve.
    """

    def __init__(
        self,
        planned: Mapping[_Kind, Planned],
        groups: list[_Group],
        may_serve: Callable[[_Kind, _Group], bool],
        is_in_the_way: Callable[[_Kind, _Kind], bool] = lambda _other, _kind: True,
        half_life_seconds: float = 600.0,
    ) -> None:
        self._planned = planned
        self._half_life = half_life_seconds
        self._kinds = {kind: _KindState[_Kind, _Group](_Rate(half_life_seconds)) for kind in planned}
        self._lanes: dict[_Group, list[_Lane[_Kind]]] = {}
        self._waiting: dict[UUID, _Waits[_Kind]] = {}
        for group in groups:
            served = [kind for kind in planned if may_serve(kind, group)]
            lanes: dict[tuple[_Kind, ...], _Lane[_Kind]] = {}
            for kind in served:
                kinds = tuple(other for other in served if other == kind or is_in_the_way(other, kind))
                self._kinds[kind].lanes[group] = lanes.setdefault(kinds, _Lane(kinds, _Rate(half_life_seconds)))
            for kind in served:
                self._kinds[kind].counted_in[group] = [lane for lane in lanes.values() if kind in lane.kinds]
            self._lanes[group] = list(lanes.values())

    def put_agents(self, group: _Group, present: int, now: float) -> None:
        """How many of the group are at work, busy or not."""
        for lane in self._lanes[group]:
            lane.pass_to(now)
            lane.present = present

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
            self._count(state, 1, now)
        insort(state.keys, key)
        self._waiting[contact_id] = _Waits(kind, key, known.since if known else now)

    def served(self, contact_id: UUID, kind: _Kind, group: _Group, now: float) -> None:
        """An agent of the group took a contact; one that never waited is told too."""
        known = self._take(contact_id, now)
        state = self._kinds[known.kind if known else kind]
        state.last_waited = now - known.since if known else 0.0
        for lane in state.counted_in.get(group, ()):
            if lane.kinds_waiting or known:
                lane.pass_to(now)
                lane.taking.events += 1
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
        here = {group: lane for group, lane in state.lanes.items() if lane.present}
        if not here:
            return None
        if any(self._taking(lane, now) is None for lane in here.values()):
            if state.last_waited is None:
                return None
            return Expected(state.last_waited, state.last_waited, bisect_left(state.keys, key), "last_served")
        # Whichever group reaches this key first will serve it. Groups that are about as far serve it together; one that
        # is far behind, with much in front that is not this kind's, would only seem to make it wait.
        fronts = sorted((self._front(group, lane, key, now) for group, lane in here.items()), key=_Front.seconds)
        best: Expected | None = None
        together = _Front(0.0, 0.0, 0.0)
        for front in fronts:
            together = together.with_(front)
            mean, deviation = expected(together.ahead, together.rate, together.leaving / (together.ahead or 1.0))
            if best is None or mean < best.mean_seconds:
                best = Expected(mean, deviation, together.ahead, "measured")
        return best

    def by_length(self, kind: _Kind, key: Key) -> float | None:
        """The plain rival: own contacts in front, times planned handling, over agents; None without one of them."""
        handle, state = self._planned[kind].handle_seconds, self._kinds[kind]
        present = sum(lane.present for lane in state.lanes.values())
        if handle is None or not present:
            return None
        return (bisect_left(state.keys, key) + 1) * handle / present

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
            self._count(state, -1, now)
        return known

    def _count(self, state: _KindState[_Kind, _Group], change: int, now: float) -> None:
        """The kind begins or ends to have somebody waiting."""
        for lanes in state.counted_in.values():
            for lane in lanes:
                lane.pass_to(now)
                lane.kinds_waiting += change

    def _taking(self, lane: _Lane[_Kind], now: float) -> float | None:
        """Contacts a second that the lane's agents take while some wait."""
        lane.pass_to(now)
        known = [self._planned[kind].handle_seconds for kind in lane.kinds]
        handles = [seconds for seconds in known if seconds]
        rate = lane.taking.per_second(len(handles) / sum(handles) if handles else None)
        return None if rate is None else rate * lane.present

    def _leaving(self, kind: _Kind, now: float) -> float:
        state, patience = self._kinds[kind], self._planned[kind].patience_seconds
        state.leaving.pass_to(now, len(state.keys))
        return state.leaving.per_second(1 / patience if patience else None) or 0.0

    def _front(self, group: _Group, lane: _Lane[_Kind], key: Key, now: float) -> "_Front":
        """What one group has to take before this key."""
        ahead = leaving = 0.0
        for other in lane.kinds:
            count = bisect_left(self._kinds[other].keys, key)
            if count:
                count_here = count * self._share(other, group, now)
                ahead += count_here
                leaving += count_here * self._leaving(other, now)
        return _Front(ahead, leaving, self._taking(lane, now) or 0.0)

    def _share(self, kind: _Kind, here: _Group, now: float) -> float:
        """The share of a kind that this group takes: as lately seen, at first as many as their agents."""
        state = self._kinds[kind]
        present = sum(lane.present for lane in state.lanes.values())
        ours = total = 0.0
        for group, lane in state.lanes.items():
            starts = state.starts.get(group)
            if starts is not None:
                starts.pass_to(now, 0.0)
            seen = (starts.events if starts else 0.0) + _PRIOR_STARTS * lane.present / max(present, 1)
            total += seen
            ours += seen if group == here else 0.0
        return ours / total if total else 0.0
