"""What a supervisor's hand does to a campaign's voice line."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.vocabulary import OverrideState
from contact.models.base import Base, TenantOwned, Versioned, one_of, tenant_table


class ValveOverride(Versioned, TenantOwned, Base):
    """A campaign's callers are all let in, or none, until `until_at`: by whom and why.

    It holds while its time has not come and nobody has ended it: by lifting it, or by putting another in its place.
    """

    __tablename__ = "valve_override"
    campaign_id: Mapped[UUID]
    state: Mapped[str]
    reason: Mapped[str]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    until_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # Nobody, where its time had come.
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    __table_args__ = tenant_table(
        one_of("state", OverrideState),
        CheckConstraint("until_at > created_at", name="until_later"),
        CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name="ended_by"),
        Index("uq_valve_override_campaign_id", "campaign_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        campaign_id="campaign",
    )
