"""A text in its ticket: a matter begins with it, or goes on."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.incoming import Text
from contact.domain.vocabulary import Channel, MessageKind, MessageState, TicketState
from contact.models import (
    Campaign,
    ContactPoint,
    Endpoint,
    Interaction,
    Message,
    Ticket,
    Topic,
)
from contact.models.base import LOCK
from contact.services import callers, coming_back, matters, media, messages, queueing


@dataclass(frozen=True, slots=True)
class Thread:
    """A matter, and the two numbers between which it is written about."""

    ticket_id: UUID
    ticket_state: TicketState
    endpoint_id: UUID
    contact_point_id: UUID


def begin(session: Session, endpoint: Endpoint, point: ContactPoint, text: Text) -> None:
    """Open a ticket with the text; it waits for an agent."""
    campaign = session.get_one(Campaign, endpoint.campaign_id)
    topic = session.scalars(
        select(Topic)
        .where(Topic.campaign_id == campaign.id, Topic.retired_at.is_(None))
        .order_by(Topic.rank, Topic.id)
        .limit(1)
    ).one()
    citizen = callers.citizen(session, point, campaign.languages[0])
    ticket = matters.open_ticket(
        session,
        topic,
        citizen.id,
        subject=text.body.strip() or "MMS",
        language=citizen.language if citizen.language in campaign.languages else campaign.languages[0],
        channel=Channel.SMS,
        client_key=f"{text.provider}:{text.provider_id}",
    )
    interaction = matters.converse(session, ticket, endpoint.id, point.id, Channel.SMS)
    add(session, ticket, interaction, text)
    queueing.enqueue(session, ticket, interaction)


def go_on(session: Session, thread: Thread, text: Text) -> None:
    """One more text of a matter: whoever serves it sees it, or it waits again."""
    ticket, interaction = locked(session, thread)
    add(session, ticket, interaction, text)
    coming_back.see_to_it(session, ticket, interaction)


def note_wish(session: Session, thread: Thread, text: Text, wanted: str) -> None:
    """STOP or START: seen where the matter is, and nobody has to answer it."""
    ticket, interaction = locked(session, thread)
    add(session, ticket, interaction, text)
    messages.say(session, interaction, f"sms_{wanted}", ticket.language)


def locked(session: Session, thread: Thread) -> tuple[Ticket, Interaction]:
    """The ticket, then its conversation between these numbers."""
    ticket = session.get_one(Ticket, thread.ticket_id, with_for_update=LOCK, populate_existing=True)
    interaction = session.scalars(
        select(Interaction)
        .where(
            Interaction.ticket_id == ticket.id,
            Interaction.endpoint_id == thread.endpoint_id,
            Interaction.contact_point_id == thread.contact_point_id,
        )
        .order_by(Interaction.created_at.desc())
        .limit(1)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()
    return ticket, interaction


def add(session: Session, ticket: Ticket, interaction: Interaction, text: Text) -> Message:
    """The text as a message, with what came along to be fetched."""
    message, is_new = messages.append(
        session,
        ticket.id,
        MessageKind.CITIZEN,
        language=ticket.language,
        body=text.body,
        interaction=interaction,
        state=MessageState.RECEIVED,
        client_key=f"{text.provider}:{text.provider_id}",
    )
    if is_new:
        message.provider, message.provider_id = text.provider, text.provider_id
        session.flush()
        endpoint = session.get_one(Endpoint, interaction.endpoint_id)
        if endpoint.account_id is not None:
            media.expect(session, message, endpoint.account_id, text.media)
    return message
