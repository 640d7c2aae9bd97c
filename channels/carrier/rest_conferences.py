"""REST: conferences and their participants."""

from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from aiohttp import web

from channels.carrier.conferences import Hall
from channels.carrier.records import Conference
from channels.carrier.refusals import Refused
from channels.carrier.rest import (
    ACCOUNT,
    COMPANY,
    VERSION,
    Form,
    dated,
    form_of,
    found,
    page,
    path,
    rfc2822,
)
from channels.carrier.rest_calls import outgoing, timeout
from channels.carrier.seats import KICKED, Seat
from channels.carrier.twiml import Source

# The attributes of <Conference> that the form of a participant sets.
ATTRIBUTES = {
    "Label": "participantLabel", "Muted": "muted", "Beep": "beep", "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit", "WaitUrl": "waitUrl", "WaitMethod": "waitMethod",
    "MaxParticipants": "maxParticipants", "CallSidToCoach": "coach", "ConferenceRecord": "record",
    "ConferenceStatusCallback": "statusCallback", "ConferenceStatusCallbackMethod": "statusCallbackMethod",
    "ConferenceRecordingStatusCallback": "recordingStatusCallback",
}  # fmt: skip
EVENTS = {"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"}


def routes() -> list[web.RouteDef]:
    """Twilio's paths."""
    seats = "/Conferences/{sid:[^/.]+}/Participants"
    return [
        web.get(path("/Conferences"), list_conferences),
        web.get(path("/Conferences/{sid:[^/.]+}"), fetch_conference),
        web.post(path("/Conferences/{sid:[^/.]+}"), update_conference),
        web.get(path(seats), list_participants),
        web.post(path(seats), create_participant),
        web.get(path(f"{seats}/{{call:[^/]+?}}"), fetch_participant),
        web.post(path(f"{seats}/{{call:[^/]+?}}"), update_participant),
        web.delete(path(f"{seats}/{{call:[^/]+?}}"), delete_participant),
    ]


def shown_conference(conference: Conference) -> dict[str, Any]:
    """As Twilio shows it."""
    uri = f"{VERSION}/Accounts/{conference.account_sid}/Conferences/{conference.sid}"
    return {
        "account_sid": conference.account_sid,
        "date_created": rfc2822(conference.date_created),
        "date_updated": rfc2822(conference.date_updated),
        "api_version": "2010-04-01",
        "friendly_name": conference.friendly_name,
        "region": "ie1",
        "sid": conference.sid,
        "status": conference.status,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
        "reason_conference_ended": conference.reason_conference_ended,
        "call_sid_ending_conference": conference.call_sid_ending_conference,
    }


def _conference(request: web.Request) -> Conference:
    conference: Conference = found(request.app[COMPANY].world.get(Conference, request.match_info["sid"]), request)
    return conference


async def list_conferences(request: web.Request) -> web.Response:
    """Newest first."""
    is_created, is_updated = dated(request, "DateCreated"), dated(request, "DateUpdated")
    world, asked = request.app[COMPANY].world, request.query
    rows = [
        one
        for one in reversed(world.all(Conference, request[ACCOUNT].sid))
        if asked.get("FriendlyName") in (None, one.friendly_name)
        and asked.get("Status") in (None, one.status)
        and is_created(one.date_created)
        and is_updated(one.date_updated)
    ]
    return page(request, "conferences", map(shown_conference, rows))


async def fetch_conference(request: web.Request) -> web.Response:
    """One."""
    return web.json_response(shown_conference(_conference(request)))


async def update_conference(request: web.Request) -> web.Response:
    """End it, or let everybody hear a document."""
    company, conference, form = request.app[COMPANY], _conference(request), await form_of(request)
    hall = company.switch.conferences.halls.get(conference.sid)
    if hall is not None and form.get("Status") == "completed":
        hall.end("conference-ended-via-api")
    elif hall is not None and form.get("AnnounceUrl"):
        seats = list(hall.seats.values())
        company.switch.start(hall.announce(seats, form["AnnounceUrl"], form.get("AnnounceMethod", "POST")))
    return web.json_response(shown_conference(conference))


def shown_participant(hall: Hall, seat: Seat) -> dict[str, Any]:
    """As Twilio shows it."""
    conference, call = hall.conference, seat.leg.call
    uri = f"{VERSION}/Accounts/{conference.account_sid}/Conferences/{conference.sid}/Participants/{call.sid}"
    status = {"queued": "queued", "initiated": "connecting", "ringing": "ringing"}.get(call.status, "connected")
    return {
        "account_sid": conference.account_sid,
        "call_sid": call.sid,
        "label": seat.label,
        "call_sid_to_coach": seat.coach,
        "coaching": seat.coach is not None,
        "conference_sid": conference.sid,
        "date_created": rfc2822(seat.date_created),
        "date_updated": rfc2822(seat.date_updated),
        "end_conference_on_exit": seat.ends,
        "muted": seat.muted,
        "hold": seat.hold,
        "start_conference_on_enter": seat.starts,
        "status": status,
        "queue_time": str(call.queue_time),
        "uri": f"{uri}.json",
    }


def _hall(request: web.Request) -> Hall:
    """The conference by sid, or one that lasts by name."""
    company, wanted = request.app[COMPANY], request.match_info["sid"]
    for hall in company.switch.conferences.halls.values():
        conference = hall.conference
        if conference.account_sid == request[ACCOUNT].sid and wanted in (conference.sid, conference.friendly_name):
            return hall
    raise Refused(20404, request.path)


def _seat(request: web.Request) -> tuple[Hall, Seat]:
    hall, wanted = _hall(request), request.match_info["call"]
    for seat in (*hall.seats.values(), *hall.called.values()):
        if wanted in (seat.leg.call.sid, seat.label):
            return hall, seat
    raise Refused(20404, request.path)


async def list_participants(request: web.Request) -> web.Response:
    """Who is in, by Muted, Hold and Coaching; of one that is over, nobody."""
    if _is_over(request):
        return page(request, "participants", [])
    hall, asked = _hall(request), request.query
    rows = [shown_participant(hall, one) for one in (*hall.seats.values(), *hall.called.values())]
    for name in ("Muted", "Hold", "Coaching"):
        if name in asked:
            rows = [row for row in rows if str(row[name.lower()]).lower() == asked[name].lower()]
    return page(request, "participants", rows)


def _is_over(request: web.Request) -> bool:
    conference = request.app[COMPANY].world.get(Conference, request.match_info["sid"])
    return conference is not None and conference.status == "completed"


async def create_participant(request: web.Request) -> web.Response:
    """Call somebody into a conference, which begins to exist with that."""
    company, account, form = request.app[COMPANY], request[ACCOUNT], await form_of(request)
    if _is_over(request):
        raise Refused(20404, request.path)
    call = outgoing(company.world, account, form)
    wanted = request.match_info["sid"]
    known = company.world.get(Conference, wanted)
    response = Element("Response")
    noun = SubElement(SubElement(response, "Dial"), "Conference", _attributes(form))
    noun.text = known.friendly_name if known else wanted
    hall = company.switch.conferences.open(account, noun.text, noun, "")
    leg = company.switch.call_out(call, Source(document=tostring(response, "unicode")), timeout(form))
    seat = hall.called[call.sid] = Seat(leg, noun, company.world.clock.now())
    company.switch.start(hall.watch(seat))
    return web.json_response(shown_participant(hall, seat), status=201)


def _attributes(form: Form) -> dict[str, str]:
    given = {ours: form[theirs] for theirs, ours in ATTRIBUTES.items() if form.get(theirs) is not None}
    given = {name: {"True": "true", "False": "false"}.get(value, value) for name, value in given.items()}
    if given.get("record") == "true":
        given["record"] = "record-from-start"
    events = [one for told in form.getall("ConferenceStatusCallbackEvent", []) for one in told.split() if one in EVENTS]
    if events:
        given["statusCallbackEvent"] = " ".join(events)
    return given


async def fetch_participant(request: web.Request) -> web.Response:
    """One, by call or label."""
    return web.json_response(shown_participant(*_seat(request)))


async def update_participant(request: web.Request) -> web.Response:
    """Mute, hold, coach, announce."""
    (hall, seat), form = _seat(request), await form_of(request)
    flags = {name: form[name].lower() == "true" for name in ("Muted", "Hold", "EndConferenceOnExit") if name in form}
    seat.date_updated = request.app[COMPANY].world.clock.now()
    if "Muted" in flags:
        hall.mute(seat, flags["Muted"])
    if "Hold" in flags:
        hall.hold(seat, flags["Hold"], form.get("HoldUrl"), form.get("HoldMethod", "GET"))
    if "EndConferenceOnExit" in flags:
        hall.modify(seat, ends=flags["EndConferenceOnExit"])
    if "Coaching" in form or "CallSidToCoach" in form:
        target = form.get("CallSidToCoach") or None
        if form.get("Coaching", "true").lower() == "true" and target not in hall.seats:
            raise Refused(21225, target)
        hall.modify(seat, coach=target if form.get("Coaching", "true").lower() == "true" else None)
    if form.get("AnnounceUrl"):
        announcing = hall.announce([seat], form["AnnounceUrl"], form.get("AnnounceMethod", "POST"))
        request.app[COMPANY].switch.start(announcing)
    return web.json_response(shown_participant(hall, seat))


async def delete_participant(request: web.Request) -> web.Response:
    """Out of the conference; the call goes on with its document, if that has more."""
    hall, seat = _seat(request)
    if seat.leg.call.sid in hall.called:
        request.app[COMPANY].switch.end(seat.leg, "canceled")
    elif not seat.left.done():
        hall.leave(seat, KICKED)
        seat.left.set_result(KICKED)
    return web.Response(status=204)
