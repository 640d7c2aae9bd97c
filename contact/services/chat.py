"""Web chat as the citizen does it: start, write, read, leave."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contact.domain.errors import ConversationOpen, IdempotencyKeyReused, InvalidRequest, NoConversation
from contact.domain.rooms import conversation_room, ticket_room
from contact.domain.vocabulary import (
    Channel,
    ContactPointKind,
    ContactState,
    InteractionState,
    MessageKind,
    MessageState,
)
from contact.models import (
    Campaign,
    Citizen,
    CitizenContactPoint,
    ContactPoint,
    Endpoint,
    Interaction,
    Message,
    Ticket,
    Topic,
    Visitor,
    new_id,
)
from contact.outbox import announce
from contact.services import assignments, clock, coming_back, matters, messages, queueing


@dataclass(frozen=True, slots=True)
class Opening:
    """What a citizen says first. *key* makes a retry harmless."""

    topic_id: UUID
    language: str
    body: str
    key: str
    name: str | None = None


def greet(session: Session, endpoint: Endpoint, hours: float) -> str:
    """Make a visitor for a browser that has none; returns the resume token, which is stored only as a digest."""
    token = secrets.token_urlsafe(32)
    point = ContactPoint(tenant_id=endpoint.tenant_id, point_kind=ContactPointKind.VISITOR, value=str(new_id()))
    session.add(point)
    session.flush()
    session.add(
        Visitor(
            tenant_id=endpoint.tenant_id,
            endpoint_id=endpoint.id,
            contact_point_id=point.id,
            token_hash=digest(token),
            expires_at=clock.now(session) + timedelta(hours=hours),
        )
    )
    return token


def digest(token: str) -> bytes:
    """How tokens are stored: a random 256-bit token needs no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def recognise(session: Session, endpoint_id: UUID, token: str) -> Visitor | None:
    """The visitor who holds *token* on this endpoint, or None when it is unknown or has run out."""
    return session.scalar(
        select(Visitor).where(
            Visitor.token_hash == digest(token),
            Visitor.endpoint_id == endpoint_id,
            Visitor.expires_at > func.now(),
        )
    )


def start(session: Session, visitor: Visitor, campaign: Campaign, opening: Opening) -> Interaction:
    """Open a ticket with the citizen's first words and let it wait for an agent.

    Raises:
        InvalidRequest: The topic is not one of the campaign's, or the language none it speaks.
        ConversationOpen: This visitor has a conversation that is not over.
        IdempotencyKeyReused: The key came before with other words.
    """
    # One start at a time for a visitor: a double click or a second tab must not open two tickets.
    session.execute(select(Visitor.id).where(Visitor.id == visitor.id).with_for_update(key_share=True))
    client_key = f"visitor:{visitor.id}:{opening.key}"
    ticket = session.scalar(select(Ticket).where(Ticket.client_key == client_key))
    if ticket is not None:
        return _same_start(session, ticket, opening)
    before = current(session, visitor)
    if before is not None and before.state != InteractionState.ENDED:
        raise ConversationOpen()
    topic = session.get(Topic, opening.topic_id)
    if topic is None or topic.campaign_id != campaign.id or topic.retired_at is not None:
        raise InvalidRequest(fields={"topic_id": ["unknown_topic"]})
    if opening.language not in campaign.languages:
        raise InvalidRequest(fields={"language": ["unknown_language"]})
    citizen = _citizen(session, visitor, opening)
    ticket = matters.open_ticket(
        session,
        topic,
        citizen.id,
        subject=opening.body,
        language=opening.language,
        channel=Channel.CHAT,
        client_key=client_key,
    )
    interaction = matters.converse(session, ticket, visitor.endpoint_id, visitor.contact_point_id, Channel.CHAT)
    messages.append(
        session,
        ticket.id,
        MessageKind.CITIZEN,
        language=opening.language,
        body=opening.body,
        interaction=interaction,
        state=MessageState.RECEIVED,
        client_key=opening.key,
    )
    queueing.enqueue(session, ticket, interaction)
    return interaction


def write(session: Session, visitor: Visitor, body: str, key: str) -> Message:
    """Receive the citizen's next words. After a pause or an end they wait for an agent again, from now.

    What most messages need of it, `chat_line.receive` does in one statement: a change here may be one there too.

    Raises:
        NoConversation: This visitor has not started one.
        IdempotencyKeyReused: The key came before with other words.
    """
    ticket, interaction = _locked(session, visitor)
    message, is_new = messages.append(
        session,
        ticket.id,
        MessageKind.CITIZEN,
        language=ticket.language,
        body=body,
        interaction=interaction,
        state=MessageState.RECEIVED,
        client_key=key,
    )
    if is_new:
        coming_back.see_to_it(session, ticket, interaction)
    return message


def mark_read(session: Session, visitor: Visitor, seq: int) -> None:
    """The citizen has seen everything up to *seq*. Marks only move forward."""
    interaction = _current_or_refuse(session, visitor)
    moved = session.execute(
        update(Interaction)
        .where(Interaction.id == interaction.id, Interaction.citizen_read_seq < seq)
        .values(
            citizen_read_seq=func.least(
                seq, select(Ticket.last_seq).where(Ticket.id == interaction.ticket_id).scalar_subquery()
            )
        )
        .returning(Interaction.citizen_read_seq)
        .execution_options(synchronize_session=False)
    ).scalar()
    if moved is not None:
        announce(session, ticket_room(interaction.ticket_id), "read", interaction.ticket_id, moved)


def leave(session: Session, visitor: Visitor) -> Interaction:
    """The citizen ends the conversation: nobody waits any more, and the agent goes to wrap-up."""
    ticket, interaction = _locked(session, visitor)
    contact = queueing.live_contact(session, interaction.id)
    if contact is None and interaction.state == InteractionState.ENDED:
        return interaction
    messages.say(session, interaction, "citizen_ended", ticket.language)
    if contact is not None and contact.state == ContactState.ASSIGNED:
        assignments.wrap_contact(session, contact, interaction)
    else:
        if contact is not None:
            assignments.abandon(session, contact)
        end_interaction(session, interaction)
    return interaction


def end_interaction(session: Session, interaction: Interaction) -> None:
    """Close the conversation; the citizen may still come back to it by writing."""
    if interaction.state != InteractionState.ENDED:
        interaction.state = InteractionState.ENDED
        interaction.ended_at = clock.now(session)
        announce(session, conversation_room(interaction.id), "conversation", interaction.id)


def current(session: Session, visitor: Visitor) -> Interaction | None:
    """The visitor's latest conversation, whatever its state."""
    return session.scalar(
        select(Interaction)
        .where(Interaction.contact_point_id == visitor.contact_point_id)
        .order_by(Interaction.created_at.desc())
        .limit(1)
    )


def _current_or_refuse(session: Session, visitor: Visitor) -> Interaction:
    interaction = current(session, visitor)
    if interaction is None:
        raise NoConversation()
    return interaction


def _locked(session: Session, visitor: Visitor) -> tuple[Ticket, Interaction]:
    """The visitor's conversation as it stands once its ticket is ours: an agent may just have ended it."""
    # Ticket before interaction: locked in this order, and both as they are once locked.
    found = session.execute(
        select(Ticket, Interaction)
        .join_from(Interaction, Ticket, Ticket.id == Interaction.ticket_id)
        .where(Interaction.contact_point_id == visitor.contact_point_id)
        .order_by(Interaction.created_at.desc())
        .limit(1)
        .with_for_update(key_share=True, of=(Ticket, Interaction))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoConversation()
    return found.Ticket, found.Interaction


def _same_start(session: Session, ticket: Ticket, opening: Opening) -> Interaction:
    """A repeated start: the conversation it made the first time, if it says the same."""
    first = session.execute(
        select(Message).where(Message.ticket_id == ticket.id, Message.client_key == opening.key)
    ).scalar_one()
    if first.body != opening.body:
        raise IdempotencyKeyReused()
    return session.execute(select(Interaction).where(Interaction.id == first.interaction_id)).scalar_one()


def _citizen(session: Session, visitor: Visitor, opening: Opening) -> Citizen:
    """The person behind the visitor: the one of an earlier conversation in this browser, or a new one."""
    citizen = session.scalar(
        select(Citizen)
        .join(CitizenContactPoint, CitizenContactPoint.citizen_id == Citizen.id)
        .where(CitizenContactPoint.contact_point_id == visitor.contact_point_id)
    )
    if citizen is None:
        citizen = Citizen(tenant_id=visitor.tenant_id, name=opening.name, language=opening.language)
        session.add(citizen)
        session.flush()
        session.add(
            CitizenContactPoint(
                tenant_id=visitor.tenant_id, citizen_id=citizen.id, contact_point_id=visitor.contact_point_id
            )
        )
    elif opening.name and opening.name != citizen.name:
        citizen.name = opening.name
    return citizen
