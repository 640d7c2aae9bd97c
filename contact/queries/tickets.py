"""Lists of tickets and the whole ticket, in one administration."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select, text, tuple_
from sqlalchemy.orm import Session, aliased

from contact.domain.errors import NotFound
from contact.domain.numbers import read_ticket_number
from contact.domain.vocabulary import LIVE_ASSIGNMENTS, ContactState, MessageKind, TicketState
from contact.models import (
    Administration,
    Agent,
    Assignment,
    Campaign,
    Citizen,
    CitizenContactPoint,
    Contact,
    ContactPoint,
    Draft,
    Endpoint,
    Interaction,
    Message,
    Ticket,
    Topic,
)
from contact.queries.shapes import Named, Reader, Speaker, excerpt, in_language
from contact.services import replies

_CLOSED = (TicketState.CLOSED, TicketState.MERGED)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tickets: `scope` is mine or queues; `before` is the last row's (updated_at, id) of the page before.

    With `words`, all of the reader's campaigns are searched and the other filters do not count.
    """

    scope: str = "queues"
    state: str | None = None
    campaign_id: UUID | None = None
    words: str | None = None
    before: tuple[datetime, UUID] | None = None
    most: int = 50


def ticket_rows(session: Session, reader: Reader, wanted: Filter) -> list[dict[str, Any]]:
    """Newest first, at most `wanted.most`, of the campaigns the reader may see."""
    query = _rows().where(Ticket.campaign_id.in_(reader.campaign_ids))
    if wanted.words:
        query = query.where(Ticket.id.in_(_found(session, reader, wanted)))
    else:
        query = query.where(*_conditions(reader, wanted))
    rows = session.execute(query.order_by(Ticket.updated_at.desc(), Ticket.id.desc()).limit(wanted.most)).all()
    return [_row(row, reader.language) for row in rows]


def _conditions(reader: Reader, wanted: Filter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.scope == "mine":
        conditions.append(Ticket.owner_id == reader.account_id)
    if wanted.state:
        conditions.append(Ticket.state == wanted.state)
    if wanted.campaign_id:
        conditions.append(Ticket.campaign_id == wanted.campaign_id)
    if wanted.before:
        conditions.append(tuple_(Ticket.updated_at, Ticket.id) < tuple_(*wanted.before))
    return conditions


def whole_ticket(session: Session, reader: Reader, ticket_id: UUID) -> dict[str, Any]:
    """A ticket with its people and conversations.

    Raises:
        NotFound: No such ticket in the reader's campaigns.
    """
    row = session.execute(
        _rows().where(Ticket.id == ticket_id, Ticket.campaign_id.in_(reader.campaign_ids))
    ).one_or_none()
    if row is None:
        raise NotFound()
    ticket: Ticket = row.Ticket
    assignment = _live_assignment(session, ticket_id)
    reply_to = replies.reply_interaction(session, ticket_id)
    is_closed = ticket.state in _CLOSED
    return _row(row, reader.language) | {
        "version": ticket.version,
        "last_seq": ticket.last_seq,
        "citizen": _citizen(session, ticket.citizen_id),
        "interactions": _interactions(session, ticket_id),
        "assignment": assignment,
        "other_tickets": _other_tickets(session, ticket, reader),
        "reply_channel": reply_to.channel if reply_to else None,
        "can": {
            "reply": reply_to is not None
            and not is_closed
            and replies.served_by(session, reply_to.id) in (None, reader.account_id),
            "note": True,
            "edit": ticket.state != TicketState.MERGED,
            "finish": assignment is not None and assignment["agent"].id == reader.account_id,
        },
        "draft": _draft(session, ticket_id, reader.account_id),
    }


def _rows() -> Select[Any]:
    owner = aliased(Agent)
    last = (
        select(Message.body)
        .where(Message.ticket_id == Ticket.id, Message.message_kind.in_((MessageKind.CITIZEN, MessageKind.AGENT)))
        .order_by(Message.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    waits = (
        select(Contact.id)
        .where(Contact.ticket_id == Ticket.id, Contact.state.in_((ContactState.WAITING, ContactState.OFFERED)))
        .exists()
    )
    return (
        select(
            Ticket,
            Topic.name.label("topic_name"),
            Campaign.name.label("campaign_name"),
            Administration.name.label("administration_name"),
            Administration.hue,
            Citizen.name.label("citizen_name"),
            owner.name.label("owner_name"),
            last.label("last_body"),
            waits.label("waits"),
        )
        .join(Topic, Topic.id == Ticket.topic_id)
        .join(Campaign, Campaign.id == Ticket.campaign_id)
        .join(Administration, Administration.id == Ticket.tenant_id)
        .join(Citizen, Citizen.id == Ticket.citizen_id)
        .outerjoin(owner, owner.id == Ticket.owner_id)
    )


def _row(row: Any, language: str) -> dict[str, Any]:
    ticket: Ticket = row.Ticket
    return {
        "id": ticket.id,
        "number": ticket.number,
        "subject": ticket.subject,
        "state": ticket.state,
        "priority": ticket.priority,
        "channel": ticket.channel,
        "language": ticket.language,
        "topic": Named(ticket.topic_id, in_language(row.topic_name, language)),
        "campaign": Named(ticket.campaign_id, in_language(row.campaign_name, language)),
        "administration": Speaker(ticket.tenant_id, row.administration_name, row.hue),
        "citizen_name": row.citizen_name,
        "owner": Named(ticket.owner_id, row.owner_name or "") if ticket.owner_id else None,
        "waiting": row.waits,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "excerpt": excerpt(row.last_body),
    }


def _found(session: Session, reader: Reader, wanted: Filter) -> list[UUID]:
    """Tickets by number, or by words of their subject, their messages and the citizen's name."""
    number = read_ticket_number(wanted.words or "")
    if number:
        by_number = session.scalars(select(Ticket.id).where(Ticket.number == number)).all()
        if by_number:
            return list(by_number)
    before_at, before_id = wanted.before or (None, None)
    statement = text(
        "SELECT ticket_id FROM find_tickets(:words, :campaigns, :before_at, :before_id, :most)"
    ).bindparams(bindparam("campaigns", list(reader.campaign_ids)))
    values = {"words": wanted.words, "before_at": before_at, "before_id": before_id}
    return list(session.scalars(statement, values | {"most": wanted.most}))


def _citizen(session: Session, citizen_id: UUID) -> dict[str, Any]:
    citizen = session.get_one(Citizen, citizen_id)
    points = session.scalars(
        select(ContactPoint)
        .join(CitizenContactPoint, CitizenContactPoint.contact_point_id == ContactPoint.id)
        .where(CitizenContactPoint.citizen_id == citizen_id)
        .order_by(ContactPoint.created_at)
    )
    return {
        "id": citizen.id,
        "name": citizen.name,
        "language": citizen.language,
        "identity_level": citizen.identity_level,
        "contact_points": [
            {"id": point.id, "kind": point.point_kind, "value": point.value, "disabled": point.disabled_at is not None}
            for point in points
        ],
    }


def _interactions(session: Session, ticket_id: UUID) -> list[dict[str, Any]]:
    rows = session.execute(
        select(Interaction, Endpoint.address)
        .join(Endpoint, Endpoint.id == Interaction.endpoint_id)
        .where(Interaction.ticket_id == ticket_id)
        .order_by(Interaction.created_at)
    )
    return [
        {
            "id": row.Interaction.id,
            "channel": row.Interaction.channel,
            "state": row.Interaction.state,
            "started_at": row.Interaction.created_at,
            "ended_at": row.Interaction.ended_at,
            "endpoint": row.address,
        }
        for row in rows
    ]


def _live_assignment(session: Session, ticket_id: UUID) -> dict[str, Any] | None:
    row = session.execute(
        select(Assignment.id, Assignment.state, Agent.id.label("agent_id"), Agent.name)
        .join(Agent, Agent.id == Assignment.agent_id)
        .where(Assignment.ticket_id == ticket_id, Assignment.state.in_(LIVE_ASSIGNMENTS))
        .order_by(Assignment.started_at.desc())
        .limit(1)
    ).one_or_none()
    return {"id": row.id, "state": row.state, "agent": Named(row.agent_id, row.name)} if row else None


def _other_tickets(session: Session, ticket: Ticket, reader: Reader) -> list[Ticket]:
    """The citizen's other matters that the reader may see, newest first."""
    return list(
        session.scalars(
            select(Ticket)
            .where(
                Ticket.citizen_id == ticket.citizen_id,
                Ticket.id != ticket.id,
                Ticket.campaign_id.in_(reader.campaign_ids),
            )
            .order_by(Ticket.updated_at.desc())
            .limit(10)
        )
    )


def _draft(session: Session, ticket_id: UUID, agent_id: UUID) -> Draft | None:
    return session.scalar(select(Draft).where(Draft.ticket_id == ticket_id, Draft.agent_id == agent_id))
