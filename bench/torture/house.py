"""The product in production form on one machine, for the torture: several of each process, supervised, until SIGTERM.

`python -m bench.torture.house`, with the settings in the environment. Everything is started by the commands that
production uses; what may differ (a broken variant, faults of the ledger) is told by options.
"""

import json
import shutil
import sys
from contextlib import ExitStack, suppress
from dataclasses import replace

import click
import psycopg

from config import migrate
from config.embedded import EmbeddedPostgres, EmbeddedRedis
from config.places import hold, port_block
from config.processes import Process, Server, Supervisor
from config.settings import Settings
from contact import demo
from contact.local import DATABASE, open_door, processes, telephone_company, with_servers

# Written when everything runs; tells the torture where everything is.
ADDRESSES = "house.json"
DISPATCHERS = 2
OFFER_SECONDS, WRAP_UP_SECONDS = 4, 3
_TICKETS = 150


class EmptiedRedis:
    """Redis whose files are gone whenever it starts again: everything in it may vanish."""

    name = "Redis"

    def __init__(self, store: EmbeddedRedis) -> None:
        self._store = store

    def is_running(self) -> bool:
        return self._store.is_running()

    def start(self) -> None:
        for path in self._store.data_folder.glob("appendonly*"):
            shutil.rmtree(path)
        self._store.start()


@click.command(help=__doc__)
@click.option("--broken", help="Run this broken variant (bench/torture/broken.py) in place of the product.")
@click.option("--fault", "faults", multiple=True, help="A fault of the ledger, as `app.py ledger --help` says.")
@click.option("--seed", default=1, show_default=True, help="Of the ledger's faults.")
@click.option("--company", "has_company", is_flag=True, help="With the telephone company, which is never killed.")
@click.option("--data-only", is_flag=True, help="Make the database with its demo, then end: to be copied.")
def main(broken: str | None, faults: tuple[str, ...], seed: int, has_company: bool, data_only: bool) -> None:
    """Start, write the addresses, supervise until a signal."""
    settings = Settings.from_env()
    with ExitStack() as stack:
        stack.enter_context(hold(settings.data_folder))
        port_block(settings.port)
        ready, servers = with_servers(settings, stack, print)
        migrate.upgrade(ready.database_owner_url or "")
        with suppress(demo.DemoExists):
            demo.load(ready.database_owner_url or "", tickets=_TICKETS, say=lambda _: None)
        if data_only:
            return
        admin_url = next(one for one in servers if isinstance(one, EmbeddedPostgres)).url(DATABASE, "postgres")
        _prepare(admin_url, broken)
        supervised: list[Server] = [EmptiedRedis(one) if isinstance(one, EmbeddedRedis) else one for one in servers]
        ledger = [word for fault in faults for word in ("--fault", fault)] + ["--seed", str(seed)]
        company = [telephone_company(ready)] if has_company else []
        addresses = {"admin_url": admin_url, "redis_url": ready.redis_url, "base": ready.public_base_url}
        told = json.dumps(addresses | {"company": ready.twilio_base_url})
        door = stack.enter_context(open_door(ready))
        supervisor = Supervisor([*company, *_cast(ready, door.fileno(), broken, ledger)], servers=supervised)

        def tell() -> None:
            (settings.data_folder / ADDRESSES).write_text(told)

        supervisor.run(on_ready=tell)


def _prepare(admin_url: str, broken: str | None) -> None:
    """Shorter times, so that it gets quiet soon; and what the variant breaks in the database."""
    from bench.torture.broken import VARIANTS

    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE queue SET offer_seconds = %s, wrap_up_seconds = %s", (OFFER_SECONDS, WRAP_UP_SECONDS)
        )
        for statement in VARIANTS[broken].statements if broken else ():
            connection.execute(statement)
        # The first recovery need not go through the whole demo again.
        connection.execute("CHECKPOINT")


def _cast(settings: Settings, door: int, broken: str | None, ledger: list[str]) -> list[Process]:
    """The processes of `make run`, and more dispatchers; the ledger with its faults."""
    cast = []
    for process in processes(settings, door):
        argv = list(process.argv)
        if process.name == "ledger":
            argv += ledger
        elif broken:
            argv = [sys.executable, "-m", "bench.torture.broken", broken, *argv[2:]]
        copies = DISPATCHERS if process.name == "dispatcher" else 1
        cast += [replace(process, name=f"{process.name}-{number}", argv=argv) for number in range(1, copies + 1)]
    return cast


if __name__ == "__main__":
    main()
