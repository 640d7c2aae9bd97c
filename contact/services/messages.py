"""Write one message into a ticket, in order and once."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from contact.domain.errors import IdempotencyKeyReused, NotFound
from contact.domain.rooms import conversation_room, ticket_room
from contact.domain.vocabulary import MessageKind, MessageState
from contact.models import Interaction, Message, Ticket
from contact.outbox import announce


def append(
    session: Session,
    ticket_id: UUID,
    kind: MessageKind,
    *,
    language: str,
    body: str = "",
    code: str | None = None,
    interaction: Interaction | None = None,
    author_id: UUID | None = None,
    state: MessageState | None = None,
    client_key: str | None = None,
) -> tuple[Message, bool]:
    """Add a message under the ticket's row lock; (message, True) when it is new.

    The same *client_key* gives back the message it made the first time, and False.

    Raises:
        NotFound: No such ticket.
        IdempotencyKeyReused: The key came before with another content.
    """
    earlier = select(Message).where(Message.ticket_id == ticket_id, Message.client_key == client_key)
    place = update(Ticket).where(Ticket.id == ticket_id)
    if client_key is not None:
        # Two at the same moment both pass here; the second one's row is refused, and its unit runs again.
        place = place.where(~earlier.exists())
    given = session.execute(
        place.values(last_seq=Ticket.last_seq + 1, updated_at=func.now())
        .returning(Ticket.tenant_id, Ticket.last_seq)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if given is None:
        before = session.scalar(earlier)
        if before is None:
            raise NotFound()
        if (before.message_kind, before.body, before.author_id) != (kind, body, author_id):
            raise IdempotencyKeyReused()
        return before, False
    tenant_id, seq = given
    message = Message(
        tenant_id=tenant_id,
        ticket_id=ticket_id,
        interaction_id=interaction.id if interaction else None,
        seq=seq,
        message_kind=kind,
        code=code,
        body=body,
        language=language,
        author_id=author_id,
        state=state,
        client_key=client_key,
    )
    session.add(message)
    session.flush()
    announce(session, ticket_room(ticket_id), "messages", ticket_id, seq)
    if interaction is not None and kind is not MessageKind.NOTE:
        announce(session, conversation_room(interaction.id), "messages", interaction.id, seq)
    return message, True


def say(session: Session, interaction: Interaction, code: str, language: str, **who: Any) -> Message:
    """Add a system line, such as `agent_joined`, that both sides read in their own language."""
    message, _ = append(
        session, interaction.ticket_id, MessageKind.SYSTEM, language=language, code=code, interaction=interaction, **who
    )
    return message
