"""What every adapter is, and the ways in which sending may end."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do. *chars_max*: the longest text it takes."""

    two_way: bool
    media: bool
    receipts: bool
    chars_max: int


@dataclass(frozen=True, slots=True)
class Sendable:
    """A text to send. *attempt_id* is ours, unique to this attempt, and travels with it."""

    attempt_id: str
    channel: str
    sender: str
    recipient: str
    body: str
    language: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The provider has taken it, under this id."""

    provider: str
    provider_id: str


class SendFailed(Exception):
    """Certainly not taken; trying again later is safe."""


class SendRejected(Exception):
    """Certainly not taken, and never will be."""


class OutcomeUnknown(Exception):
    """Perhaps taken: only the provider's callback or a look-up can tell."""


class Adapter(Protocol):
    """One way out of the house. No transaction is open while it works; each call ends within its own time limit."""

    name: str
    capabilities: Capabilities

    def send(self, message: Sendable) -> Receipt:
        """
        Raises:
            SendFailed, SendRejected, OutcomeUnknown.
        """

    def look_up(self, attempt_id: str) -> Receipt | None:
        """What the provider knows of an attempt; None when it knows nothing.

        Raises:
            SendFailed: the provider could not be asked.
        """
