"""The one loop over due outbox rows: lease them, hand them to RQ; woken by NOTIFY, and once a second anyway."""

from collections.abc import Callable
from typing import Any

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import metrics
from config.settings import Settings
from config.topics import QUEUES, TOPICS
from contact.domain.errors import Unavailable
from contact.listener import Listener
from contact.outbox import RELAY_CHANNEL
from contact.pulse import Pulse
from contact.scope import Scope
from contact.unit_of_work import Database

BATCH = 200
SWEEP_SECONDS = 1.0
JOB_SECONDS = 60
# Beyond this many jobs in a queue its rows wait in the database, where they keep their order.
QUEUED_MAX = 500
_SCOPE = Scope(action="relay")
log = structlog.get_logger()

# A row waits for every earlier row of its order key that is not finished.
_TAKE = text(
    """
    UPDATE outbox SET lease = gen_random_uuid(), leased_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE id IN (
        SELECT o.id FROM outbox o
        WHERE o.topic = ANY(:topics) AND o.state IN ('due', 'looking_up') AND o.due_at <= clock_timestamp()
          AND (o.leased_until IS NULL OR o.leased_until < clock_timestamp())
          AND (o.order_key IS NULL OR NOT EXISTS (
              SELECT FROM outbox earlier WHERE earlier.order_key = o.order_key AND earlier.sequence < o.sequence
                AND earlier.state IN ('due', 'sending', 'looking_up')))
        ORDER BY o.due_at LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING id, topic, state
    """
)
# A claimed row without a result: its worker was killed, perhaps after sending. Proof is looked for; never due again.
_ORPHANS = text(
    """
    UPDATE outbox SET state = 'looking_up', failure = 'worker_lost', lease = NULL, leased_until = NULL,
        due_at = claimed_at + make_interval(secs => :wait)
    WHERE state = 'sending' AND claimed_at < clock_timestamp() - make_interval(secs => :seconds)
    RETURNING id, tenant_id, topic
    """
)


def relay(database: Database, settings: Settings, should_stop: Callable[[], bool], pulse: Pulse) -> None:
    """Run until told to stop. Without Redis or the database the rows keep their turn."""
    connection = redis.Redis.from_url(settings.redis_url or "", socket_timeout=5, socket_connect_timeout=2)
    listener = Listener(database, RELAY_CHANNEL)
    metrics.begin()
    while not should_stop():
        metrics.relay_turned.set_to_current_time()
        try:
            topics = _open_topics(connection)
            taken = database.run(_SCOPE, lambda session, topics=topics: _take(session, settings, topics))  # type: ignore[misc]
            _hand_on(connection, taken)
            pulse.beat()
        except (redis.RedisError, Unavailable, SQLAlchemyError) as fault:
            # Rows that were leased and not handed on are due again when their lease runs out.
            metrics.relay_faults.inc()
            log.warning("relay_waits", fault=type(fault).__name__)
            taken = []
        if len(taken) < BATCH:
            listener.wait(SWEEP_SECONDS)
    listener.close()
    pulse.end()


def _queue(name: str, connection: redis.Redis) -> Queue:
    return Queue(name, connection=connection, serializer=JSONSerializer)


def _open_topics(connection: redis.Redis) -> list[str]:
    """The topics whose queue has room. Asked first: without Redis no row is leased."""
    room = {name for name in QUEUES if _queue(name, connection).count < QUEUED_MAX}
    return [name for name, topic in TOPICS.items() if topic.queue in room]


def _take(session: Session, settings: Settings, topics: list[str]) -> list[Any]:
    lost = session.execute(_ORPHANS, {"wait": settings.unknown_outcome_seconds, "seconds": JOB_SECONDS + 5}).all()
    for row in lost:
        log.error("worker_lost", outbox_id=str(row.id), tenant_id=str(row.tenant_id), topic=row.topic)
    metrics.relay_orphans.inc(len(lost))
    values = {"seconds": settings.relay_lease_seconds, "most": BATCH, "topics": topics}
    return list(session.execute(_TAKE, values).all())


def _hand_on(connection: redis.Redis, rows: list[Any]) -> None:
    """Enqueue one job a row. A job handed on twice finds its row claimed."""
    for row in rows:
        topic = TOPICS[row.topic]
        arguments = [str(row.id), *([True] if row.state == "looking_up" else [])]
        _queue(topic.queue, connection).enqueue_call(
            topic.job, args=tuple(arguments), timeout=JOB_SECONDS, result_ttl=0, failure_ttl=3600
        )
        metrics.relay_rows.labels(row.topic).inc()
    if rows:
        log.info("rows_handed_on", rows=len(rows))
