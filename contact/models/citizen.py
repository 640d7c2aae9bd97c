"""Citizens and the ways to reach them. The same phone at two administrations is two citizens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.vocabulary import ContactPointKind
from contact.models.base import Base, TenantOwned, Versioned, one_of, small, tenant_table

_LEVELS = "identity_level BETWEEN 0 AND 4"


class Citizen(Versioned, TenantOwned, Base):
    """A person as one administration knows them. Identity level: 0 claimed, 1 answered from a known address, 2 one-time
    code, 3 checked by an agent, 4 a national identity provider."""

    __tablename__ = "citizen"
    name: Mapped[str | None]
    language: Mapped[str]
    identity_level: Mapped[int] = mapped_column(small, default=0)
    search: Mapped[Any] = mapped_column(
        TSVECTOR, Computed("search_vector(language, coalesce(name, ''))", persisted=True), deferred=True
    )
    __table_args__ = tenant_table(
        CheckConstraint(_LEVELS, name="identity_level"),
    )


class ContactPoint(Versioned, TenantOwned, Base):
    """A phone, an address or a chat visitor: a way to reach somebody, not a person (families share them)."""

    __tablename__ = "contact_point"
    # Named apart from the class-level `kind` of tables.
    point_kind: Mapped[str] = mapped_column("kind")
    value: Mapped[str]
    disabled_at: Mapped[datetime | None]
    __table_args__ = tenant_table(one_of("kind", ContactPointKind), UniqueConstraint("tenant_id", "kind", "value"))


class CitizenContactPoint(TenantOwned, Base):
    """This citizen uses this contact point, known to this identity level."""

    __tablename__ = "citizen_contact_point"
    citizen_id: Mapped[UUID]
    contact_point_id: Mapped[UUID]
    identity_level: Mapped[int] = mapped_column(small, default=0)
    __table_args__ = tenant_table(
        CheckConstraint(_LEVELS, name="identity_level"),
        UniqueConstraint("tenant_id", "citizen_id", "contact_point_id"),
        Index(None, "tenant_id", "contact_point_id"),
        citizen_id="citizen",
        contact_point_id="contact_point",
    )
