"""A citizen's chat message, posted and committed, against a bare insert on the same database, from the same client."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

from sqlalchemy import event

from bench.citizens import BODY, browser, citizen, crowd
from bench.report import check, note, progress
from bench.stack import Stack, running
from contact.api.limits import VISITOR_COOKIE
from contact.web import create_app

CITIZENS = 2000  # so many that none meets the limit of one person's messages
AT_ONCE = 16
ROUNDS = 9
ROUND_SECONDS = 2.0
ADDRESS = "impots-declaration"

Post = Callable[[], Awaitable[Any]]


async def rate(post: Post) -> float:
    """Posts a second, so many at once."""
    until = time.perf_counter() + ROUND_SECONDS

    async def keep_posting() -> int:
        done = 0
        while time.perf_counter() < until:
            await post()
            done += 1
        return done

    began = time.perf_counter()
    done = sum(await asyncio.gather(*(keep_posting() for _ in range(AT_ONCE))))
    return done / (time.perf_counter() - began)


async def measure(stack: Stack) -> float:
    """The median of what we make of the bare rate, in rounds taken in turn."""
    async with browser() as session:
        chats = crowd(stack.admin_url, ADDRESS, CITIZENS)
        turn = itertools.cycle([citizen(session, stack.product, ADDRESS, chat) for chat in chats])

        async def bare() -> None:
            async with session.post(f"{stack.bare}/insert", json={"body": BODY}) as answer:
                answer.raise_for_status()
                await answer.json()

        async def ours() -> None:
            await next(turn).say()

        rounds = []
        for number in range(ROUNDS + 1):
            pair = await rate(bare), await rate(ours)
            # The first one warms both up.
            rounds += [pair] if number else []
            progress("rounds", number, ROUNDS) if number else None
    note(f"bare {median(bare for bare, _ in rounds):,.0f}/s, chat message {median(ours for _, ours in rounds):,.0f}/s")
    return median(ours / bare for bare, ours in rounds)


def statements(stack: Stack) -> list[str]:
    """What one chat message asks of the database, in order."""
    app = create_app(stack.settings, async_mode="threading")
    engine = app.extensions["guichet"].database.engine
    asked: list[str] = []
    client, base = app.test_client(), f"/api/v1/chat/{ADDRESS}"
    client.post(f"{base}/visitor")
    topic_id = client.get(base).get_json()["topics"][0]["id"]
    keys = ({"Idempotency-Key": f"statements-{number}"} for number in itertools.count())
    opening = {"topic_id": topic_id, "language": "fr", "body": BODY}
    assert client.post(f"{base}/conversation", json=opening, headers=next(keys)).status_code == 201
    assert client.get_cookie(VISITOR_COOKIE, path=base)
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_: asked.append(statement))
    assert client.post(f"{base}/messages", json={"body": BODY}, headers=next(keys)).status_code == 201
    engine.dispose()
    return asked


def main() -> None:
    """The statements of one message, then the rates."""
    with running() as stack:
        asked = statements(stack)
        for statement in asked:
            note(" ".join(statement.split())[:110])
        note(f"{len(asked)} statements in a chat message's transaction")
        share = asyncio.run(measure(stack))
    check("chat message, posted and committed, of bare", share, ">= 0.5", "x")


if __name__ == "__main__":
    main()
