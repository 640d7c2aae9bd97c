"""Waiting until nothing moves any more, within a bound, and saying what is waited for."""

import time
from collections.abc import Callable

import psycopg
import redis

from bench.torture.checks.left import FINAL, SILENCE
from config.topics import QUEUES

# Each counts what is still moving.
_MOVING = {
    "outbox rows": "SELECT count(*) FROM outbox WHERE NOT (state = ANY(%(final)s)"
    " OR topic = %(silence)s AND state = 'due' AND due_at > now())",
    "changes the dispatcher has not read": "SELECT count(*) FROM routing_dirty",
    "open offers": "SELECT count(*) FROM offer WHERE state = 'offered'",
    "wrap-ups": "SELECT count(*) FROM assignment WHERE state = 'wrapping'",
    "pools that nobody leads": "SELECT count(*) FROM pool WHERE NOT EXISTS"
    " (SELECT FROM lease WHERE pool_id = pool.id AND leased_until > now())",
    "transactions that idle": "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"
    " AND state_change < clock_timestamp() - interval '5 seconds'",
}
# Once is no proof: between two looks a decision may have been on its way.
LOOKS = 3


def moving(admin_url: str, redis_url: str) -> dict[str, int]:
    """What still moves, and how much of it; empty when all is quiet."""
    values = {"final": list(FINAL), "silence": SILENCE}
    try:
        with psycopg.connect(admin_url, connect_timeout=3) as connection:
            rows = {name: connection.execute(query, values).fetchone() for name, query in _MOVING.items()}
        found = {name: row[0] if row else 0 for name, row in rows.items()} | left_in_redis(redis_url)
    except (psycopg.Error, redis.RedisError) as fault:
        return {f"a server that answers ({type(fault).__name__})": 1}
    return {name: count for name, count in found.items() if count}


def left_in_redis(redis_url: str) -> dict[str, int]:
    """Jobs in the queues, in RQ's intermediate lists and among its started ones."""
    with redis.Redis.from_url(redis_url, socket_timeout=3, decode_responses=True) as client:
        found = {}
        for queue in QUEUES:
            found[f"jobs in {queue}"] = client.llen(f"rq:queue:{queue}")
            found[f"jobs left between queue and worker of {queue}"] = client.llen(f"rq:queue:{queue}:intermediate")
            found[f"jobs begun in {queue}"] = client.zcard(f"rq:wip:{queue}")
        return found


def wait(
    admin_url: str, redis_url: str, seconds: float, say: Callable[[str], None], also: Callable[[], dict[str, int]]
) -> dict[str, int]:
    """Until it is quiet, or for *seconds*; what still moves then. *also* counts what the torture itself waits for."""
    deadline = time.monotonic() + seconds
    looks = 0
    told_at = 0.0
    while True:
        found = moving(admin_url, redis_url) | also()
        looks = 0 if found else looks + 1
        if looks >= LOOKS or time.monotonic() > deadline:
            return found
        if found and time.monotonic() - told_at > 5:
            told_at = time.monotonic()
            left = ", ".join(f"{count} {name}" for name, count in found.items())
            say(f"waiting up to {deadline - told_at:.0f} s more for: {left}")
        time.sleep(0.7)
