"""What is particular to texts: who takes none, what was asked, what is to be fetched, what was spent."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.vocabulary import Purpose, RefusalReason
from contact.models.base import Base, TenantOwned, one_of, tenant_table


class TextRefusal(TenantOwned, Base):
    """This number takes no texts of this purpose, until it is lifted: by START, or by a text that comes from there."""

    __tablename__ = "text_refusal"
    contact_point_id: Mapped[UUID]
    purpose: Mapped[str]
    reason: Mapped[str]
    lifted_at: Mapped[datetime | None]
    __table_args__ = tenant_table(
        one_of("purpose", Purpose),
        one_of("reason", RefusalReason),
        Index(
            "uq_text_refusal_present",
            *("tenant_id", "contact_point_id", "purpose"),
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
        contact_point_id="contact_point",
    )


class TextChoice(TenantOwned, Base):
    """A number with several open matters was asked which one it writes about; until it says so, `held` keeps its words.

    `held`: what was received, in order, in the words of `domain.incoming.Text`.
    """

    __tablename__ = "text_choice"
    contact_point_id: Mapped[UUID]
    endpoint_id: Mapped[UUID]
    ticket_ids: Mapped[list[UUID]]
    held: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    settled_at: Mapped[datetime | None]
    __table_args__ = tenant_table(
        Index(
            "uq_text_choice_open",
            *("tenant_id", "contact_point_id", "endpoint_id"),
            unique=True,
            postgresql_where=text("settled_at IS NULL"),
        ),
        contact_point_id="contact_point",
        endpoint_id="endpoint",
    )


class MediaToFetch(TenantOwned, Base):
    """A picture or sound that came with a text: where the provider keeps it, and its own word for what it is.

    Until it is an attachment, or refused for good with a *failure*, a job tries to fetch it.
    """

    __tablename__ = "media_to_fetch"
    message_id: Mapped[UUID]
    account_id: Mapped[UUID]
    url: Mapped[str]
    content_type: Mapped[str]
    attachment_id: Mapped[UUID | None]
    failure: Mapped[str | None]
    __table_args__ = tenant_table(
        Index(None, "tenant_id", "message_id"),
        message_id="message",
        account_id="carrier_account",
        attachment_id="attachment",
    )


class TextSpending(TenantOwned, Base):
    """How many parts left by an account on one day (UTC)."""

    __tablename__ = "text_spending"
    account_id: Mapped[UUID]
    day: Mapped[date] = mapped_column(Date)
    parts: Mapped[int] = mapped_column(default=0)
    __table_args__ = tenant_table(
        UniqueConstraint("tenant_id", "account_id", "day"),
        CheckConstraint("parts >= 0", name="parts"),
        account_id="carrier_account",
    )
