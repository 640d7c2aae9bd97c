"""Make and change a ticket by hand."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.errors import Conflict, IdempotencyKeyReused, InvalidRequest, NotFound
from contact.domain.numbers import new_ticket_number
from contact.domain.rooms import ticket_room
from contact.domain.vocabulary import LIVE_CONTACTS, TicketState
from contact.models import Campaign, Citizen, Contact, Ticket, Topic
from contact.models.base import LOCK
from contact.outbox import announce
from contact.services import queueing, replies, states


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A matter that an agent writes down for a citizen. *key* makes a retry harmless."""

    campaign_id: UUID
    topic_id: UUID
    subject: str
    note: str
    language: str
    key: str
    citizen_name: str | None = None


def create(session: Session, agent_id: UUID, new: NewTicket) -> Ticket:
    """Make a ticket with its first note; the agent owns it.

    Raises:
        NotFound: No such campaign.
        InvalidRequest: The topic is not one of the campaign's.
        IdempotencyKeyReused: The key came before with another content.
    """
    client_key = f"agent:{agent_id}:{new.key}"
    before = session.scalar(select(Ticket).where(Ticket.client_key == client_key))
    if before is not None:
        if (before.campaign_id, before.topic_id, before.subject) != (new.campaign_id, new.topic_id, new.subject):
            raise IdempotencyKeyReused()
        return before
    campaign = session.get(Campaign, new.campaign_id)
    if campaign is None:
        raise NotFound()
    topic = _topic_of(session, campaign.id, new.topic_id)
    citizen = Citizen(tenant_id=campaign.tenant_id, name=new.citizen_name, language=new.language)
    session.add(citizen)
    session.flush()
    ticket = Ticket(
        tenant_id=campaign.tenant_id,
        campaign_id=campaign.id,
        topic_id=topic.id,
        citizen_id=citizen.id,
        number=new_ticket_number(),
        subject=new.subject,
        state=TicketState.OPEN,
        priority=topic.priority,
        language=new.language,
        owner_id=agent_id,
        client_key=client_key,
    )
    session.add(ticket)
    session.flush()
    replies.note(session, ticket.id, agent_id, new.note, new.key)
    return ticket


def edit(session: Session, ticket_id: UUID, version: int, changes: dict[str, Any]) -> Ticket:
    """Change state, priority, topic or subject of the ticket as it stood at *version*.

    A new priority or topic re-queues what waits: same arrival, new key.

    Raises:
        NotFound: No such ticket.
        Conflict: It was changed since; facts carry the version that stands.
        MoveRefused: The ticket cannot go to that state.
        InvalidRequest: The topic is not one of the campaign's.
    """
    ticket = session.get(Ticket, ticket_id, with_for_update=LOCK)
    if ticket is None:
        raise NotFound()
    if ticket.version != version:
        raise Conflict(version=ticket.version)
    if "state" in changes:
        states.put(session, ticket, TicketState(changes["state"]))
    if "subject" in changes:
        ticket.subject = changes["subject"]
    if "topic_id" in changes:
        ticket.topic_id = _topic_of(session, ticket.campaign_id, changes["topic_id"]).id
    if "priority" in changes:
        ticket.priority = changes["priority"]
    if {"topic_id", "priority"} & set(changes):
        _requeue(session, ticket)
    announce(session, ticket_room(ticket.id), "ticket", ticket.id)
    session.flush()
    return ticket


def _requeue(session: Session, ticket: Ticket) -> None:
    contacts = session.scalars(
        select(Contact)
        .where(Contact.ticket_id == ticket.id, Contact.state.in_(LIVE_CONTACTS))
        .with_for_update(key_share=True)
    )
    for contact in contacts:
        queueing.reorder(session, contact, ticket)


def _topic_of(session: Session, campaign_id: UUID, topic_id: UUID) -> Topic:
    topic = session.get(Topic, topic_id)
    if topic is None or topic.campaign_id != campaign_id or topic.retired_at is not None:
        raise InvalidRequest(fields={"topic_id": ["unknown_topic"]})
    return topic
