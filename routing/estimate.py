"""Expects waits from what was measured: how fast agents take contacts, who stands in front, who gives up.

The rivals it is scored against are in Ibrahim and Whitt (2009), "Real-time delay estimation based on delay history".
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from routing.announce import Expected
from routing.lanes import KindState, Lane, Planned, Rate
from routing.moment import Moment
from routing.types import Key

__all__ = ["Estimator", "Planned"]
_Kind = TypeVar("_Kind", bound=Hashable)
_Group = TypeVar("_Group", bound=Hashable)


@dataclass(slots=True)
class _Waits(Generic[_Group]):
    kind: KindState[_Group]
    key: Key
    since: float


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
        self._half_life = half_life_seconds
        self._kinds = {kind: KindState[_Group](what, Rate(half_life_seconds)) for kind, what in planned.items()}
        self._lanes: dict[_Group, list[Lane[_Group]]] = {}
        self._waiting: dict[UUID, _Waits[_Group]] = {}
        for group in groups:
            served = [(kind, state) for kind, state in self._kinds.items() if may_serve(kind, group)]
            lanes: dict[tuple[KindState[_Group], ...], Lane[_Group]] = {}
            for kind, state in served:
                kinds = tuple([one for other, one in served if one is state or is_in_the_way(other, kind)])
                if kinds not in lanes:
                    lanes[kinds] = Lane(Rate(half_life_seconds), kinds)
                state.lanes[group] = lanes[kinds]
            for _, state in served:
                state.counted_in[group] = [lane for lane in lanes.values() if state in lane.kinds]
            self._lanes[group] = list(lanes.values())

    def begin(self, kind: _Kind, contacts: Iterable[tuple[UUID, Key]], now: float) -> None:
        """Contacts of a kind nobody waited for so far: as `put_waiting` for each."""
        state = self._kinds[kind]
        for contact_id, key in contacts:
            state.keys.append(key)
            self._waiting[contact_id] = _Waits(state, key, now)
        state.keys.sort()
        state.leaving.pass_to(now, 0)
        self._count(state, 1, now)

    def groups(self, kind: _Kind) -> Iterable[_Group]:
        """Those who may serve the kind."""
        return self._kinds[kind].lanes.keys()

    def line(self, about: int) -> list[float]:
        """Keys of those who wait, in order: all, or evenly *about* so many, the first and the last among them."""
        step = max(len(self._waiting) // about, 1)
        waited_for = [state.keys for state in self._kinds.values() if state.keys]
        return sorted({key[0] for keys in waited_for for key in (*keys[::step], keys[-1])})

    def put_agents(self, group: _Group, present: int, now: float) -> None:
        """How many of the group are at work, busy or not."""
        for lane in self._lanes[group]:
            lane.pass_to(now)
            lane.present = present

    def put_waiting(self, contact_id: UUID, kind: _Kind, key: Key, now: float) -> None:
        """A contact waits, or waits again; a new key or kind moves it."""
        known, state = self._waiting.get(contact_id), self._kinds[kind]
        if known is not None:
            if known.kind is state and known.key == key:
                return
            self._take(contact_id, now)
        state.leaving.pass_to(now, len(state.keys))
        if not state.keys:
            self._count(state, 1, now)
        insort(state.keys, key)
        self._waiting[contact_id] = _Waits(state, key, known.since if known else now)

    def served(self, contact_id: UUID, kind: _Kind, group: _Group, now: float) -> None:
        """An agent of the group took a contact; one that never waited is told too."""
        known = self._take(contact_id, now)
        state = known.kind if known else self._kinds[kind]
        state.last_waited = now - known.since if known else 0.0
        for lane in state.counted_in.get(group, ()):
            if lane.kinds_waiting or known:
                lane.pass_to(now)
                lane.taking.events += 1
        starts = state.starts.setdefault(group, Rate(self._half_life))
        starts.pass_to(now, 0.0)
        starts.events += 1

    def left(self, contact_id: UUID, now: float, *, gave_up: bool) -> None:
        """The contact waits no more and was not served: the citizen gave up, or it was withdrawn."""
        known = self._take(contact_id, now)
        if known is not None and gave_up:
            known.kind.leaving.events += 1

    def expect(self, kind: _Kind, key: Key, now: float, moment: Moment[_Group] | None = None) -> Expected | None:
        """The wait still to come of a contact with this key; None when no agent who may serve it is here.

        Whoever asks for many at one *moment*, with nothing told in between, gives it each time.
        """
        return (moment or Moment(now)).expect(self._kinds[kind], key)

    def by_length(self, kind: _Kind, key: Key) -> float | None:
        """The plain rival: own contacts in front, times planned handling, over agents; None without one of them."""
        state = self._kinds[kind]
        handle = state.planned.handle_seconds
        present = sum(lane.present for lane in state.lanes.values())
        if handle is None or not present:
            return None
        return (bisect_left(state.keys, key) + 1) * handle / present

    def by_last_served(self, kind: _Kind) -> float | None:
        """The other rival: as long as the last who was served; None before anybody was."""
        return self._kinds[kind].last_waited

    def _take(self, contact_id: UUID, now: float) -> _Waits[_Group] | None:
        known = self._waiting.pop(contact_id, None)
        if known is None:
            return None
        state = known.kind
        state.leaving.pass_to(now, len(state.keys))
        del state.keys[bisect_left(state.keys, known.key)]
        if not state.keys:
            self._count(state, -1, now)
        return known

    def _count(self, state: KindState[_Group], change: int, now: float) -> None:
        """The kind begins or ends to have somebody waiting."""
        for lanes in state.counted_in.values():
            for lane in lanes:
                lane.pass_to(now)
                lane.kinds_waiting += change
