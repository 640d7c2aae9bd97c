"""Whether a text may leave: whom it would reach, who said no, what may be spent; and what is learnt from failures."""

from datetime import UTC, timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from contact.domain.phones import is_number, why_no_text
from contact.domain.sms_text import count
from contact.domain.vocabulary import Channel, MessageKind, MessageState, Purpose, RefusalReason
from contact.models import (
    CarrierAccount,
    ContactPoint,
    Endpoint,
    Interaction,
    Message,
    TextRefusal,
    TextSpending,
    new_id,
)
from contact.services import clock, work_rows

TOPIC = "sms.deliver"
# What a machine sends unasked: so often to one number, and to numbers alike but for their last four digits.
PUSH_PAUSE = timedelta(minutes=10)
PUSHES_A_DAY_MAX = 5
PUSHES_A_DAY_ALIKE_MAX = 50
LAST_DIGITS = 4
# The last fifth of a day's budget is for answers that people write.
PUSH_SHARE = 0.8
FAILURES_MAX = 3
# The provider's codes that no second try changes: no mobile, a landline, no such number.
LANDLINE_CODES = frozenset({"21211", "21214", "21217", "21614", "21635", "30006"})
# 30003 off, 30004 blocked, 30005 unknown, 30008 unexplained: three in a row, and the number counts as unreachable.
UNREACHED_CODES = frozenset({"30003", "30004", "30005", "30008"})
STOPPED_CODE = "21610"
# 30001 too many waited, 30003 off, 30017 a busy network: the same text to the same phone may arrive later.
PASSING_CODES = frozenset({"30001", "30003", "30017"})
log = structlog.get_logger()


def why_not(
    session: Session,
    endpoint_id: UUID,
    point: ContactPoint,
    purpose: Purpose,
    *,
    is_push: bool = False,
    is_paid: bool = False,
) -> str | None:
    """Why no text of *purpose* goes to *point* from this number now, as a code; None when nothing speaks against it.

    *is_paid*: it was counted before, and no budget speaks against it.
    """
    if point.disabled_at is not None:
        return "number_disabled"
    account = session.scalar(
        select(CarrierAccount)
        .join(Endpoint, Endpoint.account_id == CarrierAccount.id)
        .where(Endpoint.id == endpoint_id)
    )
    if account is not None:
        reason = why_no_text(point.value, frozenset(account.text_countries))
        if reason is not None:
            return reason
    refused = session.scalar(
        select(TextRefusal.reason).where(
            TextRefusal.contact_point_id == point.id, TextRefusal.lifted_at.is_(None), TextRefusal.purpose == purpose
        )
    )
    if refused is not None:
        return refused
    if account is not None and not is_paid:
        budget = account.text_parts_a_day_max * (PUSH_SHARE if is_push else 1)
        if _spent(session, account) >= budget:
            return "budget_spent"
    return _why_no_push(session, point) if is_push else None


def spend(session: Session, endpoint_id: UUID, body: str) -> None:
    """A text leaves: its parts count for today."""
    endpoint = session.get_one(Endpoint, endpoint_id)
    if endpoint.account_id is None:
        return
    parts = count(body).parts
    values = {"tenant_id": endpoint.tenant_id, "account_id": endpoint.account_id, "day": clock.now(session).date()}
    session.execute(
        insert(TextSpending)
        .values(id=new_id(), parts=parts, **values)
        .on_conflict_do_update(
            index_elements=["tenant_id", "account_id", "day"], set_={"parts": TextSpending.parts + parts}
        )
    )


def stop(session: Session, point: ContactPoint) -> None:
    """Their owner wants no more news here. Answers to their own matter go on: those they ask for."""
    for purpose in (Purpose.SERVICE_REMINDER, Purpose.INFORMATION_CAMPAIGN):
        _refuse(session, point, purpose, RefusalReason.STOPPED)


def start(session: Session, point: ContactPoint) -> None:
    """They want to be written to again; the provider, which reads the same word, lets it through again too."""
    _lift(session, point, RefusalReason.STOPPED, RefusalReason.STOPPED_AT_PROVIDER)


def is_alive(session: Session, point: ContactPoint) -> None:
    """A text came from there, or arrived there: it is a phone, and it is on. What waits to be sent again leaves now."""
    _lift(session, point, RefusalReason.UNREACHABLE, RefusalReason.LANDLINE)
    work_rows.hasten(session, resend_key(point.id), TOPIC)


def resend_key(point_id: UUID) -> str:
    """The order of what is sent again to one phone; what is sent for the first time does not wait for it."""
    return f"{Channel.SMS}:{point_id}:again"


def after_failure(session: Session, message: Message, code: str | None) -> None:
    """What a provider's error says of the number, not of this text alone."""
    if message.interaction_id is None or code is None:
        return
    interaction = session.get_one(Interaction, message.interaction_id)
    if interaction.channel != Channel.SMS:
        return
    point = session.get_one(ContactPoint, interaction.contact_point_id)
    if code == STOPPED_CODE:
        reason = RefusalReason.STOPPED_AT_PROVIDER
    elif code in LANDLINE_CODES:
        reason = RefusalReason.LANDLINE
    elif code in UNREACHED_CODES and _has_only_failed(session, point):
        reason = RefusalReason.UNREACHABLE
    else:
        return
    log.info("number_takes_no_texts", contact_point_id=str(point.id), reason=reason)
    for purpose in Purpose:
        _refuse(session, point, purpose, reason)


def _why_no_push(session: Session, point: ContactPoint) -> str | None:
    now = clock.now(session)
    pushed = (
        select(func.count())
        .select_from(Message)
        .join(Interaction, Interaction.id == Message.interaction_id)
        .join(ContactPoint, ContactPoint.id == Interaction.contact_point_id)
        .where(
            Interaction.channel == Channel.SMS,
            Message.message_kind == MessageKind.SYSTEM,
            Message.state.is_not(None),
        )
    )
    own = pushed.where(ContactPoint.id == point.id)
    day = Message.created_at > now - timedelta(days=1)
    if session.scalar(own.where(Message.created_at > now - PUSH_PAUSE)):
        return "too_often"
    if (session.scalar(own.where(day)) or 0) >= PUSHES_A_DAY_MAX:
        return "too_often"
    if not is_number(point.value):
        return None
    alike = point.value[:-LAST_DIGITS]
    others = pushed.where(day, ContactPoint.value >= alike, ContactPoint.value < alike + ":")
    return "too_often" if (session.scalar(others) or 0) >= PUSHES_A_DAY_ALIKE_MAX else None


def _spent(session: Session, account: CarrierAccount) -> int:
    today = clock.now(session).astimezone(UTC).date()
    parts = select(TextSpending.parts).where(TextSpending.account_id == account.id, TextSpending.day == today)
    return session.scalar(parts) or 0


def _has_only_failed(session: Session, point: ContactPoint) -> bool:
    """The last texts that left for this number all came to nothing, this one with them."""
    lost = (MessageState.FAILED, MessageState.UNDELIVERED)
    last = session.scalars(
        select(Message.state)
        .join(Interaction, Interaction.id == Message.interaction_id)
        .where(
            Interaction.contact_point_id == point.id,
            Message.state.in_((*lost, MessageState.DELIVERED, MessageState.READ)),
        )
        .order_by(Message.created_at.desc())
        .limit(FAILURES_MAX)
    ).all()
    return len(last) == FAILURES_MAX and all(state in lost for state in last)


def _refuse(session: Session, point: ContactPoint, purpose: Purpose, reason: RefusalReason) -> None:
    values = {"tenant_id": point.tenant_id, "contact_point_id": point.id, "purpose": purpose, "reason": reason}
    session.execute(insert(TextRefusal).values(id=new_id(), **values).on_conflict_do_nothing())


def _lift(session: Session, point: ContactPoint, *reasons: RefusalReason) -> None:
    session.execute(
        update(TextRefusal)
        .where(
            TextRefusal.contact_point_id == point.id,
            TextRefusal.lifted_at.is_(None),
            TextRefusal.reason.in_(reasons),
        )
        .values(lifted_at=func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )
