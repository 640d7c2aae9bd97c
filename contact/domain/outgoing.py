"""What crosses a channel on its way out."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contact.domain.vocabulary import MessageState


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A text to send. *attempt_id* is ours, unique to this attempt, and travels with it to be matched later.

    The attempt began at *since*; it leaves by the endpoint's number or mailbox, *sender*.
    """

    attempt_id: str
    channel: str
    sender: str
    recipient: str
    body: str
    language: str
    since: datetime
    endpoint_id: UUID


@dataclass(frozen=True, slots=True)
class Report:
    """How far a message got, as its provider tells it. *attempt_id* is what we called it, where that is known."""

    provider: str
    provider_id: str
    attempt_id: str
    state: MessageState
    failure: str | None = None
