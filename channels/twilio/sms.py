"""SMS and MMS by Twilio."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from channels.base import Answer, Capabilities, Receipt, UnknownStep
from channels.twilio.client import connect, create, read
from channels.twilio.words import MEDIA_MAX
from config.settings import Settings
from contact.domain.carrier import Account, Event, door_url
from contact.domain.outgoing import Outgoing

CAPABILITIES = Capabilities(media=True, max_chars=1600, receipts=True, push_link=True)
# Nothing is answered in the document itself: replies leave by the outbox, where they are counted.
NOTHING = Answer('<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml; charset=utf-8")
STATE_OVERRIDES = "#ct=2000&rt=5000&rc=3&rp=all"
# Twilio's clock and ours may differ.
CLOCKS = timedelta(minutes=2)
LOOKED_AT = 100
PAGE = 1000
# How many files came with a text.
COUNT = "NumMedia"


def parse_text(form: dict[str, str], rest: str) -> Event:
    """Somebody wrote to a number of ours."""
    sid = _named(form, "MessageSid", "SmsSid")
    return Event("sms", "text", sid, f"text:{sid}", form, rest)


def parse_state(form: dict[str, str], rest: str) -> Event:
    """What became of a text of ours; *rest* is the attempt that sent it."""
    sid, state = _named(form, "MessageSid", "SmsSid"), _named(form, "MessageStatus", "SmsStatus")
    key = f"state:{sid}:{state}:{form.get('ErrorCode', '')}"
    return Event("sms", "text_state", sid, key, form, rest)


def texts_since(settings: Settings, account: Account, since: datetime, until: datetime) -> list[Event]:
    """What Twilio would have told of the texts of that time, oldest first: those that came, and what became of ours.

    Each under the name by which its own request is known, so that nothing that was told before happens again; of
    those with media only `with_media` has all.

    Raises:
        SendFailed: Twilio could not be asked.
    """
    client = connect(account, settings.twilio_base_url)
    listed = client.messages.stream(page_size=PAGE)
    recent = read(lambda: list(takewhile(lambda one: one.date_created >= since, listed)))
    found = [one for one in reversed(recent) if one.date_created <= until]
    return [_told(one) for one in found]


def _told(one: Any) -> Event:
    if one.direction != "inbound":
        code = {"ErrorCode": str(one.error_code)} if one.error_code else {}
        return parse_state({"MessageSid": str(one.sid), "MessageStatus": str(one.status), **code}, "")
    # PostgreSQL keeps no NUL.
    body = (one.body or "").replace("\x00", "\ufffd")
    form = {"MessageSid": str(one.sid), "From": one.from_ or "", "To": one.to or "", "Body": body}
    if str(one.num_media) != "None":
        form[COUNT] = str(one.num_media)
    return parse_text(form, "")


def with_media(settings: Settings, account: Account, event: Event) -> Event:
    """A listed event, and where what came with it lies, which the list does not say: one request more.

    Raises:
        SendFailed: Twilio could not be asked.
    """
    if event.payload.get(COUNT, "0") == "0":
        return event
    client = connect(account, settings.twilio_base_url)
    media = read(lambda: client.messages(event.provider_id).media.list(limit=MEDIA_MAX))
    form = {**event.payload, COUNT: str(len(media))}
    for place, file in enumerate(media):
        form[f"MediaUrl{place}"] = client.api.absolute_url(str(file.uri).removesuffix(".json"))
        form[f"MediaContentType{place}"] = str(file.content_type)
    return parse_text(form, event.step)


def _named(form: dict[str, str], *names: str) -> str:
    found = next((form[name] for name in names if form.get(name)), None)
    if found is None:
        raise UnknownStep(names[0])
    return found


def _nothing(_event: Event, _state: Any) -> Answer:
    return NOTHING


PARSERS: dict[tuple[str, str], Callable[[dict[str, str], str], Event]] = {
    ("sms", "in"): parse_text,
    ("sms", "state"): parse_state,
}
ANSWERS: dict[str, Callable[[Event, Any], Answer]] = {"text": _nothing, "text_state": _nothing}


def send(settings: Settings, account: Account, message: Outgoing) -> Receipt:
    """One text. Our own name of the attempt is in the address of its callback: the proof that it was taken.

    Raises:
        SendFailed, SendRejected, OutcomeUnknown.
    """
    callback = door_url(settings.public_base_url, account.id, f"sms/state/{message.attempt_id}{STATE_OVERRIDES}")
    client = connect(account, settings.twilio_base_url)
    made = create(
        lambda: client.messages.create(
            to=message.recipient, from_=message.sender, body=message.body, status_callback=callback
        )
    )
    return Receipt("twilio", str(made.sid))


def look_up(settings: Settings, account: Account, message: Outgoing) -> list[Receipt]:
    """Texts with the same words to the same phone since the attempt began: the resource never tells the callback.

    Raises:
        SendFailed: Twilio could not be asked.
    """
    client = connect(account, settings.twilio_base_url)
    # Not by date of sending, which a text that still waits there has none of.
    found = read(lambda: client.messages.list(to=message.recipient, from_=message.sender, limit=LOOKED_AT))
    # The list is newest first, and its dates are whole seconds.
    lately = [one for one in reversed(found) if one.date_created >= message.since - CLOCKS]
    same = [one for one in lately if one.body == message.body]
    return [Receipt("twilio", str(one.sid)) for one in sorted(same, key=lambda one: one.date_created)]
