"""What a simulation is told: who comes and why, who works and when, and by which policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from routing.simulation.arrivals import DAY_SECONDS, Arrivals
from routing.simulation.chance import Distribution
from routing.types import EnginePolicy, Step


@dataclass(frozen=True, slots=True)
class Redial:
    """Of those who gave up or were deflected, *share* try again *after* so long; *attempts_max* counts the first."""

    share: float
    after: Distribution
    attempts_max: int = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """Contacts alike: what they ask, when they come, how long they take and wait (*patience* None: for ever).

    *answer_within_seconds* is the promise that the service level counts, of all who come.
    """

    name: str
    steps: tuple[Step, ...]
    arrivals: Arrivals
    handling: Distribution
    patience: Distribution | None = None
    wrap_up: Distribution | None = None
    redial: Redial | None = None
    queue: str = "main"
    priority: int = 0
    target_seconds: float = 0.0
    answer_within_seconds: float = 20.0

    @property
    def channel(self) -> str:
        """The one channel of all its steps."""
        return self.steps[0].need.channel


@dataclass(frozen=True, slots=True)
class Pause:
    """A break, due *after_seconds* of the shift (for the last of it *spread_seconds* later).

    It begins when the work in hand is done.
    """

    after_seconds: float
    seconds: float
    spread_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Shift:
    """Seconds of the day, for *count* of the team. Whoever is in a conversation at the end finishes it."""

    starts_at: float
    ends_at: float
    count: int
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """Agents alike; without *shifts* all *count* of them are always there.

    An offer goes unanswered or is declined with the shares given, else it is accepted after *answering* (None: at
    once). Who left `ready` after missed offers is back after *rest_seconds*.
    """

    name: str
    count: int
    skills: tuple[tuple[str, int], ...] = ()
    languages: tuple[str, ...] = ("fr",)
    capacity: Mapping[str, int] = field(default_factory=lambda: {"voice": 1})
    queues: tuple[str, ...] = ("main",)
    shifts: tuple[Shift, ...] = ()
    answering: Distribution | None = None
    no_answer_share: float = 0.0
    decline_share: float = 0.0
    rest_seconds: float = 120.0

    @property
    def places(self) -> int:
        """How many people it has."""
        return sum(shift.count for shift in self.shifts) if self.shifts else self.count


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run from 0 to *seconds*; results leave out what arrived before *warm_up_seconds*.

    Every day is multiplied by a factor with mean 1 and deviation *day_factor_cv*: busy days are busy for all.
    *announces*: every contact that must wait is told its expected wait, and the results score it.
    """

    name: str
    kinds: tuple[Kind, ...]
    teams: tuple[Team, ...]
    seconds: float = DAY_SECONDS
    warm_up_seconds: float = 0.0
    day_factor_cv: float = 0.0
    interval_seconds: float = 1_800.0
    announces: bool = False
    policy: EnginePolicy = field(default_factory=EnginePolicy)
    title: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.kinds or not self.teams:
            raise ValueError("a scenario needs contacts and agents")
        for kind in self.kinds:
            if len({step.need.channel for step in kind.steps}) != 1:
                raise ValueError(f"{kind.name}: all steps are on one channel")
        if not 0 <= self.warm_up_seconds < self.seconds:
            raise ValueError("the warm-up must end before the run does")

    @property
    def days(self) -> int:
        """How many days the run touches."""
        return -int(-self.seconds // DAY_SECONDS)

    @property
    def is_steady(self) -> bool:
        """Nothing changes with the time of day."""
        return (
            self.day_factor_cv == 0
            and all(kind.arrivals.is_steady for kind in self.kinds)
            and not any(team.shifts for team in self.teams)
        )

    @property
    def is_all_patient(self) -> bool:
        """Nobody ever gives up."""
        return not any(kind.patience for kind in self.kinds)

    @property
    def queue_ids(self) -> dict[str, UUID]:
        """The engine's id for each queue named."""
        names = dict.fromkeys(
            [kind.queue for kind in self.kinds] + [name for team in self.teams for name in team.queues]
        )
        return {name: UUID(int=1 + number) for number, name in enumerate(names)}

    def about(self) -> dict[str, Any]:
        """What results need to know, fit for JSON."""
        return {
            "scenario": self.name,
            "title": dict(self.title),
            "seconds": self.seconds,
            "warm_up_seconds": self.warm_up_seconds,
            "interval_seconds": self.interval_seconds,
            "days": self.days,
            "is_steady": self.is_steady,
            "kinds": [
                {
                    "name": kind.name,
                    "channel": kind.channel,
                    "answer_within_seconds": kind.answer_within_seconds,
                    "is_live": kind.patience is not None or self.is_all_patient,
                }
                for kind in self.kinds
            ],
            "teams": [{"name": team.name, "count": team.places} for team in self.teams],
        }

    def lasting(self, *, days: int | None = None, calls: int | None = None) -> "Scenario":
        """The same for so many days, or for about so many calls; the warm-up keeps its share of a steady run.

        Raises:
            ValueError: calls, of a scenario without rates.
        """
        seconds = self.seconds
        if calls is not None:
            per_day = sum(kind.arrivals.per_day for kind in self.kinds)
            if per_day == 0:
                raise ValueError("only rates can give a number of calls")
            seconds = calls / per_day * DAY_SECONDS
            if not self.is_steady:
                seconds = max(1.0, round(seconds / DAY_SECONDS)) * DAY_SECONDS
        elif days is not None:
            seconds = days * DAY_SECONDS
        warm_up = self.warm_up_seconds * (seconds / self.seconds if self.is_steady else 1.0)
        return replace(self, seconds=seconds, warm_up_seconds=warm_up)
