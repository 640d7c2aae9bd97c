"""What an administration sets up: campaigns, the addresses people reach them by, topics, queues and wrap-up codes."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contact.domain.vocabulary import Channel
from contact.models.base import Base, Kind, TenantOwned, Versioned, WithId, one_of, small, tenant_table


class Administration(WithId, Base):
    """The tenant: every row with a `tenant_id` is its own."""

    __tablename__ = "administration"
    kind: ClassVar[Kind] = "tenant"
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="Europe/Paris")
    # Its colour on every screen, one of six: agents must see at a glance in whose name they speak.
    hue: Mapped[int] = mapped_column(small, default=0)
    # Of the synthetic citizen: what it holds is forgotten after an hour.
    is_synthetic: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    __table_args__ = (CheckConstraint("hue BETWEEN 0 AND 5", name="hue"),)


class Administrator(TenantOwned, Base):
    """A person of the administration; `id` is the account's."""

    __tablename__ = "administrator"
    id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    name: Mapped[str]
    __table_args__ = tenant_table()


class Campaign(Versioned, TenantOwned, Base):
    """A period or a service with its own addresses, topics and queues. Names and texts are `{language: text}`."""

    __tablename__ = "campaign"
    slug: Mapped[str]
    name: Mapped[dict[str, Any]]
    welcome: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    languages: Mapped[list[str]]
    is_active: Mapped[bool] = mapped_column(default=True)
    __table_args__ = tenant_table(UniqueConstraint("tenant_id", "slug"))


class Endpoint(Versioned, TenantOwned, Base):
    """An address on one channel: a number, a mailbox, a chat's name. It belongs to one campaign.

    A number is at a telephone company's account; without one the console adapter stands for it.
    """

    __tablename__ = "endpoint"
    campaign_id: Mapped[UUID]
    account_id: Mapped[UUID | None]
    channel: Mapped[str]
    address: Mapped[str]
    can_receive: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[datetime | None]
    __table_args__ = tenant_table(
        one_of("channel", Channel),
        UniqueConstraint("channel", "address"),
        campaign_id="campaign",
        account_id="carrier_account",
    )


class Queue(Versioned, TenantOwned, Base):
    """Where contacts of some topics wait. `target_seconds` is `{channel: seconds}`: the wait promised on each.

    `teams` serve it, or all of the campaign's agents when none is named. `delays`: `[{"team": …, "seconds": …}]`, this
    team sees a contact only from that age on. `reserved`: `[{"outsourcer_id": …, "percent": …, "spill_seconds": …}]`,
    a part of the contacts is one outsourcer's by contract. `overflow`: `{"queue_id": …, "after_seconds": …}`, from that
    age on the other queue's agents are asked too.
    """

    __tablename__ = "queue"
    campaign_id: Mapped[UUID]
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"))
    name: Mapped[dict[str, Any]]
    offer_seconds: Mapped[int] = mapped_column(default=20)
    wrap_up_seconds: Mapped[int] = mapped_column(default=60)
    # For so long after their arrival, who comes back unserved finds their place again.
    place_seconds: Mapped[int] = mapped_column(default=14_400, server_default=text("14400"))
    target_seconds: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    teams: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    delays: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    reserved: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    overflow: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    __table_args__ = tenant_table(
        CheckConstraint("offer_seconds BETWEEN 1 AND 300", name="offer_seconds"),
        CheckConstraint("wrap_up_seconds BETWEEN 0 AND 3600", name="wrap_up_seconds"),
        CheckConstraint("place_seconds BETWEEN 0 AND 86400", name="place_seconds"),
        Index(None, "pool_id"),
        campaign_id="campaign",
    )


class Topic(Versioned, TenantOwned, Base):
    """Why people contact.

    `steps` relax with the contact's age: `[{"after_seconds": 0, "skills": {"vat": 2}, "language": true}]`. For
    `affinity_seconds` a citizen who comes back is kept for the agent who knows the matter.
    """

    __tablename__ = "topic"
    campaign_id: Mapped[UUID]
    queue_id: Mapped[UUID]
    slug: Mapped[str]
    name: Mapped[dict[str, Any]]
    steps: Mapped[list[Any]]
    priority: Mapped[int] = mapped_column(default=0)
    rank: Mapped[int] = mapped_column(default=0)
    affinity_seconds: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    # No longer offered to anyone; past tickets keep it.
    retired_at: Mapped[datetime | None]
    __table_args__ = tenant_table(
        UniqueConstraint("tenant_id", "campaign_id", "slug"),
        CheckConstraint("priority BETWEEN 0 AND 20", name="priority"),
        campaign_id="campaign",
        queue_id="queue",
    )


class Skill(TenantOwned, Base):
    """A subject that topics ask for and agents know, by the administration's own name. Agents' levels go by `code`."""

    __tablename__ = "skill"
    code: Mapped[str]
    name: Mapped[dict[str, Any]]
    __table_args__ = tenant_table(UniqueConstraint("tenant_id", "code"))


class RoutingPlan(TenantOwned, Base):
    """One published version of a campaign's routing: its queues, topics and steps as they stood, by whom and why.

    Never changed: going back to an old version publishes it anew.
    """

    __tablename__ = "routing_plan"
    campaign_id: Mapped[UUID]
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    reason: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    __table_args__ = tenant_table(UniqueConstraint("tenant_id", "campaign_id", "number"), campaign_id="campaign")


class PhoneMenu(TenantOwned, Base):
    """One published version of what a campaign's callers hear (`contact/domain/menu_document.py`), by whom and why.

    Never changed: going back to an old version publishes it anew.
    """

    __tablename__ = "phone_menu"
    campaign_id: Mapped[UUID]
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    reason: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    __table_args__ = tenant_table(UniqueConstraint("tenant_id", "campaign_id", "number"), campaign_id="campaign")


class WrapUpCode(TenantOwned, Base):
    """How a contact ended, in the administration's own words."""

    __tablename__ = "wrap_up_code"
    campaign_id: Mapped[UUID]
    code: Mapped[str]
    name: Mapped[dict[str, Any]]
    rank: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    __table_args__ = tenant_table(UniqueConstraint("tenant_id", "campaign_id", "code"), campaign_id="campaign")


class Visitor(TenantOwned, Base):
    """A browser in a web chat; its cookie holds the resume token, the row only its digest."""

    __tablename__ = "visitor"
    endpoint_id: Mapped[UUID]
    contact_point_id: Mapped[UUID]
    token_hash: Mapped[bytes]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    __table_args__ = tenant_table(
        UniqueConstraint("tenant_id", "token_hash"), endpoint_id="endpoint", contact_point_id="contact_point"
    )
