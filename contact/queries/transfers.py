"""To whom a conversation can be passed on: topics, colleagues and skills, each with how things stand there."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.domain.vocabulary import ContactState
from contact.models import Agent, AgentGrant, Assignment, Contact, Presence, Queue, Skill, Ticket, Topic
from contact.queries.shapes import Named, Reader, in_language


def targets(session: Session, reader: Reader, assignment_id: UUID) -> dict[str, Any]:
    """What an agent may choose from. Colleagues are those of the agent's own outsourcer, whoever they work for."""
    ticket = session.execute(
        select(Ticket).join(Assignment, Assignment.ticket_id == Ticket.id).where(Assignment.id == assignment_id)
    ).scalar_one()
    skills = session.scalars(select(Skill).order_by(Skill.code))
    return {
        "topics": _topics(session, reader, ticket),
        "agents": _agents(session, reader, ticket.campaign_id),
        "skills": [{"code": skill.code, "name": in_language(skill.name, reader.language)} for skill in skills],
    }


def _topics(session: Session, reader: Reader, ticket: Ticket) -> list[dict[str, Any]]:
    waiting = (
        select(func.count())
        .where(Contact.queue_id == Queue.id, Contact.state == ContactState.WAITING)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Topic, Queue, waiting.label("waiting"))
        .join(Queue, Queue.id == Topic.queue_id)
        .where(Topic.campaign_id == ticket.campaign_id, Topic.retired_at.is_(None))
        .order_by(Topic.rank)
    )
    return [
        {
            "id": row.Topic.id,
            "name": in_language(row.Topic.name, reader.language),
            "queue": Named(row.Queue.id, in_language(row.Queue.name, reader.language)),
            "waiting": row.waiting,
            "is_current": row.Topic.id == ticket.topic_id,
        }
        for row in rows
    ]


def _agents(session: Session, reader: Reader, campaign_id: UUID) -> list[dict[str, Any]]:
    own = select(Agent.outsourcer_id).where(Agent.id == reader.account_id).scalar_subquery()
    rows = session.execute(
        select(Agent.id, Agent.name, Presence.state)
        .join(Presence, Presence.agent_id == Agent.id)
        .join(AgentGrant, AgentGrant.account_id == Agent.id)
        .where(
            AgentGrant.campaign_id == campaign_id,
            AgentGrant.revoked_at.is_(None),
            Agent.outsourcer_id == own,
            Agent.id != reader.account_id,
        )
        .order_by(Agent.name)
    )
    return [{"id": row.id, "name": row.name, "state": row.state} for row in rows]
