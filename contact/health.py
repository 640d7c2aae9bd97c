"""The truth about this process: what it needs, whether it is there, and the numbers to watch."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import redis
import structlog
from alembic.config import Config
from alembic.script import ScriptDirectory
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from config.settings import Settings
from contact.domain.errors import Unavailable
from contact.domain.vocabulary import UNFINISHED_OUTBOX
from contact.models import Outbox, RoutingDirty
from contact.scope import Scope
from contact.unit_of_work import Database

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_SCOPE = Scope(action="health")
_UNLED = text(
    "SELECT count(*) FROM pool WHERE NOT EXISTS (SELECT FROM lease WHERE pool_id = pool.id AND leased_until > now())"
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Readiness:
    """`checks`: by name, `ok` or what is wrong, with figures where there are some."""

    is_ready: bool
    checks: dict[str, Any]


@cache
def expected_revisions() -> tuple[str, ...]:
    """The migrations this code knows, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return tuple(reversed([one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]))


def readiness(database: Database, settings: Settings) -> Readiness:
    """Ask the database and Redis. Redis is a hint: without it the answer stays ready, and says so."""
    checks: dict[str, Any] = {"redis": _redis(settings.redis_url)}
    try:
        checks |= database.run(_SCOPE, _database)
    except Unavailable:
        return Readiness(False, checks | {"database": "unreachable"})
    return Readiness(checks["migrations"]["status"] != "behind", checks)


def metrics(database: Database) -> bytes:
    """In Prometheus's text form. Counted in the database, so any web process can answer for all."""
    registry = CollectorRegistry()
    work = Gauge("guichet_outbox_rows", "Outbox rows by topic and state", ["topic", "state"], registry=registry)
    age = Gauge("guichet_outbox_oldest_due_seconds", "Age of the oldest due row", registry=registry)
    dirty = Gauge("guichet_routing_dirty_rows", "Changes the dispatcher has not read yet", registry=registry)
    unled = Gauge("guichet_pools_without_dispatcher", "Pools that nobody leads", registry=registry)
    labels = ["queue_id", "channel", "state"]
    contacts = Gauge("guichet_contacts", "Contacts waiting, offered or served", labels, registry=registry)
    oldest = Gauge("guichet_contact_oldest_seconds", "Age of the oldest contact", labels, registry=registry)
    agents = Gauge("guichet_agents", "Agents by state", ["pool_id", "state"], registry=registry)

    def read(session: Session) -> None:
        recent = text("interval '1 day'")
        rows = session.execute(
            select(Outbox.topic, Outbox.state, func.count())
            .where(Outbox.state.in_(UNFINISHED_OUTBOX) | (Outbox.finished_at > func.now() - recent))
            .group_by(Outbox.topic, Outbox.state)
        )
        for topic, state, count in rows:
            work.labels(topic, state).set(count)
        age.set(_oldest_due_seconds(session))
        unled.set(session.execute(_UNLED).scalar_one())
        for row in session.execute(text("SELECT * FROM contact_figures()")):
            contacts.labels(row.queue_id, row.channel, row.state).set(row.contacts)
            oldest.labels(row.queue_id, row.channel, row.state).set(row.oldest_seconds)
        for row in session.execute(text("SELECT * FROM agent_figures()")):
            agents.labels(row.pool_id, row.state).set(row.agents)
        dirty.set(session.execute(select(func.count()).select_from(RoutingDirty)).scalar_one())

    database.run(_SCOPE, read)
    return generate_latest(registry)


def _database(session: Session) -> dict[str, Any]:
    present = session.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    known = expected_revisions()
    # A revision this code does not know was made by newer code: the schema is ahead, and old code still runs on it.
    is_behind = not present or (present[0] in known and present[0] != known[-1])
    return {
        "database": "ok",
        "migrations": {"status": "behind" if is_behind else "ok", "found": list(present), "expected": known[-1]},
        "oldest_due_seconds": _oldest_due_seconds(session),
        "pools_without_dispatcher": session.execute(_UNLED).scalar_one(),
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
