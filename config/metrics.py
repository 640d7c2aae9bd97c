"""What each process counts of itself; with PROMETHEUS_MULTIPROC_DIR set, all of a machine count in one folder.

Imported by a process before it has any threads, and never by gunicorn's parent: files carry the process's name.
"""

import os
import re
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
_HOST = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
_OWN = f"{_HOST}-{os.getpid()}"

if FOLDER:
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    # By host too: in containers every process has the same number. Fixed at import: RQ forks a process for each job,
    # and what it counts belongs to its worker.
    untyped: Any = values
    untyped.ValueClass = untyped.MultiProcessValue(lambda: _OWN)

requests = Counter("guichet_http_requests", "Requests answered", ["method", "route", "status"])
request_seconds = Histogram("guichet_http_request_seconds", "Time to answer a request", ["method", "route"])
refusals = Counter("guichet_http_refusals", "Refusals, by their stable code", ["status", "code"])
sign_in_failures = Counter("guichet_sign_in_failures", "Sign-ins refused: unknown, wrong or locked")
sockets_open = Gauge("guichet_sockets_open", "Sockets open", ["who"], multiprocess_mode="livesum")
units_retried = Counter("guichet_units_retried", "Transactions run again after a lost race or connection")
units_failed = Counter("guichet_units_failed", "Transactions given up after several tries")
connections_used = Gauge(
    "guichet_database_connections_used", "Web: connections in use", [], multiprocess_mode="livesum"
)
connections_max = Gauge("guichet_database_connections_max", "Web: size of the pools", [], multiprocess_mode="livesum")
jobs = Counter("guichet_jobs", "Jobs ended, by outcome: done, failed, killed", ["queue", "outcome"])
job_seconds = Histogram("guichet_job_seconds", "Time from taking a job to its end", ["queue"])
batches = Counter("guichet_dispatcher_batches", "Batches committed", ["pool_id"])
decisions = Counter("guichet_dispatcher_decisions", "Decisions committed, by kind", ["pool_id", "kind"])
batch_seconds = Histogram(
    "guichet_dispatcher_batch_seconds",
    "Time to read, decide and commit a batch",
    ["pool_id"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2),
)
engine_size = Gauge(
    "guichet_dispatcher_engine_size", "Held in memory", ["pool_id", "what"], multiprocess_mode="mostrecent"
)
led_since = Gauge(
    "guichet_dispatcher_led_since_timestamp_seconds",
    "When the present epoch's engine was built",
    ["pool_id"],
    multiprocess_mode="max",
)
dispatcher_turned = Gauge(
    "guichet_dispatcher_turned_timestamp_seconds", "When a dispatcher last went round", multiprocess_mode="max"
)
relay_turned = Gauge("guichet_relay_turned_timestamp_seconds", "When a relay last went round", multiprocess_mode="max")
relay_rows = Counter("guichet_relay_rows", "Rows handed on to the workers", ["topic"])
relay_faults = Counter("guichet_relay_faults", "Rounds that found no database or no Redis")
relay_orphans = Counter("guichet_relay_orphans", "Sent by a worker that was lost: proof is looked for")


def of_this_machine() -> CollectorRegistry:
    """What all processes that share the folder have counted; without one, this process alone."""
    if not FOLDER:
        return REGISTRY
    registry = CollectorRegistry()
    collect: Any = MultiProcessCollector
    collect(registry, FOLDER)
    return registry


def begin() -> None:
    """Take away what is only true of the living, of this host's processes that have ended."""
    for path in Path(FOLDER).glob(f"gauge_live*_{_HOST}-*.db") if FOLDER else ():
        number = path.stem.rpartition("-")[2]
        if number.isdigit() and int(number) != os.getpid() and not Path(f"/proc/{number}").exists():
            with suppress(FileNotFoundError):
                path.unlink()


def empty(folder: Path) -> None:
    """Forget everything: at the start of a machine's first process, before any counts."""
    for path in folder.glob("*.db"):
        path.unlink(missing_ok=True)
