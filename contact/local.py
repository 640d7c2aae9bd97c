"""Everything on one machine: PostgreSQL and Redis of our own where none is given, the demo, every process."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import psycopg

from config import migrate
from config.embedded import EmbeddedPostgres, EmbeddedRedis
from config.places import hold, port_block
from config.processes import JOURNAL, Process, ProcessError, Server, Supervisor
from config.roles import bootstrap
from config.settings import Settings
from config.topics import QUEUES
from contact import synthetic_setup, telephone_setup

DATABASE = "guichet"
# Durable by default; only the tests switch this off.
SERVER_OPTIONS = {"max_connections": "200"}
Say = Callable[[str], None]


def run_all(settings: Settings, say: Say = print) -> None:
    """Start everything, print the addresses, supervise until a signal, stop everything.

    Ports: the web is at `port`, the console adapter's ledger, Redis and the telephone company at the three after it.
    """
    with ExitStack() as stack:
        stack.enter_context(hold(settings.data_folder))
        journal = settings.data_folder / JOURNAL
        # Of a run that was killed: we cannot be restarted yet.
        journal.unlink(missing_ok=True)
        port_block(settings.port)
        # What was counted is of the run before.
        shutil.rmtree(settings.data_folder / "metrics", ignore_errors=True)
        ready, servers = with_servers(settings, stack, say)
        _step(say, "migrations", lambda: migrate.upgrade(ready.database_owner_url or "", say))
        _step(say, "demo data", lambda: _fill(ready, say))
        if ready.synthetic_seconds:
            _step(say, "synthetic citizen", lambda: _install_synthetic(ready))
        company = telephone_company(ready) if ready.twilio_base_url == _company_url(ready) else None
        door = stack.enter_context(open_door(ready))
        supervisor = Supervisor(
            [*([company] if company else []), *processes(ready, door.fileno())],
            on_step=say,
            servers=servers,
            journal=journal,
            before_restart=lambda: _migrate(ready),
        )
        supervisor.run(on_ready=lambda: _welcome(ready, say, company is not None))


def with_servers(settings: Settings, stack: ExitStack, say: Say) -> tuple[Settings, list[Server]]:
    """The settings with an address for every server; what was not given is started, and stopped with *stack*."""
    servers: list[Server] = []
    is_given = "SECRET_KEY" in os.environ
    found = replace(
        settings,
        secret_key=settings.secret_key if is_given else _kept_secret(settings.data_folder / "secret_key"),
        ledger_url=settings.ledger_url or f"http://127.0.0.1:{settings.port + 1}",
        twilio_base_url=settings.twilio_base_url or (_company_url(settings) if _has_company(settings) else ""),
    )
    if settings.has_own_database:
        server = EmbeddedPostgres(settings.data_folder / "postgres", SERVER_OPTIONS)
        _step(say, server.name, server.start)
        stack.callback(server.stop)
        servers.append(server)
        bootstrap(server.url("postgres", "postgres"), DATABASE)
        found = replace(
            found,
            database_url=_sqlalchemy(server.url(DATABASE, "app_rw")),
            database_owner_url=_sqlalchemy(server.url(DATABASE, "app_owner")),
            database_engine_url=_sqlalchemy(server.url(DATABASE, "app_engine")),
        )
    if settings.redis_url is None:
        store = EmbeddedRedis(settings.data_folder / "redis", port=settings.port + 2, append_only=True)
        _step(say, store.name, store.start)
        stack.callback(store.stop)
        servers.append(store)
        found = replace(found, redis_url=store.url)
    return found, servers


@contextmanager
def migrated_database(settings: Settings) -> Iterator[str]:
    """The owner's URL of a migrated database: the one that is set, or a fresh one of our own for this moment."""
    if settings.database_owner_url is not None:
        yield settings.database_owner_url
        return
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"guichet-check-{os.getpid()}"
    server = EmbeddedPostgres(folder, {"fsync": "off"})
    server.start()
    try:
        bootstrap(server.url("postgres", "postgres"), DATABASE)
        url = _sqlalchemy(server.url(DATABASE, "app_owner"))
        migrate.upgrade(url)
        yield url
    finally:
        server.stop(remove=True)


def open_door(settings: Settings) -> socket.socket:
    """The listening socket. Ours, so that it stays open while one web process follows another: nobody is refused."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    return socket.create_server((settings.host, settings.port), family=family, backlog=2048)


def processes(settings: Settings, door: int) -> list[Process]:
    """What `make run` supervises, each started by the command that production uses too.

    *door* is the listening socket that the web processes inherit.
    """
    env = {**os.environ, **environment(settings)}
    workers = [queue for queue in QUEUES for _ in range(settings.delivery_workers if queue == "delivery" else 1)]

    def start(name: str, *arguments: str, env: Mapping[str, str] = env, **more: Any) -> Process:
        return Process(name, [sys.executable, "app.py", *arguments], env, **more)

    def works(pid: int) -> bool:
        return _telling(settings, pid) > 0

    bound = f"{os.environ.get('GUNICORN_CMD_ARGS', '')} --bind fd://{door}"
    return [
        # It stands for the carriers, who are not ours to restart.
        start("ledger", "ledger", stays=True),
        start(
            "web",
            "web",
            ready=lambda pid: _telling(settings, pid) >= settings.web_processes,
            env=env | {"GUNICORN_CMD_ARGS": bound},
            pass_fds=(door,),
            stop_seconds=settings.web_stop_seconds + 5,
        ),
        start("dispatcher", "dispatcher", ready=lambda pid: works(pid) and _is_led(settings)),
        start("relay", "relay", ready=works),
        *(
            start(f"worker-{queue}-{number}", "worker", queue, ready=works, stop_seconds=settings.job_seconds + 5)
            for number, queue in enumerate(workers, start=1)
        ),
        *([start("synthetic", "synthetic")] if settings.synthetic_seconds else []),
    ]


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the variables that the processes read."""
    return {
        "PORT": str(settings.port),
        "DATA_FOLDER": str(settings.data_folder),
        "FILES_FOLDER": str(settings.files_folder),
        "DATABASE_URL": settings.database_url or "",
        "DATABASE_OWNER_URL": settings.database_owner_url or "",
        "DATABASE_ENGINE_URL": settings.database_engine_url or "",
        "REDIS_URL": settings.redis_url or "",
        "LEDGER_URL": settings.ledger_url or "",
        "TWILIO_BASE_URL": settings.twilio_base_url,
        "SECRET_KEY": settings.secret_key,
        "PROMETHEUS_MULTIPROC_DIR": str(settings.data_folder / "metrics"),
        "PUBLIC_BASE_URL": settings.public_base_url,
        "TZ": "UTC",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _fill(settings: Settings, say: Say) -> None:
    """Load the demo into a database that holds nobody yet; never into production."""
    from contact import demo

    if settings.app_env == "production":
        return
    with psycopg.connect(_libpq(settings.database_owner_url or "")) as connection:
        is_empty = connection.execute("SELECT count(*) FROM pool").fetchone() == (0,)
    if is_empty:
        demo.load(settings.database_owner_url or "", say=say)


def _install_synthetic(settings: Settings) -> None:
    """Where it is missing: tables are locked for a moment."""
    owner_url = _libpq(settings.database_owner_url or "")
    with psycopg.connect(owner_url) as connection:
        is_there = synthetic_setup.is_installed(connection)
    if not is_there:
        synthetic_setup.install(owner_url, settings.secret_key)


def _has_company(settings: Settings) -> bool:
    return settings.has_carrier and settings.app_env != "production"


def _company_url(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.port + 3}"


def telephone_company(settings: Settings) -> Process:
    """The telephone company, which knows every account and number that we have. It is not ours to restart.

    It is named as a string: it shares nothing with us.
    """
    owner_url, config = _libpq(settings.database_owner_url or ""), settings.data_folder / "carrier.json"
    telephone_setup.install(owner_url, settings.secret_key)
    telephone_setup.write_company(owner_url, settings.secret_key, settings.public_base_url, config)
    url = _company_url(settings)
    told = {
        "--port": str(settings.port + 3),
        "--public-url": url,
        "--data-folder": str(settings.data_folder / "carrier"),
        "--config": str(config),
    }
    argv = [sys.executable, "-m", "channels.carrier", *(word for pair in told.items() for word in pair)]
    return Process("telephone company", argv, dict(os.environ), ready=lambda _pid: _answers(f"{url}/livez"), stays=True)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _welcome(settings: Settings, say: Say, has_company: bool) -> None:
    from contact import demo

    told = demo.describe()
    say("")
    say(f"Guichet is ready: {settings.public_base_url}")
    for address, name in told.chats:
        say(f"  citizen   {settings.public_base_url}/chat/{address}   {name}")
    if has_company:
        say(f"  phone     {_company_url(settings)}/phone   the citizen's telephone: its book has the numbers")
    for login in told.logins:
        say(f"  {login.role:<13} {settings.public_base_url}/console   {login.login}  {login.password}   {login.what}")
    say("Ctrl-C stops everything; the data stays (make reset clears it).")


def _kept_secret(path: Path) -> str:
    """A secret of this data folder, made once: sessions survive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()


def _migrate(settings: Settings) -> None:
    """In a process of its own: the code on disk is newer than ours."""
    command = [sys.executable, "app.py", "migrate"]
    if subprocess.run(command, env={**os.environ, **environment(settings)}, check=False).returncode:
        raise ProcessError("The migrations could not be applied.")


def _telling(settings: Settings, pid: int) -> int:
    """How many processes of *pid*, itself or its children, have told of late that they work."""
    of_late = """SELECT count(*) FROM process WHERE host = %s AND %s IN (pid, parent_pid)
                 AND seen_at > now() - interval '10 s'"""
    with psycopg.connect(_libpq(settings.database_engine_url or "")) as connection:
        row = connection.execute(of_late, (socket.gethostname(), pid)).fetchone()
    return int(row[0]) if row else 0


def _is_led(settings: Settings) -> bool:
    """Some dispatcher leads each pool: who comes now is routed."""
    with psycopg.connect(_libpq(settings.database_engine_url or "")) as connection:
        unled = "SELECT 1 FROM pool LEFT JOIN lease ON pool_id = id AND leased_until > now() WHERE pool_id IS NULL"
        return connection.execute(unled).fetchone() is None


def _step(say: Say, name: str, work: Callable[[], object]) -> None:
    began = time.monotonic()
    work()
    say(f"{name}: {time.monotonic() - began:.1f} s")


def _sqlalchemy(url: str) -> str:
    return "postgresql+psycopg://" + url.partition("://")[2]


def _libpq(url: str) -> str:
    return "postgresql://" + url.partition("://")[2]
