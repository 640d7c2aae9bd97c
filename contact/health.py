"""The truth about this process: what it needs, whether it is there, and the numbers to watch."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import redis
import structlog
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from config.settings import Settings
from contact import pulse
from contact.domain.errors import SchemaBehind
from contact.models import Outbox, Probe
from contact.scope import Scope
from contact.unit_of_work import Database, refuse_strong_role

VERSIONS = Path(__file__).parent.parent / "migrations" / "versions"
_SCOPE = Scope(action="health")
_UNLED = text(
    "SELECT count(*) FROM pool WHERE NOT EXISTS (SELECT FROM lease WHERE pool_id = pool.id AND leased_until > now())"
)
log = structlog.get_logger()


# How late the hub may turn before no more should be given to it, and how often it is looked at.
LATE_SECONDS = 5.0
TURN_SECONDS = 1.0
# A database that takes longer to say how it is doing serves nobody.
ANSWER_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Readiness:
    """`reasons`: codes of what keeps traffic away. `checks`: by name, `ok` or what is wrong, and figures."""

    reasons: list[str]
    checks: dict[str, Any]


@dataclass(slots=True)
class Condition:
    """What a web process knows of itself. Times are of the monotonic clock; nothing is known of the schema at first."""

    is_leaving: bool = False
    is_schema_there: bool | None = None
    asked_at: float = 0.0
    turned_at: float | None = None
    late_seconds: float = 0.0

    def turn(self) -> None:
        """The hub has come round; called every `TURN_SECONDS`."""
        self.late_seconds, self.turned_at = self._late_now(), time.monotonic()

    def hub_late_seconds(self) -> float:
        """By how much the hub is late now, or was at its last turn; a process without a hub never is."""
        return max(self.late_seconds, self._late_now())

    def _late_now(self) -> float:
        return 0.0 if self.turned_at is None else max(0.0, time.monotonic() - self.turned_at - TURN_SECONDS)


@cache
def expected_revisions() -> tuple[str, ...]:
    """The migrations this code knows, oldest first: by their files' names, for every process asks as it starts."""
    return tuple(sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*.py")))


def readiness(database: Database, settings: Settings, condition: Condition) -> Readiness:
    """Ask the database and Redis. Redis is a hint: without it the answer stays ready, and says so."""
    late_seconds = round(condition.hub_late_seconds(), 1)
    checks: dict[str, Any] = {"redis": _redis(settings.redis_url), "hub_late_seconds": late_seconds}
    reasons = ["leaving"] if condition.is_leaving else []
    if late_seconds > LATE_SECONDS:
        reasons.append("hub_late")
    try:
        with database.reading(_SCOPE) as session:
            session.execute(text(f"SET LOCAL statement_timeout = '{ANSWER_SECONDS}s'"))
            checks["migrations"] = schema(session)
            if checks["migrations"]["status"] == "behind":
                reasons.append("schema_behind")
            else:
                checks |= _figures(session)
            checks["database"] = "ok"
    except PoolTimeout:
        checks["database"] = "pool_exhausted"
    except DBAPIError as fault:
        # 57014: it is there and does not answer in time.
        checks["database"] = "too_slow" if getattr(fault.orig, "sqlstate", None) == "57014" else "unreachable"
    if checks["database"] != "ok":
        reasons.append(f"database_{checks['database']}")
    return Readiness(reasons, checks)


def schema(session: Session) -> dict[str, Any]:
    """Which migration the database has, and whether this code can run on it.

    One this code does not know was made by newer code: the schema is ahead, and old code still runs on it.
    """
    known = expected_revisions()
    try:
        found = list(session.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except ProgrammingError:
        # No such table, or not ours to read yet: the first migrations are missing.
        session.rollback()
        found = []
    is_behind = not found or (found[0] in known and found[0] != known[-1])
    return {"status": "behind" if is_behind else "ok", "found": found, "expected": known[-1]}


def refuse_older_schema(database: Database, condition: Condition) -> None:
    """Ask until the schema was there once: then it stays. An unreachable database is for the work itself to find.

    Raises:
        SchemaBehind: the database lacks migrations that this code needs.
        WrongRole: the database's user is too strong.
    """
    if condition.is_schema_there:
        return
    now = time.monotonic()
    if condition.is_schema_there is None or now - condition.asked_at > TURN_SECONDS:
        condition.asked_at = now
        try:
            refuse_strong_role(database)
            with database.reading(_SCOPE) as session:
                condition.is_schema_there = schema(session)["status"] == "ok"
        except (PoolTimeout, DBAPIError) as fault:
            log.warning("schema_not_read", fault=type(fault).__name__)
            return
    if not condition.is_schema_there:
        raise SchemaBehind()


def await_schema(database: Database, should_stop: Callable[[], bool]) -> None:
    """Wait, and say so, until the database has every migration that this code needs, or it is time to stop."""
    said = None
    while not should_stop():
        try:
            with database.reading(_SCOPE) as session:
                found = schema(session)
        except DBAPIError as fault:
            waits = {"reason": "database_unreachable", "fault": type(fault).__name__}
        else:
            if found["status"] == "ok":
                return
            waits = {"reason": "schema_behind", "found": found["found"], "expected": found["expected"]}
        if waits != said:
            log.warning("waits_for_schema", **waits)
            said = waits
        time.sleep(TURN_SECONDS)


def web_verdict(port: int) -> tuple[bool, str]:
    """Whether the web process on this machine says that it is ready, and what it says."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2 * ANSWER_SECONDS) as answer:
            return True, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return False, refusal.read().decode()
    except OSError as fault:
        return False, f"no answer on port {port}: {fault}"


def process_verdict(database: Database, name: str) -> tuple[bool, str]:
    """Whether every process of that name on this machine does its work, and the sentence that says so."""
    try:
        with database.reading(_SCOPE) as session:
            return pulse.verdict(session, name)
    except DBAPIError as fault:
        return False, f"the database does not answer ({type(fault).__name__})"


def _figures(session: Session) -> dict[str, Any]:
    return {
        "oldest_due_seconds": _oldest_due_seconds(session),
        "pools_without_dispatcher": session.execute(_UNLED).scalar_one(),
        "processes": pulse.figures(session),
        "synthetic": _synthetic(session),
    }


def _synthetic(session: Session) -> dict[str, Any]:
    """By pool: how long ago the synthetic citizen was last answered, and at which step its last try stopped."""
    age = func.extract("epoch", func.clock_timestamp() - Probe.succeeded_at)
    rows = session.execute(select(Probe.pool_id, age, Probe.failure)).all()
    return {
        str(pool_id): {"answered_seconds_ago": None if ago is None else round(float(ago), 1), "failure": failure}
        for pool_id, ago, failure in rows
    }


def _oldest_due_seconds(session: Session) -> float:
    """How long the oldest due row has been waiting for the relay, in seconds; 0 when none is due."""
    oldest = session.scalar(select(func.min(Outbox.due_at)).where(Outbox.state == "due", Outbox.due_at <= func.now()))
    waited = session.scalar(select(func.extract("epoch", func.now() - oldest))) if oldest else 0
    return round(float(waited or 0), 1)


def _redis(url: str | None) -> str:
    if url is None:
        return "not configured"
    client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    try:
        client.ping()
    except redis.RedisError as fault:
        return type(fault).__name__
    finally:
        client.close()
    return "ok"
