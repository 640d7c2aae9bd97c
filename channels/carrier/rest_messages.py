"""REST: messages and their media."""

import hmac
from typing import Any

from aiohttp import web

from channels.carrier.messages import FINAL, media_uri
from channels.carrier.places import SHORT, WORD, is_dialable, is_landline
from channels.carrier.records import Account, Media, Message, Service, Subscriber, new_sid
from channels.carrier.refusals import REASONS, Refused
from channels.carrier.rest import (
    ACCOUNT,
    COMPANY,
    VERSION,
    Form,
    dated,
    form_of,
    found,
    is_url,
    moment,
    page,
    path,
    rfc2822,
)
from channels.carrier.segments import CHARACTERS_MAX, segments
from channels.carrier.world import World

MEDIA_MAX = 10


def routes() -> list[web.RouteDef]:
    """Twilio's paths."""
    return [
        web.post(path("/Messages"), create),
        web.get(path("/Messages"), list_all),
        web.get(path("/Messages/{sid:[^/.]+}"), fetch),
        web.post(path("/Messages/{sid:[^/.]+}"), update),
        web.delete(path("/Messages/{sid:[^/.]+}"), delete),
        web.get(path("/Messages/{sid:[^/.]+}/Media"), list_media),
        web.get(path("/Messages/{sid:[^/.]+}/Media/{media:[^/.]+}"), fetch_media),
        web.delete(path("/Messages/{sid:[^/.]+}/Media/{media:[^/.]+}"), delete_media),
        web.get("/stored/{media}", stored_media),
    ]


def shown(message: Message) -> dict[str, Any]:
    """As Twilio shows it: never the StatusCallback."""
    uri = f"{VERSION}/Accounts/{message.account_sid}/Messages/{message.sid}"
    return {
        "body": message.body,
        "num_segments": message.num_segments,
        "direction": message.direction,
        "from": message.from_,
        "to": message.to,
        "date_updated": rfc2822(message.date_updated),
        "price": None,
        "error_message": REASONS.get(message.error_code or 0),
        "uri": f"{uri}.json",
        "account_sid": message.account_sid,
        "num_media": str(len(message.media_urls or message.media)),
        "status": message.status,
        "messaging_service_sid": message.messaging_service_sid,
        "sid": message.sid,
        "date_sent": rfc2822(message.date_sent),
        "date_created": rfc2822(message.date_created),
        "error_code": message.error_code,
        "price_unit": "EUR",
        "api_version": "2010-04-01",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


async def create(request: web.Request) -> web.Response:
    """Send."""
    company, account, form = request.app[COMPANY], request[ACCOUNT], await form_of(request)
    message = _checked(company.world, account, form)
    company.messages.send(message)
    return web.json_response(shown(message), status=201)


def _checked(world: World, account: Account, form: Form) -> Message:
    """The message that *form* asks for.

    Raises:
        Refused: it cannot be sent.
    """
    to, body, media = form.get("To", ""), form.get("Body", ""), form.getall("MediaUrl", [])
    callback, service_sid = form.get("StatusCallback") or None, form.get("MessagingServiceSid") or None
    _check_content(to, body, media, callback)
    service = world.get(Service, service_sid) if service_sid else None
    if service_sid and (service is None or service.account_sid != account.sid):
        raise Refused(21701, service_sid)
    sender = form.get("From") or None
    if sender is None and service is None:
        raise Refused(21603)
    _check_sender(world, account, sender, to)
    if is_landline(to) and world.get(Subscriber, to) is None:
        raise Refused(21635, to)
    send_at = _send_at(form, service)
    status = "scheduled" if send_at else "accepted" if service else "queued"
    count = "0" if service else str(segments(body))
    sid = new_sid("MM" if media else "SM")
    message = Message(sid, account.sid, "outbound-api", to, sender, body, status, count)
    message.messaging_service_sid = service_sid
    message.status_callback = callback or (service.status_callback if service else None)
    message.media_urls = list(media)
    message.send_at = send_at
    return message


def _check_content(to: str, body: str, media: list[str], callback: str | None) -> None:
    if not to:
        raise Refused(21604)
    if not is_dialable(to) or SHORT.fullmatch(to) or to.startswith("client:"):
        raise Refused(21211, to)
    if not body and not media:
        raise Refused(21602)
    if len(body) > CHARACTERS_MAX:
        raise Refused(21617)
    if len(media) > MEDIA_MAX:
        raise Refused(21623)
    if not all(is_url(one) for one in media):
        raise Refused(21620, ", ".join(media))
    if callback is not None and not is_url(callback):
        raise Refused(21609, callback)


def _check_sender(world: World, account: Account, sender: str | None, to: str) -> None:
    if sender is None:
        return
    number = world.number(sender, account.sid)
    if number is None and not WORD.fullmatch(sender) and not is_dialable(sender):
        raise Refused(21212, sender)
    if number is None or not number.sms:
        raise Refused(21606, sender)
    if WORD.fullmatch(number.phone_number) and to.startswith("+1"):
        raise Refused(21612, to)
    if world.is_opted_out(number.phone_number, to):
        raise Refused(21610)


def _send_at(form: Form, service: Service | None) -> float | None:
    """When a scheduled message leaves; only a service schedules."""
    if form.get("ScheduleType") != "fixed":
        return None
    if service is None or not form.get("SendAt"):
        raise Refused(20001, "ScheduleType needs SendAt and MessagingServiceSid")
    return moment(form["SendAt"]).timestamp()


async def list_all(request: web.Request) -> web.Response:
    """Newest first, by To, From and DateSent."""
    is_sent = dated(request, "DateSent")
    world, asked = request.app[COMPANY].world, request.query
    rows = [
        one
        for one in reversed(world.all(Message, request[ACCOUNT].sid))
        if asked.get("To") in (None, one.to) and asked.get("From") in (None, one.from_) and is_sent(one.date_sent)
    ]
    return page(request, "messages", map(shown, rows))


def _message(request: web.Request) -> Message:
    message: Message = found(request.app[COMPANY].world.get(Message, request.match_info["sid"]), request)
    return message


async def fetch(request: web.Request) -> web.Response:
    """One."""
    return web.json_response(shown(_message(request)))


async def update(request: web.Request) -> web.Response:
    """Cancel one that is scheduled, or blank its text."""
    message, form = _message(request), await form_of(request)
    if form.get("Status") == "canceled":
        if message.status not in ("scheduled", "accepted"):
            raise Refused(30409, message.status)
        message.status = "canceled"
    elif form.get("Body") == "":
        message.body = ""
    message.date_updated = request.app[COMPANY].world.clock.now()
    return web.json_response(shown(request.app[COMPANY].world.save(message)))


async def delete(request: web.Request) -> web.Response:
    """Forget one whose way is over."""
    message = _message(request)
    if message.status not in FINAL:
        raise Refused(20009, message.status)
    request.app[COMPANY].world.delete(message)
    return web.Response(status=204)


def shown_media(media: Media) -> dict[str, Any]:
    """As Twilio shows it."""
    return {
        "account_sid": media.account_sid,
        "content_type": media.content_type,
        "date_created": rfc2822(media.date_created),
        "date_updated": rfc2822(media.date_updated),
        "parent_sid": media.parent_sid,
        "sid": media.sid,
        "uri": f"{media_uri(media)}.json",
    }


async def list_media(request: web.Request) -> web.Response:
    """A message's pictures."""
    is_created = dated(request, "DateCreated")
    world, message = request.app[COMPANY].world, _message(request)
    every = [media for sid in message.media if (media := world.get(Media, sid)) is not None]
    rows = [shown_media(one) for one in every if is_created(one.date_created)]
    return page(request, "media_list", rows)


def _media(request: web.Request) -> Media:
    media: Media = found(request.app[COMPANY].world.get(Media, request.match_info["media"]), request)
    if media.parent_sid != request.match_info["sid"]:
        raise Refused(20404, request.path)
    return media


async def fetch_media(request: web.Request) -> web.Response:
    """With `.json` what it is; without it, where its bytes are: a signed address that asks for no password."""
    media = _media(request)
    if request.match_info["ext"]:
        return web.json_response(shown_media(media))
    location = f"{request.scheme}://{request.host}/stored/{media.sid}?signature={_signature(request[ACCOUNT], media)}"
    return web.Response(status=307, headers={"Location": location})


async def stored_media(request: web.Request) -> web.Response:
    """The bytes, for whoever was sent here."""
    world = request.app[COMPANY].world
    media = world.get(Media, request.match_info["media"])
    content = world.bytes_of(media.sid) if media is not None else None
    if media is None or content is None:
        raise web.HTTPNotFound
    if not hmac.compare_digest(request.query.get("signature", ""), _signature(world.account(media.account_sid), media)):
        raise web.HTTPForbidden
    return web.Response(body=content, content_type=media.content_type)


def _signature(account: Account, media: Media) -> str:
    return hmac.new(account.auth_token.encode(), media.sid.encode(), "sha256").hexdigest()


async def delete_media(request: web.Request) -> web.Response:
    """Forget one picture."""
    media = _media(request)
    request.app[COMPANY].world.delete(media)
    return web.Response(status=204)
