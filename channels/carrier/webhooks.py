"""Requests to the customers: signed with Twilio's own class, within Twilio's time limits, retried as the URL asks."""

import asyncio
import contextlib
import json
import re
import uuid
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import aiohttp
from multidict import CIMultiDict, MultiDict
from twilio.request_validator import RequestValidator
from yarl import URL

from channels.carrier.records import Account
from channels.carrier.world import World

BODY_BYTES_MAX = 65_536
MEDIA_BYTES_MAX = 5_000_000
# What may stand in a URL as it is; the rest (accents, spaces) goes percent-encoded, and is signed so.
URL_SAFE = "!#$%&'()*+,/:;=?@[]~-._"
Params = Mapping[str, str] | MultiDict[str]


class WebhookFailed(Exception):
    """Every attempt at a URL failed; the code says how the last did."""

    def __init__(self, code: int, url: str) -> None:
        self.code = code
        self.url = url
        super().__init__(f"{code} at {url}")


@dataclass(frozen=True)
class Answer:
    """What the customer answered."""

    url: str
    content_type: str
    body: str


@dataclass(frozen=True)
class Limits:
    """Connection overrides of a URL's fragment; times in seconds."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def retries_on(self, fault: str) -> bool:
        """Is *fault* (`ct`, `rt`, `4xx`, `5xx`) tried again?"""
        return fault in self.policy or "all" in self.policy


def overrides(url: str) -> tuple[str, Limits]:
    """The URL without its fragment, and what the fragment asked for (`#ct=2000&rt=4000&rc=2&rp=all`)."""
    clean, _, fragment = url.partition("#")
    asked = dict(parse_qsl(fragment))

    def seconds(name: str, top: int, default: float) -> float:
        with contextlib.suppress(KeyError, ValueError):
            return min(max(int(asked[name]), 100), top) / 1000
        return default

    limits = Limits(
        connect=seconds("ct", 10_000, 5.0),
        read=seconds("rt", 15_000, 15.0),
        total=seconds("tt", 15_000, 15.0),
        retries=min(int(asked["rc"]), 5) if re.fullmatch("[0-9]+", asked.get("rc", "")) else 1,
        policy=frozenset(asked["rp"].split(",")) if asked.get("rp") else frozenset({"ct"}),
    )
    return quote(clean, safe=URL_SAFE), limits


def signature(token: str, url: str, params: Params) -> str:
    """Twilio's: the port is left out of an https URL and kept in an http one."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.port:
        url = parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()
    signed: str = RequestValidator(token).compute_signature(url, MultiDict(params))
    return signed


def mixed(url: str, params: Params) -> str:
    """*url* with *params* in its query, as a GET has them."""
    if not params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(list(params.items()))}"


class Webhooks:
    """`ask` waits for the answer, `tell` does not; those told about one call or message leave in order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._session: aiohttp.ClientSession | None = None
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def start(self) -> None:
        """Open the client. A connection per request: a kept one may be dead, which would count as an attempt."""
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        self._session = aiohttp.ClientSession(
            connector=connector, auto_decompress=True, headers={"User-Agent": "TwilioProxy/1.1"}
        )

    @property
    def under_way(self) -> int:
        """Requests that nobody waits for, not yet answered."""
        return len(self._tasks)

    async def close(self) -> None:
        """Drop what is under way, as a power cut would; nothing is told any more of what ends with it."""
        self._is_closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def ask(
        self, account: Account, url: str, params: Params, method: str = "POST", drawn: set[str] | None = None
    ) -> Answer:
        """Ask a URL of a customer, with retries, and with the faults that were *drawn* or are drawn now.

        Raises:
            WebhookFailed: no attempt was answered well.
        """
        drawn = self.world.faults.draw("webhook") if drawn is None else drawn
        if drawn & {"delay", "reorder"}:
            await self.world.clock.sleep(self.world.faults.delay())
        token = str(uuid.uuid4())
        if "duplicate" in drawn:
            self._start(self._ignored(self._attempts(account, url, params, method, token)))
        return await self._attempts(account, url, params, method, token)

    async def _attempts(self, account: Account, url: str, params: Params, method: str, token: str) -> Answer:
        target, limits = overrides(url)
        await self.world.ledger.synced()
        clock = asyncio.get_running_loop().time
        deadline = clock() + limits.total
        for attempt in range(limits.retries + 1):
            fault, code, answer = await self._once(account, target, params, method, token, limits, deadline - clock())
            told = {"url": target, "token": token, "attempt": attempt, "fault": fault, "about": _about(params)}
            self.world.ledger.note("webhook", at=self.world.clock.now(), **told)
            if answer is not None:
                return answer
            if not limits.retries_on(fault) or clock() >= deadline:
                break
        raise WebhookFailed(code, target)

    async def _once(
        self, account: Account, url: str, params: Params, method: str, token: str, limits: Limits, remaining: float
    ) -> tuple[str, int, Answer | None]:
        assert self._session is not None
        timeout = aiohttp.ClientTimeout(total=max(remaining, 0.05), sock_connect=limits.connect, sock_read=limits.read)
        if method == "GET":
            url, params = mixed(url, params), {}
        data = urlencode(list(params.items())) if method == "POST" else None
        try:
            headers = self.headers(account, url, params, token)
            async with self._session.request(
                method, URL(url, encoded=True), data=data, headers=headers, timeout=timeout, max_redirects=3
            ) as answer:
                body = (await answer.content.read(BODY_BYTES_MAX)).decode("utf-8", "replace")
                if answer.status >= 400:
                    return f"{answer.status // 100}xx", 11200, None
                return "", 0, Answer(str(answer.url), answer.content_type, body)
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError):
            return "ct", 11205, None
        except (TimeoutError, aiohttp.ClientError, ValueError):
            return "rt", 11200, None

    def headers(self, account: Account, url: str, params: Params, token: str) -> CIMultiDict[str]:
        """Signature and the token by which a customer knows a retry."""
        return CIMultiDict(
            {
                "X-Twilio-Signature": signature(account.auth_token, url, params),
                "I-Twilio-Idempotency-Token": token,
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                "Accept": "*/*",
            }
        )

    def tell(self, account: Account, url: str, params: Params, method: str = "POST", order: str = "") -> None:
        """Tell a URL something, in the order of what is told about *order*; nobody waits for the answer."""
        if self._is_closed:
            return
        drawn = self.world.faults.draw("webhook")
        is_overtaken = "reorder" in drawn or not order
        before = None if is_overtaken else self._last.get(order)
        task = self._start(self._tell(before, self.ask(account, url, params, method, drawn)))
        if not is_overtaken:
            self._last[order] = task
            task.add_done_callback(lambda done: self._forget(order, done))

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _forget(self, order: str, done: "asyncio.Task[None]") -> None:
        if self._last.get(order) is done:
            del self._last[order]

    async def _tell(self, before: "asyncio.Task[None] | None", asking: Coroutine[Any, Any, Answer]) -> None:
        if before is not None:
            await asyncio.wait({before})
        await self._ignored(asking)

    async def _ignored(self, asking: Coroutine[Any, Any, Answer]) -> None:
        with contextlib.suppress(WebhookFailed):
            await asking

    async def fetch(self, url: str) -> tuple[str, bytes] | None:
        """A picture's type and bytes, or None."""
        assert self._session is not None
        try:
            async with self._session.get(url, timeout=aiohttp.ClientTimeout(total=15)) as answer:
                content = await answer.content.read(MEDIA_BYTES_MAX + 1)
                is_good = answer.status == 200 and len(content) <= MEDIA_BYTES_MAX
                return (answer.content_type, content) if is_good else None
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None

    async def send(self, account: Account, told: dict[str, Any]) -> dict[str, Any]:
        """Send one request as an operator asks for it: a form or JSON, signed well, ill, or not at all.

        *told*: url; params (list of pairs) or json; token; signature ("" leaves the header out); sign_url.
        """
        assert self._session is not None
        target, _ = overrides(told["url"])
        params: MultiDict[str] = MultiDict([(name, value) for name, value in told.get("params", [])])
        data = urlencode(list(params.items())).encode()
        content_type = "application/x-www-form-urlencoded"
        if "json" in told:
            data, content_type = json.dumps(told["json"]).encode(), "application/json"
            target += f"{'&' if '?' in target else '?'}bodySHA256={sha256(data).hexdigest()}"
        headers = self.headers(account, told.get("sign_url", target), params, told.get("token", str(uuid.uuid4())))
        headers["Content-Type"] = content_type
        if "signature" in told:
            headers["X-Twilio-Signature"] = told["signature"]
            if not told["signature"]:
                del headers["X-Twilio-Signature"]
        try:
            async with self._session.post(URL(target, encoded=True), data=data, headers=headers) as answer:
                return {"status": answer.status, "body": (await answer.content.read(BODY_BYTES_MAX)).decode()}
        except (aiohttp.ClientError, TimeoutError) as fault:
            return {"status": 0, "body": type(fault).__name__}


def _about(params: Params) -> str:
    """The call, message or conference that a request is about."""
    for name in ("MessageSid", "CallSid", "ConferenceSid"):
        if name in params:
            return params[name]
    return ""
