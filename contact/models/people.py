"""The outsourcer's people: agents, what they can do, where they are, and their grants to work for a campaign."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.vocabulary import Channel, PresenceState
from contact.models.base import Base, Kind, OutsourcerOwned, Versioned, WithId, one_of, small

_MAX_LOAD = 20


class Outsourcer(WithId, Base):
    """A company that answers for administrations."""

    __tablename__ = "outsourcer"
    kind: ClassVar[Kind] = "outsourcer"
    name: Mapped[str] = mapped_column(unique=True)
    is_synthetic: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


class Agent(OutsourcerOwned, WithId, Versioned, Base):
    """A person of an outsourcer (agents and supervisors); `id` is the account's.

    `capacity_*` is how many contacts of a channel they may hold at once. `team` is what queues name when they delay
    contacts for some; `shares`, `{"voice": 60}`, is how much of their time a group of channels may have, in percent.
    """

    __tablename__ = "agent"
    id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    outsourcer_id: Mapped[UUID] = mapped_column(ForeignKey("outsourcer.id"))
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"))
    name: Mapped[str]
    languages: Mapped[list[str]]
    capacity_voice: Mapped[int] = mapped_column(small, default=1)
    capacity_chat: Mapped[int] = mapped_column(small, default=3)
    capacity_sms: Mapped[int] = mapped_column(small, default=3)
    capacity_email: Mapped[int] = mapped_column(small, default=3)
    team: Mapped[str | None]
    shares: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    # The levels are rows of their own; this makes their change one of the agent's, with its version and audit row.
    skills_changed_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("outsourcer_id", "id"),
        CheckConstraint("capacity_voice BETWEEN 0 AND 1", name="capacity_voice"),
        *(
            CheckConstraint(f"capacity_{channel} BETWEEN 0 AND {_MAX_LOAD}", name=f"capacity_{channel}")
            for channel in ("chat", "sms", "email")
        ),
        Index(None, "pool_id"),
    )


class AgentSkill(OutsourcerOwned, Base):
    """How well an agent knows a subject: 1 has begun, 5 teaches it."""

    __tablename__ = "agent_skill"
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    skill: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(small)
    __table_args__ = (
        ForeignKeyConstraint(["outsourcer_id", "agent_id"], ["agent.outsourcer_id", "agent.id"]),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
    )


class Presence(OutsourcerOwned, Versioned, Base):
    """Where an agent is and what they hold now, offers included.

    `limit_*` is the capacity in force: lowering an agent's capacity never drops live work, so it falls to the new
    capacity only as work ends. The checks are the last word on capacity and on the interruption matrix.
    """

    __tablename__ = "presence"
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=PresenceState.OFFLINE)
    reason: Mapped[str | None]
    since_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ready_since_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_seen_at: Mapped[datetime | None]
    missed_offers: Mapped[int] = mapped_column(small, default=0)
    load_voice: Mapped[int] = mapped_column(small, default=0, server_default=text("0"))
    load_chat: Mapped[int] = mapped_column(small, default=0, server_default=text("0"))
    load_sms: Mapped[int] = mapped_column(small, default=0, server_default=text("0"))
    load_email: Mapped[int] = mapped_column(small, default=0, server_default=text("0"))
    limit_voice: Mapped[int] = mapped_column(small)
    limit_chat: Mapped[int] = mapped_column(small)
    limit_sms: Mapped[int] = mapped_column(small)
    limit_email: Mapped[int] = mapped_column(small)
    __table_args__ = (
        ForeignKeyConstraint(["outsourcer_id", "agent_id"], ["agent.outsourcer_id", "agent.id"]),
        one_of("state", PresenceState),
        *(
            CheckConstraint(f"load_{channel} BETWEEN 0 AND limit_{channel}", name=f"load_{channel}")
            for channel in Channel
        ),
        CheckConstraint("load_voice = 0 OR load_chat = 0", name="voice_alone"),
    )


class AgentGrant(WithId, Versioned, Base):
    """A person may work for a campaign. Never deleted: past offers, assignments and messages point at it."""

    __tablename__ = "agent_grant"
    kind: ClassVar[Kind] = "bridge"
    outsourcer_id: Mapped[UUID]
    account_id: Mapped[UUID]
    tenant_id: Mapped[UUID]
    campaign_id: Mapped[UUID]
    revoked_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["outsourcer_id", "account_id"], ["agent.outsourcer_id", "agent.id"]),
        ForeignKeyConstraint(["tenant_id", "campaign_id"], ["campaign.tenant_id", "campaign.id"]),
        UniqueConstraint("tenant_id", "id"),
        Index(
            "uq_agent_grant_active",
            "account_id",
            "campaign_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        Index(None, "tenant_id", "campaign_id"),
    )
