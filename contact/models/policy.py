"""Versions of a campaign's policy."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contact.models.base import Base, TenantOwned, Versioned, tenant_table


class PolicyVersion(Versioned, TenantOwned, Base):
    """One version of what a campaign's administration decides (docs/policy/), by whom and why.

    A campaign has one draft at most; once published a version is never changed, which row security holds. What it is
    now follows from the published ones and the time: `contact/domain/policy_life.py`. A version that goes back has the
    document of number `restores`, still for two where either of both was, and takes number `undoes` out of force.
    """

    __tablename__ = "policy_version"
    campaign_id: Mapped[UUID]
    number: Mapped[int]
    # The version that the draft was written on.
    base_number: Mapped[int]
    document: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(default="")
    author_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    # Its author wants it published, and somebody else has to.
    proposed_at: Mapped[datetime | None]
    approver_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime | None]
    effective_at: Mapped[datetime | None]
    restores: Mapped[int | None]
    undoes: Mapped[int | None]
    __table_args__ = tenant_table(
        UniqueConstraint("tenant_id", "campaign_id", "number"),
        Index("uq_policy_version_draft", "campaign_id", unique=True, postgresql_where=text("published_at IS NULL")),
        CheckConstraint("published_at IS NULL OR effective_at IS NOT NULL", name="published_has_a_time"),
        CheckConstraint("approver_id <> author_id", name="second_person"),
        campaign_id="campaign",
    )
