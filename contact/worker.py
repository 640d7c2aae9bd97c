"""One RQ worker on one queue."""

import importlib
import os
import time
from typing import Any

import redis
import structlog
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy.orm import configure_mappers

from config import metrics
from config.settings import Settings
from config.topics import TOPICS
from contact.pulse import Pulse
from contact.unit_of_work import Database

# Short, so that a killed worker is forgotten soon; the relay's leases are what recovers its job.
TTL_SECONDS = 30
MAINTENANCE_SECONDS = 10
# What nobody waits for at a telephone leaves the processors to what somebody does.
NICE = {"simulation": 10}
log = structlog.get_logger()


class OurWorker(Worker):
    """Counts and tells here, in the parent: its work horses come and go, and one that is killed counts nothing."""

    def __init__(self, *arguments: Any, pulse: Pulse, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.pulse = pulse

    def heartbeat(self, *arguments: Any, **named: Any) -> None:
        """Between two jobs, and while one runs."""
        super().heartbeat(*arguments, **named)
        if not self.is_horse:
            self.pulse.beat()
            # A fork must not find an open connection of its parent's.
            self.pulse.database.engine.dispose()

    def execute_job(self, job: Job, queue: Any) -> None:
        """Run *job* in a work horse, and count how it ended."""
        began, self.is_killed = time.perf_counter(), False
        super().execute_job(job, queue)
        outcome = "killed" if self.is_killed else _outcome(job)
        metrics.job_seconds.labels(queue.name).observe(time.perf_counter() - began)
        metrics.jobs.labels(queue.name, outcome).inc()

    def handle_work_horse_killed(self, *_: Any) -> None:
        """RQ's hook, in the parent."""
        self.is_killed = True
        log.error("work_horse_killed")


def _outcome(job: Job) -> str:
    """RQ forgets what is done (`result_ttl=0`) and keeps what failed."""
    try:
        return "failed" if job.get_status() == JobStatus.FAILED else "done"
    except InvalidJobOperation:
        return "done"


def prepare() -> None:
    """Import what any job needs, once: each is run by a fork, which would import it for itself alone."""
    for topic in TOPICS.values():
        importlib.import_module(topic.job.rpartition(".")[0])
    configure_mappers()


def work(settings: Settings, database: Database, queue: str) -> None:
    """Work until SIGTERM, finishing the job in hand."""
    os.nice(NICE.get(queue, 0))
    prepare()
    connection = redis.Redis.from_url(settings.redis_url or "", socket_connect_timeout=5)
    pulse = Pulse(database, f"worker:{queue}")
    OurWorker(
        [Queue(queue, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
        pulse=pulse,
    ).work(logging_level="WARNING", with_scheduler=False)
    pulse.end()
