"""What telephone companies tell us: kept as it came, once, before anything is made of it."""

from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contact.domain.carrier import Account, Event
from contact.models import CarrierEvent, new_id
from contact.outbox import defer

TOPIC = "carrier.event"


def keep(session: Session, account: Account, event: Event) -> bool:
    """Store what came; False when it has come before, by its key or as another try of the same request."""
    return _store(session, account, event, func.clock_timestamp()) is not None


def heard(session: Session, account_id: UUID, dedupe_keys: list[str]) -> set[str]:
    """Of these what has come before."""
    known = select(CarrierEvent.dedupe_key).where(
        CarrierEvent.account_id == account_id, CarrierEvent.dedupe_key == any_(cast(dedupe_keys, ARRAY(Text)))
    )
    return set(session.scalars(known))


def keep_for_later(session: Session, account: Account, event: Event) -> None:
    """Store what could not be seen to now; a job tries again."""
    event_id = _store(session, account, event, None)
    if event_id is not None:
        defer(session, TOPIC, event_id=event_id)


def kept(session: Session, event_id: UUID) -> tuple[UUID, Event] | None:
    """The account's id and the event, if nothing came of it yet; it counts as seen to from here on."""
    row = session.execute(
        update(CarrierEvent)
        .where(CarrierEvent.id == event_id, CarrierEvent.handled_at.is_(None))
        .values(handled_at=func.clock_timestamp())
        .returning(CarrierEvent)
    ).scalar_one_or_none()
    if row is None:
        return None
    payload = dict(row.payload)
    step = payload.pop(STEP, "")
    return row.account_id, Event(row.channel, row.event_kind, row.provider_id, row.dedupe_key, payload, step, row.token)


def told_of_others(session: Session, provider_ids: list[str], attempt_id: str) -> set[str]:
    """Of the company's ids, those by which it has told of other attempts than *attempt_id*."""
    step = CarrierEvent.payload[STEP].astext
    told = select(CarrierEvent.provider_id).where(
        CarrierEvent.provider_id.in_(provider_ids), step.not_in(("", attempt_id))
    )
    return set(session.scalars(told))


# Our own part of the address, beside the provider's fields (which never begin so).
STEP = "guichet.step"


def _store(session: Session, account: Account, event: Event, handled_at: object) -> UUID | None:
    values = {
        "id": new_id(),
        "tenant_id": account.tenant_id,
        "account_id": account.id,
        "channel": event.channel,
        "event_kind": event.kind,
        "provider_id": event.provider_id,
        "dedupe_key": event.dedupe_key,
        "token": event.token,
        "payload": {**event.payload, STEP: event.step},
        "handled_at": handled_at,
    }
    return session.scalar(insert(CarrierEvent).values(**values).on_conflict_do_nothing().returning(CarrierEvent.id))
