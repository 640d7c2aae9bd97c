"""What we do to calls at Twilio, by its official client: one request each, every fault named."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import takewhile
from typing import TypeVar

import requests
from twilio.base.exceptions import TwilioRestException
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.rest.api.v2010.account.conference import ConferenceContext

from channels.base import SendFailed, SendRejected
from channels.twilio import voice
from channels.twilio.client import CONNECT_SECONDS, connect, create, read, user_of
from config.settings import Settings
from contact.domain.call_flow import CallState
from contact.domain.carrier import Account, Event
from contact.domain.lines import Report

RING_SECONDS = 30
LOOKED_AT = 50
PAGE = 1_000
SOUND_BYTES_MAX = 20_000_000
SOUND_SECONDS = 20.0
# "Call is not in-progress", "not found", "participant not found": the citizen has left.
_GONE = {21220, 20404, 20009}
CLOCKS = timedelta(minutes=2)
Result = TypeVar("Result")


class LineGone(Exception):
    """The leg has ended: nothing to do any more, and nothing to try again."""


@dataclass(frozen=True, slots=True)
class Dialled:
    """A call to be made. *name* is ours, and stands in the addresses that Twilio is given."""

    name: str
    sender: str
    recipient: str
    since: datetime


def steer(settings: Settings, account: Account, leg: str) -> None:
    """Let a line ask what it should do.

    Raises:
        LineGone, SendFailed.
    """
    url = voice.places(settings, account).step("line")
    _change(lambda: connect(account, settings.twilio_base_url).calls(leg).update(url=url, method="POST"))


def hang_up(settings: Settings, account: Account, leg: str) -> None:
    """End a leg, in whatever state it is.

    Raises:
        LineGone, SendFailed.
    """
    _change(lambda: connect(account, settings.twilio_base_url).calls(leg).update(status="completed"))


def hold(settings: Settings, account: Account, room: str, leg: str, is_held: bool) -> None:
    """Put a leg in *room* on hold with music, or take it back.

    Raises:
        LineGone, SendFailed.
    """
    found = _room(settings, account, room)
    if found is None:
        raise LineGone
    places = voice.places(settings, account)
    told = {"hold": is_held, **({"hold_url": places.step("hold"), "hold_method": "POST"} if is_held else {})}
    _change(lambda: found.participants(leg).update(**told))


def are_together(settings: Settings, account: Account, room: str, legs: Collection[str]) -> bool:
    """Whether *legs* are in *room*.

    Raises:
        SendFailed: Twilio could not be asked.
    """
    found = _room(settings, account, room)
    there = read(lambda: found.participants.list(limit=LOOKED_AT)) if found is not None else []
    return set(legs) <= {str(one.call_sid) for one in there}


def _room(settings: Settings, account: Account, name: str) -> ConferenceContext | None:
    """The room of this name in which somebody is."""
    client = connect(account, settings.twilio_base_url)
    rooms = read(lambda: client.conferences.list(friendly_name=name, status="in-progress", limit=1))
    return client.conferences(rooms[0].sid) if rooms else None


def dial(settings: Settings, account: Account, call: Dialled) -> str:
    """Ring somebody; Twilio's name of the leg. Our own name in its addresses is the proof that it was made.

    Raises:
        SendFailed, SendRejected, OutcomeUnknown.
    """
    places = voice.places(settings, account)
    client = connect(account, settings.twilio_base_url)
    made = create(
        lambda: client.calls.create(
            to=call.recipient,
            from_=call.sender,
            url=places.step(f"line/{call.name}"),
            method="POST",
            status_callback=places.step(f"state/{call.name}"),
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            timeout=RING_SECONDS,
            **({"fallback_url": settings.voice_fallback_url} if settings.voice_fallback_url else {}),
        )
    )
    return str(made.sid)


def look_up(settings: Settings, account: Account, call: Dialled) -> list[str]:
    """Calls that may be this one, oldest first: the resource never tells its callback.

    Raises:
        SendFailed: Twilio could not be asked.
    """
    client = connect(account, settings.twilio_base_url)
    found = read(lambda: client.calls.list(to=call.recipient, from_=call.sender, limit=LOOKED_AT))
    # The list is newest first, and its dates are whole seconds.
    lately = [one for one in reversed(found) if one.date_created >= call.since - CLOCKS]
    return [str(one.sid) for one in sorted(lately, key=lambda one: one.date_created)]


def calls_since(settings: Settings, account: Account, since: datetime, until: datetime) -> list[Report]:
    """The calls of that time, in and out, that are over, oldest first, each with when it began.

    Raises:
        SendFailed: Twilio could not be asked.
    """
    client = connect(account, settings.twilio_base_url)
    # Newest first, a thousand a request, and no further back than needed.
    listed = client.calls.stream(start_time_after=since - timedelta(days=1), page_size=PAGE)
    recent = read(lambda: list(takewhile(lambda one: one.date_created >= since, listed)))
    ended = [
        Report(str(one.sid), CallState.COMPLETED, caller=one._from, called=one.to, at=one.date_created)
        for one in recent
        if one.status == "completed" and one.date_created <= until
    ]
    return [told for told in reversed(ended) if not told.caller.startswith("client:")]


def told_of(call: Report) -> Event:
    """What Twilio would have told of the end of a listed call."""
    form = {"CallSid": call.leg, "CallStatus": "completed", "From": call.caller, "To": call.called}
    if call.at is not None:
        form["Timestamp"] = format_datetime(call.at)
    return voice.PARSERS["voice", "state"](form, "")


def sound(settings: Settings, account: Account, recording: str) -> bytes:
    """The sound of a recording.

    Raises:
        LineGone: it is not there (any more).
        SendFailed: it could not be fetched.
    """
    base = settings.twilio_base_url or "https://api.twilio.com"
    url = f"{base}/2010-04-01/Accounts/{account.sid}/Recordings/{recording}.wav"
    try:
        with requests.get(url, auth=user_of(account), timeout=(CONNECT_SECONDS, SOUND_SECONDS), stream=True) as answer:
            if answer.status_code == 404:
                raise LineGone
            answer.raise_for_status()
            content: bytes = answer.raw.read(SOUND_BYTES_MAX + 1, decode_content=True)
    except requests.RequestException as fault:
        raise SendFailed(type(fault).__name__) from fault
    if len(content) > SOUND_BYTES_MAX:
        raise LineGone
    return content


def forget(settings: Settings, account: Account, recording: str) -> None:
    """Delete a recording there: what a citizen said is kept in one place.

    Raises:
        LineGone, SendFailed.
    """
    _change(lambda: connect(account, settings.twilio_base_url).recordings(recording).delete())


def token(account: Account, identity: str, seconds: int) -> str:
    """What a browser needs to be *identity*'s telephone for so long.

    Raises:
        SendRejected: the account has no API key, or no application for browsers.
    """
    if not account.api_key_sid or not account.api_key_secret or not account.application_sid:
        raise SendRejected("no_api_key")
    grant = VoiceGrant(outgoing_application_sid=account.application_sid, incoming_allow=False)
    made = AccessToken(
        account.sid, account.api_key_sid, account.api_key_secret, grants=[grant], identity=identity, ttl=seconds
    )
    return str(made.to_jwt())


def _change(ask: Callable[[], Result]) -> Result:
    """Ask for a change that may be asked for again: whatever is not certain failed."""
    try:
        return ask()
    except TwilioRestException as fault:
        if fault.code in _GONE or fault.status == 404:
            raise LineGone from fault
        raise SendFailed(str(fault.code or fault.status)) from fault
    except (requests.RequestException, ValueError) as fault:
        raise SendFailed(type(fault).__name__) from fault
