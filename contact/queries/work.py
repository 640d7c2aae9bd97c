"""An agent's work in one administration: the offers before them and what they hold."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from contact.domain.vocabulary import LIVE_ASSIGNMENTS, Channel, MessageKind, OfferState
from contact.models import (
    Administration,
    AgentGrant,
    Assignment,
    Campaign,
    Citizen,
    Contact,
    Interaction,
    Message,
    Offer,
    Ticket,
    Topic,
    Visitor,
)
from contact.queries import calls
from contact.queries.shapes import Named, Reader, Speaker, excerpt, in_language

VISITOR_GONE_SECONDS = 35


@dataclass(frozen=True, slots=True)
class LastWords:
    kind: str
    body: str
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class OfferView:
    """An open offer with what an agent needs to decide."""

    id: UUID
    ticket_id: UUID
    ticket_number: str
    channel: str
    language: str
    topic: Named
    campaign: Named
    administration: Speaker
    citizen_name: str | None
    waited_seconds: int
    offered_at: datetime
    expires_at: datetime
    last_exchange: LastWords | None


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """A piece of work in hand. `visitor_present`: the citizen's page answered lately; None off chat."""

    id: UUID
    ticket_id: UUID
    ticket_number: str
    interaction_id: UUID
    channel: str
    state: str
    topic: Named
    campaign: Named
    administration: Speaker
    citizen_name: str | None
    started_at: datetime
    wrap_until: datetime | None
    visitor_present: bool | None
    last_message: LastWords | None
    unread: int
    call: dict[str, Any] | None


def tenants_with_work(session: Session) -> list[UUID]:
    """The administrations where the present account has an open offer or live work."""
    return list(session.scalars(text("SELECT tenant_id FROM tenants_with_work()")))


def open_offers(session: Session, reader: Reader) -> list[OfferView]:
    """The reader's open offers in this administration, oldest first."""
    rows = session.execute(
        _with_context(select(Offer, Contact.enqueued_at, func.clock_timestamp().label("now")), Offer)
        .join(Contact, Contact.id == Offer.contact_id)
        .join(AgentGrant, AgentGrant.id == Offer.grant_id)
        .where(
            AgentGrant.revoked_at.is_(None),
            Offer.agent_id == reader.account_id,
            Offer.state == OfferState.OFFERED,
            Offer.expires_at > func.clock_timestamp(),
        )
        .order_by(Offer.offered_at)
    ).all()
    last = _last_words(session, [row.Offer.ticket_id for row in rows])
    return [
        OfferView(
            id=row.Offer.id,
            channel=row.Offer.channel,
            waited_seconds=int((row.now - row.enqueued_at).total_seconds()),
            offered_at=row.Offer.offered_at,
            expires_at=row.Offer.expires_at,
            last_exchange=last.get(row.Offer.ticket_id),
            **_context(row, reader.language),
        )
        for row in rows
    ]


def live_assignments(session: Session, reader: Reader) -> list[AssignmentView]:
    """What the reader holds in this administration, oldest first."""
    unread = aliased(Message)
    unread_count = (
        select(func.count())
        .where(
            unread.interaction_id == Interaction.id,
            unread.message_kind == MessageKind.CITIZEN,
            unread.seq > Interaction.agent_read_seq,
        )
        .scalar_subquery()
    )
    is_present = (
        select(func.max(Visitor.seen_at) > func.clock_timestamp() - text(f"interval '{VISITOR_GONE_SECONDS} seconds'"))
        .where(Visitor.contact_point_id == Interaction.contact_point_id)
        .scalar_subquery()
    )
    rows = session.execute(
        _with_context(select(Assignment, unread_count.label("unread"), is_present.label("is_present")), Assignment)
        .join(Interaction, Interaction.id == Assignment.interaction_id)
        .join(AgentGrant, AgentGrant.id == Assignment.grant_id)
        .where(
            AgentGrant.revoked_at.is_(None),
            Assignment.agent_id == reader.account_id,
            Assignment.state.in_(LIVE_ASSIGNMENTS),
        )
        .order_by(Assignment.started_at)
    ).all()
    last = _last_words(session, [row.Assignment.ticket_id for row in rows])
    on_line = [row.Assignment.interaction_id for row in rows if row.Assignment.channel == Channel.VOICE]
    calls_in_hand = calls.in_hand(session, on_line)
    return [
        AssignmentView(
            id=row.Assignment.id,
            interaction_id=row.Assignment.interaction_id,
            channel=row.Assignment.channel,
            state=row.Assignment.state,
            started_at=row.Assignment.started_at,
            wrap_until=row.Assignment.wrap_until,
            visitor_present=row.is_present,
            last_message=last.get(row.Assignment.ticket_id),
            unread=row.unread,
            call=calls_in_hand.get(row.Assignment.interaction_id),
            **_context(row, reader.language),
        )
        for row in rows
    ]


def _with_context(query: Select[Any], of: Any) -> Select[Any]:
    """Join what says whose matter it is and in whose name one speaks."""
    return (
        query.add_columns(Ticket, Topic.name, Campaign, Administration, Citizen.name.label("citizen_name"))
        .select_from(of)
        .join(Ticket, Ticket.id == of.ticket_id)
        .join(Topic, Topic.id == Ticket.topic_id)
        .join(Campaign, Campaign.id == Ticket.campaign_id)
        .join(Administration, Administration.id == Ticket.tenant_id)
        .join(Citizen, Citizen.id == Ticket.citizen_id)
    )


def _context(row: Any, language: str) -> dict[str, Any]:
    return {
        "ticket_id": row.Ticket.id,
        "ticket_number": row.Ticket.number,
        "topic": Named(row.Ticket.topic_id, in_language(row.name, language)),
        "campaign": Named(row.Campaign.id, in_language(row.Campaign.name, language)),
        "administration": Speaker(row.Administration.id, row.Administration.name, row.Administration.hue),
        "citizen_name": row.citizen_name,
        **({"language": row.Ticket.language} if hasattr(row, "Offer") else {}),
    }


def _last_words(session: Session, ticket_ids: list[UUID]) -> dict[UUID, LastWords]:
    """The last thing citizen or agent said on each ticket."""
    if not ticket_ids:
        return {}
    rows = session.execute(
        select(Message.ticket_id, Message.message_kind, Message.body, Message.created_at, Message.seq)
        .ext(distinct_on(Message.ticket_id))
        .where(
            Message.ticket_id.in_(ticket_ids),
            Message.message_kind.in_((MessageKind.CITIZEN, MessageKind.AGENT)),
        )
        .order_by(Message.ticket_id, Message.seq.desc())
    )
    return {row.ticket_id: LastWords(row.message_kind, excerpt(row.body), row.created_at, row.seq) for row in rows}
