"""A campaign's voice line as supervisors watch and steer it."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from contact.models import Administration, Agent, Campaign, PolicyVersion, Queue, ValveOverride
from contact.queries.shapes import Named, Reader, Speaker, in_language

_IN_FORCE = (ValveOverride.ended_at.is_(None), ValveOverride.until_at > func.clock_timestamp())


def lines(session: Session, reader: Reader) -> list[dict[str, Any]]:
    """The reader's campaigns in this administration whose policy is in force, each with its pool."""
    # One that has begun is all that `policy_life.in_force` asks for.
    has_policy = (
        select(PolicyVersion.id)
        .where(
            PolicyVersion.campaign_id == Campaign.id,
            PolicyVersion.published_at.is_not(None),
            PolicyVersion.effective_at <= func.clock_timestamp(),
        )
        .exists()
    )
    pool_id = select(Queue.pool_id).where(Queue.campaign_id == Campaign.id).order_by(Queue.id).limit(1).lateral()
    rows = session.execute(
        select(Campaign, Administration, pool_id.c.pool_id)
        .join(Administration, Administration.id == Campaign.tenant_id)
        .join(pool_id, true())
        .where(Campaign.id.in_(reader.campaign_ids), has_policy)
        .order_by(Campaign.id)
    ).all()
    standing = overrides(session, reader.campaign_ids)
    return [
        {
            "campaign": Named(row.Campaign.id, in_language(row.Campaign.name, reader.language)),
            "administration": Speaker(row.Administration.id, row.Administration.name, row.Administration.hue),
            "pool_id": row.pool_id,
            "override": standing.get(row.Campaign.id),
        }
        for row in rows
    ]


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
