"""What was said on a ticket, and who changed what, in one administration."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.domain.vocabulary import Channel, MessageKind, MessageState
from contact.models import Administrator, Agent, Attachment, Audit, Interaction, MediaToFetch, Message, Ticket
from contact.queries.shapes import Named

# The fields whose change means something to a reader of the history.
_TOLD = frozenset({"state", "subject", "topic_id", "priority", "owner_id"})


def messages_since(session: Session, ticket_id: UUID, since: int, most: int) -> tuple[list[dict[str, Any]], int]:
    """The ticket's messages after *since*, in order, and its last seq."""
    last_seq = session.execute(select(Ticket.last_seq).where(Ticket.id == ticket_id)).scalar_one()
    rows = session.execute(
        select(
            Message,
            Agent.name.label("author_name"),
            Interaction.channel,
            Interaction.citizen_read_seq,
        )
        .outerjoin(Agent, Agent.id == Message.author_id)
        .outerjoin(Interaction, Interaction.id == Message.interaction_id)
        .where(Message.ticket_id == ticket_id, Message.seq > since)
        .order_by(Message.seq)
        .limit(most)
    ).all()
    files, coming = _files(session, [row.Message.id for row in rows if row.channel == Channel.SMS])
    return [
        message_view(row) | {"attachments": files[row.Message.id], "media": coming[row.Message.id]} for row in rows
    ], last_seq


def _files(session: Session, message_ids: list[UUID]) -> tuple[dict[UUID, list[Any]], dict[UUID, list[Any]]]:
    """By message: what lies here, and what is yet to be fetched or never will be."""
    files: dict[UUID, list[Any]] = defaultdict(list)
    coming: dict[UUID, list[Any]] = defaultdict(list)
    if message_ids:
        kept = select(Attachment).where(Attachment.message_id.in_(message_ids)).order_by(Attachment.id)
        for file in session.scalars(kept):
            files[file.message_id].append(file)
        awaited = select(MediaToFetch).where(
            MediaToFetch.message_id.in_(message_ids), MediaToFetch.attachment_id.is_(None)
        )
        for one in session.scalars(awaited.order_by(MediaToFetch.id)):
            coming[one.message_id].append(one)
    return files, coming


def attachment(session: Session, ticket_id: UUID, attachment_id: UUID) -> Attachment | None:
    """A file of one of the ticket's messages."""
    return session.scalar(
        select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .where(Attachment.id == attachment_id, Message.ticket_id == ticket_id)
    )


def message_view(row: Any) -> dict[str, Any]:
    """A message as agents see it; a chat reply counts as read once the citizen's mark has passed it."""
    message: Message = row.Message
    return {
        "id": message.id,
        "seq": message.seq,
        "kind": message.message_kind,
        "code": message.code,
        "body": message.body,
        "author": Named(message.author_id, row.author_name or "") if message.author_id else None,
        "channel": row.channel,
        "interaction_id": message.interaction_id,
        "created_at": message.created_at,
        "state": read_state(message, row.channel, row.citizen_read_seq),
        "failure": message.failure,
        "key": message.client_key,
        "revision": message.version,
    }


def read_state(message: Message, channel: str | None, citizen_read_seq: int | None) -> str | None:
    is_read = (
        channel == Channel.CHAT
        and message.message_kind == MessageKind.AGENT
        and citizen_read_seq is not None
        and message.seq <= citizen_read_seq
    )
    return MessageState.READ if is_read else message.state


def history(session: Session, ticket_id: UUID, before: UUID | None, most: int) -> list[dict[str, Any]]:
    """The audit rows of the ticket itself, newest first (ids grow with time)."""
    query = (
        select(Audit, func.coalesce(Agent.name, Administrator.name).label("actor_name"))
        .outerjoin(Agent, Agent.id == Audit.actor_id)
        .outerjoin(Administrator, Administrator.id == Audit.actor_id)
        # What an account was refused about the ticket is its own side's, not the ticket's history.
        .where(Audit.entity == "ticket", Audit.entity_id == ticket_id, Audit.tenant_id.is_not(None))
        .order_by(Audit.id.desc())
        .limit(most)
    )
    if before:
        query = query.where(Audit.id < before)
    return [
        {
            "id": row.Audit.id,
            "at": row.Audit.at,
            "action": row.Audit.action,
            "actor": {"name": row.actor_name} if row.actor_name else None,
            "actor_kind": row.Audit.actor_kind,
            "version": row.Audit.version,
            "changed": [name for name in row.Audit.changed if name in _TOLD],
        }
        for row in session.execute(query)
    ]
