"""What an estimator expects at one moment, for as many kinds and places in the order as anybody asks."""

from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from routing.announce import Expected, expected
from routing.lanes import KindState, Lane
from routing.types import Key

_Group = TypeVar("_Group", bound=Hashable)
_Lanes: TypeAlias = tuple[Lane[_Group], ...]


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


class Moment(Generic[_Group]):
    """Counts each thing once: a curve for each of a hundred kinds asks the same of the same lanes again and again.

    Stale as soon as its estimator is told anything more.
    """

    def __init__(self, now: float) -> None:
        self._now = now
        self._rates: dict[Lane[_Group], float | None] = {}
        self._of_kind: dict[KindState[_Group], tuple[dict[_Group, float], float]] = {}
        self._fronts: dict[tuple[Lane[_Group], Key], _Front] = {}
        self._found: dict[tuple[_Lanes, Key], Expected] = {}

    def expect(self, state: KindState[_Group], key: Key) -> Expected | None:
        """The wait still to come of a contact of the kind with this key; None when no agent who may serve is here."""
        here = {group: lane for group, lane in state.lanes.items() if lane.present}
        if not here:
            return None
        if any(self._rate(lane) is None for lane in here.values()):
            if state.last_waited is None:
                return None
            return Expected(state.last_waited, state.last_waited, bisect_left(state.keys, key), "last_served")
        asked = tuple(here.values()), key
        if asked not in self._found:
            self._found[asked] = _soonest([self._front(group, lane, key) for group, lane in here.items()])
        return self._found[asked]

    def _front(self, group: _Group, lane: Lane[_Group], key: Key) -> _Front:
        """What one group has to take before this key."""
        if (lane, key) not in self._fronts:
            ahead = leaving = 0.0
            for kind in lane.kinds:
                count = bisect_left(kind.keys, key)
                if count:
                    shares, leaves = self._kind(kind)
                    count_here = count * shares[group]
                    ahead += count_here
                    leaving += count_here * leaves
            self._fronts[lane, key] = _Front(ahead, leaving, self._rate(lane) or 0.0)
        return self._fronts[lane, key]

    def _rate(self, lane: Lane[_Group]) -> float | None:
        if lane not in self._rates:
            self._rates[lane] = lane.per_second(self._now)
        return self._rates[lane]

    def _kind(self, kind: KindState[_Group]) -> tuple[dict[_Group, float], float]:
        if kind not in self._of_kind:
            self._of_kind[kind] = kind.shares(self._now), kind.leaving_per_second(self._now)
        return self._of_kind[kind]


def _soonest(fronts: list[_Front]) -> Expected:
    """Whichever group reaches the key first will serve it.

    Groups that are about as far serve it together; one that is far behind, with much in front that is not this kind's,
    would only seem to make it wait.
    """
    best: Expected | None = None
    together = _Front(0.0, 0.0, 0.0)
    for front in sorted(fronts, key=_Front.seconds):
        together = together.with_(front)
        mean, deviation = expected(together.ahead, together.rate, together.leaving / (together.ahead or 1.0))
        if best is None or mean < best.mean_seconds:
            best = Expected(mean, deviation, together.ahead, "measured")
    assert best is not None
    return best
