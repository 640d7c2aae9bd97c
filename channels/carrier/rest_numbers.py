"""REST: the account itself, its numbers, its applications, and the rotation of its token."""

from secrets import token_hex
from typing import Any

from aiohttp import web

from channels.carrier.places import E164
from channels.carrier.records import Application, Endpoint, Number, new_sid
from channels.carrier.refusals import Refused
from channels.carrier.rest import ACCOUNT, COMPANY, VERSION, Form, form_of, found, is_url, page, path, rfc2822

URLS = ("voice_url", "voice_fallback_url", "sms_url", "sms_fallback_url", "status_callback")
METHODS = ("voice_method", "voice_fallback_method", "sms_method", "sms_fallback_method", "status_callback_method")
COMMON = ("sid", "account_sid", "friendly_name", *URLS, *METHODS)


def routes() -> list[web.RouteDef]:
    """Twilio's paths."""
    return [
        web.get(VERSION + r"/Accounts/{account:[^/.]+}{ext:(\.json)?}", fetch_account),
        web.post("/v1/AuthTokens/Secondary", create_secondary),
        web.delete("/v1/AuthTokens/Secondary", delete_secondary),
        web.post("/v1/AuthTokens/Promote", promote),
        web.get(path("/IncomingPhoneNumbers"), list_numbers),
        web.post(path("/IncomingPhoneNumbers"), create_number),
        web.get(path("/IncomingPhoneNumbers/{sid:[^/.]+}"), fetch_number),
        web.post(path("/IncomingPhoneNumbers/{sid:[^/.]+}"), update_number),
        web.get(path("/Applications"), list_applications),
        web.post(path("/Applications"), create_application),
        web.get(path("/Applications/{sid:[^/.]+}"), fetch_application),
        web.post(path("/Applications/{sid:[^/.]+}"), update_application),
    ]


async def fetch_account(request: web.Request) -> web.Response:
    """Who asks."""
    account = request[ACCOUNT]
    uri = f"{VERSION}/Accounts/{account.sid}"
    parts = ("calls", "messages", "conferences", "queues", "recordings", "applications", "incoming_phone_numbers")
    names = {one: "".join(part.capitalize() for part in one.split("_")) for one in parts}
    told = {
        "auth_token": account.auth_token,
        "date_created": rfc2822(account.date_created),
        "date_updated": rfc2822(account.date_created),
        "friendly_name": account.friendly_name,
        "owner_account_sid": account.sid,
        "sid": account.sid,
        "status": "active",
        "subresource_uris": {one: f"{uri}/{name}.json" for one, name in names.items()},
        "type": "Full",
        "uri": f"{uri}.json",
    }
    return web.json_response(told)


# The rotation: both tokens open the door; what is signed is signed with the first.


def _token(request: web.Request, name: str, token: str) -> web.Response:
    account = request[ACCOUNT]
    now = rfc2822(request.app[COMPANY].world.clock.now())
    told = {"account_sid": account.sid, "date_created": now, "date_updated": now, name: token}
    return web.json_response({**told, "url": f"https://accounts.twilio.com{request.path}"})


async def create_secondary(request: web.Request) -> web.Response:
    """A second token, valid beside the first."""
    account = request[ACCOUNT]
    account.secondary_token = token_hex(16)
    request.app[COMPANY].world.save(account)
    answer = _token(request, "secondary_auth_token", account.secondary_token)
    answer.set_status(201)
    return answer


async def delete_secondary(request: web.Request) -> web.Response:
    """Only the first is valid."""
    request[ACCOUNT].secondary_token = None
    request.app[COMPANY].world.save(request[ACCOUNT])
    return web.Response(status=204)


async def promote(request: web.Request) -> web.Response:
    """The second becomes the first, the first is no more."""
    account = request[ACCOUNT]
    if account.secondary_token is None:
        raise Refused(20404, request.path)
    account.auth_token, account.secondary_token = account.secondary_token, None
    request.app[COMPANY].world.save(account)
    return _token(request, "auth_token", account.auth_token)


def _take(endpoint: Endpoint, form: Form) -> None:
    """Set what a form names: `VoiceUrl` and so on."""
    for name in ("friendly_name", *URLS, *METHODS):
        given = form.get("".join(part.capitalize() for part in name.split("_")))
        if given is None:
            continue
        if name in URLS and given and not is_url(given):
            raise Refused(21205, given)
        setattr(endpoint, name, given or None)


# Numbers


def shown_number(number: Number) -> dict[str, Any]:
    """As Twilio shows it."""
    told = {name: getattr(number, name) for name in COMMON}
    nothing = dict.fromkeys(
        ("address_sid", "identity_sid", "trunk_sid", "emergency_address_sid", "bundle_sid", "type"), None
    )
    return {
        **told,
        **nothing,
        "address_requirements": "none",
        "api_version": "2010-04-01",
        "beta": False,
        "capabilities": {"voice": number.voice, "sms": number.sms, "mms": number.mms, "fax": False},
        "date_created": rfc2822(number.date_created),
        "date_updated": rfc2822(number.date_created),
        "phone_number": number.phone_number,
        "origin": "twilio",
        "sms_application_sid": number.sms_application_sid,
        "voice_application_sid": number.voice_application_sid,
        "voice_receive_mode": "voice",
        "voice_caller_id_lookup": False,
        "emergency_status": "Inactive",
        "emergency_address_status": "unregistered",
        "status": "in-use",
        "uri": f"{VERSION}/Accounts/{number.account_sid}/IncomingPhoneNumbers/{number.sid}.json",
    }


async def list_numbers(request: web.Request) -> web.Response:
    """By PhoneNumber and FriendlyName."""
    world, asked = request.app[COMPANY].world, request.query
    rows = [
        one
        for one in world.all(Number, request[ACCOUNT].sid)
        if asked.get("PhoneNumber", "") in one.phone_number and asked.get("FriendlyName") in (None, one.friendly_name)
    ]
    return page(request, "incoming_phone_numbers", map(shown_number, rows))


async def create_number(request: web.Request) -> web.Response:
    """Buy one that nobody has."""
    world, account, form = request.app[COMPANY].world, request[ACCOUNT], await form_of(request)
    wanted = form.get("PhoneNumber", "")
    if not E164.fullmatch(wanted) or world.number(wanted) is not None:
        raise Refused(20001, f"{wanted} is not available")
    number = Number(new_sid("PN"), account.sid, wanted, phone_number=wanted, date_created=world.clock.now())
    _take(number, form)
    return web.json_response(shown_number(world.save(number)), status=201)


async def fetch_number(request: web.Request) -> web.Response:
    """One."""
    return web.json_response(shown_number(_number(request)))


def _number(request: web.Request) -> Number:
    number: Number = found(request.app[COMPANY].world.get(Number, request.match_info["sid"]), request)
    return number


async def update_number(request: web.Request) -> web.Response:
    """Where its calls and messages go."""
    number, form = _number(request), await form_of(request)
    _take(number, form)
    for name, key in (("VoiceApplicationSid", "voice_application_sid"), ("SmsApplicationSid", "sms_application_sid")):
        if name in form:
            setattr(number, key, form[name] or None)
    return web.json_response(shown_number(request.app[COMPANY].world.save(number)))


# Applications


def shown_application(application: Application) -> dict[str, Any]:
    """As Twilio shows it."""
    return {
        **{name: getattr(application, name) for name in COMMON},
        "api_version": "2010-04-01",
        "date_created": rfc2822(application.date_created),
        "date_updated": rfc2822(application.date_created),
        "message_status_callback": None,
        "sms_status_callback": None,
        "voice_caller_id_lookup": False,
        "public_application_connect_enabled": False,
        "uri": f"{VERSION}/Accounts/{application.account_sid}/Applications/{application.sid}.json",
    }


def _application(request: web.Request) -> Application:
    application: Application = found(request.app[COMPANY].world.get(Application, request.match_info["sid"]), request)
    return application


async def list_applications(request: web.Request) -> web.Response:
    """All."""
    world = request.app[COMPANY].world
    return page(request, "applications", map(shown_application, world.all(Application, request[ACCOUNT].sid)))


async def create_application(request: web.Request) -> web.Response:
    """A new one."""
    world, form = request.app[COMPANY].world, await form_of(request)
    application = Application(new_sid("AP"), request[ACCOUNT].sid, date_created=world.clock.now())
    _take(application, form)
    return web.json_response(shown_application(world.save(application)), status=201)


async def fetch_application(request: web.Request) -> web.Response:
    """One."""
    return web.json_response(shown_application(_application(request)))


async def update_application(request: web.Request) -> web.Response:
    """Where its calls go."""
    application = _application(request)
    _take(application, await form_of(request))
    return web.json_response(shown_application(request.app[COMPANY].world.save(application)))
