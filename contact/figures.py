"""The figures behind /metrics: what this machine's processes counted, and what stands in the database and in Redis.

Counts and ids only. What is read from the database is the same on every machine: take the largest, not the sum.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import redis
import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import metrics
from config.settings import Settings
from config.topics import QUEUES
from contact import pulse
from contact.domain.errors import Unavailable
from contact.scope import Scope
from contact.unit_of_work import Database

_SCOPE = Scope(action="figures")
REDIS_SECONDS = 1
log = structlog.get_logger()

# Name without prefix, help, labels, and a question that answers with the labels' values and the figure.
# The two partial indexes of the outbox carry the first: rows that are done are not counted.
_QUESTIONS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "outbox_rows",
        "Outbox rows that are not done, and those that ended badly",
        ("topic", "state"),
        """SELECT topic, state, count(*) FROM outbox WHERE state IN ('due', 'sending', 'looking_up') GROUP BY 1, 2
           UNION ALL
           SELECT topic, state, count(*) FROM outbox WHERE state IN ('failed', 'quarantined', 'outcome_unknown')
           GROUP BY 1, 2""",
    ),
    (
        "outbox_oldest_due_seconds",
        "For how long the oldest row has been due",
        ("topic",),
        """SELECT topic, extract(epoch FROM now() - min(due_at)) FROM outbox
           WHERE state IN ('due', 'looking_up') AND due_at <= now() GROUP BY topic""",
    ),
    (
        "routing_dirty_rows",
        "Changes that the dispatcher has not read yet",
        ("pool_id",),
        "SELECT pool_id, count(*) FROM routing_dirty GROUP BY pool_id",
    ),
    (
        "pool_led",
        "1 while a dispatcher leads the pool",
        ("pool_id",),
        """SELECT id, coalesce(leased_until > now(), false)::int FROM pool LEFT JOIN lease ON pool_id = id""",
    ),
    (
        "pool_epoch",
        "Rises with each dispatcher that takes the pool over",
        ("pool_id",),
        "SELECT id, coalesce(epoch, 0) FROM pool LEFT JOIN lease ON pool_id = id",
    ),
    (
        "contacts",
        "Contacts waiting, offered or served",
        ("queue_id", "channel", "state"),
        "SELECT queue_id, channel, state, contacts FROM contact_figures()",
    ),
    (
        "contact_oldest_seconds",
        "Since the oldest of them was enqueued",
        ("queue_id", "channel", "state"),
        "SELECT queue_id, channel, state, oldest_seconds FROM contact_figures()",
    ),
    (
        "synthetic_last_success_timestamp_seconds",
        "When the synthetic citizen was last answered; 0 for never",
        ("pool_id",),
        "SELECT pool_id, coalesce(extract(epoch FROM succeeded_at), 0) FROM probe",
    ),
    ("synthetic_seconds", "How long that took", ("pool_id",), "SELECT pool_id, coalesce(seconds, 0) FROM probe"),
    (
        "synthetic_failures",
        "Its tries that failed, since it was installed",
        ("pool_id",),
        "SELECT pool_id, failures FROM probe",
    ),
    (
        "waits_told",
        "Waits of the last day that were told when they began, by whether they were kept",
        ("queue_id", "kept"),
        "SELECT queue_id, kept, waits FROM wait_scores()",
    ),
    ("agents", "Agents by state", ("pool_id", "state"), "SELECT pool_id, state, agents FROM agent_figures()"),
)


class House(Collector):
    """Asks the database and Redis when it is scraped. One that does not answer is told as such; the rest is there."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings

    def collect(self) -> Iterable[Metric]:
        """The figures of both, each with a gauge that says whether it answered."""
        for name, read in (("database", self._database), ("redis", self._redis)):
            up = GaugeMetricFamily(f"guichet_{name}_up", "1 when it answered this scrape")
            try:
                found = read()
            except (Unavailable, SQLAlchemyError, redis.RedisError) as fault:
                log.warning("figures_missing", of=name, fault=type(fault).__name__)
                found = []
                up.add_metric([], 0)
            else:
                up.add_metric([], 1)
            yield up
            yield from found

    def _database(self) -> list[Metric]:
        return self.database.run(_SCOPE, lambda session: [*_answers(session), *_processes(session)])

    def _redis(self) -> list[Metric]:
        times = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
        client = redis.Redis.from_url(self.settings.redis_url or "", **times)
        try:
            return list(_queues(client))
        finally:
            client.close()


def exposition(database: Database, settings: Settings) -> bytes:
    """Everything, in Prometheus's text form."""
    registry = CollectorRegistry()
    registry.register(House(database, settings))
    # First: what fails here is counted, too.
    told = generate_latest(registry)
    return told + generate_latest(metrics.of_this_machine())


def _family(name: str, told: str, labels: tuple[str, ...], rows: Iterable[Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"guichet_{name}", told, labels=labels)
    for *values, figure in rows:
        family.add_metric([str(value) for value in values], float(figure))
    return family


def _answers(session: Session) -> Iterator[Metric]:
    for name, told, labels, question in _QUESTIONS:
        yield _family(name, told, labels, session.execute(text(question)))


def _processes(session: Session) -> Iterator[Metric]:
    seen = pulse.figures(session)
    working = [(name, one["working"]) for name, one in seen.items()]
    ages = [(name, one["last_round_seconds"]) for name, one in seen.items()]
    yield _family("processes", "Processes that work, by name", ("process",), working)
    told = "Since the last complete round of a process of that name"
    yield _family("process_last_round_seconds", told, ("process",), ages)


def _queues(client: redis.Redis) -> Iterator[Metric]:
    queues = {name: Queue(name, connection=client, serializer=JSONSerializer) for name in QUEUES}
    states: dict[str, Callable[[Queue], int]] = {
        "queued": lambda queue: queue.count,
        "started": lambda queue: queue.started_job_registry.count,
        "failed": lambda queue: queue.failed_job_registry.count,
    }
    rows = [(name, state, count(queue)) for name, queue in queues.items() for state, count in states.items()]
    yield _family("jobs_in_queue", "Jobs in Redis; failed ones are kept for an hour", ("queue", "state"), rows)
    ages = [(name, _oldest_seconds(queue)) for name, queue in queues.items()]
    yield _family("jobs_oldest_seconds", "Since the oldest waiting job was enqueued", ("queue",), ages)


def _oldest_seconds(queue: Queue) -> float:
    """0 with nobody waiting; a job taken between the two questions waits no more."""
    for job_id in queue.get_job_ids(0, 1):
        try:
            enqueued_at = Job.fetch(job_id, connection=queue.connection, serializer=JSONSerializer).enqueued_at
        except NoSuchJobError:
            continue
        if enqueued_at is not None:
            return metrics.age_seconds(enqueued_at)
    return 0.0
