"""Twilio's words for how far a text got, in ours."""

import structlog

from contact.domain.carrier import Event
from contact.domain.outgoing import Report
from contact.domain.vocabulary import MessageState

# What comes before Twilio has it in hand tells no more than that it has it.
STATES = {
    "accepted": MessageState.SENT,
    "scheduled": MessageState.SENT,
    "queued": MessageState.SENT,
    "sending": MessageState.SENT,
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.READ,
    "undelivered": MessageState.UNDELIVERED,
    "failed": MessageState.FAILED,
    "canceled": MessageState.FAILED,
}
log = structlog.get_logger()


def report(event: Event) -> Report | None:
    """What a status callback says; None for a word that Twilio did not have when this was written."""
    word = event.payload.get("MessageStatus") or event.payload.get("SmsStatus", "")
    state = STATES.get(word)
    if state is None:
        log.warning("unknown_message_state", provider_id=event.provider_id)
        return None
    failure = event.payload.get("ErrorCode") or ("canceled" if word == "canceled" else None)
    return Report("twilio", event.provider_id, event.step, state, failure)
