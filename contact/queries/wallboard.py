"""What a supervisor watches: the queues they have a grant for, and the people of their outsourcer."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from contact.domain.vocabulary import LIVE_ASSIGNMENTS, ContactState
from contact.models import Administration, Agent, AgentGrant, AgentSkill, Assignment, Campaign, Contact, Presence, Queue
from contact.queries.shapes import Named, Reader, Speaker, in_language
from contact.services import presence


def queues(session: Session, reader: Reader) -> list[dict[str, Any]]:
    """The queues of the reader's campaigns in this administration, with what waits in each."""
    waiting = _counts(ContactState.WAITING)
    offered = _counts(ContactState.OFFERED)
    oldest = (
        select(Contact.enqueued_at, Contact.ticket_id)
        .where(Contact.queue_id == Queue.id, Contact.state.in_((ContactState.WAITING, ContactState.OFFERED)))
        .order_by(Contact.enqueued_at)
        .limit(1)
        .lateral()
    )
    active = (
        select(func.count())
        .select_from(Assignment)
        .join(Contact, Contact.id == Assignment.contact_id)
        .where(Contact.queue_id == Queue.id, Assignment.state.in_(LIVE_ASSIGNMENTS))
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Queue,
            Campaign,
            Administration,
            waiting.label("waiting"),
            offered.label("offered"),
            active.label("active"),
            oldest.c.enqueued_at,
            oldest.c.ticket_id,
        )
        .select_from(Queue)
        .join(Campaign, Campaign.id == Queue.campaign_id)
        .join(Administration, Administration.id == Queue.tenant_id)
        .outerjoin(oldest, true())
        .where(Queue.campaign_id.in_(reader.campaign_ids))
        .order_by(Administration.name, Queue.id)
    )
    return [
        {
            "id": row.Queue.id,
            "pool_id": row.Queue.pool_id,
            "name": in_language(row.Queue.name, reader.language),
            "campaign": Named(row.Campaign.id, in_language(row.Campaign.name, reader.language)),
            "administration": Speaker(row.Administration.id, row.Administration.name, row.Administration.hue),
            "waiting": row.waiting,
            "offered": row.offered,
            "active": row.active,
            "oldest_enqueued_at": row.enqueued_at,
            "oldest_ticket_id": row.ticket_id,
        }
        for row in rows
    ]


def _counts(state: ContactState) -> Any:
    return select(func.count()).where(Contact.queue_id == Queue.id, Contact.state == state).scalar_subquery()


def people(session: Session, account_id: UUID | None = None) -> list[dict[str, Any]]:
    """The agents of the present outsourcer with state, load and skills; only *account_id* when given."""
    query = select(Agent, Presence).join(Presence, Presence.agent_id == Agent.id).order_by(Agent.name)
    if account_id is not None:
        query = query.where(Agent.id == account_id)
    skills: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in session.execute(select(AgentSkill.agent_id, AgentSkill.skill, AgentSkill.level)):
        skills[row.agent_id][row.skill] = row.level
    return [
        {
            "id": row.Agent.id,
            "name": row.Agent.name,
            "state": row.Presence.state,
            "reason": row.Presence.reason,
            "since": row.Presence.since_at,
            "last_seen_at": row.Presence.last_seen_at,
            "channels": presence.channels(row.Presence),
            "skills": skills[row.Agent.id],
            "languages": row.Agent.languages,
        }
        for row in session.execute(query)
    ]


def granted_campaigns(session: Session, account_id: UUID) -> dict[UUID, tuple[UUID, ...]]:
    """The campaigns the account may work for, by administration (the outsourcer's side of the bridge)."""
    rows = session.execute(
        select(AgentGrant.tenant_id, AgentGrant.campaign_id)
        .where(AgentGrant.account_id == account_id, AgentGrant.revoked_at.is_(None))
        .order_by(AgentGrant.tenant_id, AgentGrant.campaign_id)
    )
    granted: dict[UUID, tuple[UUID, ...]] = {}
    for row in rows:
        granted[row.tenant_id] = (*granted.get(row.tenant_id, ()), row.campaign_id)
    return granted
