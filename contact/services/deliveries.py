"""What became of a message that left the house: prepared, sent, refused, unknown."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contact.domain.lifecycle import forward
from contact.domain.outgoing import Outgoing, Report
from contact.domain.phones import territory_of
from contact.domain.quiet_hours import quiet_until
from contact.domain.rooms import ticket_room
from contact.domain.vocabulary import Channel, MessageKind, MessageState, OutboxState, Purpose
from contact.models import ContactPoint, Endpoint, Interaction, Message, Outbox
from contact.models.base import LOCK
from contact.outbox import announce, defer
from contact.services import carrier_events, clock, text_rules, work_rows
from contact.services.work_rows import Claim

LOOK_UPS_MAX = 2
# After a failure that passes: so long until each further try, all within a day.
RESEND_PAUSES = (timedelta(hours=2), timedelta(hours=12))
log = structlog.get_logger()


def prepare(session: Session, claim: Claim) -> Outgoing | None:
    """What the claimed row sends, marked as being sent; None when this attempt has lost the row, or nothing is to send.

    Asked directly before sending, so that a worker that was paused between claim and send does not send a second time.
    """
    message = _message(session, claim)
    if not work_rows.stands(session, claim) or _is_past(session, claim, message):
        return None
    if message.state not in (MessageState.QUEUED, MessageState.SENDING):
        work_rows.end(session, claim, OutboxState.DONE, "past_sending")
        return None
    if not _may_leave(session, claim, message):
        return None
    _move(session, message, MessageState.SENDING)
    return outgoing(session, claim)


def _may_leave(session: Session, claim: Claim, message: Message) -> bool:
    """A text's own rules; one that comes at a wrong hour waits for a better one."""
    interaction = session.get_one(Interaction, message.interaction_id)
    if interaction.channel != Channel.SMS:
        return True
    point = session.get_one(ContactPoint, interaction.contact_point_id)
    purpose = Purpose(message.purpose)
    # One that is tried again has had its part of the day's budget.
    is_new = message.state == MessageState.QUEUED
    reason = text_rules.why_not(session, interaction.endpoint_id, point, purpose, is_paid=not is_new)
    if reason is not None:
        _fail(session, claim, reason)
        return False
    until = quiet_until(purpose, territory_of(point.value), clock.now(session))
    if until is not None:
        # An answer that comes meanwhile does not wait behind it.
        order_key = f"{interaction.channel}:{point.id}:{purpose}"
        work_rows.put_off_until(session, claim, until, "quiet_hours", order_key)
        return False
    if is_new:
        text_rules.spend(session, interaction.endpoint_id, message.body)
    return True


def outgoing(session: Session, claim: Claim) -> Outgoing:
    """What the claimed row's present attempt sends, or has sent."""
    row = session.execute(
        select(
            Message.body, Message.language, Interaction.channel, Interaction.endpoint_id, Endpoint.address,
            ContactPoint.value, Outbox.claimed_at,
        )
        .select_from(Message)
        .join(Interaction, Interaction.id == Message.interaction_id)
        .join(Endpoint, Endpoint.id == Interaction.endpoint_id)
        .join(ContactPoint, ContactPoint.id == Interaction.contact_point_id)
        .join(Outbox, Outbox.id == claim.outbox_id)
        .where(Message.id == UUID(claim.ids["message_id"]))
    ).one()  # fmt: skip
    return Outgoing(
        claim.attempt_id, row.channel, row.address, row.value, row.body, row.language, row.claimed_at, row.endpoint_id
    )


def sent(session: Session, claim: Claim, provider: str, provider_id: str) -> None:
    """The provider took the message under its own id."""
    message = _message(session, claim)
    if _is_past(session, claim, message):
        return
    message.provider, message.provider_id = provider, provider_id
    _move(session, message, MessageState.SENT)
    if message.state == MessageState.SENT:
        # Else its own report was quicker, and knows more.
        message.failure = None
    work_rows.end(session, claim, OutboxState.DONE)


def adopt(session: Session, claim: Claim, provider: str, provider_ids: list[str]) -> bool:
    """Of what the provider has that may be this attempt, take the oldest that is no other message's; False: none is."""
    message = _message(session, claim)
    taken = set(
        session.scalars(
            select(Message.provider_id).where(
                Message.provider == provider, Message.provider_id.in_(provider_ids), Message.id != message.id
            )
        )
    )
    taken |= carrier_events.told_of_others(session, provider_ids, claim.attempt_id)
    free = next((one for one in provider_ids if one not in taken), None)
    if free is None:
        return False
    sent(session, claim, provider, free)
    return True


def is_known(session: Session, provider: str, provider_id: str) -> bool:
    """A message of ours is recorded under the provider's id."""
    found = select(Message.id).where(Message.provider == provider, Message.provider_id == provider_id)
    return session.scalar(found) is not None


def reported(session: Session, report: Report) -> None:
    """The provider says how far a message got, perhaps late, twice or in the wrong order.

    Where our own attempt is named, it is also the proof that this attempt was taken, whatever became of its answer.
    """
    sending = work_rows.ids_of(session, report.attempt_id)
    message_id = session.scalar(
        select(Message.id).where(Message.provider == report.provider, Message.provider_id == report.provider_id)
    ) or sending.get("message_id")
    message = session.get(Message, message_id, with_for_update=LOCK) if message_id else None
    if message is None:
        # Of a message that is none of ours, such as one sent by hand in the provider's console: the event is kept.
        log.info("report_of_unknown_message", provider_id=report.provider_id)
        return
    if sending.get("message_id") == str(message.id) and _resend(sending) != message.resends:
        _told_of_before(session, message, report)
        return
    if message.provider_id is None:
        message.provider, message.provider_id = report.provider, report.provider_id
    elif message.provider_id != report.provider_id:
        log.error("message_sent_twice", message_id=str(message.id), provider_id=report.provider_id)
    work_rows.settle(session, report.attempt_id)
    before = message.state
    _move(session, message, report.state)
    if message.state == report.state and report.failure:
        message.failure = report.failure
        session.flush()
        if not _send_again(session, message):
            text_rules.after_failure(session, message, report.failure)
    elif message.state == report.state and report.state is MessageState.DELIVERED:
        _arrived(session, message)
    elif message.state != report.state and report.state is MessageState.DELIVERED:
        log.warning("delivered_after_all", message_id=str(message.id), state=before)


def _send_again(session: Session, message: Message) -> bool:
    """What an agent wrote to a phone that was off leaves once more by itself, later; False: not this, or not any more.

    It is another text at the provider, with a row, a place in the order and attempts of its own; nothing waits for it.
    """
    interaction = session.get_one(Interaction, message.interaction_id)
    is_answer = interaction.channel == Channel.SMS and message.message_kind == MessageKind.AGENT
    if not is_answer or message.failure not in text_rules.PASSING_CODES or message.resends >= len(RESEND_PAUSES):
        return False
    due_at = clock.now(session) + RESEND_PAUSES[message.resends]
    message.resends += 1
    message.state, message.provider_id = MessageState.QUEUED, None
    defer(
        session,
        text_rules.TOPIC,
        order_key=text_rules.resend_key(interaction.contact_point_id),
        due_at=due_at,
        message_id=message.id,
        resend=message.resends,
    )
    return True


def _told_of_before(session: Session, message: Message, report: Report) -> None:
    """Of an earlier sending of what was sent again: all that matters is whether it arrived; then no other leaves."""
    if report.state not in (MessageState.DELIVERED, MessageState.READ):
        return
    log.warning("delivered_after_all", message_id=str(message.id), state=message.state)
    _move(session, message, report.state)
    _arrived(session, message)


def _arrived(session: Session, message: Message) -> None:
    message.failure = None
    interaction = session.get_one(Interaction, message.interaction_id)
    if interaction.channel == Channel.SMS:
        text_rules.is_alive(session, session.get_one(ContactPoint, interaction.contact_point_id))


def refused(session: Session, claim: Claim, failure: str) -> None:
    """The provider will never take it."""
    message = _message(session, claim)
    if _is_past(session, claim, message):
        return
    _fail(session, claim, failure)
    session.flush()
    text_rules.after_failure(session, message, failure)


def not_taken(session: Session, claim: Claim, failure: str, attempts_max: int) -> None:
    """The provider certainly did not take it: try again later, up to *attempts_max* times."""
    message = _message(session, claim)
    if _is_past(session, claim, message):
        return
    if claim.attempt >= attempts_max:
        _fail(session, claim, failure)
        return
    message.failure = failure
    work_rows.try_again(session, claim, failure)


def unknown(session: Session, claim: Claim, failure: str, wait_seconds: float) -> None:
    """Perhaps it was taken: wait for proof, then look it up; never send again blindly."""
    work_rows.look_up_later(session, claim, wait_seconds, failure)


def not_found(session: Session, claim: Claim, again_seconds: float) -> None:
    """A look-up found nothing. After two: one more try; after that a person must know."""
    empty = count_look_up(session, claim)
    if empty < LOOK_UPS_MAX or LOOK_UPS_MAX < empty < 2 * LOOK_UPS_MAX:
        work_rows.look_up_later(session, claim, again_seconds, "not_found")
    elif empty == LOOK_UPS_MAX:
        work_rows.try_again(session, claim, "not_found_twice")
    else:
        give_up(session, claim)


def not_asked(session: Session, claim: Claim, again_seconds: float, failure: str) -> None:
    """The provider could not be asked: later again, but not for ever."""
    _message(session, claim)
    if count_look_up(session, claim) < 2 * LOOK_UPS_MAX:
        work_rows.look_up_later(session, claim, again_seconds, failure)
    else:
        give_up(session, claim)


def give_up(session: Session, claim: Claim) -> None:
    """Whether it was sent stays open; shown to a person, never sent again silently."""
    message = _message(session, claim)
    if _is_past(session, claim, message):
        return
    if work_rows.end(session, claim, OutboxState.OUTCOME_UNKNOWN, "outcome_unknown"):
        message.failure = "outcome_unknown"
        _move(session, message, MessageState.OUTCOME_UNKNOWN)


def present_claim(session: Session, outbox_id: UUID) -> Claim | None:
    """The row while it is looked up; None when it was settled or put off meanwhile."""
    row = session.execute(
        select(Outbox.id, Outbox.topic, Outbox.tenant_id, Outbox.attempt, Outbox.ids).where(
            Outbox.id == outbox_id, Outbox.state == OutboxState.LOOKING_UP, Outbox.lease.is_not(None)
        )
    ).one_or_none()
    return Claim(*row) if row else None


def count_look_up(session: Session, claim: Claim) -> int:
    """How often the attempt was looked for in vain, this time included."""
    return session.execute(
        update(Outbox)
        .where(Outbox.id == claim.outbox_id)
        .values(empty_look_ups=Outbox.empty_look_ups + 1)
        .returning(Outbox.empty_look_ups)
        .execution_options(synchronize_session=False)
    ).scalar_one()


def _fail(session: Session, claim: Claim, failure: str) -> None:
    message = _message(session, claim)
    if work_rows.end(session, claim, OutboxState.FAILED, failure):
        message.failure = failure
        _move(session, message, MessageState.FAILED)


def _is_past(session: Session, claim: Claim, message: Message) -> bool:
    """The claim is of an earlier sending of what leaves once more by itself: whatever became of it, its row is over."""
    if _resend(claim.ids) == message.resends:
        return False
    work_rows.end(session, claim, OutboxState.DONE, "past_sending")
    return True


def _resend(ids: dict[str, Any]) -> int:
    """Which sending of its message a row is: 0 the first."""
    return int(ids.get("resend", 0))


def _message(session: Session, claim: Claim) -> Message:
    """Locked; before its row, as by whoever reports of it."""
    return session.get_one(Message, UUID(claim.ids["message_id"]), with_for_update=LOCK)


def _move(session: Session, message: Message, state: MessageState) -> None:
    message.state = forward(MessageState(message.state or MessageState.QUEUED), state)
    announce(session, ticket_room(message.ticket_id), "message_state", message.ticket_id, message.seq)
