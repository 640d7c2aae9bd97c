"""Phones: what a person can do at one, over a WebSocket or plain HTTP, and the page that is one.

`GET /carrier/phones/+33612345678` as a WebSocket, or `…/events?since=0&wait=20`: the line's events, each with `seq`:
`dialing`, `ringing`, `answered`, `heard` (`say`, `play`, `tone`, `speech`, `digits`), `said`, `pressed`, `ended` and
`sms`. Commands are JSON, sent over the socket or by `POST` to the phone's own address:
`{"do": "call", "to": "01 84 88 00 01", "withheld": "anonymous"}`, `answer`, `decline`, `hangup`, `mute` (`on`),
`press` (`digits`), `say` (`text`), `text` (`to`, `body`, `media`: pairs of type and base64).
`call` names one of several.
"""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import phonenumbers
from aiohttp import WSMsgType, web

from channels.carrier.legs import Leg
from channels.carrier.lines import Line
from channels.carrier.places import E164, WITHHELD, is_dialable
from channels.carrier.records import Number
from channels.carrier.rest import COMPANY, Company

PAGE = Path(__file__).parent / "page"
WAIT_SECONDS_MAX = 25.0
# So long a phone whose page is gone stays in its call.
GONE_SECONDS = 10.0
TEXT_MAX = 2_000
MEDIA_BYTES_MAX = 5_000_000
KEYS = set("0123456789*#")
Do = Callable[[dict[str, Any]], dict[str, Any]]
Greet = Callable[[web.WebSocketResponse], Coroutine[Any, Any, None]]


class BadCommand(Exception):
    """A command that the phone cannot do; the message is a code."""


def routes() -> list[web.RouteDef]:
    """The page, and the phones behind it."""
    return [
        web.get("/", to_page),
        web.get("/phone", show_page),
        web.get("/phone/directory.json", directory),
        web.get("/phone/{name:[a-z.]+}", show_file),
        web.get("/carrier/phones/{number}", follow),
        web.post("/carrier/phones/{number}", command),
        web.get("/carrier/phones/{number}/events", events),
    ]


async def to_page(_request: web.Request) -> web.StreamResponse:
    """The page is elsewhere."""
    raise web.HTTPFound("/phone")


async def show_page(_request: web.Request) -> web.StreamResponse:
    """A citizen's phone."""
    return web.FileResponse(PAGE / "phone.html", headers=_headers())


async def directory(request: web.Request) -> web.StreamResponse:
    """The numbers that can be called or texted, as a telephone book would have them."""
    numbers = request.app[COMPANY].world.all(Number)
    known = [one for one in numbers if one.phone_number.lstrip("+").isdigit()]
    return web.json_response([{"number": one.phone_number, "name": one.friendly_name} for one in known])


async def show_file(request: web.Request) -> web.StreamResponse:
    """What the page is made of."""
    file = PAGE / request.match_info["name"]
    if not file.is_file():
        raise web.HTTPNotFound
    return web.FileResponse(file, headers=_headers())


def _headers() -> dict[str, str]:
    policy = "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob:; frame-ancestors 'none'"
    return {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}


def _line(request: web.Request) -> Line:
    number = request.match_info["number"]
    if not E164.fullmatch(number):
        raise web.HTTPNotFound(text="a phone has a number such as +33612345678")
    return request.app[COMPANY].switch.lines.at(number)


async def events(request: web.Request) -> web.StreamResponse:
    """What happened since."""
    return await told_events(request, _line(request))


def asked(request: web.Request, name: str, default: int = 0) -> int:
    """A whole number of the query.

    Raises:
        HTTPBadRequest: it is none.
    """
    try:
        return max(int(request.query.get(name) or default), 0)
    except ValueError:
        raise web.HTTPBadRequest(text=f"{name} is a whole number") from None


async def told_events(request: web.Request, line: Line) -> web.StreamResponse:
    """The events after `since`, waiting up to `wait` seconds for one."""
    since, wait = asked(request, "since"), asked(request, "wait")
    return web.json_response({"events": await line.since(since, min(wait, WAIT_SECONDS_MAX))})


async def command(request: web.Request) -> web.StreamResponse:
    """Do something at a phone."""
    line = _line(request)
    return await done(request, lambda told: act(request.app[COMPANY], line, told))


async def done(request: web.Request, do: Do) -> web.StreamResponse:
    """The JSON command of a POST, done; other types of body are what a foreign page could send unasked."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        answer = do(dict(await request.json()))
    except (BadCommand, ValueError, TypeError, KeyError) as fault:
        return web.json_response({"code": str(fault)}, status=400)
    await request.app[COMPANY].world.ledger.synced()
    return web.json_response(answer)


async def follow(request: web.Request) -> web.StreamResponse:
    """A phone's socket. A page of another origin gets none."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        raise web.HTTPForbidden
    line = _line(request)
    return await follow_line(request, line, lambda told: act(request.app[COMPANY], line, told))


async def follow_line(
    request: web.Request, line: Line, do: Do, since: int = 0, greet: Greet | None = None
) -> web.WebSocketResponse:
    """Events out, commands in, until the page is gone; its calls end a little later."""
    socket = web.WebSocketResponse(heartbeat=20, max_msg_size=8_000_000)
    await socket.prepare(request)
    line.sockets += 1
    beside = [asyncio.create_task(greet(socket))] if greet else []
    beside.append(asyncio.create_task(_send_events(socket, line, asked(request, "since", since))))
    try:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                do(dict(json.loads(message.data)))
            except (BadCommand, ValueError, TypeError, KeyError) as fault:
                await socket.send_json({"type": "refused", "code": str(fault)})
    finally:
        for task in beside:
            task.cancel()
        line.sockets -= 1
        if line.sockets == 0:
            request.app[COMPANY].switch.start(_hang_up_if_gone(request.app[COMPANY], line))
    return socket


async def _send_events(socket: web.WebSocketResponse, line: Line, since: int) -> None:
    while not socket.closed:
        for event in await line.since(since, WAIT_SECONDS_MAX):
            since = event["seq"]
            await socket.send_json(event)


async def _hang_up_if_gone(company: Company, line: Line) -> None:
    await asyncio.sleep(GONE_SECONDS)
    if not line.sockets:
        for leg in list(line.legs.values()):
            company.switch.end(leg)


def act(company: Company, line: Line, told: dict[str, Any]) -> dict[str, Any]:
    """What a person does at a phone.

    Raises:
        BadCommand: it cannot be done.
    """
    wish = told.get("do")
    if wish == "call":
        return _call(company, line, str(told.get("to", "")), told.get("withheld"))
    if wish == "text":
        return _text(company, line, told)
    return act_in_call(company, line, told)


def act_in_call(company: Company, line: Line, told: dict[str, Any]) -> dict[str, Any]:
    """What a person does in a call, or when it rings.

    Raises:
        BadCommand: there is no call, or it cannot be done.
    """
    leg, wish = _leg(line, told), told.get("do")
    if wish in ("answer", "decline"):
        if not leg.pick_up.done():
            leg.pick_up.set_result("answer" if wish == "answer" else "busy")
    elif wish == "hangup":
        company.switch.end(leg)
    elif wish == "mute":
        leg.is_muted = bool(told["on"])
    elif wish == "press":
        digits = str(told["digits"])
        if not digits or not set(digits) <= KEYS:
            raise BadCommand("bad_digits")
        leg.press(digits)
    elif wish == "say":
        leg.say(str(told["text"])[:TEXT_MAX])
    else:
        raise BadCommand("unknown_command")
    return {"call": leg.call.sid}


def _leg(line: Line, told: dict[str, Any]) -> Leg:
    wanted = told.get("call") or next(iter(line.legs), "")
    leg = line.legs.get(wanted)
    if leg is None:
        raise BadCommand("no_call")
    return leg


def _call(company: Company, line: Line, to: str, withheld: str | None) -> dict[str, Any]:
    if line.legs:
        raise BadCommand("busy")
    number = company.world.number(dialled(to, line.address))
    shown = WITHHELD.get(withheld, withheld) if withheld else line.address
    if number is None or not number.voice:
        line.tell("dialing", call="", other=to)
        line.tell("ended", call="", status="failed")
        return {"call": None}
    return {"call": company.switch.call_in(line.address, number, shown).call.sid}


def dialled(to: str, by: str) -> str:
    """The number that a person in *by*'s country means."""
    to = "".join(one for one in to if one not in " .-()")
    if to.startswith("+") or len(to) <= 6 or not to.isdigit():
        return to
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(by)) or "FR"
        read = phonenumbers.parse(to, region)
    except phonenumbers.NumberParseException:
        return to
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)


def _text(company: Company, line: Line, told: dict[str, Any]) -> dict[str, Any]:
    body = str(told.get("body", ""))[:TEXT_MAX]
    try:
        files = [(str(kind), base64.b64decode(content, validate=True)) for kind, content in told.get("media", [])]
    except (binascii.Error, ValueError):
        raise BadCommand("bad_media") from None
    if not body and not files:
        raise BadCommand("empty_text")
    if len(files) > 10 or sum(len(content) for _, content in files) > MEDIA_BYTES_MAX:
        raise BadCommand("too_much_media")
    to = dialled(str(told.get("to", "")), line.address)
    if not is_dialable(to):
        raise BadCommand("bad_number")
    message = company.messages.receive(line.address, to, body, files)
    if message is None:
        raise BadCommand("not_a_customer")
    company.switch.lines.text(message)
    return {"sid": message.sid}
