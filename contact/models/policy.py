"""Versions of a campaign's policy."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contact.models.base import Base, TenantOwned, Versioned, small, tenant_table


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


class PolicySimulation(TenantOwned, Base):
    """What a version would come to on a season, beside what was in force; asked for again, a new one takes its place.

    `inputs` are all it is made of, as they were when it was asked for; `digest` is of the document that was tried.
    `parts` are the runs that are done, of `steps`. What has ended is never changed, which row security holds.
    """

    __tablename__ = "policy_simulation"
    policy_version_id: Mapped[UUID]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    digest: Mapped[str]
    seed: Mapped[int]
    inputs: Mapped[dict[str, Any]]
    steps: Mapped[int] = mapped_column(small)
    parts: Mapped[list[Any]]
    ended_at: Mapped[datetime | None]
    has_failed: Mapped[bool] = mapped_column(default=False)
    __table_args__ = tenant_table(
        UniqueConstraint("tenant_id", "policy_version_id"),
        # A draft that is thrown away takes it along.
        ForeignKeyConstraint(
            ["tenant_id", "policy_version_id"], ["policy_version.tenant_id", "policy_version.id"], ondelete="CASCADE"
        ),
    )
