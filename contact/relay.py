"""The one loop over due outbox rows: lease them, hand them to RQ; woken by NOTIFY, and once a second anyway."""

import math
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import redis
import structlog
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import metrics
from config.settings import Settings
from config.topics import QUEUES, TOPICS
from contact.domain.errors import Unavailable
from contact.listener import Listener
from contact.outbox import RELAY_CHANNEL, notify
from contact.pulse import Pulse
from contact.scope import Scope
from contact.unit_of_work import Database

BATCH = 200
SWEEP_SECONDS = 1.0
CATCH_UP = "voice.catch_up"
# Beyond this many jobs in a queue its rows wait in the database, where they keep their order.
QUEUED_MAX = 500
_SCOPE = Scope(action="relay")
log = structlog.get_logger()

# A row waits for every earlier row of its order key that is not finished. One whose job still stands in its queue is
# not handed on again, however long ago that was: copies would only make the queue longer.
_TAKE = text(
    """
    UPDATE outbox SET lease = gen_random_uuid(), leased_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE id IN (
        SELECT o.id FROM outbox o
        WHERE o.topic = ANY(:topics) AND o.state IN ('due', 'looking_up') AND o.due_at <= clock_timestamp()
          AND (o.leased_until IS NULL OR o.leased_until < clock_timestamp())
          AND NOT coalesce(o.lease = ANY(:queued), false)
          AND (o.order_key IS NULL OR NOT EXISTS (
              SELECT FROM outbox earlier WHERE earlier.order_key = o.order_key AND earlier.sequence < o.sequence
                AND earlier.state IN ('due', 'sending', 'looking_up')))
        ORDER BY o.due_at LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING id, topic, state, lease
    """
).bindparams(bindparam("queued", type_=ARRAY(Uuid)))
# A claimed row without a result: its worker was killed, perhaps after sending. Proof is looked for; never due again.
_ORPHANS = text(
    """
    UPDATE outbox SET state = 'looking_up', failure = 'worker_lost', lease = NULL, leased_until = NULL,
        due_at = claimed_at + make_interval(secs => :wait)
    WHERE state = 'sending' AND claimed_at < clock_timestamp() - make_interval(secs => :seconds)
    RETURNING id, tenant_id, topic
    """
)

_LOOK_AT_CALLS = text(
    """
    WITH made AS (
        INSERT INTO outbox (id, topic, tenant_id, ids, order_key, state, attempt, empty_look_ups)
        SELECT gen_random_uuid(), :topic, a.tenant_id, jsonb_build_object('account_id', a.id),
               'catch-up:' || a.id, 'due', 0, 0
        FROM carrier_account a WHERE a.disabled_at IS NULL AND NOT EXISTS (
            SELECT FROM outbox o
            WHERE o.order_key = 'catch-up:' || a.id AND o.state IN ('due', 'sending', 'looking_up'))
        RETURNING id)
    SELECT count(*) FROM made
    """
)


def relay(database: Database, settings: Settings, should_stop: Callable[[], bool], pulse: Pulse) -> None:
    """Run until told to stop. Without Redis or the database the rows keep their turn."""
    connection = redis.Redis.from_url(settings.redis_url or "", socket_timeout=5, socket_connect_timeout=2)
    listener = Listener(database, RELAY_CHANNEL)
    looked_at = -math.inf
    while not should_stop():
        try:
            if 0 < settings.catch_up_seconds < time.monotonic() - looked_at:
                database.run(_SCOPE, look_at_calls)
                looked_at = time.monotonic()
            queued = _queued(connection)
            taken = database.run(_SCOPE, lambda session, queued=queued: _take(session, settings, queued))  # type: ignore[misc]
            _hand_on(connection, taken, settings.job_seconds)
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


def look_at_calls(session: Session) -> None:
    """Let each telephone account's calls be looked at, also those of the time before we were started."""
    if session.scalar(_LOOK_AT_CALLS, {"topic": CATCH_UP}):
        notify(session, RELAY_CHANNEL)


def _queue(name: str, connection: redis.Redis) -> Queue:
    return Queue(name, connection=connection, serializer=JSONSerializer)


def _queued(connection: redis.Redis) -> dict[str, list[str]]:
    """The jobs in each queue, named by their rows' leases. Asked first: without Redis no row is leased."""
    return {name: _queue(name, connection).get_job_ids() for name in QUEUES}


def _take(session: Session, settings: Settings, queued: dict[str, list[str]]) -> list[Any]:
    # A job that was ended for its time has had a moment more to say so.
    values: dict[str, Any] = {"wait": settings.unknown_outcome_seconds, "seconds": settings.job_seconds + 5}
    lost = session.execute(_ORPHANS, values).all()
    for row in lost:
        log.error("worker_lost", outbox_id=str(row.id), tenant_id=str(row.tenant_id), topic=row.topic)
    metrics.relay_orphans.inc(len(lost))
    values = {
        "seconds": settings.relay_lease_seconds,
        "most": BATCH,
        "topics": [name for name, topic in TOPICS.items() if len(queued[topic.queue]) < QUEUED_MAX],
        "queued": [UUID(lease) for leases in queued.values() for lease in leases],
    }
    return list(session.execute(_TAKE, values).all())


def _hand_on(connection: redis.Redis, rows: list[Any], job_seconds: int) -> None:
    """Enqueue one job a row, under the name of its lease. A job handed on twice finds its row claimed."""
    for row in rows:
        topic = TOPICS[row.topic]
        arguments = [str(row.id), *([True] if row.state == "looking_up" else [])]
        _queue(topic.queue, connection).enqueue_call(
            topic.job,
            args=tuple(arguments),
            job_id=str(row.lease),
            timeout=job_seconds,
            result_ttl=0,
            failure_ttl=3600,
        )
        metrics.relay_rows.labels(row.topic).inc()
    if rows:
        log.info("rows_handed_on", rows=len(rows))
