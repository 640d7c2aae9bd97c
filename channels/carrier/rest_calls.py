"""REST: calls and recordings."""

from typing import Any

from aiohttp import web
from phonenumbers import PhoneNumberFormat, format_number, parse

from channels.carrier.legs import Leg
from channels.carrier.places import is_dialable
from channels.carrier.recordings import sound
from channels.carrier.records import Account, Application, Call, Recording, new_sid
from channels.carrier.refusals import Refused
from channels.carrier.rest import (
    ACCOUNT,
    COMPANY,
    VERSION,
    Form,
    dated,
    form_of,
    found,
    is_url,
    page,
    path,
    rfc2822,
    settle,
    whole,
)
from channels.carrier.twiml import Source
from channels.carrier.world import World

TIMEOUT_SECONDS, TIMEOUT_MAX = 60, 600
EVENTS = ("initiated", "ringing", "answered", "completed")


def routes() -> list[web.RouteDef]:
    """Twilio's paths."""
    return [
        web.post(path("/Calls"), create),
        web.get(path("/Calls"), list_all),
        web.get(path("/Calls/{sid:[^/.]+}"), fetch),
        web.post(path("/Calls/{sid:[^/.]+}"), update),
        web.delete(path("/Calls/{sid:[^/.]+}"), delete),
        web.get(path("/Calls/{sid:[^/.]+}/Recordings"), list_recordings),
        web.get(path("/Conferences/{conference:[^/.]+}/Recordings"), list_recordings),
        web.get(path("/Recordings"), list_recordings),
        web.get(VERSION + r"/Accounts/{account}/Recordings/{sid:[^/.]+}{ext:(\.json|\.wav|\.mp3)?}", fetch_recording),
        web.delete(path("/Recordings/{sid:[^/.]+}"), delete_recording),
    ]


def shown(call: Call) -> dict[str, Any]:
    """As Twilio shows it: never the StatusCallback. It knows no status `initiated`."""
    uri = f"{VERSION}/Accounts/{call.account_sid}/Calls/{call.sid}"
    parts = ("Events", "Notifications", "Payments", "Recordings", "Siprec", "Streams", "Transcriptions")
    more = ("UserDefinedMessages", "UserDefinedMessageSubscriptions")
    names = {"UserDefinedMessages": "user_defined_messages"}
    names["UserDefinedMessageSubscriptions"] = "user_defined_message_subscriptions"
    return {
        "sid": call.sid,
        "date_created": rfc2822(call.date_created),
        "date_updated": rfc2822(call.date_updated),
        "parent_call_sid": call.parent_call_sid,
        "account_sid": call.account_sid,
        "to": call.to,
        "to_formatted": _formatted(call.to),
        "from": call.from_,
        "from_formatted": _formatted(call.from_),
        "phone_number_sid": call.phone_number_sid,
        "status": "queued" if call.status == "initiated" else call.status,
        "start_time": rfc2822(call.start_time),
        "end_time": rfc2822(call.end_time),
        "duration": None if call.duration is None else str(call.duration),
        "price": None,
        "price_unit": "EUR",
        "direction": call.direction,
        "answered_by": call.answered_by if call.answered_by not in (None, "asked") else None,
        "api_version": "2010-04-01",
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(call.queue_time),
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {names.get(one, one.lower()): f"{uri}/{one}.json" for one in (*parts, *more)},
    }


def _formatted(address: str) -> str:
    if not address.startswith("+") or not is_dialable(address):
        return address
    return format_number(parse(address), PhoneNumberFormat.INTERNATIONAL)


def outgoing(world: World, account: Account, form: Form) -> Call:
    """The leg that *form* asks for.

    Raises:
        Refused: it cannot be made.
    """
    to, sender = form.get("To", ""), form.get("From", "")
    callback = form.get("StatusCallback") or None
    if not to:
        raise Refused(21201)
    if not is_dialable(to):
        raise Refused(21211, to)
    if not sender:
        raise Refused(21213)
    number = world.number(sender, account.sid)
    if number is None and not sender.startswith("client:") and sender not in account.caller_ids:
        raise Refused(21210 if is_dialable(sender) else 21212, sender)
    if number is not None and not number.voice:
        raise Refused(21210, sender)
    if callback is not None and not is_url(callback):
        raise Refused(21609, callback)
    call = Call(new_sid("CA"), account.sid, "outbound-api", to, sender)
    call.phone_number_sid = number.sid if number else None
    call.callback_url, call.callback_method = callback, form.get("StatusCallbackMethod", "POST")
    events = [one for given in form.getall("StatusCallbackEvent", ["completed"]) for one in given.split()]
    call.callback_events = [one for one in events if one in EVENTS]
    call.fallback_url = form.get("FallbackUrl") or None
    call.fallback_method = form.get("FallbackMethod", "POST")
    call.answered_by = "asked" if form.get("MachineDetection") else None
    return call


def source(world: World, account: Account, form: Form) -> Source | None:
    """What a form wants the call to run; None where it does not say.

    Raises:
        Refused: no address.
    """
    if form.get("Twiml"):
        return Source(document=form["Twiml"])
    if form.get("Url"):
        if not is_url(form["Url"]):
            raise Refused(21205, form["Url"])
        return Source(form["Url"], form.get("Method", "POST"))
    application = world.get(Application, form.get("ApplicationSid", ""))
    if application is not None and application.account_sid == account.sid and application.voice_url:
        return Source(application.voice_url, application.voice_method)
    return None


def timeout(form: Form) -> float:
    """How long it rings; the real company adds five seconds of its own."""
    return min(whole(form.get("Timeout"), TIMEOUT_SECONDS), TIMEOUT_MAX)


async def create(request: web.Request) -> web.Response:
    """Call somebody; one a second begins."""
    company, account, form = request.app[COMPANY], request[ACCOUNT], await form_of(request)
    call = outgoing(company.world, account, form)
    program = source(company.world, account, form)
    if program is None:
        raise Refused(21205, form.get("Url", ""))
    company.switch.call_out(call, program, timeout(form))
    return web.json_response(shown(call), status=201)


async def list_all(request: web.Request) -> web.Response:
    """Newest first."""
    is_started, is_ended = dated(request, "StartTime"), dated(request, "EndTime")
    world, asked = request.app[COMPANY].world, request.query
    rows = [
        one
        for one in reversed(world.all(Call, request[ACCOUNT].sid))
        if asked.get("To") in (None, one.to)
        and asked.get("From") in (None, one.from_)
        and asked.get("ParentCallSid") in (None, one.parent_call_sid)
        and asked.get("Status") in (None, shown(one)["status"])
        and is_started(one.start_time)
        and is_ended(one.end_time)
    ]
    return page(request, "calls", map(shown, rows))


def _call(request: web.Request) -> Call:
    call: Call = found(request.app[COMPANY].world.get(Call, request.match_info["sid"]), request)
    return call


async def fetch(request: web.Request) -> web.Response:
    """One."""
    return web.json_response(shown(_call(request)))


async def update(request: web.Request) -> web.Response:
    """Redirect, complete or cancel a call. One that has ended cannot be redirected: 21220."""
    company, call, form = request.app[COMPANY], _call(request), await form_of(request)
    leg: Leg | None = company.switch.legs.get(call.sid)
    status = form.get("Status")
    if status not in (None, "completed", "canceled"):
        raise Refused(20001, f"Invalid Status: {status}")
    if status == "canceled" and leg is not None and call.status == "in-progress":
        raise Refused(21220)
    if status is not None:
        if leg is not None:
            company.switch.end(leg, status)
        return web.json_response(shown(call))
    program = source(company.world, request[ACCOUNT], form)
    if leg is None or (program is not None and call.status != "in-progress"):
        raise Refused(21220)
    if form.get("StatusCallback"):
        call.callback_url, call.callback_method = form["StatusCallback"], form.get("StatusCallbackMethod", "POST")
    if form.get("FallbackUrl"):
        call.fallback_url, call.fallback_method = form["FallbackUrl"], form.get("FallbackMethod", "POST")
    if program is not None:
        company.switch.redirect(leg, program)
        await settle()
    return web.json_response(shown(call))


async def delete(request: web.Request) -> web.Response:
    """Forget a call that is over."""
    call = _call(request)
    if call.sid in request.app[COMPANY].switch.legs:
        raise Refused(20009, call.status)
    request.app[COMPANY].world.delete(call)
    return web.Response(status=204)


def shown_recording(recording: Recording) -> dict[str, Any]:
    """As Twilio shows it."""
    uri = f"{VERSION}/Accounts/{recording.account_sid}/Recordings/{recording.sid}"
    return {
        "account_sid": recording.account_sid,
        "api_version": "2010-04-01",
        "call_sid": recording.call_sid,
        "conference_sid": recording.conference_sid,
        "date_created": rfc2822(recording.date_created),
        "date_updated": rfc2822(recording.date_updated),
        "start_time": rfc2822(recording.start_time),
        "duration": None if recording.duration is None else str(recording.duration),
        "sid": recording.sid,
        "price": None,
        "price_unit": "EUR",
        "status": recording.status,
        "channels": recording.channels,
        "source": recording.source,
        "error_code": None,
        "uri": f"{uri}.json",
        "encryption_details": None,
        "subresource_uris": {"transcriptions": f"{uri}/Transcriptions.json"},
        "media_url": f"https://api.twilio.com{uri}",
    }


async def list_recordings(request: web.Request) -> web.Response:
    """Newest first, by CallSid, ConferenceSid and DateCreated."""
    is_created = dated(request, "DateCreated")
    world, asked = request.app[COMPANY].world, request.query
    call_sid = request.match_info.get("sid", asked.get("CallSid"))
    conference_sid = request.match_info.get("conference", asked.get("ConferenceSid"))
    rows = [
        one
        for one in reversed(world.all(Recording, request[ACCOUNT].sid))
        if call_sid in (None, one.call_sid)
        and conference_sid in (None, one.conference_sid)
        and is_created(one.date_created)
    ]
    return page(request, "recordings", map(shown_recording, rows))


def _recording(request: web.Request) -> Recording:
    recording: Recording = found(request.app[COMPANY].world.get(Recording, request.match_info["sid"]), request)
    return recording


async def fetch_recording(request: web.Request) -> web.Response:
    """With `.json` what it is, else its sound."""
    recording = _recording(request)
    if request.match_info["ext"] == ".json":
        return web.json_response(shown_recording(recording))
    if recording.status != "completed":
        raise Refused(20404, request.path)
    return web.Response(body=sound(recording), content_type="audio/x-wav")


async def delete_recording(request: web.Request) -> web.Response:
    """Forget one, words and all."""
    request.app[COMPANY].world.delete(_recording(request))
    return web.Response(status=204)
