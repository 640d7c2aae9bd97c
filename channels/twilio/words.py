"""Twilio's words for texts and how far they got, in ours."""

import unicodedata

import structlog

from contact.domain.carrier import Event
from contact.domain.incoming import Text
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
MEDIA_MAX = 10
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


def text(event: Event) -> Text:
    """What somebody wrote. A message of pictures alone has no Body; one that cannot be counted has none of them."""
    told = event.payload
    number = told.get("NumMedia", "0")
    found = [(told.get(f"MediaUrl{n}", ""), told.get(f"MediaContentType{n}", "")) for n in range(MEDIA_MAX)]
    media = tuple(one for one in found[: int(number) if number.isdecimal() else 0] if one[0])
    sender, to, body = (told.get(name, "") for name in ("From", "To", "Body"))
    return Text("twilio", event.provider_id, sender, to, _clean(body), media)


def _clean(body: str) -> str:
    """As people read it: letters in one piece, lines as lines, no control characters; as it came it is in the event."""
    whole = unicodedata.normalize("NFC", body.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(one for one in whole if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cs")).strip()
