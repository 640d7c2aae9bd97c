"""The REST API's common ground: who asks, errors in Twilio's shape, pages of a list, dates, faults on the way."""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

from aiohttp import BasicAuth, web
from multidict import MultiDictProxy

from channels.carrier.messages import Messages
from channels.carrier.records import Account
from channels.carrier.refusals import Refused
from channels.carrier.switch import Switch
from channels.carrier.world import World

VERSION = "/2010-04-01"
PAGE_SIZE, PAGE_SIZE_MAX = 50, 1_000
WHOLE = re.compile(r"-?[0-9]{1,9}")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Form = MultiDictProxy[Any]


@dataclass(frozen=True)
class Company:
    """What a handler works with."""

    world: World
    switch: Switch
    messages: Messages


COMPANY: web.AppKey[Company] = web.AppKey("company", Company)
ACCOUNT: web.RequestKey[Account] = web.RequestKey("account", Account)


def path(under_account: str) -> str:
    """`/Messages` of an account, with or without `.json`."""
    return VERSION + "/Accounts/{account}" + under_account + r"{ext:(\.json)?}"


def rfc2822(date: float | None) -> str | None:
    """`Fri, 24 May 2019 17:44:46 +0000`."""
    return None if date is None else formatdate(date).replace("-0000", "+0000")


def whole(text: str | None, default: int) -> int:
    """A whole number of a form.

    Raises:
        Refused: it is none.
    """
    if not text:
        return default
    if not WHOLE.fullmatch(text):
        raise Refused(20001, f"{text} is not a number")
    return int(text)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors in Twilio's shape; the password checked; faults drawn; the answer only after the disk has it."""
    if not request.path.startswith((VERSION, "/v1/")):
        return await handler(request)
    company = request.app[COMPANY]
    # Faults named for the next requests wait for one that changes something; those by rate hit any.
    is_spared = company.world.faults.next["rest"] and request.method == "GET"
    drawn = set() if is_spared else company.world.faults.draw("rest")
    try:
        request[ACCOUNT] = authenticated(company.world, request)
        answer = await _with_faults(company, request, handler, drawn)
    except Refused as refused:
        answer = web.json_response(refused.as_json(), status=refused.status)
        if refused.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    except web.HTTPNotFound:
        answer = web.json_response(Refused(20404, request.path).as_json(), status=404)
    except web.HTTPMethodNotAllowed:
        answer = web.json_response(Refused(20004).as_json(), status=405)
    await company.world.ledger.synced()
    if "drop" in drawn and request.transport is not None:
        request.transport.abort()
    return answer


async def _with_faults(company: Company, request: web.Request, handler: Handler, drawn: set[str]) -> web.StreamResponse:
    if "delay" in drawn:
        await company.world.clock.sleep(company.world.faults.delay())
    if "error_429" in drawn:
        raise Refused(20429)
    if "error_500" in drawn:
        raise Refused(20500)
    answer = await handler(request)
    if "late_500" in drawn:
        raise Refused(20500)
    return answer


def authenticated(world: World, request: web.Request) -> Account:
    """The account, by its sid and either token, or one of its API keys.

    Raises:
        Refused: 20003.
    """
    try:
        given = BasicAuth.decode(request.headers.get("Authorization", ""))
    except ValueError:
        raise Refused(20003) from None
    for account in world.all(Account):
        secrets = {account.sid: [account.auth_token, account.secondary_token or ""]}
        secrets |= {key: [secret] for key, secret in account.keys.items()}
        good = [one for one in secrets.get(given.login, []) if one and hmac.compare_digest(one, given.password)]
        if good and request.match_info.get("account", account.sid) == account.sid:
            return account
    raise Refused(20003)


def found(record: Any, request: web.Request) -> Any:
    """The record, if it is there and of the account that asks.

    Raises:
        Refused: 20404.
    """
    if record is None or record.account_sid != request[ACCOUNT].sid:
        raise Refused(20404, request.path)
    return record


def page(request: web.Request, name: str, rows: Iterable[Mapping[str, Any]]) -> web.Response:
    """One page of *rows*, with the addresses of the next and the one before."""
    rows = list(rows)
    size = min(max(whole(request.query.get("PageSize"), PAGE_SIZE), 1), PAGE_SIZE_MAX)
    number = max(whole(request.query.get("Page"), 0), 0)
    start = number * size
    shown = rows[start : start + size]
    asked = [(key, value) for key, value in request.query.items() if key not in ("Page", "PageSize", "PageToken")]

    def uri(number: int) -> str:
        token = [("PageToken", f"PA{number}")] if number else []
        return f"{request.path}?{urlencode([*asked, ('PageSize', size), ('Page', number), *token])}"

    told = {
        name: shown,
        "end": start + max(len(shown) - 1, 0),
        "first_page_uri": uri(0),
        "next_page_uri": uri(number + 1) if start + size < len(rows) else None,
        "page": number,
        "page_size": size,
        "previous_page_uri": uri(number - 1) if number else None,
        "start": start,
        "uri": uri(number),
    }
    return web.json_response(told)


def dated(request: web.Request, name: str) -> Callable[[float | None], bool]:
    """Is a date on, up to or from the day or the moment that `name`, `name<` or `name>` ask for?

    Raises:
        Refused: they ask for no date.
    """
    asked = [(sign, request.query[name + sign]) for sign in ("", "<", ">") if name + sign in request.query]
    # The official client sends a day as its midnight: equal means on that day.
    wanted = [(sign, moment(text), not sign or "T" not in text) for sign, text in asked]

    def fits(date: float | None) -> bool:
        if date is None:
            return not wanted
        found = datetime.fromtimestamp(date, UTC).replace(microsecond=0)
        for sign, told, by_day in wanted:
            given, limit = (one.date().isoformat() if by_day else one.isoformat() for one in (found, told))
            if not {"": given == limit, "<": given <= limit, ">": given >= limit}[sign]:
                return False
        return True

    return fits


def moment(text: str) -> datetime:
    """A date or a moment of a query or form; without a zone, UTC.

    Raises:
        Refused: it is none.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(20001, f"{text} is not a date") from None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


async def form_of(request: web.Request) -> Form:
    """The form of a POST."""
    return await request.post()


def is_url(text: str | None) -> bool:
    """A web address, which may have a fragment of connection overrides."""
    return bool(text) and str(text).startswith(("http://", "https://")) and len(str(text)) > len("https://")


async def settle() -> None:
    """Let what was just started begin, so that an answer shows it."""
    await asyncio.sleep(0)
