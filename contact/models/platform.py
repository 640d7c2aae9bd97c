"""What belongs to no administration: pools, leases, due work, accounts. Ids only, nothing of a citizen."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, ForeignKey, Identity, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.vocabulary import OutboxState, Role
from contact.models.base import Base, Kind, WithId, big, one_of


class Pool(WithId, Base):
    """The queues and agents that one dispatcher owns."""

    __tablename__ = "pool"
    kind: ClassVar[Kind] = "platform"
    name: Mapped[str] = mapped_column(unique=True)


class Lease(Base):
    """Which dispatcher leads a pool. Every takeover raises `epoch`; a batch commits only under its own epoch."""

    __tablename__ = "lease"
    kind: ClassVar[Kind] = "platform"
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(big, default=0)
    holder: Mapped[str | None]
    leased_until: Mapped[datetime | None]


class Process(Base):
    """A process of ours. It moves `seen_at` after complete rounds of its work, so that one that is stuck shows."""

    __tablename__ = "process"
    kind: ClassVar[Kind] = "platform"
    name: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(primary_key=True)
    pid: Mapped[int] = mapped_column(big, primary_key=True, autoincrement=False)
    parent_pid: Mapped[int] = mapped_column(big)
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Probe(Base):
    """How the synthetic citizen of a pool last fared. *failure* is the step at which its message stopped."""

    __tablename__ = "probe"
    kind: ClassVar[Kind] = "platform"
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"), primary_key=True)
    tried_at: Mapped[datetime] = mapped_column(server_default=func.now())
    succeeded_at: Mapped[datetime | None]
    seconds: Mapped[float | None] = mapped_column(Double)
    failure: Mapped[str | None]
    failures: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class RoutingDirty(Base):
    """A contact, an agent or a whole pool whose facts changed: the dispatcher reads them, then deletes the row.

    Rows are only ever added (never updated), so that a change that comes while the dispatcher reads is seen again.
    """

    __tablename__ = "routing_dirty"
    kind: ClassVar[Kind] = "platform"
    id: Mapped[int] = mapped_column(big, Identity(), primary_key=True)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"))
    entity: Mapped[str]
    entity_id: Mapped[UUID]
    __table_args__ = (one_of("entity", ("contact", "agent", "pool")), Index(None, "pool_id", "id"))


class Outbox(WithId, Base):
    """A piece of work that must happen, written by the transaction that wants it.

    Rows of one `order_key` are taken one after another. `lease` is the relay's; `attempt` counts claims.
    """

    __tablename__ = "outbox"
    kind: ClassVar[Kind] = "platform"
    topic: Mapped[str]
    tenant_id: Mapped[UUID | None]
    ids: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    order_key: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(big, Identity())
    state: Mapped[str] = mapped_column(default=OutboxState.DUE)
    due_at: Mapped[datetime] = mapped_column(server_default=func.now())
    attempt: Mapped[int] = mapped_column(default=0)
    empty_look_ups: Mapped[int] = mapped_column(default=0)
    lease: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    __table_args__ = (
        one_of("state", OutboxState),
        Index(
            "ix_outbox_troubled",
            "topic",
            postgresql_where=text("state IN ('failed', 'quarantined', 'outcome_unknown')"),
        ),
        Index("ix_outbox_unfinished", "due_at", postgresql_where=text("state IN ('due', 'sending', 'looking_up')")),
        Index(
            "ix_outbox_order",
            "order_key",
            "sequence",
            postgresql_where=text("order_key IS NOT NULL AND state IN ('due', 'sending', 'looking_up')"),
        ),
    )


class Account(WithId, Base):
    """Whoever signs in. Names are on the agent's or administrator's own row; `epoch` ends sessions and sockets."""

    __tablename__ = "account"
    kind: ClassVar[Kind] = "platform"
    login: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    role: Mapped[str]
    language: Mapped[str] = mapped_column(default="fr")
    outsourcer_id: Mapped[UUID | None] = mapped_column(ForeignKey("outsourcer.id"))
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("administration.id"))
    epoch: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]
    __table_args__ = (
        one_of("role", Role),
        CheckConstraint("login = lower(login)", name="login"),
        CheckConstraint(
            "CASE role WHEN 'operator' THEN outsourcer_id IS NULL AND tenant_id IS NULL"
            " WHEN 'administrator' THEN outsourcer_id IS NULL AND tenant_id IS NOT NULL"
            " ELSE outsourcer_id IS NOT NULL AND tenant_id IS NULL END",
            name="owner",
        ),
    )


class SignInSession(WithId, Base):
    """One signed-in browser; the cookie holds the token, the row only its digest."""

    __tablename__ = "sign_in_session"
    kind: ClassVar[Kind] = "platform"
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    epoch: Mapped[int]
    expires_at: Mapped[datetime]
