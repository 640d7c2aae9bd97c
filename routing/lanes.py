"""What an estimator keeps: rates that fade, and for each kind of contact and group of agents what was seen of them."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from routing.types import Key

_PRIOR_STARTS = 10.0  # what was planned counts as so many contacts seen
_Group = TypeVar("_Group", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Planned:
    """What is believed of a kind before anything was measured; None is not known (patience: nobody gives up)."""

    handle_seconds: float | None = None
    patience_seconds: float | None = None


@dataclass(slots=True)
class Rate:
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


# Kinds and lanes are told apart by being this one and no other: what a kind is made of takes long to compare.
@dataclass(slots=True, eq=False)
class Lane(Generic[_Group]):
    """One group's agents, the kinds that stand in each other's way before them, and how fast an agent takes those."""

    taking: Rate
    kinds: "tuple[KindState[_Group], ...]"
    present: int = 0
    kinds_waiting: int = 0

    def pass_to(self, now: float) -> None:
        """While any of them waits, the agents have no choice but to work: only then is there something to measure."""
        self.taking.pass_to(now, self.present if self.kinds_waiting else 0.0)

    def per_second(self, now: float) -> float | None:
        """Contacts a second that the lane's agents take while some wait."""
        self.pass_to(now)
        handles = [kind.planned.handle_seconds for kind in self.kinds if kind.planned.handle_seconds]
        rate = self.taking.per_second(len(handles) / sum(handles) if handles else None)
        return None if rate is None else rate * self.present


@dataclass(slots=True, eq=False)
class KindState(Generic[_Group]):
    """Keys of those who wait, in order; who may serve them, and did lately; how fast they give up.

    `lanes` has, for each group that may serve the kind, the lane its contacts stand in; `counted_in` all lanes of the
    group where they stand in somebody's way.
    """

    planned: Planned
    leaving: Rate
    lanes: dict[_Group, Lane[_Group]] = field(default_factory=dict)
    counted_in: dict[_Group, list[Lane[_Group]]] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    starts: dict[_Group, Rate] = field(default_factory=dict)
    last_waited: float | None = None

    def leaving_per_second(self, now: float) -> float:
        """How many of those who wait give up a second, each."""
        patience = self.planned.patience_seconds
        self.leaving.pass_to(now, len(self.keys))
        return self.leaving.per_second(1 / patience if patience else None) or 0.0

    def shares(self, now: float) -> dict[_Group, float]:
        """The share of the kind that each group takes: as lately seen, at first as many as their agents."""
        present = max(sum(lane.present for lane in self.lanes.values()), 1)
        seen = {group: _PRIOR_STARTS * lane.present / present for group, lane in self.lanes.items()}
        for group, starts in self.starts.items():
            if group in seen:
                starts.pass_to(now, 0.0)
                seen[group] += starts.events
        total = sum(seen.values())
        return {group: ours / total if total else 0.0 for group, ours in seen.items()}
