"""An administration's account at a telephone company, and what the company has told us, as it came."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.phones import TERRITORIES
from contact.domain.vocabulary import Channel
from contact.models.base import Base, TenantOwned, Versioned, one_of, tenant_table


class CarrierAccount(Versioned, TenantOwned, Base):
    """Who pays and signs. Secrets are sealed (`config/sealing.py`); two tokens are good during a rotation.

    The API key, where there is one, is what we send with, so that a rotation stops nothing.
    """

    __tablename__ = "carrier_account"
    provider: Mapped[str]
    sid: Mapped[str]
    auth_token: Mapped[bytes] = mapped_column(LargeBinary)
    second_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    api_key_sid: Mapped[str | None]
    api_key_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Where the browsers of agents ring in.
    application_sid: Mapped[str | None]
    # What may be spent on texts: to which countries, and how many parts a day. The last fifth is kept for answers.
    text_countries: Mapped[list[str]] = mapped_column(server_default=text(f"'{{{','.join(TERRITORIES)}}}'"))
    text_parts_a_day_max: Mapped[int] = mapped_column(default=5000, server_default=text("5000"))
    disabled_at: Mapped[datetime | None]
    # Up to when its own list of calls was held against ours.
    calls_seen_until: Mapped[datetime | None]
    __table_args__ = tenant_table(one_of("provider", ("twilio",)), UniqueConstraint("provider", "sid"))


class CarrierEvent(TenantOwned, Base):
    """One request of a telephone company: kept as it came, before anything is made of it, and once.

    *dedupe_key* is the company's own name of what happened; *token* is the same for all tries of one request.
    """

    __tablename__ = "carrier_event"
    account_id: Mapped[UUID]
    channel: Mapped[str]
    event_kind: Mapped[str] = mapped_column("kind")
    provider_id: Mapped[str]
    dedupe_key: Mapped[str]
    token: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
    # Null: nothing came of it yet; a job sees to it.
    handled_at: Mapped[datetime | None]
    __table_args__ = tenant_table(
        one_of("channel", Channel),
        UniqueConstraint("tenant_id", "account_id", "dedupe_key"),
        Index("uq_carrier_event_token", "tenant_id", "account_id", "token", unique=True),
        Index("ix_carrier_event_provider_id", "tenant_id", "provider_id"),
        Index("ix_carrier_event_unhandled", "created_at", postgresql_where=text("handled_at IS NULL")),
        account_id="carrier_account",
    )
