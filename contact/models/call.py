"""Telephone calls as lines: where each stands, what it was last told, and what it has recorded."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.call_flow import CallStage, CallState, Direction, Outcome, Told
from contact.models.base import Base, OutsourcerOwned, TenantOwned, Versioned, one_of, small, tenant_table


class Call(Versioned, TenantOwned, Base):
    """One line to one citizen. `stage` is what it should be doing, `told` what it was last told to do.

    *number* is the citizen's, null where it was withheld. *turn* counts what the line was asked, and stands in the
    address of the next answer, so that a repeated answer is known. *attempt* counts how often we dialled. `menu` is
    what was said and asked last, the menu's own memory, and which legs of ours were given up.
    """

    __tablename__ = "call"
    account_id: Mapped[UUID]
    endpoint_id: Mapped[UUID]
    direction: Mapped[str]
    provider_id: Mapped[str | None]
    number: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=CallState.RINGING)
    stage: Mapped[str] = mapped_column(default=CallStage.MENU)
    told: Mapped[str | None]
    turn: Mapped[int] = mapped_column(default=0)
    attempt: Mapped[int] = mapped_column(small, default=0)
    language: Mapped[str]
    menu: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    ticket_id: Mapped[UUID | None]
    interaction_id: Mapped[UUID | None]
    # Who talks to them, or has accepted to, and by which leg.
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agent.id"))
    agent_leg: Mapped[str | None]
    is_held: Mapped[bool] = mapped_column(default=False)
    told_held: Mapped[bool] = mapped_column(default=False)
    talked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    __table_args__ = tenant_table(
        *(
            one_of(name, words)
            for name, words in (("direction", Direction), ("state", CallState), ("stage", CallStage))
        ),
        *(one_of(name, words) for name, words in (("told", Told), ("outcome", Outcome))),
        UniqueConstraint("tenant_id", "account_id", "provider_id"),
        Index(None, "tenant_id", "interaction_id"),
        Index(None, "tenant_id", "ticket_id"),
        Index("ix_call_number", "tenant_id", "number", text("created_at DESC")),
        Index("ix_call_agent_leg", "tenant_id", "agent_leg", postgresql_where=text("agent_leg IS NOT NULL")),
        account_id="carrier_account",
        endpoint_id="endpoint",
        ticket_id="ticket",
        interaction_id="interaction",
    )


class Recording(TenantOwned, Base):
    """What a citizen said after the tone. *sound* is sealed; it is null until it was fetched, and where it is gone."""

    __tablename__ = "recording"
    call_id: Mapped[UUID]
    provider_id: Mapped[str]
    seconds: Mapped[int] = mapped_column(default=0)
    sound: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    fetched_at: Mapped[datetime | None]
    __table_args__ = tenant_table(
        UniqueConstraint("tenant_id", "provider_id"), Index(None, "tenant_id", "call_id"), call_id="call"
    )


class SoftphoneLease(OutsourcerOwned, Base):
    """The one tab in which an agent's browser telephone is open."""

    __tablename__ = "softphone_lease"
    agent_id: Mapped[UUID] = mapped_column(primary_key=True)
    tab: Mapped[str]
    leased_until: Mapped[datetime]
    __table_args__ = (ForeignKeyConstraint(["outsourcer_id", "agent_id"], ["agent.outsourcer_id", "agent.id"]),)
