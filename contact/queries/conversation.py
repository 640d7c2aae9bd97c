"""A chat as its citizen sees it: where it stands, the place in the queue, the messages without the notes."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.domain.vocabulary import (
    LIVE_CONTACTS,
    AssignmentState,
    ContactState,
    InteractionState,
    MessageKind,
    PresenceState,
)
from contact.models import (
    Administration,
    Agent,
    AgentGrant,
    Assignment,
    Campaign,
    Contact,
    Endpoint,
    Interaction,
    Message,
    Presence,
    Ticket,
    Topic,
)
from contact.queries.shapes import in_language
from contact.queries.timeline import read_state
from contact.services import clock, waits

_WAITS = (ContactState.WAITING, ContactState.OFFERED)


def welcome(session: Session, endpoint: Endpoint) -> dict[str, Any]:
    """What a page needs before the first word: the campaign's name, languages and topics."""
    campaign = session.get_one(Campaign, endpoint.campaign_id)
    administration = session.get_one(Administration, endpoint.tenant_id)
    topics = session.scalars(
        select(Topic)
        .where(Topic.campaign_id == campaign.id, Topic.retired_at.is_(None))
        .order_by(Topic.rank, Topic.slug)
    )
    return {
        "name": campaign.name,
        "administration": administration.name,
        "hue": administration.hue,
        "languages": campaign.languages,
        "welcome": campaign.welcome,
        "topics": [{"id": topic.id, "name": topic.name} for topic in topics],
        "is_open": campaign.is_active and endpoint.can_receive,
    }


def conversation(session: Session, interaction: Interaction) -> dict[str, Any]:
    """Where the citizen's chat stands now."""
    ticket = session.get_one(Ticket, interaction.ticket_id)
    topic = session.get_one(Topic, ticket.topic_id)
    contact = session.scalar(
        select(Contact).where(Contact.interaction_id == interaction.id, Contact.state.in_(LIVE_CONTACTS))
    )
    waits_now = contact is not None and contact.state in _WAITS
    return {
        "id": interaction.id,
        "ticket_number": ticket.number,
        "state": _state(interaction, contact),
        "position": position(session, contact) if contact and waits_now else None,
        "expected_wait": expected_wait(session, contact) if contact and waits_now else None,
        "agents_available": _has_agents(session, ticket.campaign_id),
        "agent_name": _agent_name(session, contact) if contact else None,
        "language": ticket.language,
        "topic_name": in_language(topic.name, ticket.language),
        "last_seq": ticket.last_seq,
        "read_seq": interaction.citizen_read_seq,
        "other_read_seq": interaction.agent_read_seq,
        "server_time": clock.now(session),
        "started_at": interaction.created_at,
    }


def expected_wait(session: Session, contact: Contact) -> dict[str, int] | None:
    """The wait still to come, as it may be told: a range in seconds, on round minutes; None when nobody knows."""
    wait = waits.expected(session, contact.need_id, contact.key_at)
    if wait is None:
        return None
    low, high = wait.announcement()
    return {"from_seconds": low, "to_seconds": high}


def position(session: Session, contact: Contact) -> int:
    """The contact's place among those that wait in its queue and channel, from 1."""
    ahead = session.execute(
        select(func.count()).where(
            Contact.queue_id == contact.queue_id,
            Contact.channel == contact.channel,
            Contact.state.in_(_WAITS),
            (Contact.key_at < contact.key_at) | ((Contact.key_at == contact.key_at) & (Contact.id < contact.id)),
        )
    ).scalar_one()
    return ahead + 1


def messages_since(
    session: Session, interaction: Interaction, since: int, most: int
) -> tuple[list[dict[str, Any]], int]:
    """The chat's messages after *since*, notes left out, and the seq to go on from."""
    last_seq = session.execute(select(Ticket.last_seq).where(Ticket.id == interaction.ticket_id)).scalar_one()
    rows = session.execute(
        select(Message, Agent.name.label("author_name"))
        .outerjoin(Agent, Agent.id == Message.author_id)
        .where(
            Message.ticket_id == interaction.ticket_id,
            Message.interaction_id == interaction.id,
            Message.message_kind != MessageKind.NOTE,
            Message.seq > since,
        )
        .order_by(Message.seq)
        .limit(most)
    ).all()
    items = [message_view(row.Message, row.author_name, interaction) for row in rows]
    return items, items[-1]["seq"] if len(items) == most else max(since, last_seq)


def message_view(
    message: Message, author_name: str | None = None, interaction: Interaction | None = None
) -> dict[str, Any]:
    """A message as its citizen sees it. What they wrote themselves needs neither an author nor the marks of reading."""
    return {
        "id": message.id,
        "seq": message.seq,
        "kind": message.message_kind,
        "code": message.code,
        "body": message.body,
        "author_name": public_name(author_name),
        "created_at": message.created_at,
        "key": message.client_key if message.message_kind == MessageKind.CITIZEN else None,
        "state": read_state(message, interaction.channel, interaction.citizen_read_seq)
        if interaction
        else message.state,
    }


def public_name(name: str | None) -> str | None:
    """How an agent is called before citizens: the first name."""
    return name.split()[0] if name else None


def _state(interaction: Interaction, contact: Contact | None) -> str:
    if contact is not None:
        return "active" if contact.state == ContactState.ASSIGNED else "waiting"
    return "paused" if interaction.state == InteractionState.PAUSED else "ended"


def _agent_name(session: Session, contact: Contact) -> str | None:
    name = session.scalar(
        select(Agent.name)
        .join(Assignment, Assignment.agent_id == Agent.id)
        .where(Assignment.contact_id == contact.id, Assignment.state == AssignmentState.ACTIVE)
    )
    return public_name(name)


def _has_agents(session: Session, campaign_id: UUID) -> bool:
    """Somebody who works for the campaign is at their desk."""
    return bool(
        session.scalar(
            select(
                select(AgentGrant.id)
                .join(Presence, Presence.agent_id == AgentGrant.account_id)
                .where(
                    AgentGrant.campaign_id == campaign_id,
                    AgentGrant.revoked_at.is_(None),
                    Presence.state.in_((PresenceState.READY, PresenceState.PAUSED)),
                )
                .exists()
            )
        )
    )
