"""One transaction, one tenant, per request or job: commit, then push the frames it announced."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
import structlog
from sqlalchemy import Engine, Executable, Row, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from config import metrics
from contact import audit, realtime
from contact.domain.errors import Unavailable
from contact.outbox import Frame
from contact.scope import Scope, tell_database

Result = TypeVar("Result")
TRIES = 4
RESTED_SECONDS = 1.0
# Serialization, deadlock, shutdown, lock not available; a unique violation is a race that the second run finds decided.
_RETRIED = ("40001", "40P01", "57P01", "57P02", "57P03", "55P03", "23505")
log = structlog.get_logger()


class WrongRole(Exception):
    """The database user may bypass row security: the application refuses to run as it."""

    code = "database_role_too_strong"


@dataclass(frozen=True, slots=True)
class Database:
    """A pool of connections of one role, and the way to run units of work on it."""

    engine: Engine
    factory: sessionmaker[Session]
    # The same connections, each statement a transaction of its own.
    by_statement: Engine

    def run(self, scope: Scope, work: Callable[[Session], Result]) -> Result:
        """Run *work* in one transaction under *scope*, whole again when the database asks for it.

        *work* must have no effect outside its session. It may run up to `TRIES` times; a connection lost during the
        commit leaves the outcome open, so creating work carries an idempotency key or is a compare-and-set.

        Raises:
            Unavailable: The database could not be reached, or refused again and again.
        """

        def once() -> tuple[Result, list[Frame]]:
            with self.factory(info={"scope": scope, "frames": [], "notified": set()}) as session, session.begin():
                result = work(session)
            return result, session.info["frames"]

        result, frames = _again(scope.action, once)
        push_all(frames)
        return result

    def ask(self, action: str, statement: Executable, given: dict[str, Any]) -> Sequence[Row[Any]]:
        """The rows of one statement, which is its own transaction (no BEGIN, no COMMIT), under the rules of `run`.

        It tells row security itself whose it is, and it says by its rows what else has to follow.

        Raises:
            Unavailable: The database could not be reached, or refused again and again.
        """

        def once() -> Sequence[Row[Any]]:
            with self.by_statement.connect() as connection:
                return connection.execute(statement, given).all()

        return _again(action, once)

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Session]:
        """A read-only session under *scope*, for scripts and tests."""
        session = self.factory(info={"scope": scope, "frames": [], "notified": set()})
        try:
            yield session
        finally:
            session.close()


def _again(action: str, once: Callable[[], Result]) -> Result:
    for attempt in range(1, TRIES + 1):
        try:
            return once()
        except (DBAPIError, PoolTimeout, StaleDataError) as error:
            if not _is_passing(error):
                raise
            # Whoever waited in vain for a connection does not get into the line again: overload would feed itself.
            if attempt == TRIES or isinstance(error, PoolTimeout):
                log.warning("unit_failed", action=action, attempt=attempt, fault=type(error).__name__)
                metrics.units_failed.inc()
                raise Unavailable() from error
            log.warning("unit_retried", action=action, attempt=attempt, fault=type(error).__name__)
            metrics.units_retried.inc()
            time.sleep(random.uniform(0.5, 1.5) * 0.005 * 4**attempt)
    raise AssertionError("unreachable")


def connect(
    url: str,
    *,
    pool_size: int = 5,
    pool_timeout_seconds: float = 5.0,
    statement_timeout_seconds: float = 15.0,
    idle_timeout_seconds: float = 5.0,
) -> Database:
    """A `Database` for *url* (SQLAlchemy form). Connections are made on first use, and checked after a rest.

    A transaction left idle for *idle_timeout_seconds* (a process paused inside it) is ended by the server.
    """
    options = (
        f"-c timezone=UTC -c statement_timeout={int(statement_timeout_seconds * 1000)}"
        f" -c idle_in_transaction_session_timeout={int(idle_timeout_seconds * 1000)}"
    )
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        # The one used last knows the statements best.
        pool_use_lifo=True,
        pool_timeout=pool_timeout_seconds,
        # What a statement was given may be a citizen's words: no error and no log shows it.
        hide_parameters=True,
        connect_args={"options": options, "connect_timeout": 5},
    )
    _check_after_rest(engine)
    factory = sessionmaker(engine, expire_on_commit=False, autoflush=True)
    event.listen(factory, "after_begin", tell_database)
    event.listen(factory, "before_flush", audit.record_changes)
    return Database(engine, factory, engine.execution_options(isolation_level="AUTOCOMMIT"))


def _check_after_rest(engine: Engine) -> None:
    """Ask a connection that has rested whether it is still there. One just used that is lost costs its unit a retry."""

    def note_use(_connection: Any, record: Any) -> None:
        record.info["used_at"] = time.monotonic()

    def check(connection: Any, record: Any, _proxy: Any) -> None:
        now = time.monotonic()
        if now - record.info.get("used_at", now) > RESTED_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except psycopg.Error as lost:
                raise DisconnectionError() from lost

    event.listen(engine, "checkin", note_use)
    event.listen(engine, "checkout", check)


def count_connections(engine: Engine) -> None:
    """Let metrics tell how many connections of this pool are in use."""
    pool: Any = engine.pool

    def tell(*_: object) -> None:
        metrics.connections_used.set(pool.checkedout())

    metrics.connections_max.set(pool.size())
    for change in ("checkout", "checkin"):
        event.listen(engine, change, tell)


def refuse_strong_role(database: Database) -> None:
    """
    Raises:
        WrongRole: the role is a superuser or has BYPASSRLS: it would see every administration's rows.
    """
    with database.engine.connect() as connection:
        strong = connection.execute(
            text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        ).scalar_one()
    if strong:
        raise WrongRole("The database user is a superuser or bypasses row security; use app_rw (see README.md).")


def _is_passing(error: Exception) -> bool:
    """Trying the whole unit again may succeed: a lost race, a deadlock, a restart of the database."""
    if not isinstance(error, DBAPIError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    is_lost = state is None and isinstance(error, OperationalError | InterfaceError)
    return error.connection_invalidated or is_lost or state in _RETRIED


def push_all(frames: Iterable[Frame]) -> None:
    """Frames are hints: one per room and thing, and a fault here never reaches whoever has committed."""
    for frame in dict.fromkeys(frames):
        realtime.push(frame)
