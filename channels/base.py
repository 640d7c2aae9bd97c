"""What every adapter is, and the ways in which sending may end."""

from dataclasses import dataclass
from typing import Protocol

from contact.domain.outgoing import Outgoing


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

    def send(self, message: Outgoing) -> Receipt:
        """
        Raises:
            SendFailed, SendRejected, OutcomeUnknown.
        """

    def look_up(self, attempt_id: str) -> Receipt | None:
        """What the provider knows of an attempt; None when it knows nothing.

        Raises:
            SendFailed: the provider could not be asked.
        """
