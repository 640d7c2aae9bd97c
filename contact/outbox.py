"""What follows from a change: work that must happen, frames that are nice to have, and the dispatcher's wake-up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.models import Outbox, RoutingDirty

RELAY_CHANNEL = "guichet_outbox"
ROUTING_CHANNEL = "guichet_routing"


@dataclass(frozen=True, slots=True)
class Frame:
    """A hint for the screens in *room*: refetch *what*. Ids and revisions only, never data."""

    room: str
    what: str
    id: str | None = None
    revision: int | None = None


def defer(
    session: Session,
    topic: str,
    *,
    order_key: str | None = None,
    due_at: datetime | None = None,
    **ids: UUID | int | str,
) -> Outbox:
    """Record work that must happen, in this transaction. *topic* is wired in `config/topics.py`.

    Rows with the same *order_key* run one after another. *due_at* is by the database's clock; None is at once.
    """
    row = Outbox(
        topic=topic,
        tenant_id=session.info["scope"].tenant_id,
        order_key=order_key,
        ids={name: value if isinstance(value, int) else str(value) for name, value in ids.items()},
    )
    if due_at is not None:
        row.due_at = due_at
    session.add(row)
    if due_at is None:
        notify(session, RELAY_CHANNEL)
    return row


def announce(session: Session, room: str, what: str, id: UUID | None = None, revision: int | None = None) -> None:
    """Push a hint to *room* once this transaction has committed; it may be lost.

    Raises:
        ValueError: without a room a frame would reach everyone.
    """
    if not room:
        raise ValueError("announce() needs a room")
    session.info["frames"].append(Frame(room, what, str(id) if id else None, revision))


def wake_router(session: Session, pool_id: UUID, entity: str, entity_id: UUID) -> None:
    """Tell the pool's dispatcher that the facts of a contact, an agent or the whole pool (*entity*) changed."""
    session.add(RoutingDirty(pool_id=pool_id, entity=entity, entity_id=entity_id))
    notify(session, ROUTING_CHANNEL)


def notify(session: Session, channel: str, payload: Any = "") -> None:
    """Send a PostgreSQL notification with this transaction's commit (once, however often it is asked)."""
    asked = session.info["notified"]
    if channel not in asked:
        asked.add(channel)
        session.execute(select(func.pg_notify(channel, str(payload))))
