"""A silent visitor frees the agent's slot after a while, politely: first a question, then a pause."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contact.domain.vocabulary import AssignmentState, MessageKind
from contact.models import Assignment, Contact, Interaction, Message, Ticket
from contact.models.base import LOCK
from contact.outbox import defer
from contact.services import assignments, clock, messages

TOPIC = "chat.silence"
STILL_THERE = "still_there"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long after the agent's last words the citizen is asked, and how long after that the chat pauses."""

    ask_seconds: float
    pause_seconds: float


def look(session: Session, assignment_id: UUID, patience: Patience) -> None:
    """Ask, pause, or only look again later, by who spoke last and when. Harmless when it runs late."""
    assignment = session.get(Assignment, assignment_id)
    if assignment is None or assignment.state != AssignmentState.ACTIVE:
        return
    ticket = session.get_one(Ticket, assignment.ticket_id, with_for_update=LOCK)
    contact = session.get_one(Contact, assignment.contact_id, with_for_update=LOCK)
    session.refresh(assignment, with_for_update=LOCK)
    if assignment.state != AssignmentState.ACTIVE:
        return
    now = clock.now(session)
    last = _last_words(session, assignment)
    if last is None or last.message_kind == MessageKind.CITIZEN:
        _look_again(session, assignment, now + timedelta(seconds=patience.ask_seconds))
    elif last.code != STILL_THERE:
        ask_at = last.created_at + timedelta(seconds=patience.ask_seconds)
        if now >= ask_at:
            interaction = session.get_one(Interaction, assignment.interaction_id)
            messages.say(session, interaction, STILL_THERE, ticket.language)
            ask_at = now + timedelta(seconds=patience.pause_seconds)
        _look_again(session, assignment, ask_at)
    else:
        pause_at = last.created_at + timedelta(seconds=patience.pause_seconds)
        if now >= pause_at:
            assignments.pause(session, assignment, contact, ticket)
        else:
            _look_again(session, assignment, pause_at)


def _last_words(session: Session, assignment: Assignment) -> Message | None:
    """The last thing that citizen or agent said since the agent came, or our question whether anyone is there."""
    return session.scalar(
        select(Message)
        .where(
            Message.ticket_id == assignment.ticket_id,
            Message.interaction_id == assignment.interaction_id,
            Message.created_at >= assignment.started_at,
            or_(
                Message.message_kind.in_((MessageKind.CITIZEN, MessageKind.AGENT)),
                Message.code == STILL_THERE,
            ),
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )


def _look_again(session: Session, assignment: Assignment, due_at: datetime) -> None:
    defer(session, TOPIC, assignment_id=assignment.id, due_at=due_at)
