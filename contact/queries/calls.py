"""Calls as the console shows them: the one in hand, and those of a ticket."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.domain.call_flow import CallStage
from contact.domain.vocabulary import AssignmentState
from contact.models import Admission, Agent, Assignment, Call, Recording


def in_hand(session: Session, interaction_ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """The call of each conversation that has one."""
    if not interaction_ids:
        return {}
    rows = session.scalars(select(Call).where(Call.interaction_id.in_(interaction_ids)).order_by(Call.created_at))
    return {call.interaction_id: view(call) for call in rows if call.interaction_id is not None}


def view(call: Call) -> dict[str, Any]:
    """What a softphone needs to know of it."""
    return {
        "id": call.id,
        "state": call.stage,
        "is_held": call.is_held,
        "began_at": call.created_at,
        "direction": call.direction,
        "number": call.number,
        "interaction_id": call.interaction_id,
    }


def history(session: Session, ticket_id: UUID) -> list[dict[str, Any]]:
    """The ticket's calls, newest first, with who talked and what was recorded."""
    # Who hung up, or passed it on, is on the line no more.
    talked = (
        select(Assignment.agent_id)
        .where(
            Assignment.interaction_id == Call.interaction_id,
            Assignment.state.in_((AssignmentState.ACTIVE, AssignmentState.WRAPPING, AssignmentState.DONE)),
            Call.talked_at.is_not(None),
        )
        .order_by(Assignment.created_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Call, Agent.name, Admission)
        .select_from(Call)
        .outerjoin(Agent, Agent.id == func.coalesce(Call.agent_id, talked))
        .outerjoin(Admission, Admission.call_id == Call.id)
        .where(Call.ticket_id == ticket_id)
        .order_by(Call.created_at.desc())
    ).all()
    heard = _recordings(session, [row.Call.id for row in rows])
    now = session.execute(select(func.clock_timestamp())).scalar_one()
    return [
        {
            **view(row.Call),
            "outcome": row.Call.outcome,
            "ended_at": row.Call.ended_at,
            "talked_seconds": _talked_seconds(row.Call, now),
            "agent_name": row.name,
            "recordings": heard.get(row.Call.id, []),
            "admission": row.Admission and _admission(row.Admission),
        }
        for row in rows
    ]


def _admission(kept: Admission) -> dict[str, Any]:
    """Why the call was let in, or what it was offered instead."""
    return {
        "is_admitted": kept.is_admitted,
        "rule": kept.rule,
        "reasons": kept.inputs["inputs"]["reasons"],
        "policy_number": kept.policy_number,
        "offered": kept.offered,
        "taken": kept.taken,
        "arrived_at": kept.arrived_at,
    }


def _talked_seconds(call: Call, now: datetime) -> int:
    if call.talked_at is None:
        return 0
    until = call.ended_at if call.stage == CallStage.ENDED and call.ended_at is not None else now
    return max(round((until - call.talked_at).total_seconds()), 0)


def _recordings(session: Session, call_ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    wanted = select(Recording).where(Recording.call_id.in_(call_ids)).order_by(Recording.created_at)
    for one in session.scalars(wanted) if call_ids else ():
        told = {"id": one.id, "seconds": one.seconds, "is_ready": one.fetched_at is not None}
        found.setdefault(one.call_id, []).append(told)
    return found


def sound(session: Session, ticket_id: UUID, recording_id: UUID) -> bytes | None:
    """A recording of one of the ticket's calls, still sealed; None where there is none, or not yet."""
    return session.scalar(
        select(Recording.sound)
        .join(Call, Call.id == Recording.call_id)
        .where(Recording.id == recording_id, Call.ticket_id == ticket_id)
    )
