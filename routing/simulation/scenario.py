"""What a simulation is told: who comes and why, who works and when, and by which policy."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from routing.shares import reserved_for
from routing.simulation.arrivals import DAY_SECONDS, Arrivals
from routing.simulation.campaign import Campaign, Door
from routing.simulation.chance import Distribution
from routing.types import DELAYED, RESERVED, Curtain, EnginePolicy, Step


@dataclass(frozen=True, slots=True)
class Redial:
    """Of those who gave up or were deflected, *share* try again *after* so long; *attempts_max* counts the first.

    Who is back within *place_seconds* of their arrival stands where they stood.
    *deflected_only*: who gave up does not.
    """

    share: float
    after: Distribution
    attempts_max: int = 5
    place_seconds: float = 0.0
    deflected_only: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Of those who were served, *share* come back on the matter *after* so long, once.

    For *affinity_seconds* they are kept for the agent who knows it.
    """

    share: float
    after: Distribution
    affinity_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """By contract a *share* of a kind's contacts is the outsourcer's, until *spill_seconds* of age."""

    outsourcer: str
    share: float
    spill_seconds: float


@dataclass(frozen=True, slots=True)
class Overflow:
    """From that age on the agents of another queue are asked too, what the last step asks."""

    queue: str
    after_seconds: float


@dataclass(frozen=True, slots=True)
class Kind:
    """Contacts alike: what they ask, when they come, how long they take and wait (*patience* None: for ever).

    *answer_within_seconds* is the promise that the service level counts, of all who come. *delays* are (team, age):
    that team sees them only from that age on. Behind a *door* are calls
    of a campaign: its throttle decides who is let in.
    """

    name: str
    steps: tuple[Step, ...]
    arrivals: Arrivals
    handling: Distribution
    patience: Distribution | None = None
    wrap_up: Distribution | None = None
    redial: Redial | None = None
    follow_up: FollowUp | None = None
    delays: tuple[tuple[str, float], ...] = ()
    parts: tuple[Part, ...] = ()
    overflow: Overflow | None = None
    queue: str = "main"
    priority: int = 0
    target_seconds: float = 0.0
    answer_within_seconds: float = 20.0
    door: Door | None = None

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
    once). Who left `ready` after missed offers is back after *rest_seconds*. *shares* say how much of their time each
    group of channels may have at most (`rules.GROUPS`).
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
    outsourcer: str | None = None
    shares: Mapping[str, float] = field(default_factory=dict)

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
    campaigns: tuple[Campaign, ...] = ()

    def __post_init__(self) -> None:
        if not self.kinds or not self.teams:
            raise ValueError("a scenario needs contacts and agents")
        for kind in self.kinds:
            if len({step.need.channel for step in kind.steps}) != 1:
                raise ValueError(f"{kind.name}: all steps are on one channel")
            if unknown := {team for team, _ in kind.delays} - {team.name for team in self.teams}:
                raise ValueError(f"{kind.name}: there is no team {min(unknown)!r} to come later")
            if sum(part.share for part in kind.parts) > 1:
                raise ValueError(f"{kind.name}: the parts are more than all")
            if len({part.outsourcer for part in kind.parts}) < len(kind.parts):
                raise ValueError(f"{kind.name}: an outsourcer has one part")
        names, kinds = {one.name for one in self.campaigns}, {kind.name for kind in self.kinds}
        for kind in self.kinds:
            if kind.door is not None and kind.door.campaign not in names:
                raise ValueError(f"{kind.name}: there is no campaign {kind.door.campaign!r}")
        for way in (way for one in self.campaigns for way in one.ways):
            if way.contacts is not None and way.contacts not in kinds:
                raise ValueError(f"{way.alternative}: there are no contacts {way.contacts!r}")
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
            [kind.queue for kind in self.kinds]
            + [name for team in self.teams for name in team.queues]
            + [kind.overflow.queue for kind in self.kinds if kind.overflow]
        )
        return {name: UUID(int=1 + number) for number, name in enumerate(names)}

    @property
    def outsourcer_ids(self) -> dict[str, UUID]:
        """The engine's id for each outsourcer named."""
        names = dict.fromkeys(
            [team.outsourcer for team in self.teams if team.outsourcer]
            + [part.outsourcer for kind in self.kinds for part in kind.parts]
        )
        return {name: UUID(int=10**6 + number) for number, name in enumerate(names)}

    def steps_of(self, kind: Kind) -> tuple[Step, ...]:
        """What contacts of the kind ask with their age; to overflow is one more step."""
        if kind.overflow is None:
            return kind.steps
        last = kind.steps[-1].need._replace(queue_id=self.queue_ids[kind.overflow.queue])
        steps = (*kind.steps, Step(kind.overflow.after_seconds, last))
        return tuple(sorted(steps, key=lambda step: step.after_seconds))

    def curtains_of(self, kind: Kind, contact_id: UUID) -> tuple[Curtain, ...]:
        """What hides this contact from some: teams that come later, whose it is by contract."""
        delays = tuple(Curtain(DELAYED, team, seconds) for team, seconds in kind.delays)
        if not kind.parts:
            return delays
        outsourcers = self.outsourcer_ids
        parts = {outsourcers[part.outsourcer]: part for part in kind.parts}
        owner = reserved_for(contact_id, {one: part.share for one, part in parts.items()})
        return delays if owner is None else (*delays, Curtain(RESERVED, owner, parts[owner].spill_seconds))

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
                    "campaign": kind.door.campaign if kind.door else None,
                }
                for kind in self.kinds
            ],
            "campaigns": [one.name for one in self.campaigns],
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
