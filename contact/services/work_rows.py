"""The life of an outbox row once the relay has handed it on: claimed, done, tried again, or ended by name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from contact.domain.vocabulary import OutboxState
from contact.models import Outbox
from contact.outbox import RELAY_CHANNEL, notify
from contact.services import clock

BACKOFF_SECONDS = (2, 10, 30, 120, 300, 900)


@dataclass(frozen=True, slots=True)
class Claim:
    """A row this worker alone works on. *attempt* counts from 1 and is part of the id a carrier sees."""

    outbox_id: UUID
    topic: str
    tenant_id: UUID | None
    attempt: int
    ids: dict[str, Any]

    @property
    def attempt_id(self) -> str:
        """Our own name for this attempt, carried to the provider and back."""
        return f"{self.outbox_id.hex}-{self.attempt}"


def claim(session: Session, outbox_id: UUID, state: OutboxState = OutboxState.SENDING) -> Claim | None:
    """Take a due row, to be committed before the work begins; None: somebody else has, or it is over or put off.

    The state alone decides who has it: a job that waited in its queue for longer than the relay's lease is as good as
    the copy that was enqueued meanwhile. *state* is `sending` where the work has an effect outside, `done` where it
    happens in this very transaction.
    """
    row = session.execute(
        update(Outbox)
        .where(Outbox.id == outbox_id, Outbox.state == OutboxState.DUE, Outbox.lease.is_not(None))
        .values(
            state=state,
            attempt=Outbox.attempt + 1,
            claimed_at=func.clock_timestamp(),
            finished_at=func.clock_timestamp() if state is OutboxState.DONE else None,
        )
        .returning(Outbox.id, Outbox.topic, Outbox.tenant_id, Outbox.attempt, Outbox.ids)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return Claim(*row) if row else None


def tenant_of(session: Session, outbox_id: UUID) -> UUID | None:
    """The administration a row belongs to."""
    return session.scalar(select(Outbox.tenant_id).where(Outbox.id == outbox_id))


def due_ids(session: Session, outbox_id: UUID) -> dict[str, Any] | None:
    """What a row is about that is still to be done; for work that takes long, and claims the row when it has."""
    return session.scalar(select(Outbox.ids).where(Outbox.id == outbox_id, Outbox.state == OutboxState.DUE))


def ids_of(session: Session, attempt_id: str) -> dict[str, Any]:
    """What an attempt of ours is about; nothing for a name that is none of ours."""
    named = _named(attempt_id)
    return (session.scalar(select(Outbox.ids).where(Outbox.id == named[0])) if named else None) or {}


def settle(session: Session, attempt_id: str) -> None:
    """The provider itself says that this attempt was taken: its row is done, also where it was to be tried again."""
    named = _named(attempt_id)
    if named is not None:
        _settle(session, Outbox.id == named[0], Outbox.attempt == named[1])


def settle_dialled(session: Session, order_key: str, topic: str, attempt: int) -> None:
    """The same of a row of *order_key* that makes the attempt of this number; what waits behind it is due now."""
    _settle(
        session, Outbox.order_key == order_key, Outbox.topic == topic, Outbox.ids["attempt"].as_integer() == attempt
    )


def _settle(session: Session, *which: ColumnElement[bool]) -> None:
    session.execute(
        update(Outbox)
        .where(*which, Outbox.state.in_((OutboxState.SENDING, OutboxState.LOOKING_UP, OutboxState.DUE)))
        .values(state=OutboxState.DONE, failure=None, finished_at=func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )
    notify(session, RELAY_CHANNEL)


def hasten(session: Session, order_key: str, topic: str) -> None:
    """A row of *order_key* that nobody has claimed yet is due now."""
    found = session.execute(
        update(Outbox)
        .where(Outbox.order_key == order_key, Outbox.topic == topic, Outbox.state == OutboxState.DUE)
        .values(due_at=func.clock_timestamp())
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    ).first()
    if found is not None:
        notify(session, RELAY_CHANNEL)


def overtake(session: Session, order_key: str, topic: str) -> None:
    """Rows of *order_key* that nobody has claimed yet are over: what they would look up is asked for anew."""
    session.execute(
        update(Outbox)
        .where(Outbox.order_key == order_key, Outbox.topic == topic, Outbox.state == OutboxState.DUE)
        .values(state=OutboxState.DONE, failure="overtaken", finished_at=func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )


def _named(attempt_id: str) -> tuple[UUID, int] | None:
    """The row and the attempt of `Claim.attempt_id`."""
    row, _, attempt = attempt_id.partition("-")
    is_ours = len(row) == 32 and attempt.isdecimal() and len(attempt) < 6
    try:
        return (UUID(row), int(attempt)) if is_ours else None
    except ValueError:
        return None


def stands(session: Session, claim: Claim) -> bool:
    """The row, now locked, is still being sent by this very attempt; a worker that was paused too long has lost it."""
    state = session.scalar(
        select(Outbox.state)
        .where(Outbox.id == claim.outbox_id, Outbox.attempt == claim.attempt)
        .with_for_update(key_share=True)
    )
    return state == OutboxState.SENDING


def end(session: Session, claim: Claim, state: OutboxState, failure: str | None = None) -> bool:
    """Close the row for good; whoever waits behind its order key is due now. False: this attempt has lost the row."""
    is_ours = _set(session, claim, state=state, failure=failure, finished_at=func.clock_timestamp())
    notify(session, RELAY_CHANNEL)
    return is_ours


def try_again(session: Session, claim: Claim, failure: str) -> None:
    """Due again after a pause that grows with the attempts."""
    pause = BACKOFF_SECONDS[min(claim.attempt, len(BACKOFF_SECONDS)) - 1]
    _put_off(session, claim, OutboxState.DUE, pause, failure)


def look_up_later(session: Session, claim: Claim, seconds: float, failure: str) -> None:
    """Nobody knows whether it was sent: look for proof in *seconds*; the row still blocks its order key."""
    _put_off(session, claim, OutboxState.LOOKING_UP, seconds, failure)


def put_off_until(session: Session, claim: Claim, due_at: datetime, failure: str, order_key: str) -> None:
    """Not now, by a rule: due again then, and from here on in the order of *order_key*."""
    values = {"failure": failure, "due_at": due_at, "order_key": order_key, "lease": None, "leased_until": None}
    _set(session, claim, state=OutboxState.DUE, **values)
    notify(session, RELAY_CHANNEL)


def _put_off(session: Session, claim: Claim, state: OutboxState, seconds: float, failure: str) -> None:
    due_at = clock.now(session) + timedelta(seconds=seconds)
    _set(session, claim, state=state, failure=failure, due_at=due_at, lease=None, leased_until=None)


def _set(session: Session, claim: Claim, **values: Any) -> bool:
    """Only while this attempt is the row's last and no result of it is recorded: results come late and twice."""
    changed = session.execute(
        update(Outbox)
        .where(
            Outbox.id == claim.outbox_id,
            Outbox.attempt == claim.attempt,
            Outbox.state.in_((OutboxState.SENDING, OutboxState.LOOKING_UP)),
        )
        .values(**values)
        .returning(Outbox.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None
