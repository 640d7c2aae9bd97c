"""Citizens in web chats, each with a browser's cookie and an address of their own."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import psycopg

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


@dataclass(frozen=True, slots=True)
class Chat:
    """What one of the crowd has: ids as the database knows them."""

    number: int
    tenant_id: UUID
    visitor_id: UUID
    interaction_id: UUID
    ticket_id: UUID


def crowd(admin_url: str, address: str, chats: int) -> list[Chat]:
    """So many conversations in that chat, made in the database at once; each waits for an agent."""
    with psycopg.connect(admin_url, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute(Path(__file__).with_name("crowd.sql").read_text(), {"chats": chats, "address": address})
        made = "SELECT n, tenant_id, visitor_id, interaction_id, ticket_id FROM crowd ORDER BY n"
        return [Chat(*row) for row in connection.execute(made)]


def citizen(session: aiohttp.ClientSession, product: str, address: str, chat: Chat) -> Citizen:
    """The one who holds that conversation, with an address of their own."""
    cookie = f"{VISITOR_COOKIE}=bench-{chat.number}"
    headers = {"X-Forwarded-For": f"10.0.{chat.number >> 8 & 255}.{chat.number & 255}", "Cookie": cookie}
    return Citizen(session, f"{product}/api/v1/chat/{address}", headers)


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
