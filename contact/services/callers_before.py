"""What the throttle knows of a caller from before: their last answer on a matter that stands, and calls of ours."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from contact.domain.call_flow import Direction, Outcome
from contact.domain.vocabulary import AssignmentState, Channel
from contact.models import Admission, Assignment, Call, Ticket
from contact.services.callers import SAME_MATTER, UNRESOLVED
from routing.admission import Before, Rule

_SERVED = (AssignmentState.ACTIVE, AssignmentState.WRAPPING, AssignmentState.DONE)


def before(session: Session, call: Call, campaign_id: UUID) -> Before | None:
    """The last answer to the caller's number on a matter of the campaign that stands, unless it was seen to since.

    A withheld number is known to nobody. A line that a supervisor's hand had closed was refused for no want of room:
    the window does not hold its callers.
    """
    if call.number is None:
        return None
    row = session.execute(
        select(Admission, Call.ticket_id)
        .join(Call, Call.id == Admission.call_id)
        .join(Ticket, Ticket.id == Call.ticket_id)
        .where(
            Call.number == call.number,
            Admission.campaign_id == campaign_id,
            Ticket.state.in_(UNRESOLVED),
            Ticket.updated_at > func.now() - SAME_MATTER,
        )
        .order_by(Admission.decided_at.desc())
        .limit(1)
    ).one_or_none()
    if row is None or session.scalar(select(_was_seen_to(row.ticket_id, row.Admission.decided_at))):
        return None
    kept: Admission = row.Admission
    return Before(
        decided_at=0.0 if kept.rule == Rule.OVERRIDE and not kept.is_admitted else kept.decided_at.timestamp(),
        is_admitted=kept.is_admitted,
        alternative=kept.taken or next(iter(kept.offered), None),
        arrived_at=kept.arrived_at.timestamp(),
        has_failed=not kept.is_admitted
        and bool(session.scalar(select(_was_not_reached(row.ticket_id, Call.created_at >= kept.decided_at)))),
    )


def returns_our_call(session: Session, call: Call, campaign_id: UUID) -> bool:
    """We called them on a matter of the campaign that stands, did not reach them, and have not talked since."""
    if call.number is None:
        return False
    later = aliased(Call)
    talked = exists().where(
        later.ticket_id == Call.ticket_id, later.number == call.number, later.talked_at > Call.created_at
    )
    tried = (
        select(Call.id)
        .join(Ticket, Ticket.id == Call.ticket_id)
        .where(
            Call.number == call.number,
            Call.direction == Direction.OUTBOUND,
            Call.outcome == Outcome.NOT_REACHED,
            Ticket.campaign_id == campaign_id,
            Ticket.state.in_(UNRESOLVED),
            Call.created_at > func.now() - SAME_MATTER,
            ~talked,
        )
    )
    return session.scalar(tried.limit(1)) is not None


def _was_seen_to(ticket_id: UUID, since: Any) -> ColumnElement[bool]:
    """Somebody has talked or written with them on the matter since then."""
    talked = exists().where(Call.ticket_id == ticket_id, Call.talked_at > since)
    wrote = exists().where(
        Assignment.ticket_id == ticket_id,
        Assignment.channel != Channel.VOICE,
        Assignment.created_at > since,
        Assignment.state.in_(_SERVED),
    )
    return or_(talked, wrote)


def _was_not_reached(ticket_id: UUID, since: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        Call.ticket_id == ticket_id,
        Call.direction == Direction.OUTBOUND,
        Call.outcome == Outcome.NOT_REACHED,
        since,
    )
