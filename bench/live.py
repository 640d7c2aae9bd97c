"""From a citizen's committed message to the agent's socket, with 200 consoles and 2,000 chats, against a bare emit."""

import asyncio
import itertools
import resource
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import aiohttp
import psycopg

from bench.citizens import BODY, Chat, browser, citizen, crowd, each
from bench.report import check, note, progress
from bench.sockets import Client, connect
from bench.stack import Stack, running
from contact import demo
from contact.api.tokens import socket_token
from contact.web import create_app

CONSOLES, CHATS = 200, 2_000
EACH = CHATS // CONSOLES
ADDRESS = "impots-declaration"
AGENTS = ("amelie@accueil.example", "chloe@accueil.example")
AT_ONCE = 16
ROUNDS = 6
ROUND_SECONDS = 5.0
PER_SECOND = 20
SETTLE_SECONDS = 3.0


@dataclass
class Side:
    """One of the two servers, with everybody connected. *said*: by message id, the key of its frame."""

    post: Callable[[], Coroutine[Any, Any, None]]
    committed: str
    said: dict[str, Any] = field(default_factory=dict)
    came: dict[Any, float] = field(default_factory=dict)
    joins: list[float] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)

    async def round(self) -> None:
        """Messages at an even pace, whatever the answers take."""
        began = time.perf_counter()
        posts: list[asyncio.Task[None]] = []
        for number in range(int(ROUND_SECONDS * PER_SECOND)):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
            posts.append(asyncio.create_task(self.post()))
        await asyncio.gather(*posts)
        await asyncio.sleep(1)

    async def join(self, client: Client, room: str) -> None:
        began = time.perf_counter()
        answer = await client.ask("join", {"room": room})
        if not answer["ok"]:
            raise ConnectionError(f"{room}: {answer}")
        self.joins.append((time.perf_counter() - began) * 1000)
        self.clients.append(client)

    def delays(self, url: str) -> list[float]:
        """Milliseconds from each commit, as the database noted it, to the frame on the agent's socket."""
        with psycopg.connect(url) as connection:
            commits = {str(id): at.timestamp() for id, at in connection.execute(self.committed) if at}
        return [(self.came[key] - commits[id]) * 1000 for id, key in self.said.items() if key in self.came]


async def product_side(stack: Stack, session: aiohttp.ClientSession) -> Side:
    """Citizens in conversations, each with a socket; agents with ten tickets open each."""
    chats = crowd(stack.admin_url, ADDRESS, CHATS)
    turn = itertools.cycle([citizen(session, stack.product, ADDRESS, chat) for chat in chats])

    async def post() -> None:
        said = await next(turn).say()
        side.said[said["id"]] = said["id"]

    side = Side(post, "SELECT id, pg_xact_commit_timestamp(xmin) FROM message WHERE kind = 'citizen'")

    tokens = create_app(stack.settings, async_mode="threading")

    async def enter(chat: Chat) -> None:
        with tokens.app_context():
            token = socket_token({"visitor": str(chat.visitor_id), "tenant": str(chat.tenant_id)})
        client = await connect(session, stack.product, {"token": token}, lambda *_: None)
        await side.join(client, f"conversation:{chat.interaction_id}")

    await each(enter, chats, AT_ONCE)
    note("every chat is connected")
    signed_in = [await _sign_in(session, stack.product, login) for login in AGENTS]

    def on_frame(event: str, facts: Any, at: float) -> None:
        if event == "changed" and facts["what"] == "messages":
            side.came.setdefault((facts["id"], facts["revision"]), at)

    async def console(number: int) -> None:
        headers = signed_in[number % len(signed_in)]
        async with session.post(f"{stack.product}/api/v1/session/socket-token", headers=headers) as answer:
            token = (await answer.json())["token"]
        client = await connect(session, stack.product, {"token": token}, on_frame)
        for chat in chats[number * EACH : (number + 1) * EACH]:
            await side.join(client, f"ticket:{chat.ticket_id}")

    await each(console, range(CONSOLES), AT_ONCE)
    return side


async def bare_side(stack: Stack, session: aiohttp.ClientSession) -> Side:
    """As many sockets, as many rooms."""
    rooms = itertools.cycle(f"room:{number}" for number in range(CHATS))

    async def post() -> None:
        async with session.post(f"{stack.bare}/emit", json={"body": BODY, "room": next(rooms)}) as answer:
            kept = await answer.json()
        side.said[kept["id"]] = kept["id"]

    side = Side(post, "SELECT id, pg_xact_commit_timestamp(xmin) FROM bare_message")

    async def chat(number: int) -> None:
        client = await connect(session, stack.bare, None, lambda *_: None)
        await side.join(client, f"chat:{number}")

    def came(_event: str, facts: Any, at: float) -> None:
        side.came.setdefault(facts["id"], at)

    async def console(number: int) -> None:
        client = await connect(session, stack.bare, None, came)
        for room in range(number * EACH, (number + 1) * EACH):
            await side.join(client, f"room:{room}")

    await each(chat, range(CHATS), AT_ONCE)
    await each(console, range(CONSOLES), AT_ONCE)
    return side


async def measure(stack: Stack) -> tuple[Side, Side]:
    """Both sides connected, rounds in turn."""
    async with browser() as session:
        bare, ours = await bare_side(stack, session), await product_side(stack, session)
        await asyncio.sleep(SETTLE_SECONDS)
        for number in range(ROUNDS):
            await bare.round()
            await ours.round()
            progress("rounds", number + 1, ROUNDS)
        for client in {*bare.clients, *ours.clients}:
            await client.close()
    return bare, ours


async def _sign_in(session: aiohttp.ClientSession, product: str, login: str) -> dict[str, str]:
    told = {"login": login, "password": demo.describe().logins[0].password}
    async with session.post(f"{product}/api/v1/session", json=told) as answer:
        cookies = "; ".join(f"{cookie.key}={cookie.value}" for cookie in answer.cookies.values())
        return {"Cookie": cookies, "X-CSRF-Token": (await answer.json())["csrf_token"]}


def main() -> None:
    """The delay of both, and how long a socket takes to enter a room."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with running() as stack:
        bare, ours = asyncio.run(measure(stack))
        with psycopg.connect(stack.admin_url) as connection:
            found = connection.execute("SELECT id, ticket_id, seq FROM message WHERE kind = 'citizen'")
            frames = {str(id): (str(ticket_id), seq) for id, ticket_id, seq in found}
        ours.said = {id: frames[id] for id in ours.said}
        late, missed = {}, 0
        for name, side in (("bare", bare), ("product", ours)):
            taken = side.delays(stack.admin_url)
            missed += len(side.said) - len(taken)
            late[name] = quantiles(taken, n=100)[98]
            note(
                f"{name}: {len(side.said)} messages, {len(side.said) - len(taken)} without a frame, median"
                f" {median(taken):.1f} ms, p99 {late[name]:.1f} ms; join median {median(side.joins):.1f} ms"
            )
    check("committed to the agent's socket, p99, of bare", late["product"] / late["bare"], "<= 3", "x")
    check("messages whose frame never came, of both", missed, "<= 0")


if __name__ == "__main__":
    main()
