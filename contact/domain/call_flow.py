"""A call from its first ring to its end: one table from (stage, what happened) to (stage, what follows). Pure.

The stage is what the citizen's line *should* be doing. What it was last told to do is the row's `told`; where the two
differ, the line is steered. So nothing depends on the order in which a telephone company tells us things.
"""

from enum import StrEnum


class CallStage(StrEnum):
    """What the citizen's line should be doing. Promised: we are to call them, and nobody is on the line yet.

    Deflected: nobody can answer them now, and they choose what they have instead.
    """

    MENU = "menu"
    DEFLECTED = "deflected"
    WAITING = "waiting"
    TALKING = "talking"
    VOICEMAIL = "voicemail"
    LEAVING = "leaving"
    PROMISED = "promised"
    CALLING = "calling"
    ENDED = "ended"


class Happened(StrEnum):
    """What moves a call on."""

    CHOSE = "chose"
    REFUSED = "refused"
    TOOK_ALTERNATIVE = "took_alternative"
    WANTS_MESSAGE = "wants_message"
    SAID_GOODBYE = "said_goodbye"
    NO_ROOM = "no_room"
    AGENT_CAME = "agent_came"
    AGENT_LEFT = "agent_left"
    AGENT_DONE = "agent_done"
    ANSWERED = "answered"
    LEFT_MESSAGE = "left_message"
    SERVED_ELSEWHERE = "served_elsewhere"
    GONE = "gone"


class Effect(StrEnum):
    """What follows. The first five concern lines alone (`services/lines.py`), the others the ticket too."""

    STEER = "steer"
    DROP_AGENT = "drop_agent"
    DROP_LINE = "drop_line"
    DIAL = "dial"
    MEET = "meet"
    QUEUE = "queue"
    ABANDON = "abandon"
    GIVE_UP = "give_up"
    WRAP = "wrap"
    KEEP_MESSAGE = "keep_message"
    CLOSE = "close"
    NOT_REACHED = "not_reached"


class Told(StrEnum):
    """What a line was told to do: the kind of document that it runs."""

    MENU = "menu"
    QUEUE = "queue"
    CONFERENCE = "conference"
    VOICEMAIL = "voicemail"
    END = "end"


class CallState(StrEnum):
    """How far the telephone company got, in the order of `RANK`."""

    PLANNED = "planned"
    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELED = "canceled"


class Direction(StrEnum):
    """Who called whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Outcome(StrEnum):
    """How a call ended, as its history tells it. Came first: before we called, the citizen did.

    Deflected: they were not let in, and took what they were offered; not taken: they hung up instead.
    """

    LEFT_MENU = "left_menu"
    ABANDONED = "abandoned"
    TALKED = "talked"
    VOICEMAIL = "voicemail"
    MISSED = "missed"
    NOT_REACHED = "not_reached"
    CAME_FIRST = "came_first"
    DEFLECTED = "deflected"
    NOT_TAKEN = "not_taken"


_S, _H, _E = CallStage, Happened, Effect
Move = tuple[CallStage, tuple[Effect, ...]]

# Whatever is not here changes nothing: late, duplicate and overtaken events find no row.
MOVES: dict[tuple[CallStage, Happened], Move] = {
    (_S.MENU, _H.CHOSE): (_S.WAITING, (_E.QUEUE,)),
    (_S.MENU, _H.WANTS_MESSAGE): (_S.VOICEMAIL, ()),
    (_S.MENU, _H.SAID_GOODBYE): (_S.LEAVING, ()),
    (_S.MENU, _H.REFUSED): (_S.DEFLECTED, ()),
    (_S.MENU, _H.GONE): (_S.ENDED, ()),
    (_S.DEFLECTED, _H.TOOK_ALTERNATIVE): (_S.LEAVING, (_E.CLOSE,)),
    (_S.DEFLECTED, _H.WANTS_MESSAGE): (_S.VOICEMAIL, ()),
    (_S.DEFLECTED, _H.SAID_GOODBYE): (_S.LEAVING, (_E.CLOSE,)),
    (_S.DEFLECTED, _H.GONE): (_S.ENDED, (_E.CLOSE,)),
    (_S.WAITING, _H.AGENT_CAME): (_S.TALKING, (_E.STEER, _E.MEET)),
    (_S.WAITING, _H.AGENT_LEFT): (_S.WAITING, (_E.DROP_AGENT,)),
    (_S.WAITING, _H.AGENT_DONE): (_S.ENDED, (_E.DROP_AGENT, _E.STEER)),
    (_S.WAITING, _H.NO_ROOM): (_S.VOICEMAIL, (_E.GIVE_UP,)),
    (_S.WAITING, _H.SERVED_ELSEWHERE): (_S.LEAVING, (_E.STEER,)),
    (_S.WAITING, _H.GONE): (_S.ENDED, (_E.ABANDON,)),
    (_S.TALKING, _H.AGENT_CAME): (_S.TALKING, (_E.STEER, _E.MEET)),
    (_S.TALKING, _H.AGENT_LEFT): (_S.WAITING, (_E.DROP_AGENT, _E.STEER)),
    (_S.TALKING, _H.AGENT_DONE): (_S.ENDED, (_E.DROP_AGENT, _E.STEER)),
    (_S.TALKING, _H.GONE): (_S.ENDED, (_E.DROP_AGENT, _E.WRAP)),
    (_S.VOICEMAIL, _H.LEFT_MESSAGE): (_S.LEAVING, (_E.KEEP_MESSAGE,)),
    (_S.VOICEMAIL, _H.GONE): (_S.ENDED, (_E.CLOSE,)),
    (_S.LEAVING, _H.GONE): (_S.ENDED, ()),
    # A recording that the hang-up itself ended is told after it.
    (_S.ENDED, _H.LEFT_MESSAGE): (_S.ENDED, (_E.KEEP_MESSAGE,)),
    # Calls of ours: the agent is there first, then the citizen's phone rings.
    (_S.PROMISED, _H.AGENT_CAME): (_S.CALLING, (_E.DIAL,)),
    (_S.PROMISED, _H.AGENT_LEFT): (_S.PROMISED, (_E.DROP_AGENT,)),
    (_S.PROMISED, _H.AGENT_DONE): (_S.ENDED, (_E.DROP_AGENT,)),
    (_S.PROMISED, _H.SERVED_ELSEWHERE): (_S.ENDED, ()),
    (_S.CALLING, _H.ANSWERED): (_S.TALKING, (_E.MEET,)),
    (_S.CALLING, _H.AGENT_LEFT): (_S.PROMISED, (_E.DROP_AGENT, _E.DROP_LINE)),
    (_S.CALLING, _H.AGENT_DONE): (_S.ENDED, (_E.DROP_AGENT, _E.DROP_LINE)),
    (_S.CALLING, _H.GONE): (_S.ENDED, (_E.DROP_AGENT, _E.NOT_REACHED)),
}

# What the line runs in each stage.
DOCUMENT = {
    _S.MENU: Told.MENU,
    _S.DEFLECTED: Told.MENU,
    _S.WAITING: Told.QUEUE,
    _S.TALKING: Told.CONFERENCE,
    _S.CALLING: Told.CONFERENCE,
    _S.VOICEMAIL: Told.VOICEMAIL,
    _S.LEAVING: Told.END,
    _S.ENDED: Told.END,
}

_ORDER = (CallState.PLANNED, CallState.QUEUED, CallState.INITIATED, CallState.RINGING, CallState.IN_PROGRESS)
OVER = (CallState.COMPLETED, CallState.BUSY, CallState.NO_ANSWER, CallState.FAILED, CallState.CANCELED)
UNDER_WAY = _ORDER[1:]
RANK = {state: rank for rank, state in enumerate(_ORDER)} | dict.fromkeys(OVER, len(_ORDER))


def move(stage: CallStage, happened: Happened) -> Move | None:
    """Where a call goes on from *stage*, and what follows; None: what happened changes nothing there."""
    return MOVES.get((stage, happened))


def forward(before: CallState, after: CallState) -> CallState:
    """The state to keep when *after* is told: a lower rank, or another end, never overwrites."""
    return after if RANK[after] > RANK[before] else before
