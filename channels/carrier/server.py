"""The process: everything put together, on one port."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from channels.carrier import (
    admin,
    phones,
    rest_calls,
    rest_conferences,
    rest_messages,
    rest_numbers,
    rest_queues,
    softphone,
)
from channels.carrier.clock import Clock
from channels.carrier.conferences import Conferences
from channels.carrier.faults import Faults
from channels.carrier.ledger import Ledger
from channels.carrier.lines import Lines
from channels.carrier.messages import Messages
from channels.carrier.queues import Queues
from channels.carrier.rest import COMPANY, Company, guard
from channels.carrier.switch import Switch
from channels.carrier.verbs import VERBS
from channels.carrier.webhooks import Webhooks
from channels.carrier.world import World

BODY_BYTES_MAX = 16_000_000


@dataclass(frozen=True)
class Options:
    """How the process is started."""

    port: int
    host: str = "127.0.0.1"
    data_folder: Path | None = None
    ledger: Path | None = None
    public_url: str = ""
    config: Path | None = None
    speed: float = 1.0
    faults: str = ""


def build(options: Options) -> web.Application:
    """The application, restored from its ledger and configured.

    Raises:
        ValueError: a mistake in the configuration or the faults.
    """
    faults = Faults()
    if options.faults:
        faults.take(json.loads(options.faults))
    path = options.ledger or (options.data_folder / "ledger.jsonl" if options.data_folder else None)
    public_url = options.public_url or f"http://127.0.0.1:{options.port}"
    world = World(Clock(options.speed), faults, Ledger(path), options.data_folder, public_url)
    lost = world.restore()
    if options.config is not None:
        admin.configure(world, json.loads(options.config.read_text(encoding="utf-8")))
    webhooks, lines = Webhooks(world), Lines(world)
    messages = Messages(world, webhooks, lines)
    switch = Switch(world, webhooks, lines, messages, VERBS)
    switch.queues, switch.conferences = Queues(switch), Conferences(switch)
    app = web.Application(middlewares=[guard], client_max_size=BODY_BYTES_MAX)
    app[COMPANY] = Company(world, switch, messages)
    for module in (rest_messages, rest_calls, rest_queues, rest_conferences, rest_numbers, phones, softphone, admin):
        app.router.add_routes(module.routes())

    async def life(_: web.Application) -> AsyncIterator[None]:
        await webhooks.start()
        for call in lost:
            switch.end_lost(call)
        messages.resume()
        yield
        await switch.close()
        await messages.close()
        await webhooks.close()
        await world.ledger.close()

    app.cleanup_ctx.append(life)
    return app


async def serve(options: Options) -> None:
    """Serve until SIGTERM or SIGINT."""
    runner = web.AppRunner(build(options), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, options.host, options.port, backlog=1024).start()
    print(f"The telephone company is ready at http://{options.host}:{options.port}/phone", flush=True)
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(one, stop.set)
    await stop.wait()
    await runner.cleanup()
