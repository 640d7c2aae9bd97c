"""Every process tells that it works, in a row of its own renewed after complete rounds: one that is stuck shows."""

import os
import socket
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from contact.domain.errors import Unavailable
from contact.models import Process
from contact.scope import Scope
from contact.unit_of_work import Database

EVERY_SECONDS = 5.0
STUCK_SECONDS = 30.0
# An RQ worker tells of itself between two jobs, which may take a minute, and after a quarter of a minute without one.
WORKER_STUCK_SECONDS = 90.0
_HOST = socket.gethostname()
_SCOPE = Scope(action="pulse")
_AGE = func.extract("epoch", func.clock_timestamp() - Process.seen_at)
# The row of a process that was killed is swept by the others.
_SWEEP = delete(Process).where(Process.seen_at < func.clock_timestamp() - text("interval '1 hour'"))
log = structlog.get_logger()


@dataclass(slots=True)
class Pulse:
    """One process's row. *name* is that of its command: `relay`, `worker:delivery`."""

    database: Database
    name: str
    told_at: float = field(default=float("-inf"))

    def beat(self) -> None:
        """After a complete round of work, as often as one likes. That it cannot be told stops no work."""
        now = time.monotonic()
        if now - self.told_at < EVERY_SECONDS:
            return
        self.told_at = now
        try:
            self.database.run(_SCOPE, self._tell)
        except (Unavailable, SQLAlchemyError) as fault:
            log.warning("pulse_not_told", fault=type(fault).__name__)

    def end(self) -> None:
        """The process ends as it should: nobody needs to look for it."""
        try:
            self.database.run(_SCOPE, lambda session: session.execute(delete(Process).where(*self._own())) and None)
        except (Unavailable, SQLAlchemyError) as fault:
            log.warning("pulse_not_told", fault=type(fault).__name__)

    def _tell(self, session: Session) -> None:
        row = {"name": self.name, "host": _HOST, "pid": os.getpid(), "parent_pid": os.getppid()}
        told = insert(Process).values(row)
        renewed = {"seen_at": func.clock_timestamp(), "parent_pid": told.excluded.parent_pid}
        session.execute(told.on_conflict_do_update(constraint="pk_process", set_=renewed))
        session.execute(_SWEEP)

    def _own(self) -> tuple[Any, ...]:
        return (Process.name == self.name, Process.host == _HOST, Process.pid == os.getpid())


def stuck_seconds(name: str) -> float:
    """How old the last complete round of a process of that name may be."""
    return WORKER_STUCK_SECONDS if name.startswith("worker") else STUCK_SECONDS


def figures(session: Session) -> dict[str, dict[str, float]]:
    """By name of process: how many work, on all machines, and how long ago the last one of them completed a round."""
    found: dict[str, dict[str, float]] = {}
    for name, age in session.execute(select(Process.name, _AGE)):
        told = found.setdefault(name, {"working": 0, "last_round_seconds": round(float(age), 1)})
        told["working"] += age <= stuck_seconds(name)
        told["last_round_seconds"] = min(told["last_round_seconds"], round(float(age), 1))
    return found


def verdict(session: Session, name: str) -> tuple[bool, str]:
    """Whether every process of that name on this machine works, and the sentence that says so.

    The row of one that was killed does not count: whoever starts processes sees that it is gone.
    """
    rows = session.execute(select(Process.pid, _AGE).where(Process.name == name, Process.host == _HOST))
    ages = {pid: float(age) for pid, age in rows if _runs(pid)}
    if not ages:
        return False, f"no {name} works on {_HOST}"
    pid = max(ages, key=lambda one: ages[one])
    told = f"{name} {pid} last completed a round {ages[pid]:.0f} s ago"
    return ages[pid] <= stuck_seconds(name), told


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
