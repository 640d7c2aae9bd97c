"""One RQ worker on one queue."""

import importlib

import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from config.settings import Settings
from config.topics import TOPICS

# Short, so that a killed worker is forgotten soon; the relay's leases are what recovers its job.
TTL_SECONDS = 30
MAINTENANCE_SECONDS = 10


def work(settings: Settings, queue: str) -> None:
    """Work until SIGTERM, finishing the job in hand."""
    # Imported once here, so that each forked work horse need not.
    for topic in TOPICS.values():
        importlib.import_module(topic.job.rpartition(".")[0])
    connection = redis.Redis.from_url(settings.redis_url or "", socket_connect_timeout=5)
    Worker(
        [Queue(queue, connection=connection, serializer=JSONSerializer)],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        log_job_description=False,
    ).work(logging_level="WARNING", with_scheduler=False)
