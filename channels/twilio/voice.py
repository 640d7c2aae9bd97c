"""Calls by Twilio: what its requests say, and what they are answered."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import UUID

from channels.base import Answer, Capabilities, UnknownStep
from channels.twilio.twiml import Places, document
from config.settings import Settings
from contact.domain.call_flow import CallState
from contact.domain.carrier import Account, Event
from contact.domain.lines import QueueResult, Report

CAPABILITIES = Capabilities(record=True, hold=True)
_STATES = {
    "queued": CallState.QUEUED,
    "initiated": CallState.INITIATED,
    "ringing": CallState.RINGING,
    "in-progress": CallState.IN_PROGRESS,
    "completed": CallState.COMPLETED,
    "busy": CallState.BUSY,
    "no-answer": CallState.NO_ANSWER,
    "failed": CallState.FAILED,
    "canceled": CallState.CANCELED,
}
# All nine. Where two were bridged by somebody else than us, the line is where we want it or will be steered.
_RESULTS = {
    "redirected": QueueResult.OURS,
    "redirected-from-bridged": QueueResult.OURS,
    "bridged": QueueResult.OURS,
    "bridging-in-process": QueueResult.OURS,
    "leave": QueueResult.OURS,
    "queue-full": QueueResult.FULL,
    "error": QueueResult.FAULT,
    # Also: the caller hung up while entering; then the state of the call says so.
    "system-error": QueueResult.FAULT,
    "hangup": QueueResult.GONE,
}
_LEFT_BY_ITSELF = ("participant_hung_up", "participant_add_failed")
_ROOM = "I-"
_CLIENT = "client:agent_"


def _key(*parts: str) -> str:
    return ":".join(parts)


# What is told about a call names it and counts (`SequenceNumber`); what asks has our own turn in its address, because
# Twilio sends no number of the attempt.
_KEYS: dict[str, Callable[[dict[str, str], str], str]] = {
    "call": lambda form, _: _key("call", form["CallSid"]),
    "menu": lambda form, rest: _key("menu", form["CallSid"], rest),
    "queue": lambda form, rest: _key("queue", form["CallSid"], rest, form.get("QueueResult", "")),
    "wait": lambda form, _: _key("wait", form["CallSid"], form.get("QueueTime", "")),
    "line": lambda form, rest: _key("line", form["CallSid"], rest, form.get("CallStatus", "")),
    "voicemail": lambda form, _: _key("voicemail", form.get("RecordingSid", form["CallSid"])),
    "recording": lambda form, _: _key("recording", form["RecordingSid"], form.get("RecordingStatus", "")),
    "state": lambda form, _: _key("state", form["CallSid"], form.get("SequenceNumber", form.get("CallStatus", ""))),
    "room": lambda form, _: _key("room", form["ConferenceSid"], form["SequenceNumber"]),
    "desk": lambda form, _: _key("desk", form["CallSid"]),
    "desk-after": lambda form, _: _key("desk-after", form["CallSid"]),
    "desk-state": lambda form, _: _key(
        "desk-state", form["CallSid"], form.get("SequenceNumber", form.get("CallStatus", ""))
    ),
    "hold": lambda form, _: _key("hold", form.get("CallSid", form.get("ConferenceSid", ""))),
}


def _parser(step: str) -> Callable[[dict[str, str], str], Event]:
    def parse(form: dict[str, str], rest: str) -> Event:
        try:
            key = _KEYS[step](form, rest)
        except KeyError as fault:
            raise UnknownStep(str(fault)) from fault
        about = form.get("CallSid") or form.get("ConferenceSid") or form.get("RecordingSid") or ""
        return Event("voice", f"line_{step}".replace("-", "_"), about, key, form, rest)

    return parse


PARSERS: dict[tuple[str, str], Callable[[dict[str, str], str], Event]] = {
    ("voice", step): _parser(step) for step in _KEYS
}


def report(event: Event) -> Report:
    """What *event* says, in our words; what is missing or odd says nothing."""
    form = event.payload
    named = _own_name(event.step)
    return Report(
        leg=form.get("CallSid", ""),
        state=_STATES.get(form.get("CallStatus", "")),
        call_id=named[0] if named else None,
        attempt=named[1] if named else 0,
        turn=_number(event.step.rpartition("/")[2], -1),
        caller=form.get("From", ""),
        called=form.get("To", ""),
        digits=form.get("Digits", "") if form.get("Digits") != "hangup" else "",
        said=form.get("SpeechResult", ""),
        seconds=_number(form.get("RecordingDuration") or form.get("CallDuration", ""), 0),
        result=_RESULTS.get(form.get("QueueResult", "")),
        recording=form.get("RecordingSid"),
        at=_time(form.get("Timestamp", "")),
        agent_id=_agent(form.get("From", "")),
        interaction_id=_uuid(form.get("interaction", "")) or _uuid(form.get("FriendlyName", "").removeprefix(_ROOM)),
        has_left=form.get("StatusCallbackEvent") == "participant-leave"
        and form.get("ReasonParticipantLeft") in _LEFT_BY_ITSELF,
    )


def answer(settings: Settings, account: Account, state: Any) -> Answer:
    """The document for what *state* says."""
    return Answer(document(state, places(settings, account)), "text/xml; charset=utf-8")


def places(settings: Settings, account: Account) -> Places:
    """Where the documents of *account* ask us."""
    site = settings.public_base_url
    return Places(f"{site}/in/{account.id}/voice", site)


def identity(agent_id: UUID) -> str:
    """What an agent's browser is called: letters, digits and underscores alone."""
    return f"agent_{agent_id.hex}"


def own_name(call_id: UUID, attempt: int) -> str:
    """What we call a leg that we dial, in the addresses that are told of it."""
    return f"{call_id.hex}-{attempt}"


def _own_name(step: str) -> tuple[UUID, int] | None:
    name, _, attempt = step.partition("/")[0].partition("-")
    found = _uuid(name) if attempt.isdecimal() else None
    return (found, int(attempt[:6])) if found else None


def _agent(address: str) -> UUID | None:
    return _uuid(address.removeprefix(_CLIENT)) if address.startswith(_CLIENT) else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _time(text: str) -> datetime | None:
    """Twilio's times are all UTC, whether they say so or not."""
    try:
        return parsedate_to_datetime(text).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _number(text: str, default: int) -> int:
    return int(text[:9]) if text.isdecimal() and text.isascii() else default
