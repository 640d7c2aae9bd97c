"""The matter and its conversations: ticket, interaction, message, attachment, draft."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.vocabulary import Channel, InteractionState, MessageKind, MessageState, Purpose, TicketState
from contact.models.base import Base, TenantOwned, Versioned, one_of, small, tenant_table


class Ticket(Versioned, TenantOwned, Base):
    """One matter of one citizen, on every channel, for as long as it lives.

    `last_seq` and `updated_at` move with each message under the row's lock; they are bookkeeping, not a change, and
    leave `version` alone.
    """

    __tablename__ = "ticket"
    campaign_id: Mapped[UUID]
    topic_id: Mapped[UUID]
    citizen_id: Mapped[UUID]
    number: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str] = mapped_column(default=TicketState.NEW)
    priority: Mapped[int] = mapped_column(default=0)
    language: Mapped[str]
    channel: Mapped[str | None]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    client_key: Mapped[str | None]
    last_seq: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]
    search: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("search_vector(language, subject)", persisted=True), deferred=True
    )
    __table_args__ = tenant_table(
        one_of("state", TicketState),
        one_of("channel", Channel),
        CheckConstraint("priority BETWEEN 0 AND 20", name="priority"),
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "client_key"),
        Index("ix_ticket_states", "tenant_id", "campaign_id", "state", text("updated_at DESC"), text("id DESC")),
        Index(
            "ix_ticket_owned",
            *("owner_id", "campaign_id", "state", text("updated_at DESC"), text("id DESC")),
            postgresql_where=text("owner_id IS NOT NULL"),
        ),
        Index(None, "tenant_id", "citizen_id"),
        campaign_id="campaign",
        topic_id="topic",
        citizen_id="citizen",
    )


class Interaction(Versioned, TenantOwned, Base):
    """One call, chat or thread of a ticket. The read marks are seqs of the ticket."""

    __tablename__ = "interaction"
    ticket_id: Mapped[UUID]
    endpoint_id: Mapped[UUID]
    contact_point_id: Mapped[UUID]
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default=InteractionState.OPEN)
    ended_at: Mapped[datetime | None]
    citizen_read_seq: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    agent_read_seq: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    __table_args__ = tenant_table(
        one_of("state", InteractionState),
        one_of("channel", Channel),
        Index(None, "tenant_id", "ticket_id"),
        Index(None, "tenant_id", "contact_point_id", "created_at"),
        ticket_id="ticket",
        endpoint_id="endpoint",
        contact_point_id="contact_point",
    )


class Message(Versioned, TenantOwned, Base):
    """One thing said, in the order of `seq` within the ticket. System lines have a `code` instead of a body."""

    __tablename__ = "message"
    ticket_id: Mapped[UUID]
    interaction_id: Mapped[UUID | None]
    seq: Mapped[int]
    message_kind: Mapped[str] = mapped_column("kind")
    code: Mapped[str | None]
    body: Mapped[str] = mapped_column(default="")
    language: Mapped[str]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    state: Mapped[str | None]
    failure: Mapped[str | None]
    purpose: Mapped[str] = mapped_column(default=Purpose.TRANSACTIONAL, server_default=Purpose.TRANSACTIONAL)
    client_key: Mapped[str | None]
    provider: Mapped[str | None]
    provider_id: Mapped[str | None]
    # How often it was sent again because its phone was off; what is told of an earlier sending is known by that.
    resends: Mapped[int] = mapped_column(small, default=0, server_default=text("0"))
    # Filled by a trigger: the body's words, the ticket's and the citizen's (migration 0005).
    search: Mapped[Any] = mapped_column(TSVECTOR, nullable=True, deferred=True)
    __table_args__ = tenant_table(
        one_of("kind", MessageKind),
        one_of("state", MessageState),
        one_of("purpose", Purpose),
        UniqueConstraint("tenant_id", "ticket_id", "seq"),
        UniqueConstraint("tenant_id", "ticket_id", "client_key"),
        UniqueConstraint("tenant_id", "provider", "provider_id"),
        Index("ix_message_search", "search", postgresql_using="gin"),
        Index(
            "ix_message_recent",
            *("tenant_id", text("created_at DESC"), text("id DESC")),
            postgresql_where=text("kind <> 'system'"),
        ),
        ticket_id="ticket",
        interaction_id="interaction",
    )


class Attachment(TenantOwned, Base):
    """A file of a message: its bytes lie in the file store under a name of our own."""

    __tablename__ = "attachment"
    message_id: Mapped[UUID]
    file_name: Mapped[str]
    content_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[bytes]
    store_key: Mapped[str]
    __table_args__ = tenant_table(Index(None, "tenant_id", "message_id"), message_id="message")


class Draft(TenantOwned, Base):
    """What an agent has typed and not sent."""

    __tablename__ = "draft"
    ticket_id: Mapped[UUID]
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    body: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    __table_args__ = tenant_table(UniqueConstraint("tenant_id", "ticket_id", "agent_id"), ticket_id="ticket")
