"""Who is in a simulation: one call of a citizen, one agent at a desk, and the clock they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappush
from itertools import count
from typing import Any
from uuid import UUID

from routing.simulation.chance import Draw
from routing.simulation.scenario import Kind, Pause, Team
from routing.types import OFFLINE, Agent, Contact, Curtain, Step


class Clock:
    """What will happen, by time; two things at the same time happen in the order they were planned."""

    def __init__(self) -> None:
        self.now = 0.0
        self.planned: list[tuple[float, int, Callable[[Any, int], None], Any, int]] = []
        self._serial = count()

    def at(self, time: float, action: Callable[[Any, int], None], subject: Any, turn: int = 0) -> None:
        """Plan `action(subject, turn)`: whoever has had another turn by then is not meant any more."""
        heappush(self.planned, (time, next(self._serial), action, subject, turn))


@dataclass(slots=True, eq=False)
class Draws:
    """What is drawn for a call when it comes, so that the same calls come whatever becomes of them."""

    handling: Draw
    patience: Draw | None
    wrap_up: Draw | None
    lot: Draw


@dataclass(slots=True, eq=False)
class Caller:
    """A kind of contact at work: its number, its queue's id, and where its calls are drawn; *menu*: length, lot."""

    number: int
    kind: Kind
    queue_id: UUID
    first: Draws
    again: Draws
    redial_after: Draw | None
    steps: tuple[Step, ...]
    curtains: Callable[[UUID], tuple[Curtain, ...]]
    later: Draws
    follow_up_after: Draw | None
    follow_up_lot: Draw
    menu: tuple[Draw, Draw] | None = None


@dataclass(slots=True, eq=False)
class Call:
    """One attempt of one citizen; *first* is the number of their first, *turn* counts what happened to it."""

    number: int
    id: UUID
    caller: Caller
    arrived_at: float
    handling_seconds: float
    patience_seconds: float | None
    wrap_up_seconds: float
    lot: float
    first: int
    attempt: int
    is_follow_up: bool
    contact: Contact
    person: Person | None = None
    is_over: bool = False
    turn: int = 0
    ends_at: float = 0.0
    ending: Callable[[Call, int], None] | None = None


@dataclass(slots=True, eq=False)
class Person:
    """An agent at work. *away* is why they take no contacts (empty: here); *held* are those accepted."""

    number: int
    id: UUID
    team: Team
    team_number: int
    queue_ids: frozenset[UUID]
    outsourcer_id: UUID | None
    group: str | None
    lot: Draw
    answering: Draw | None
    load: dict[str, int]
    pauses: tuple[Pause, ...] = ()
    away: str = OFFLINE
    ready_since: float = 0.0
    missed: int = 0
    is_leaving: bool = False
    is_blended: bool = False
    pause_due: float | None = None
    turn: int = 0
    held: list[Call] = field(default_factory=list)

    @property
    def is_ready(self) -> bool:
        """Takes contacts."""
        return not self.away and not self.is_leaving and self.pause_due is None

    def fact(self) -> Agent:
        """What the engine is told."""
        team = self.team
        return Agent(
            id=self.id,
            is_ready=self.is_ready,
            ready_since=self.ready_since,
            skills=team.skills,
            languages=team.languages,
            queues=self.queue_ids,
            load=dict(self.load),
            capacity=team.capacity,
            missed=self.missed,
            state=self.away or ("ready" if self.is_ready else "paused"),
            group=self.group,
            outsourcer_id=self.outsourcer_id,
            shares=team.shares,
        )
