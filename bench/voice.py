"""200 calls at once: how fast their lines are answered, as a telephone company asks, against a bare insert."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from statistics import median, quantiles
from urllib.parse import urlencode

import aiohttp
import psycopg
from twilio.request_validator import RequestValidator

from bench.citizens import BODY
from bench.report import check, note, progress
from bench.stack import Stack, running
from config.sealing import unseal
from contact import telephone_setup
from contact.services.carrier_accounts import PURPOSE

CALLS = 200
# They begin within this time, and are all on the line at its end.
RISE_SECONDS = 30.0
MENU_SECONDS = 3.0
WAITS = 8
# Four times as often as the tune ends.
WAIT_SECONDS = 5.0
HEADERS = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


@dataclass
class Line:
    """What the company knows of the account, and how long each answer took, in milliseconds, by what was asked."""

    base: str
    number: str
    token: str
    session: aiohttp.ClientSession
    took: dict[str, list[float]] = field(default_factory=dict)
    faults: int = 0

    async def ask(self, step: str, call: str, caller: str, **more: str) -> str:
        """One signed request of a call, over a connection of its own, as the company makes it."""
        form = {"CallSid": call, "From": caller, "To": self.number, "CallStatus": "in-progress", **more}
        url = f"{self.base}/{step}"
        signature = RequestValidator(self.token).compute_signature(url, form)
        began = time.perf_counter()
        headers = HEADERS | {"X-Twilio-Signature": signature, "I-Twilio-Idempotency-Token": secrets.token_hex(16)}
        async with self.session.post(url, data=urlencode(form), headers=headers) as answer:
            document = await answer.text()
        self.took.setdefault(step.partition("/")[0], []).append((time.perf_counter() - began) * 1000)
        self.faults += answer.status != 200
        return document

    async def call(self, number: int) -> None:
        """A whole call: the menu, a key, the queue with its music again and again, a hang-up."""
        sid, caller = f"CA{secrets.token_hex(16)}", f"+336{number:08}"
        menu = await self.ask("call", sid, caller, CallStatus="ringing")
        await asyncio.sleep(MENU_SECONDS)
        queue = await self.ask("menu/0", sid, caller, Digits="1")
        self.faults += "<Gather" not in menu or "<Enqueue" not in queue
        for turn in range(WAITS):
            heard = await self.ask("wait", sid, caller, QueueTime=str(turn))
            self.faults += "<Play" not in heard
            await asyncio.sleep(WAIT_SECONDS)
        ended = {"CallStatus": "completed", "CallbackSource": "call-progress-events", "SequenceNumber": "0"}
        await self.ask("queue/1", sid, caller, QueueResult="hangup", CallStatus="completed")
        await self.ask("state", sid, caller, **ended)

    @property
    def all(self) -> list[float]:
        """Every answer."""
        return [one for each in self.took.values() for one in each]


async def at_once(begin: Callable[[int], Awaitable[None]]) -> None:
    """All the calls, each begun in its turn."""
    began = time.perf_counter()
    calls = []
    for number in range(CALLS):
        await asyncio.sleep(max(0.0, began + number * RISE_SECONDS / CALLS - time.perf_counter()))
        calls.append(asyncio.ensure_future(begin(number)))
        progress("calls begun", number + 1, CALLS)
    await asyncio.gather(*calls)


async def measure(stack: Stack, line: Line) -> list[float]:
    """The product's calls; then the bare loop: as many requests at the same times, each one committed row."""
    await at_once(line.call)
    bare: list[float] = []

    async def insert(_number: int) -> None:
        for pause in (MENU_SECONDS, 0, *[WAIT_SECONDS] * WAITS, 0, 0):
            began = time.perf_counter()
            async with line.session.post(f"{stack.bare}/insert", json={"body": BODY}) as answer:
                await answer.read()
            bare.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(pause)

    await at_once(insert)
    return bare


def _account(stack: Stack) -> tuple[str, str, str]:
    """The id, a number and the token of an account of the demo's."""
    owner_url = "postgresql://" + (stack.settings.database_owner_url or "").partition("://")[2]
    telephone_setup.install(owner_url, stack.settings.secret_key)
    with psycopg.connect(stack.admin_url) as connection:
        row = connection.execute(
            "SELECT a.id, e.address, a.auth_token FROM carrier_account a JOIN endpoint e ON e.account_id = a.id"
            " WHERE e.channel = 'voice' ORDER BY e.address LIMIT 1"
        ).fetchone()
    assert row is not None
    return str(row[0]), row[1], unseal(stack.settings.secret_key, PURPOSE, row[2])


async def run(stack: Stack) -> tuple[Line, list[float]]:
    """Both sides."""
    account_id, number, token = _account(stack)
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60)) as session:
        line = Line(f"{stack.settings.public_base_url}/in/{account_id}/voice", number, token, session)
        return line, await measure(stack, line)


def main() -> None:
    """How long an answer takes, the worst in a hundred, and that each call left what it should."""
    with running() as stack:
        line, bare = asyncio.run(run(stack))
        with psycopg.connect(stack.admin_url) as connection:
            found = connection.execute(
                "SELECT count(*), count(DISTINCT ticket_id) FROM call WHERE outcome = 'abandoned'"
            )
            calls, tickets = found.fetchone() or (0, 0)
    for step, took in sorted(line.took.items()):
        note(f"{step}: {len(took)} answers, median {median(took):.1f} ms, p99 {quantiles(took, n=100)[98]:.1f} ms")
    worst, plain = quantiles(line.all, n=100)[98], quantiles(bare, n=100)[98]
    note(f"bare insert: {len(bare)} answers, median {median(bare):.1f} ms, p99 {plain:.1f} ms")
    check("an answer to one of 200 lines at once, p99", worst / 1000, "<= 1", "s")
    check("answers that were refused or of another kind", line.faults, "<= 0")
    check("calls without a ticket of their own, of 200", CALLS - min(calls, tickets), "<= 0")


if __name__ == "__main__":
    main()
