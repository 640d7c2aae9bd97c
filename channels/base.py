"""What every adapter is: what it is asked at the door, what it does when we send, and how either may end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from contact.domain.carrier import Event
from contact.domain.outgoing import Outgoing


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has taken it, under this id."""

    provider: str
    provider_id: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do at this provider, so that nobody is offered what it cannot."""

    two_way: bool = True
    media: bool = False
    max_chars: int | None = None
    receipts: bool = False
    push_link: bool = False
    record: bool = False
    hold: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request at the door, not understood yet. *target* is path and query as they came, percent-encoding and all;
    names of *headers* are written `Like-This`."""

    channel: str
    step: str
    target: str
    content_type: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider reads."""

    body: str
    content_type: str


class BadSignature(Exception):
    """Whoever asks does not know the account's token."""


class UnknownStep(Exception):
    """The request is genuine, and nobody here knows what it is about."""


class SendFailed(Exception):
    """Certainly not taken; trying again later is safe."""


class SendRejected(Exception):
    """Certainly not taken, and never will be."""


class OutcomeUnknown(Exception):
    """Perhaps taken: only the provider's callback or a look-up can tell."""


class FileRefused(Exception):
    """A file that came with a message will never be fetched; the text is our code."""


class Adapter(Protocol):
    """One way out of the house. No transaction is open while it works; each call ends within its own time limit."""

    name: str

    def send(self, message: Outgoing) -> Receipt:
        """
        Raises:
            SendFailed, SendRejected, OutcomeUnknown.
        """

    def look_up(self, message: Outgoing) -> list[Receipt]:
        """What the provider has that may be this attempt, oldest first; nothing when it knows of nothing.

        Raises:
            SendFailed: the provider could not be asked.
        """

    def capabilities(self) -> Mapping[str, Capabilities]:
        """What each channel can do here."""


class Door(Protocol):
    """The way in of a provider that asks us: each is pure, and quick."""

    def verify(self, request: Incoming) -> None:
        """
        Raises:
            BadSignature: the request is not of whoever has the account's token. Never anything else.
        """

    def parse(self, request: Incoming) -> Event:
        """What a verified request says.

        Raises:
            UnknownStep: nothing that we know.
        """

    def respond(self, event: Event, state: Any) -> Answer:
        """The answer, of nothing but *state*: asked again, it is the same."""


class Provider(Adapter, Door, Protocol):
    """An adapter with a door. Where a channel has `media`, they are fetched once the message is kept."""

    def fetch(self, address: str) -> bytes:
        """A file, from where an event said that it is: an address to be distrusted.

        Raises:
            FileRefused: it is elsewhere than at this provider, is gone, or is larger than any that the provider takes.
            SendFailed: it could not be fetched now.
        """

    def forget(self, address: str) -> None:
        """Have it deleted there: what a citizen sent is kept in one place.

        Raises:
            SendFailed: it could not be asked for.
        """
