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

from config.settings import Settings
from config.topics import TOPICS
from contact.listener import Listener
from contact.outbox import RELAY_CHANNEL
from contact.scope import Scope
from contact.unit_of_work import Database

BATCH = 200
SWEEP_SECONDS = 1.0
JOB_SECONDS = 60
_SCOPE = Scope(action="relay")
log = structlog.get_logger()

# A row waits for every earlier row of its order key that is not finished.
_TAKE = text(
    """
    UPDATE outbox SET lease = gen_random_uuid(), leased_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE id IN (
        SELECT o.id FROM outbox o
        WHERE o.state IN ('due', 'looking_up') AND o.due_at <= clock_timestamp()
          AND (o.leased_until IS NULL OR o.leased_until < clock_timestamp())
          AND (o.order_key IS NULL OR NOT EXISTS (
              SELECT FROM outbox earlier WHERE earlier.order_key = o.order_key AND earlier.sequence < o.sequence
                AND earlier.state IN ('due', 'sending', 'looking_up')))
        ORDER BY o.due_at LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING id, topic, state, lease
    """
)
# A claimed row without a result: its worker was killed, perhaps after sending. Proof is looked for; never due again.
_ORPHANS = text(
    """
    UPDATE outbox SET state = 'looking_up', failure = 'worker_lost', lease = NULL, leased_until = NULL,
        due_at = claimed_at + make_interval(secs => :wait)
    WHERE state = 'sending' AND claimed_at < clock_timestamp() - make_interval(secs => :seconds)
    """
)
_RETURN = text("UPDATE outbox SET lease = NULL, leased_until = NULL WHERE lease = ANY(:leases)")


def relay(database: Database, settings: Settings, should_stop: Callable[[], bool]) -> None:
    """Run until told to stop. Without Redis the rows keep their turn and are handed on when it is back."""
    connection = redis.Redis.from_url(settings.redis_url or "", socket_timeout=5, socket_connect_timeout=2)
    listener = Listener(database, RELAY_CHANNEL)
    while not should_stop():
        try:
            taken = database.run(_SCOPE, lambda session: _take(session, settings))
        except Exception as fault:
            # The database is away; the rows are safe in it.
            log.warning("relay_waits", fault=type(fault).__name__)
            listener.wait(SWEEP_SECONDS)
            continue
        if taken and not _hand_on(connection, taken):
            _give_back(database, taken)
            listener.wait(SWEEP_SECONDS)
        elif len(taken) < BATCH:
            listener.wait(SWEEP_SECONDS)
    listener.close()


def _take(session: Session, settings: Settings) -> list[Any]:
    session.execute(_ORPHANS, {"wait": settings.unknown_outcome_seconds, "seconds": JOB_SECONDS + 5})
    return list(session.execute(_TAKE, {"seconds": settings.relay_lease_seconds, "most": BATCH}).all())


def _hand_on(connection: redis.Redis, rows: list[Any]) -> bool:
    """Enqueue one job a row; False when Redis cannot be reached. A job handed on twice finds its row claimed."""
    try:
        for row in rows:
            topic = TOPICS[row.topic]
            arguments = [str(row.id), str(row.lease), *([True] if row.state == "looking_up" else [])]
            Queue(topic.queue, connection=connection, serializer=JSONSerializer).enqueue_call(
                topic.job, args=tuple(arguments), timeout=JOB_SECONDS, result_ttl=0, failure_ttl=3600
            )
    except redis.RedisError as fault:
        log.warning("redis_away", fault=type(fault).__name__, rows=len(rows))
        return False
    return True


def _give_back(database: Database, rows: list[Any]) -> None:
    """Not handed on: due again at once. Should this fail too, the leases run out by themselves."""
    try:
        database.run(_SCOPE, lambda session: session.execute(_RETURN, {"leases": [row.lease for row in rows]}) and None)
    except SQLAlchemyError as fault:
        log.warning("leases_left", fault=type(fault).__name__)
