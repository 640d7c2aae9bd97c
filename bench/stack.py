"""Servers for a measurement: the product's web process and the bare one, on the same PostgreSQL and Redis."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg

from config import migrate
from config.processes import Server
from config.settings import Settings
from contact import demo
from contact.local import environment, with_servers

READY_SECONDS = 60.0
BARE_TABLE = "CREATE TABLE bare_message (id uuid PRIMARY KEY, body text NOT NULL, created_at timestamptz NOT NULL)"


@dataclass(frozen=True, slots=True)
class Stack:
    """Two web processes that answer; *settings* are the product's, *admin_url* a superuser's, in libpq's form."""

    product: str
    bare: str
    settings: Settings
    admin_url: str


@contextmanager
def running() -> Iterator[Stack]:
    """Fresh data, the demo in them, both web processes with the same gunicorn settings; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-bench-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        port = _free_port()
        wanted = replace(Settings(), data_folder=folder, port=port, public_base_url=f"http://localhost:{port}")
        settings, servers = with_servers(wanted, stack, lambda _: None)
        admin_url = "postgresql://postgres@" + (settings.database_owner_url or "").partition("@")[2]
        _note_commits(admin_url, servers[0])
        migrate.upgrade(settings.database_owner_url or "")
        demo.load(settings.database_owner_url or "", say=lambda _: None)
        bare_url = "postgresql://" + (settings.database_owner_url or "").partition("://")[2]
        with psycopg.connect(bare_url) as connection:
            connection.execute(BARE_TABLE)
        bare_port = _free_port()
        env = {**os.environ, **environment(settings), "TRUSTED_PROXIES": "1"}
        bare_env = env | {"PORT": str(bare_port), "BARE_DATABASE_URL": bare_url, "DATABASE_POOL_SIZE": "20"}
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:contact.serve", "bench.bare:app"]
        _started(stack, [sys.executable, "app.py", "web"], env)
        _started(stack, gunicorn, bare_env)
        found = Stack(f"http://localhost:{port}", f"http://localhost:{bare_port}", settings, admin_url)
        for base in (found.product, found.bare):
            _wait_until_ready(base)
        yield found


def _note_commits(admin_url: str, server: Server) -> None:
    """Let the database note when each transaction was committed; it must start again for that, at the same address."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    server.start()


def _started(stack: ExitStack, argv: list[str], env: dict[str, str]) -> None:
    process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def stop() -> None:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    stack.callback(stop)


def _wait_until_ready(base: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{base}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{base} does not become ready")


def _free_port() -> int:
    """The first of ten free ports."""
    lowest = int(os.environ.get("BENCH_PORT", "14000"))
    for first in range(lowest, lowest + 990, 10):
        if all(_is_free(port) for port in range(first, first + 10)):
            return first
    raise OSError(f"no free block of ports from {lowest} on")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
