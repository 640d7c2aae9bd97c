"""What crosses a channel on its way out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A text to send. *attempt_id* is ours, unique to this attempt, and travels with it to be matched later."""

    attempt_id: str
    channel: str
    sender: str
    recipient: str
    body: str
    language: str
