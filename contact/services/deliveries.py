"""What became of a message that left the house: prepared, sent, refused, unknown."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.lifecycle import forward
from contact.domain.rooms import ticket_room
from contact.domain.vocabulary import MessageState, OutboxState
from contact.models import ContactPoint, Endpoint, Interaction, Message, Outbox
from contact.outbox import announce
from contact.services import work_rows
from contact.services.work_rows import Claim

LOOK_UPS_MAX = 2
SENDS_MAX_AFTER_UNKNOWN = 2


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as an adapter sends it. *attempt_id* goes with it, so that the provider's answer can be matched."""

    attempt_id: str
    channel: str
    sender: str
    recipient: str
    body: str
    language: str


def prepare(session: Session, claim: Claim) -> Outgoing | None:
    """What the claimed row sends; None when the message is past sending already. Marks it as being sent."""
    message = session.get_one(Message, UUID(claim.ids["message_id"]), with_for_update=True)
    if message.state not in (MessageState.QUEUED, MessageState.SENDING):
        return None
    _move(session, message, MessageState.SENDING)
    row = session.execute(
        select(Interaction.channel, Endpoint.address, ContactPoint.value)
        .join(Endpoint, Endpoint.id == Interaction.endpoint_id)
        .join(ContactPoint, ContactPoint.id == Interaction.contact_point_id)
        .where(Interaction.id == message.interaction_id)
    ).one()
    return Outgoing(claim.attempt_id, row.channel, row.address, row.value, message.body, message.language)


def sent(session: Session, claim: Claim, provider: str, provider_id: str) -> None:
    """The provider took the message under its own id."""
    message = _message(session, claim)
    message.provider, message.provider_id = provider, provider_id
    _move(session, message, MessageState.SENT)
    work_rows.end(session, claim.outbox_id, OutboxState.DONE)


def refused(session: Session, claim: Claim, failure: str) -> None:
    """The provider will never take it."""
    _fail(session, claim, failure)


def not_taken(session: Session, claim: Claim, failure: str, attempts_max: int) -> None:
    """The provider certainly did not take it: try again later, up to *attempts_max* times."""
    if claim.attempt >= attempts_max:
        _fail(session, claim, failure)
        return
    message = _message(session, claim)
    message.failure = failure
    work_rows.try_again(session, claim.outbox_id, claim.attempt, failure)


def unknown(session: Session, claim: Claim, failure: str, wait_seconds: float) -> None:
    """Perhaps it was taken: wait for proof, then look it up; never send again blindly."""
    work_rows.look_up_later(session, claim.outbox_id, wait_seconds, failure)


def not_found(session: Session, claim: Claim, again_seconds: float) -> None:
    """A look-up found nothing. After two: one more try; after that a person must know."""
    row = session.get_one(Outbox, claim.outbox_id, with_for_update=True)
    row.empty_look_ups += 1
    session.flush()
    if row.empty_look_ups < LOOK_UPS_MAX:
        work_rows.look_up_later(session, claim.outbox_id, again_seconds, "not_found")
    elif claim.attempt < SENDS_MAX_AFTER_UNKNOWN:
        row.empty_look_ups = 0
        session.flush()
        work_rows.try_again(session, claim.outbox_id, claim.attempt, "not_found_twice")
    else:
        give_up(session, claim)


def give_up(session: Session, claim: Claim) -> None:
    """Whether it was sent stays open; shown to a person, never sent again silently."""
    message = _message(session, claim)
    message.failure = "outcome_unknown"
    _move(session, message, MessageState.OUTCOME_UNKNOWN)
    work_rows.end(session, claim.outbox_id, OutboxState.OUTCOME_UNKNOWN, "outcome_unknown")


def present_claim(session: Session, outbox_id: UUID, lease: UUID) -> Claim | None:
    """The row as it stands in `looking_up` under this lease; None when it was settled meanwhile."""
    row = session.execute(
        select(Outbox.id, Outbox.topic, Outbox.tenant_id, Outbox.attempt, Outbox.ids).where(
            Outbox.id == outbox_id, Outbox.state == OutboxState.LOOKING_UP, Outbox.lease == lease
        )
    ).one_or_none()
    return Claim(*row) if row else None


def _fail(session: Session, claim: Claim, failure: str) -> None:
    message = _message(session, claim)
    message.failure = failure
    _move(session, message, MessageState.FAILED)
    work_rows.end(session, claim.outbox_id, OutboxState.FAILED, failure)


def _message(session: Session, claim: Claim) -> Message:
    return session.get_one(Message, UUID(claim.ids["message_id"]), with_for_update=True)


def _move(session: Session, message: Message, state: MessageState) -> None:
    message.state = forward(MessageState(message.state or MessageState.QUEUED), state)
    announce(session, ticket_room(message.ticket_id), "message_state", message.ticket_id, message.seq)
