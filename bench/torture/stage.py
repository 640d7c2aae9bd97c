"""The house as the torture sees it from outside: its addresses, and its processes by their role."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import psutil
import psycopg

from bench.torture.house import ADDRESSES
from config.guard import guard

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 120.0
STOP_SECONDS = 60.0
# Everything that takes its time in production is short here, so that the end is reached soon.
SETTINGS = {
    "APP_ENV": "test",
    "LOG_LEVEL": "WARNING",
    "HAS_LIMITS": "false",
    "WEB_PROCESSES": "2",
    "DELIVERY_WORKERS": "3",
    "LEASE_SECONDS": "2",
    "RELAY_LEASE_SECONDS": "4",
    "JOB_SECONDS": "15",
    "UNKNOWN_OUTCOME_SECONDS": "1",
    "LOOK_UP_SECONDS": "2",
    "BEAT_SECONDS": "2",
    "SILENCE_SECONDS": "8",
    "GONE_SECONDS": "20",
    "VISITOR_STILL_THERE_SECONDS": "40",
    "VISITOR_PAUSED_SECONDS": "70",
    "MISSED_OFFERS_MAX": "3",
    "CATCH_UP_SECONDS": "10",
    "CATCH_UP_GRACE_SECONDS": "3",
    # Its words would be nobody's here.
    "SYNTHETIC_SECONDS": "0",
}


class StageError(click.ClickException):
    """The house did not come up; the message tells what it said."""


class Stage:
    """Starts the house and ends it; finds who plays which role, for whoever kills them."""

    def __init__(
        self,
        folder: Path,
        port: int,
        seed: int,
        *,
        faults: tuple[str, ...],
        broken: str | None = None,
        database: Path | None = None,
        has_company: bool = False,
    ) -> None:
        """*database* is a folder of PostgreSQL's to copy (`make_database`); without it one is made."""
        self.output = folder / "house.log"
        data = folder / "data"
        if database is not None:
            shutil.copytree(database, data / "postgres")
        options = ["--seed", str(seed), *(word for fault in faults for word in ("--fault", fault))]
        options += ["--broken", broken] if broken else []
        options += ["--company"] if has_company else []
        self.process = _open_house(data, port, self.output, *options)
        self.ledger = data / "ledger.jsonl"
        try:
            told = self._await(data / ADDRESSES)
        except BaseException:
            self.stop()
            raise
        self.base: str = told["base"]
        self.admin_url: str = told["admin_url"]
        self.redis_url: str = told["redis_url"]
        self.company_url: str = told["company"]

    def find(self, role: str) -> list[psutil.Process]:
        """Who plays *role* at this moment.

        `web`, `web-worker`, `dispatcher`, `relay`, `delivery` and `default` (workers), `delivery-horse`,
        `default-horse`, `ledger`, `redis`, `postmaster`, `backend`.
        """
        main, _, part = role.partition("-")
        if role == "backend":
            return [one for head in self._of("postmaster") for one in _children(head) if _is_backend(one)]
        heads = self._of(main)
        return [child for head in heads for child in _children(head)] if part else heads

    def tree(self) -> list[psutil.Process]:
        """Every process of the house, itself included."""
        return [psutil.Process(self.process.pid), *_children(psutil.Process(self.process.pid), recursive=True)]

    def leader(self) -> int | None:
        """The process that leads the pool now, by the lease."""
        with suppress(psycopg.Error), psycopg.connect(self.admin_url, connect_timeout=2) as connection:
            row = connection.execute("SELECT holder FROM lease WHERE leased_until > now()").fetchone()
            return int(row[0].rpartition(":")[2]) if row else None
        return None

    def stop(self) -> list[str]:
        """End the house; whatever of it is still there afterwards."""
        known = [one for one in self.tree() if one.pid != self.process.pid] if self.process.poll() is None else []
        for one in known:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGCONT)
        guard.end(self.process, seconds=STOP_SECONDS)
        # The house's own guard outlives its pipe by a moment.
        psutil.wait_procs(known, timeout=5)
        return [f"{one.pid} {_name(one)}" for one in known if _is_alive(one)]

    def _of(self, role: str) -> list[psutil.Process]:
        return [one for one in _children(psutil.Process(self.process.pid)) if _role(one) == role]

    def _await(self, path: Path) -> dict[str, Any]:
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with suppress(FileNotFoundError, ValueError):
                told: dict[str, Any] = json.loads(path.read_text())
                return told
            time.sleep(0.1)
        raise StageError(f"the house did not start:\n{self.output.read_text()[-3000:]}")


def make_database(folder: Path, port: int) -> Path:
    """A folder of PostgreSQL's with migrations and the demo in it, for several stages to copy."""
    output = folder / "house.log"
    house = _open_house(folder, port, output, "--data-only")
    code = house.wait(START_SECONDS)
    guard.end(house)
    if code:
        raise StageError(f"the database could not be made:\n{output.read_text()[-3000:]}")
    return folder / "postgres"


def _open_house(data: Path, port: int, output: Path, *options: str) -> subprocess.Popen[bytes]:
    env = {name: value for name, value in os.environ.items() if "DATABASE" not in name and "REDIS" not in name}
    env |= SETTINGS | {"PORT": str(port), "DATA_FOLDER": str(data), "PYTHONUNBUFFERED": "1", "TZ": "UTC"}
    env["PUBLIC_BASE_URL"] = f"http://localhost:{port}"
    command = [sys.executable, "-m", "bench.torture.house", *options]
    with output.open("ab") as log:
        # Should the torture itself be killed, the guard ends the house.
        return guard.spawn(command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _children(process: psutil.Process, *, recursive: bool = False) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children(recursive=recursive)
    except psutil.NoSuchProcess:
        return []
    return [one for one in found if _is_alive(one)]


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _role(process: psutil.Process) -> str | None:
    try:
        name, words = process.name(), process.cmdline()
    except psutil.NoSuchProcess:
        return None
    if name == "postgres":
        return "postmaster"
    if name.startswith(("redis", "valkey")):
        return "redis"
    if "gunicorn" in words:
        return "web"
    if "worker" in words:
        return str(words[-1])
    return next((one for one in ("dispatcher", "relay", "ledger") if one in words), None)


def _is_backend(process: psutil.Process) -> bool:
    try:
        return any(" app_" in word for word in process.cmdline())
    except psutil.NoSuchProcess:
        return False


def _name(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())[:120]
    except psutil.NoSuchProcess:
        return "?"
