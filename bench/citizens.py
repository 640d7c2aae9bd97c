"""Citizens in web chats, each with a browser's cookie and an address of their own."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import aiohttp

from contact.api.limits import VISITOR_COOKIE

BODY = "Bonjour, je n'ai pas reçu mon avis d'imposition et la date limite approche, que dois-je faire ?"


@dataclass(frozen=True, slots=True)
class Citizen:
    """A visitor in a conversation."""

    session: aiohttp.ClientSession
    base: str
    headers: dict[str, str]

    async def post(self, path: str, body: Any = None) -> Any:
        """The answer's JSON.

        Raises:
            ClientResponseError: the product refused.
        """
        headers = self.headers | {"Idempotency-Key": uuid.uuid4().hex}
        async with self.session.post(f"{self.base}{path}", json=body, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.json() if answer.content_length else None

    async def say(self) -> Any:
        """One message, committed when this returns."""
        return await self.post("/messages", {"body": BODY})

    async def conversation(self) -> Any:
        """Where it stands: its id among others."""
        async with self.session.get(f"{self.base}/conversation", headers=self.headers) as answer:
            answer.raise_for_status()
            return await answer.json()


async def arrive(session: aiohttp.ClientSession, product: str, address: str, number: int) -> Citizen:
    """Somebody opens the chat's page and says the first words."""
    base = f"{product}/api/v1/chat/{address}"
    headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
    async with session.post(f"{base}/visitor", headers=headers) as answer:
        answer.raise_for_status()
        headers["Cookie"] = f"{VISITOR_COOKIE}={answer.cookies[VISITOR_COOKIE].value}"
    async with session.get(base, headers=headers) as answer:
        topic_id = (await answer.json())["topics"][0]["id"]
    citizen = Citizen(session, base, headers)
    await citizen.post("/conversation", {"topic_id": topic_id, "language": "fr", "body": BODY})
    return citizen


def browser() -> aiohttp.ClientSession:
    """Connections that stay open, and no cookie jar: each citizen brings their own."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=60),
    )


async def each(work: Callable[[Any], Awaitable[Any]], of: Iterable[Any], at_once: int) -> list[Any]:
    """*work* on every one, so many at once; the results in their order."""
    gate = asyncio.Semaphore(at_once)

    async def one(item: Any) -> Any:
        async with gate:
            return await work(item)

    return await asyncio.gather(*(one(item) for item in of))
