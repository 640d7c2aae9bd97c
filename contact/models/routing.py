"""What the engine works on: needs, contacts, offers and assignments."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.vocabulary import AssignmentState, Channel, ContactState, OfferState
from contact.models.base import Base, TenantOwned, Versioned, one_of, tenant_table


class Need(TenantOwned, Base):
    """What contacts of one queue, channel and topic ask, step by step; interned, so that contacts stay narrow.

    `delays` are the queue's: `[{"team": …, "seconds": …}]`.
    """

    __tablename__ = "need"
    queue_id: Mapped[UUID]
    channel: Mapped[str]
    steps: Mapped[list[Any]]
    delays: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    digest: Mapped[bytes]
    __table_args__ = tenant_table(one_of("channel", Channel), UniqueConstraint("tenant_id", "digest"), queue_id="queue")


class WaitForecast(TenantOwned, Base):
    """What contacts with a need may expect, as the pool's dispatcher measured it last.

    `points` are `[key, mean, deviation]` in seconds, by key: the wait still to come of a contact with that key. Empty
    when nobody who could serve them is at work.
    """

    __tablename__ = "wait_forecast"
    need_id: Mapped[UUID] = mapped_column(unique=True)
    points: Mapped[list[Any]]
    measured_at: Mapped[datetime] = mapped_column(server_default=func.now())
    __table_args__ = tenant_table(need_id="need")


class Place(Versioned, TenantOwned, Base):
    """A citizen's place in the order on one topic: whatever waits for them on a live channel counts from its arrival.

    Until `expires_at` whoever comes back finds it. It is used once: `served_by` is the contact that was answered.
    """

    __tablename__ = "place"
    citizen_id: Mapped[UUID]
    topic_id: Mapped[UUID]
    arrived_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # No reference: the contact refers to its place.
    served_by: Mapped[UUID | None]
    __table_args__ = tenant_table(
        # Who is forgotten leaves no place behind.
        ForeignKeyConstraint(["tenant_id", "citizen_id"], ["citizen.tenant_id", "citizen.id"], ondelete="CASCADE"),
        Index(None, "citizen_id", "topic_id"),
        topic_id="topic",
    )


class Contact(Versioned, TenantOwned, Base):
    """One thing waiting for a person. `key_at` is its place in the order, fixed (smaller first, then `id`).

    With a `place_id` it counts from that place's arrival, and others may stand there too; without one, from its own.

    `curtains` hide this one contact from some agents up to an age: `[{"kind": "held", "who": …, "until_seconds": …}]`,
    in the words of `routing.types.Curtain`.
    """

    __tablename__ = "contact"
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"))
    queue_id: Mapped[UUID]
    need_id: Mapped[UUID]
    ticket_id: Mapped[UUID]
    interaction_id: Mapped[UUID]
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default=ContactState.WAITING)
    enqueued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    priority: Mapped[int] = mapped_column(default=0)
    target_seconds: Mapped[int] = mapped_column(default=0)
    key_at: Mapped[datetime]
    declined_by: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))
    curtains: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))
    place_id: Mapped[UUID | None]
    # The wait that was told when it began, kept to be held against what happened.
    told_from_seconds: Mapped[int | None]
    told_to_seconds: Mapped[int | None]
    told_was_kept: Mapped[bool | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = tenant_table(
        one_of("state", ContactState),
        one_of("channel", Channel),
        CheckConstraint("priority BETWEEN 0 AND 20", name="priority"),
        Index(
            "uq_contact_active",
            "interaction_id",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'offered', 'assigned')"),
        ),
        Index("ix_contact_live", "pool_id", "id", postgresql_where=text("state IN ('waiting', 'offered')")),
        Index(
            "ix_contact_order",
            "queue_id",
            "channel",
            "key_at",
            "id",
            postgresql_where=text("state IN ('waiting', 'offered')"),
        ),
        Index(None, "tenant_id", "ticket_id"),
        Index(None, "place_id", postgresql_where=text("place_id IS NOT NULL")),
        Index("ix_contact_told", "enqueued_at", postgresql_where=text("told_was_kept IS NOT NULL")),
        queue_id="queue",
        need_id="need",
        ticket_id="ticket",
        interaction_id="interaction",
        place_id="place",
    )


class Offer(Versioned, TenantOwned, Base):
    """A contact proposed to one agent until `expires_at`. `why` is the engine's own account of the choice."""

    __tablename__ = "offer"
    contact_id: Mapped[UUID]
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    grant_id: Mapped[UUID]
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"))
    ticket_id: Mapped[UUID]
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default=OfferState.OFFERED)
    offered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    why: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    __table_args__ = tenant_table(
        one_of("state", OfferState),
        one_of("channel", Channel),
        Index("uq_offer_open", "contact_id", unique=True, postgresql_where=text("state = 'offered'")),
        Index(
            "uq_offer_voice", "agent_id", unique=True, postgresql_where=text("state = 'offered' AND channel = 'voice'")
        ),
        Index("ix_offer_agent", "agent_id", postgresql_where=text("state = 'offered'")),
        Index("ix_offer_expiry", "pool_id", "expires_at", postgresql_where=text("state = 'offered'")),
        Index(None, "tenant_id", "ticket_id"),
        contact_id="contact",
        grant_id="agent_grant",
        ticket_id="ticket",
    )


class Assignment(Versioned, TenantOwned, Base):
    """An agent serves a contact, from accept to the end of wrap-up."""

    __tablename__ = "assignment"
    contact_id: Mapped[UUID]
    offer_id: Mapped[UUID]
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agent.id"))
    grant_id: Mapped[UUID]
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"))
    ticket_id: Mapped[UUID]
    interaction_id: Mapped[UUID]
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default=AssignmentState.ACTIVE)
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    wrap_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    wrap_up_code_id: Mapped[UUID | None]
    __table_args__ = tenant_table(
        one_of("state", AssignmentState),
        one_of("channel", Channel),
        Index(
            "uq_assignment_active",
            "contact_id",
            unique=True,
            postgresql_where=text("state IN ('connecting', 'active', 'wrapping')"),
        ),
        Index(
            "ix_assignment_agent",
            "agent_id",
            postgresql_where=text("state IN ('connecting', 'active', 'wrapping')"),
        ),
        Index(
            "ix_assignment_calls_ended",
            "pool_id",
            "ended_at",
            postgresql_where=text("channel = 'voice' AND ended_at IS NOT NULL"),
        ),
        Index("ix_assignment_wrap", "pool_id", "wrap_until", postgresql_where=text("state = 'wrapping'")),
        Index(None, "tenant_id", "ticket_id"),
        contact_id="contact",
        offer_id="offer",
        grant_id="agent_grant",
        ticket_id="ticket",
        interaction_id="interaction",
        wrap_up_code_id="wrap_up_code",
    )
