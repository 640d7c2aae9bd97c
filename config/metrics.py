"""What each process counts of itself; with PROMETHEUS_MULTIPROC_DIR set, all of a machine count in one folder.

Each process counts in the files of a numbered place, which it holds by a lock: one that is started again goes on where
the one before ended, and crashes leave no new files behind. Never imported by gunicorn's parent, which forks.
"""

import fcntl
import itertools
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")


def _locked(path: Path) -> IO[str] | None:
    lock = path.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def _place() -> tuple[str, IO[str]]:
    """The first free place; it is ours while its lock is open."""
    Path(FOLDER).mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        lock = _locked(Path(FOLDER, f"{number}.lock"))
        if lock is not None:
            return str(number), lock
    raise AssertionError("unreachable")


def _forget_live(number: str) -> None:
    """What is only true of a living process."""
    for path in Path(FOLDER).glob(f"gauge_live*_{number}.db"):
        with suppress(FileNotFoundError):
            path.unlink()


if FOLDER:
    PLACE, _lock = _place()
    _forget_live(PLACE)
    untyped: Any = values
    # Fixed, not by process number: RQ forks a process for each job, and what it counts belongs to its worker.
    untyped.ValueClass = untyped.MultiProcessValue(lambda: PLACE)

requests = Counter("guichet_http_requests", "Requests answered", ["method", "route", "status"])
request_seconds = Histogram("guichet_http_request_seconds", "Time to answer a request", ["method", "route"])
refusals = Counter("guichet_http_refusals", "Refusals, by their stable code", ["status", "code"])
sign_in_failures = Counter("guichet_sign_in_failures", "Sign-ins refused: unknown, wrong or locked")
sockets_open = Gauge("guichet_sockets_open", "Sockets open", ["who"], multiprocess_mode="livesum")
signatures_refused = Counter(
    "guichet_signatures_refused", "Requests at the door that were not signed", ["channel", "reason"]
)
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
valve_mode = Gauge(
    "guichet_valve_mode",
    "Voice by campaign: 0 open, 1 advise, 2 throttle, 3 essential only",
    ["campaign_id"],
    multiprocess_mode="mostrecent",
)
valve_rate = Gauge(
    "guichet_valve_calls_per_second",
    "Voice by campaign: `rate` fills the bucket, `capacity` is what agents can do",
    ["campaign_id", "what"],
    multiprocess_mode="mostrecent",
)
valve_wait = Gauge(
    "guichet_valve_expected_wait_seconds",
    "Voice by campaign: what whoever is let in now may expect",
    ["campaign_id"],
    multiprocess_mode="mostrecent",
)
valve_asked = Counter("guichet_valve_asked", "Calls put to a campaign's bucket", ["campaign_id"])
valve_refused = Counter("guichet_valve_refused", "Calls that the bucket refused, by rule", ["campaign_id", "rule"])
relay_rows = Counter("guichet_relay_rows", "Rows handed on to the workers", ["topic"])
relay_faults = Counter("guichet_relay_faults", "Rounds that found no database or no Redis")
relay_orphans = Counter("guichet_relay_orphans", "Sent by a worker that was lost: proof is looked for")


def of_this_machine() -> CollectorRegistry:
    """What all processes that share the folder have counted; without one, this process alone."""
    if not FOLDER:
        return REGISTRY
    for number in _abandoned():
        _forget_live(number)
    registry = CollectorRegistry()
    collect: Any = MultiProcessCollector
    collect(registry, FOLDER)
    return registry


def _abandoned() -> Iterator[str]:
    """The places whose process has ended; each is held while it is cleared."""
    for path in Path(FOLDER).glob("*.lock"):
        lock = None if path.stem == PLACE else _locked(path)
        if lock is not None:
            with lock:
                yield path.stem


def age_seconds(since: datetime) -> float:
    """By this machine's clock; never below nothing."""
    return max(0.0, (datetime.now(UTC) - since.replace(tzinfo=since.tzinfo or UTC)).total_seconds())
