"""What a telephone line's answer is made of, whichever company speaks it: facts, no wording of any provider."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contact.domain.call_flow import CallState, Told
from contact.domain.menu import Asked, Said


@dataclass(frozen=True, slots=True)
class Line:
    """What the citizen's line runs now. *turn* stands in the address of its answer."""

    told: Told
    turn: int
    language: str
    says: tuple[Said, ...] = ()
    asks: Asked | None = None
    interaction_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """What somebody who waits hears: their place from 1, and a wait on round minutes; None where nobody knows."""

    language: str
    position: int | None = None
    from_seconds: int | None = None
    to_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent's browser: the conversation it belongs into, or none."""

    language: str
    interaction_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """An agent whose room has ended: they ask again in a moment, when it is known whether the citizen has left."""


@dataclass(frozen=True, slots=True)
class Music:
    """Whoever is on hold."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Nothing to say: it was told, and kept."""


LineAnswer = Line | Wait | Desk | Again | Music | Noted


class QueueResult(StrEnum):
    """How a line left the provider's waiting room; what we did to it ourselves is `ours`."""

    OURS = "ours"
    FULL = "full"
    FAULT = "fault"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that was told or asked about a leg, in words of ours. *leg* is the provider's name of it.

    *state* is how far the leg got. *call_id* and *attempt*: what we called it ourselves, when we dialled. *turn* is the
    question that an answer answers.
    """

    leg: str
    state: CallState | None = None
    call_id: UUID | None = None
    attempt: int = 0
    turn: int = -1
    caller: str = ""
    called: str = ""
    digits: str = ""
    said: str = ""
    seconds: int = 0
    result: QueueResult | None = None
    recording: str | None = None
    # When it happened there, where that was told.
    at: datetime | None = None
    # A browser: whose, and which conversation it asks for.
    agent_id: UUID | None = None
    interaction_id: UUID | None = None
    # A leg has left the conversation's room by itself.
    has_left: bool = False
