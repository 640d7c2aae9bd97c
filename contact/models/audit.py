"""The audit trail: one row per change, written by the transaction that changes, never altered."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from contact.models.base import Base, Kind, new_id


class Audit(Base):
    """Who changed which fields of what. Holds ids, names of fields and words of our own, never a citizen's text.

    A tenant's row has `tenant_id`; what happens to an outsourcer's people has `outsourcer_id`; a sign-in has neither
    and is seen by its own account.
    """

    __tablename__ = "audit"
    kind: ClassVar[Kind] = "tenant"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    tenant_id: Mapped[UUID | None]
    outsourcer_id: Mapped[UUID | None]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[UUID]
    version: Mapped[int | None]
    changed: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    request_id: Mapped[str | None]
    __table_args__ = (Index(None, "entity_id", "version"), Index(None, "tenant_id", "at"))
