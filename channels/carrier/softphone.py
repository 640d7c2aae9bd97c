"""The browser softphone's other end: what `@twilio/voice-sdk` does with Twilio's edge, in a small protocol of our own.

`GET /carrier/client?token=JWT` as a WebSocket (or `/carrier/client/events?token=…&since=0&wait=20` and `POST
/carrier/client?token=…`) registers `client:<identity>` of an access token with a VoiceGrant. Events and commands are
those of a phone (`phones.py`), and besides:

- first event over a socket: `{"type": "registered", "identity": …}`; a token that is no good closes it with
  `{"type": "error", "code": 20101}` (20104 expired, 20106 without a voice grant, 20157 valid for more than a day);
- `{"do": "connect", "params": {"To": …}}` asks the grant's outgoing application, as `device.connect` does;
- `ringing` carries `parameters`; `{"do": "answer"}` and `decline` are `call.accept()` and `call.reject()`;
- `{"do": "mute", "on": true}`, `press`, `say` (typed speech), `hangup`;
- ten seconds before the token ends: `{"type": "token_will_expire"}`; `{"do": "refresh", "token": JWT}` renews it.
"""

import asyncio
import time
from typing import Any

import jwt
from aiohttp import web

from channels.carrier.lines import Line
from channels.carrier.phones import BadCommand, act_in_call, done, follow_line, told_events
from channels.carrier.records import Account, Application
from channels.carrier.rest import COMPANY, Company

TTL_SECONDS_MAX = 86_400
WARNED_SECONDS = 10.0


class BadToken(Exception):
    """A token that opens nothing; the code is Twilio's."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(str(code))


class Grant:
    """What a token allows."""

    def __init__(self, account: Account, identity: str, voice: dict[str, Any], ends_at: float) -> None:
        self.account = account
        self.address = f"client:{identity}"
        self.identity = identity
        self.application_sid: str | None = voice.get("outgoing", {}).get("application_sid")
        self.is_rung = bool(voice.get("incoming", {}).get("allow"))
        self.ends_at = ends_at


def grant(company: Company, token: str) -> Grant:
    """Read an access token, signed with the secret of one of an account's API keys.

    Raises:
        BadToken: it is none, is over, or has no voice grant.
    """
    try:
        account = company.world.get(Account, str(jwt.decode(token, options={"verify_signature": False}).get("sub")))
        key = str(jwt.decode(token, options={"verify_signature": False}).get("iss"))
        if account is None or key not in account.keys:
            raise BadToken(20103)
        told = jwt.decode(token, account.keys[key], algorithms=["HS256"], options={"require": ["exp"]})
    except jwt.ExpiredSignatureError:
        raise BadToken(20104) from None
    except jwt.InvalidTokenError:
        raise BadToken(20101) from None
    grants = told.get("grants", {})
    if not grants.get("identity") or "voice" not in grants:
        raise BadToken(20106)
    if told["exp"] - told.get("nbf", time.time()) > TTL_SECONDS_MAX:
        raise BadToken(20157)
    return Grant(account, grants["identity"], grants["voice"], told["exp"])


def routes() -> list[web.RouteDef]:
    """The client's door."""
    return [
        web.get("/carrier/client", follow),
        web.post("/carrier/client", command),
        web.get("/carrier/client/events", events),
    ]


class Client:
    """One registered browser."""

    def __init__(self, company: Company, granted: Grant) -> None:
        self.company = company
        self.granted = granted
        self.line: Line = company.switch.lines.at(granted.address, granted.account.sid)
        self.line.may_be_rung = granted.is_rung

    def do(self, told: dict[str, Any]) -> dict[str, Any]:
        """A command.

        Raises:
            BadCommand: it cannot be done.
        """
        if told.get("do") == "refresh":
            return self._refresh(str(told.get("token")))
        if time.time() >= self.granted.ends_at:
            raise BadCommand("20104")
        if told.get("do") == "connect":
            return self._connect(told.get("params") or {})
        return act_in_call(self.company, self.line, told)

    def _refresh(self, token: str) -> dict[str, Any]:
        try:
            renewed = grant(self.company, token)
        except BadToken as fault:
            raise BadCommand(str(fault.code)) from None
        if renewed.address != self.granted.address:
            raise BadCommand("20101")
        self.granted.ends_at = renewed.ends_at
        return {}

    def _connect(self, params: dict[str, Any]) -> dict[str, Any]:
        application = self.company.world.get(Application, self.granted.application_sid or "")
        if application is None or application.account_sid != self.granted.account.sid:
            raise BadCommand("20106")
        given = {str(name): str(value) for name, value in params.items()}
        return {"call": self.company.switch.call_from_client(self.granted.address, application, given).call.sid}

    async def greet(self, socket: web.WebSocketResponse) -> None:
        """Who this is, what rings already; later, that the token is about to end; and the end with it."""
        await socket.send_json({"type": "registered", "identity": self.granted.identity, "seq": self.line.sequence})
        for leg in self.line.legs.values():
            if leg.call.status == "ringing" and leg.call.direction != "inbound":
                told = {"call": leg.call.sid, "other": leg.call.from_, "parameters": leg.call.parameters}
                await socket.send_json({"type": "ringing", **told})
        while (left := self.granted.ends_at - time.time()) > 0:
            if left <= WARNED_SECONDS:
                await socket.send_json({"type": "token_will_expire"})
            await asyncio.sleep(left if left <= WARNED_SECONDS else left - WARNED_SECONDS)
        await socket.send_json({"type": "error", "code": 20104})
        await socket.close()


def _client(request: web.Request) -> Client:
    """The browser that asks.

    Raises:
        BadToken: it may not.
    """
    company = request.app[COMPANY]
    return Client(company, grant(company, request.query.get("token", "")))


async def follow(request: web.Request) -> web.StreamResponse:
    """Register, and stay."""
    try:
        client = _client(request)
    except BadToken as fault:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "error", "code": fault.code})
        await socket.close()
        return socket
    return await follow_line(request, client.line, client.do, client.line.sequence, client.greet)


async def events(request: web.Request) -> web.StreamResponse:
    """What happened since."""
    try:
        return await told_events(request, _client(request).line)
    except BadToken as fault:
        return web.json_response({"code": fault.code}, status=401)


async def command(request: web.Request) -> web.StreamResponse:
    """Do something."""
    try:
        return await done(request, _client(request).do)
    except BadToken as fault:
        return web.json_response({"code": fault.code}, status=401)
