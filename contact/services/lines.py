"""Move a call along the table of `domain/call_flow.py`, and see to its line: steer, drop, dial.

Locks in the order of `offers`, and the call last but for presence: whoever changes a call holds its ticket.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain import call_flow
from contact.domain.call_flow import CallStage, CallState, Direction, Effect, Happened, Outcome, Told
from contact.domain.line_words import said
from contact.domain.rooms import person_room, ticket_room
from contact.models import Call, Recording, Ticket
from contact.models.base import LOCK
from contact.outbox import announce, defer
from contact.services import call_menu, clock, work_rows

DIAL, STEER = "voice.dial", "voice.steer"
_LINE = (Effect.STEER, Effect.DROP_AGENT, Effect.DROP_LINE, Effect.DIAL, Effect.MEET)
# A line that is asked into a room is there by then, and silence is not yet taken for a broken line.
MEET_SECONDS = 8


def locked(session: Session, call_id: UUID) -> Call:
    """The call as it stands once it is ours, its ticket locked before it."""
    ticket_id = session.scalar(select(Call.ticket_id).where(Call.id == call_id))
    if ticket_id is not None:
        session.get_one(Ticket, ticket_id, with_for_update=LOCK, populate_existing=True)
    return session.get_one(Call, call_id, with_for_update=LOCK, populate_existing=True)


def of_interaction(session: Session, interaction_id: UUID) -> Call | None:
    """The interaction's call, locked; whoever asks holds the ticket. None: its line is nobody's (an imported one)."""
    found = session.scalar(select(Call.id).where(Call.interaction_id == interaction_id))
    return session.get_one(Call, found, with_for_update=LOCK, populate_existing=True) if found else None


def on(session: Session, interaction_id: UUID, happened: Happened) -> None:
    """What an agent's side did to a conversation, told to its line; nothing happens where there is none."""
    call = of_interaction(session, interaction_id)
    if call is not None:
        move(session, call, happened)


def move(session: Session, call: Call, happened: Happened) -> tuple[Effect, ...]:
    """Carry out one move of the table, and what of it concerns lines; what else follows is the caller's to do."""
    found = call_flow.move(CallStage(call.stage), happened)
    if found is None:
        return ()
    stage, effects = found
    if stage != call.stage:
        if happened is Happened.SERVED_ELSEWHERE:
            call.outcome = Outcome.CAME_FIRST
            call_menu.say(call, said("served_elsewhere", call.language))
        if stage is CallStage.ENDED and call.outcome is None:
            call.outcome = _ended_as(call)
        call.stage = stage
        if stage is CallStage.TALKING and call.talked_at is None:
            call.talked_at = clock.now(session)
        if stage is CallStage.ENDED and call.ended_at is None:
            call.ended_at = clock.now(session)
        if stage is not CallStage.TALKING:
            call.is_held = call.told_held = False
    for effect in effects:
        _see_to(session, call, effect)
    tell(session, call)
    return tuple(one for one in effects if one not in _LINE)


def _ended_as(call: Call) -> Outcome:
    """How it ended, by what it was doing; whoever knows better has said so before."""
    if call.talked_at is not None:
        return Outcome.ABANDONED if call.stage == CallStage.WAITING else Outcome.TALKED
    if call.stage == CallStage.WAITING:
        return Outcome.ABANDONED
    if call.direction == Direction.OUTBOUND:
        return Outcome.NOT_REACHED
    # Whoever is in the menu has no ticket yet; who was not let in has one.
    return Outcome.LEFT_MENU if call.ticket_id is None else Outcome.NOT_TAKEN


def tell(session: Session, call: Call) -> None:
    """Hint at screens that show the call."""
    if call.ticket_id is not None:
        announce(session, ticket_room(call.ticket_id), "calls", call.ticket_id)
    if call.agent_id is not None:
        announce(session, person_room(call.agent_id), "work")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a line should be doing and is not. *hold*: None where it is as it should be."""

    call_id: UUID
    account_id: UUID
    leg: str
    room: str
    is_over: bool
    is_moved: bool
    hold: bool | None


def wanted(session: Session, call_id: UUID) -> Wanted | None:
    """What there is to do for a line now; None when nothing is."""
    call = locked(session, call_id)
    if call.provider_id is None or call.state in call_flow.OVER:
        return None
    document = call_flow.DOCUMENT.get(CallStage(call.stage), Told.END)
    is_over = call.stage == CallStage.ENDED
    is_moved = document != call.told
    hold = call.is_held if call.stage == CallStage.TALKING and call.is_held != call.told_held else None
    if not (is_over or is_moved or hold is not None):
        return None
    return Wanted(call.id, call.account_id, call.provider_id, room(call), is_over, is_moved, hold)


def room(call: Call) -> str:
    """What the conversation's room is called there."""
    return f"I-{call.interaction_id}"


def hold(session: Session, call: Call, is_held: bool) -> None:
    """Put the citizen on hold with music, or take them back."""
    if call.stage == CallStage.TALKING and call.is_held != is_held:
        call.is_held = is_held
        steer(session, call)
        tell(session, call)


def was_held(session: Session, call_id: UUID, is_held: bool) -> None:
    """The provider has put them on hold, or taken them back."""
    call = locked(session, call_id)
    if call.stage == CallStage.TALKING:
        call.told_held = is_held


@dataclass(frozen=True, slots=True)
class Message:
    """A recording to be fetched; *is_here*: it was, and is only to be deleted there."""

    account_id: UUID
    provider_id: str
    is_here: bool


def recording(session: Session, recording_id: UUID) -> Message:
    """Whose it is, and by what name its provider has it."""
    row = session.execute(
        select(Call.account_id, Recording.provider_id, Recording.fetched_at)
        .join(Recording, Recording.call_id == Call.id)
        .where(Recording.id == recording_id)
    ).one()
    return Message(row.account_id, row.provider_id, row.fetched_at is not None)


def keep_sound(session: Session, recording_id: UUID, sealed: bytes) -> None:
    """What was said, here from now on."""
    found = session.get_one(Recording, recording_id)
    found.sound, found.fetched_at = sealed, clock.now(session)
    call = session.get_one(Call, found.call_id)
    tell(session, call)


def steer(session: Session, call: Call) -> None:
    """Ask the provider to give the line what it should be doing; a job looks what that is when it runs.

    One that waits to be tried again neither holds this one back nor has spent any of its tries.
    """
    work_rows.overtake(session, order_key(call), STEER)
    defer(session, STEER, order_key=order_key(call), call_id=call.id)


def tell_document(session: Session, call: Call, told: Told) -> None:
    """The line has been given this document: it need not be steered to it. Whoever comes into a room is not on hold."""
    call.told = told
    call.told_held = False
    if call.is_held:
        steer(session, call)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where an agent and a citizen talk, and their legs."""

    account_id: UUID
    room: str
    legs: frozenset[str]


def meeting(session: Session, call_id: UUID, agent_leg: str) -> Meeting | None:
    """Where they should be together now; None when this leg is no part of a talk any more."""
    call = locked(session, call_id)
    if call.stage != CallStage.TALKING or call.agent_leg != agent_leg or call.provider_id is None:
        return None
    return Meeting(call.account_id, room(call), frozenset({call.provider_id, agent_leg}))


def expect_meeting(session: Session, call: Call, looks: int = 0) -> None:
    """In a moment it is looked whether they are together; *looks* counts how often it was."""
    due_at = clock.now(session) + timedelta(seconds=MEET_SECONDS)
    defer(session, "voice.meet", due_at=due_at, call_id=call.id, leg=str(call.agent_leg), looks=looks)


def bring_together(session: Session, call: Call) -> None:
    """Ask the citizen's line into the room again, wherever we thought that it was."""
    call.told, call.told_held = None, False
    steer(session, call)


def _see_to(session: Session, call: Call, effect: Effect) -> None:
    if effect is Effect.STEER:
        steer(session, call)
    elif effect is Effect.MEET:
        expect_meeting(session, call)
    elif effect is Effect.DROP_AGENT:
        if call.agent_leg is not None:
            drop(session, call, call.agent_leg)
        call.agent_leg = call.agent_id = None
    elif effect is Effect.DROP_LINE:
        if call.provider_id is not None:
            drop_line(session, call, call.provider_id)
        call.provider_id = call.told = None
    elif effect is Effect.DIAL:
        call.attempt += 1
        call.turn += 1
        # A new leg: how far the last one got says nothing of it.
        call.state = CallState.PLANNED
        defer(session, DIAL, order_key=order_key(call), call_id=call.id, attempt=call.attempt)


def drop(session: Session, call: Call, leg: str) -> None:
    """Hang up a leg, if it still lives."""
    defer(session, "voice.drop", account_id=call.account_id, leg=leg)


def drop_line(session: Session, call: Call, leg: str) -> None:
    """Hang up a citizen's leg that is not wanted any more. It is remembered: it is no later attempt's."""
    known = dropped(call)
    if leg not in known:
        call.menu = {**(call.menu or {}), "dropped": [*known, leg]}
        drop(session, call, leg)


def dropped(call: Call) -> list[str]:
    """The citizen's legs that were hung up because nobody waited for them any more."""
    return list((call.menu or {}).get("dropped", ()))


def order_key(call: Call) -> str:
    """What is done to one line is done in order."""
    return f"call:{call.id}"


def expect_dial_in(session: Session, assignment_id: UUID, seconds: float) -> None:
    """Whoever accepted has so long to be on the line."""
    due_at = clock.now(session) + timedelta(seconds=seconds)
    defer(session, "voice.dial_in", due_at=due_at, assignment_id=assignment_id)
