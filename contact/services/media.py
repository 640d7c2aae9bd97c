"""Pictures and sounds that come with texts: kept here once they were fetched, or refused by name."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Text, cast, exists, func, select
from sqlalchemy.orm import Session

from contact.domain.files import FileType, KeptFile
from contact.domain.rooms import ticket_room
from contact.domain.vocabulary import OutboxState
from contact.models import Attachment, MediaToFetch, Message, Outbox
from contact.models.base import LOCK
from contact.outbox import announce, defer

# By its row's order key it is known whether a job has it in hand.
ORDER = "media:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched: *address* is not to be trusted. Once *is_here*, only to be forgotten there."""

    account_id: UUID
    address: str = field(repr=False)
    is_here: bool


def expect(session: Session, message: Message, account_id: UUID, media: tuple[tuple[str, str], ...]) -> None:
    """Once *message* is committed, a job fetches what came with it: (address, the provider's word for its type)."""
    for address, content_type in media:
        row = MediaToFetch(
            tenant_id=message.tenant_id,
            message_id=message.id,
            account_id=account_id,
            url=address,
            content_type=content_type,
        )
        session.add(row)
        session.flush()
        _have_fetched(session, row.id)


def resume(session: Session, account_id: UUID) -> None:
    """Have fetched what waits at the account and no job knows of: kept by code that did not ask for one."""
    waits = select(MediaToFetch.id).where(
        MediaToFetch.account_id == account_id, MediaToFetch.attachment_id.is_(None), MediaToFetch.failure.is_(None)
    )
    is_known = exists().where(
        Outbox.order_key == ORDER + cast(MediaToFetch.id, Text),
        Outbox.state.in_((OutboxState.DUE, OutboxState.SENDING, OutboxState.LOOKING_UP)),
    )
    for media_id in session.scalars(waits.where(~is_known).order_by(MediaToFetch.id)):
        _have_fetched(session, media_id)


def _have_fetched(session: Session, media_id: UUID) -> None:
    defer(session, "sms.media", order_key=ORDER + str(media_id), media_id=media_id)


def wanted(session: Session, media_id: UUID) -> Wanted | None:
    """None where it was refused."""
    row = session.get_one(MediaToFetch, media_id)
    return None if row.failure else Wanted(row.account_id, row.url, row.attachment_id is not None)


def keep(session: Session, media_id: UUID, file: KeptFile, kind: FileType) -> None:
    """It lies in the store, and is the message's from here on; once, however often it was fetched."""
    row = session.get_one(MediaToFetch, media_id, with_for_update=LOCK)
    if row.attachment_id is not None:
        return
    # Two of one message are counted one after the other.
    message = session.get_one(Message, row.message_id, with_for_update=LOCK)
    number = session.scalar(select(func.count()).where(Attachment.message_id == message.id)) or 0
    made = Attachment(
        tenant_id=row.tenant_id,
        message_id=message.id,
        file_name=f"mms-{message.seq}-{number + 1}.{kind.ending}",
        content_type=kind.name,
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        store_key=file.store_key,
    )
    session.add(made)
    session.flush()
    row.attachment_id, row.failure = made.id, None
    _announce(session, message)


def refuse(session: Session, media_id: UUID, failure: str) -> None:
    """It will not be fetched any more; the agent reads why."""
    row = session.get_one(MediaToFetch, media_id, with_for_update=LOCK)
    if row.attachment_id is None:
        row.failure = failure
        _announce(session, session.get_one(Message, row.message_id))


def _announce(session: Session, message: Message) -> None:
    announce(session, ticket_room(message.ticket_id), "message_state", message.ticket_id, message.seq)
