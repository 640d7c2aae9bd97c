"""A campaign's voice line as supervisors steer it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.models import Agent, ValveOverride
from contact.queries.shapes import Named

_IN_FORCE = (ValveOverride.ended_at.is_(None), ValveOverride.until_at > func.clock_timestamp())


def overrides(session: Session, campaign_ids: tuple[UUID, ...]) -> dict[UUID, dict[str, Any]]:
    """Those in force, by campaign, as they are told."""
    query = (
        select(ValveOverride, Agent.name)
        .outerjoin(Agent, Agent.id == ValveOverride.account_id)
        .where(ValveOverride.campaign_id.in_(campaign_ids), *_IN_FORCE)
    )
    return {
        row.ValveOverride.campaign_id: {
            "id": row.ValveOverride.id,
            "state": row.ValveOverride.state,
            "reason": row.ValveOverride.reason,
            "by": Named(row.ValveOverride.account_id, row.name or ""),
            "since_at": row.ValveOverride.created_at,
            "until_at": row.ValveOverride.until_at,
        }
        for row in session.execute(query)
    }
