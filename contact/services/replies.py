"""What agents write: replies to the citizen, internal notes, drafts, read marks."""

from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contact.domain.errors import CannotReply, InvalidRequest, NotFound, NotYours, TicketClosed
from contact.domain.rooms import conversation_room, person_room
from contact.domain.sms_text import CHARACTERS_MAX
from contact.domain.vocabulary import AssignmentState, Channel, MessageKind, MessageState, Purpose, TicketState
from contact.models import Assignment, ContactPoint, Draft, Interaction, Message, Ticket, new_id
from contact.models.base import LOCK
from contact.outbox import announce, defer
from contact.services import messages, text_rules

DELIVER = {Channel.SMS: text_rules.TOPIC, Channel.EMAIL: "email.deliver"}


def reply(session: Session, ticket_id: UUID, agent_id: UUID, body: str, key: str) -> Message:
    """Send *body* to the citizen, on the channel they last wrote from. In a chat, sent is committed.

    Raises:
        NotFound: No such ticket.
        TicketClosed: Closed and merged tickets take no replies.
        CannotReply: The citizen has no channel that leads back to them.
        NotYours: A colleague is in this very conversation; notes reach them.
        InvalidRequest: A text is longer than any provider takes.
        IdempotencyKeyReused: The key came before with another content.
    """
    ticket = _locked(session, ticket_id)
    interaction = reply_interaction(session, ticket_id)
    if interaction is None:
        raise CannotReply()
    # A repeated request is answered as the first time, even when the ticket was closed in between.
    is_repeated = session.scalar(select(Message.id).where(Message.ticket_id == ticket_id, Message.client_key == key))
    if not is_repeated and ticket.state in (TicketState.CLOSED, TicketState.MERGED):
        raise TicketClosed()
    if not is_repeated and served_by(session, interaction.id) not in (None, agent_id):
        raise NotYours()
    if interaction.channel == Channel.SMS and len(body) > CHARACTERS_MAX:
        raise InvalidRequest(fields={"body": [f"too_long|{CHARACTERS_MAX}"]})
    reason = None if is_repeated else why_not(session, interaction)
    if reason is not None:
        raise CannotReply(reason=reason)
    is_chat = interaction.channel == Channel.CHAT
    message, is_new = messages.append(
        session,
        ticket_id,
        MessageKind.AGENT,
        language=ticket.language,
        body=body,
        interaction=interaction,
        author_id=agent_id,
        state=MessageState.SENT if is_chat else MessageState.QUEUED,
        client_key=key,
    )
    if is_new:
        forget_draft(session, ticket_id, agent_id)
        if not is_chat:
            defer(
                session,
                DELIVER[Channel(interaction.channel)],
                order_key=f"{interaction.channel}:{interaction.contact_point_id}",
                message_id=message.id,
            )
    return message


def note(session: Session, ticket_id: UUID, agent_id: UUID, body: str, key: str) -> Message:
    """Write something for colleagues only.

    Raises:
        NotFound: No such ticket.
        IdempotencyKeyReused: The key came before with another content.
    """
    ticket = _locked(session, ticket_id)
    message, is_new = messages.append(
        session,
        ticket_id,
        MessageKind.NOTE,
        language=ticket.language,
        body=body,
        author_id=agent_id,
        client_key=key,
    )
    if is_new:
        forget_draft(session, ticket_id, agent_id)
    return message


def reply_interaction(session: Session, ticket_id: UUID) -> Interaction | None:
    """The conversation a reply goes into: where the citizen last wrote from, on a channel that takes text."""
    return session.scalar(
        select(Interaction)
        .join(ContactPoint, ContactPoint.id == Interaction.contact_point_id)
        .outerjoin(
            Message,
            (Message.interaction_id == Interaction.id) & (Message.message_kind == MessageKind.CITIZEN),
        )
        .where(
            Interaction.ticket_id == ticket_id,
            Interaction.channel.in_((Channel.CHAT, *DELIVER)),
            ContactPoint.disabled_at.is_(None),
        )
        .order_by(func.coalesce(Message.seq, 0).desc(), Interaction.created_at.desc())
        .limit(1)
    )


def why_not(session: Session, interaction: Interaction) -> str | None:
    """Why a reply could not leave, as a code, where that is known before it is written."""
    if interaction.channel != Channel.SMS:
        return None
    point = session.get_one(ContactPoint, interaction.contact_point_id)
    return text_rules.why_not(session, interaction.endpoint_id, point, Purpose.TRANSACTIONAL)


def served_by(session: Session, interaction_id: UUID) -> UUID | None:
    """The agent who is in the conversation now, if any."""
    return session.scalar(
        select(Assignment.agent_id).where(
            Assignment.interaction_id == interaction_id,
            Assignment.state.in_((AssignmentState.CONNECTING, AssignmentState.ACTIVE)),
        )
    )


def mark_read(session: Session, ticket_id: UUID, seq: int, agent_id: UUID) -> None:
    """The agents have seen the ticket up to *seq*. Marks only move forward, and never past the last message."""
    last_seq = session.scalar(select(Ticket.last_seq).where(Ticket.id == ticket_id))
    if last_seq is None:
        raise NotFound()
    moved = session.execute(
        update(Interaction)
        .where(Interaction.ticket_id == ticket_id, Interaction.agent_read_seq < min(seq, last_seq))
        .values(agent_read_seq=min(seq, last_seq))
        .returning(Interaction.id)
        .execution_options(synchronize_session=False)
    ).scalars()
    for interaction_id in moved:
        announce(session, conversation_room(interaction_id), "read", interaction_id, seq)
        announce(session, person_room(agent_id), "work")


def save_draft(session: Session, ticket_id: UUID, agent_id: UUID, body: str) -> None:
    """Keep what the agent is typing; nothing typed keeps nothing."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound()
    if not body.strip():
        forget_draft(session, ticket_id, agent_id)
        return
    session.execute(
        insert(Draft)
        .values(id=new_id(), tenant_id=ticket.tenant_id, ticket_id=ticket_id, agent_id=agent_id, body=body)
        .on_conflict_do_update(
            index_elements=["tenant_id", "ticket_id", "agent_id"], set_={"body": body, "updated_at": func.now()}
        )
    )


def forget_draft(session: Session, ticket_id: UUID, agent_id: UUID) -> None:
    """What was typed has been sent."""
    session.execute(delete(Draft).where(Draft.ticket_id == ticket_id, Draft.agent_id == agent_id))


def _locked(session: Session, ticket_id: UUID) -> Ticket:
    ticket = session.get(Ticket, ticket_id, with_for_update=LOCK)
    if ticket is None:
        raise NotFound()
    return ticket
