"""What the throttle answered to each call."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from contact.domain.alternatives import ALTERNATIVES
from contact.models.base import Base, TenantOwned, Versioned, one_of, tenant_table
from routing.admission import Rule


class Admission(Versioned, TenantOwned, Base):
    """The one answer to a call at the end of its menu: by which version's rule, and all that it was made of.

    *offered* is what a refused caller could choose, in its order, *taken* what they chose. *arrived_at* is when their
    place in the order began.
    """

    __tablename__ = "admission"
    call_id: Mapped[UUID]
    campaign_id: Mapped[UUID]
    topic_id: Mapped[UUID]
    policy_number: Mapped[int]
    rule: Mapped[str]
    is_admitted: Mapped[bool]
    offered: Mapped[list[str]]
    taken: Mapped[str | None]
    arrived_at: Mapped[datetime]
    decided_at: Mapped[datetime]
    # As `Admission.told` of `routing/admission.py` tells it.
    inputs: Mapped[dict[str, Any]]
    __table_args__ = tenant_table(
        one_of("rule", Rule),
        one_of("taken", ALTERNATIVES),
        CheckConstraint("is_admitted OR rule = 'closed' OR cardinality(offered) > 0", name="refused_has_offers"),
        CheckConstraint("NOT is_admitted OR (offered = '{}' AND taken IS NULL)", name="admitted_has_none"),
        UniqueConstraint("tenant_id", "call_id"),
        Index("ix_admission_refused", "campaign_id", "decided_at", postgresql_where=text("NOT is_admitted")),
        call_id="call",
        campaign_id="campaign",
        topic_id="topic",
    )
