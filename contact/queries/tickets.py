"""Lists of tickets and the whole ticket, in one administration."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, func, literal, select, text, true, tuple_
from sqlalchemy.orm import Session, aliased

from contact.domain.errors import NotFound
from contact.domain.numbers import read_ticket_number
from contact.domain.vocabulary import LIVE_ASSIGNMENTS, ContactPointKind, ContactState, MessageKind, TicketState
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
_SEARCH = text(
    "SELECT ticket_id, said_at, message_id FROM search_tickets(:words, :campaigns, :before_at, :before_id, :most)"
)
Place: TypeAlias = tuple[datetime, UUID]
"""Where a row stands in its list, newest first: a time, and an id between equals."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tickets: `scope` is mine or queues; `before` is the place of the last row of the page before.

    With `words`, all of the reader's campaigns are searched and the other filters do not count.
    """

    scope: str = "queues"
    state: str | None = None
    campaign_id: UUID | None = None
    words: str | None = None
    before: Place | None = None
    most: int = 50


def ticket_rows(session: Session, reader: Reader, wanted: Filter) -> list[dict[str, Any]]:
    """Newest first, at most `wanted.most`, of the campaigns the reader may see; each with its `place` in that order.

    The newest ticket is the one where something was said last; of those that a search finds, the one where the words
    were said last (by number: as in the list).
    """
    found = _found(session, reader, wanted) if wanted.words else None
    ids = list(found) if found is not None else _newest(reader, wanted)
    rows = session.execute(
        _rows()
        .where(Ticket.id.in_(ids), Ticket.campaign_id.in_(reader.campaign_ids))
        .order_by(Ticket.updated_at.desc(), Ticket.id.desc())
    ).all()
    told = [
        _row(row, reader.language)
        | {"place": (found or {}).get(row.Ticket.id) or (row.Ticket.updated_at, row.Ticket.id)}
        for row in rows
    ]
    return sorted(told, key=lambda row: row["place"], reverse=True)


def _newest(reader: Reader, wanted: Filter) -> Select[Any]:
    """The ids of a page. From each campaign and state its newest, in the order of an index; of these the newest."""
    campaigns = [id for id in reader.campaign_ids if wanted.campaign_id in (None, id)]
    states = [wanted.state] if wanted.state else list(TicketState)
    campaign = func.unnest(literal(campaigns, ARRAY(Uuid))).table_valued("id", name="of_campaign").render_derived()
    state = func.unnest(literal(states, ARRAY(Text))).table_valued("word", name="in_state").render_derived()
    newest = select(Ticket.id, Ticket.updated_at).where(
        Ticket.campaign_id == campaign.c.id, Ticket.state == state.c.word
    )
    if wanted.scope == "mine":
        newest = newest.where(Ticket.owner_id == reader.account_id)
    if wanted.before:
        newest = newest.where(tuple_(Ticket.updated_at, Ticket.id) < tuple_(*wanted.before))
    each = newest.order_by(Ticket.updated_at.desc(), Ticket.id.desc()).limit(wanted.most).lateral()
    return (
        select(each.c.id)
        .select_from(campaign)
        .join(state, true())
        .join(each, true())
        .order_by(each.c.updated_at.desc(), each.c.id.desc())
        .limit(wanted.most)
    )


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
        "reply_to": _reply_to(session, reply_to) if reply_to else None,
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


def _reply_to(session: Session, interaction: Interaction) -> dict[str, Any]:
    """Between which addresses a reply goes, and what keeps it from going: the agent knows before they write."""
    endpoint = session.get_one(Endpoint, interaction.endpoint_id)
    point = session.get_one(ContactPoint, interaction.contact_point_id)
    return {
        "channel": interaction.channel,
        "from_address": endpoint.address,
        "to_address": point.value if point.point_kind != ContactPointKind.VISITOR else None,
        # One that cannot be answered: a word as sender.
        "is_one_way": not endpoint.can_receive,
        "refused": replies.why_not(session, interaction),
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


def _found(session: Session, reader: Reader, wanted: Filter) -> dict[UUID, Place | None]:
    """Tickets by number, or by words: one message has them all, in itself, its ticket's subject or the citizen's name.

    With each, when they were said last and by which message.
    """
    number = read_ticket_number(wanted.words or "")
    if number:
        by_number = session.scalars(select(Ticket.id).where(Ticket.number == number)).all()
        if by_number:
            return dict.fromkeys(by_number)
    before_at, before_id = wanted.before or (None, None)
    values = {"words": wanted.words, "before_at": before_at, "before_id": before_id, "most": wanted.most}
    found = session.execute(_SEARCH, values | {"campaigns": list(reader.campaign_ids)})
    return {row.ticket_id: (row.said_at, row.message_id) for row in found}


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
