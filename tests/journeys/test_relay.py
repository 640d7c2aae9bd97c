"""The relay between the outbox and the queues: nothing is forgotten, and no queue grows by copies of itself."""

from collections.abc import Iterator

import pytest
import redis
from sqlalchemy import text

from config.settings import Settings
from contact import relay
from contact.outbox import defer
from contact.scope import Scope
from contact.unit_of_work import Database

SCOPE = Scope(action="test")


@pytest.fixture
def queues(settings: Settings) -> Iterator[redis.Redis]:
    """A Redis database of this test's own on the run's server."""
    with redis.Redis.from_url(f"{settings.redis_url.rpartition('/')[0]}/15") as connection:
        connection.flushdb()
        yield connection
        connection.flushdb()


def turn(queues: redis.Redis, engine_database: Database, settings: Settings) -> int:
    """One round of the relay; how many jobs the default queue then holds."""
    queued = relay._queued(queues)
    taken = engine_database.run(SCOPE, lambda session: relay._take(session, settings, queued))
    relay._hand_on(queues, taken, settings.job_seconds)
    return len(relay._queued(queues)["default"])


def lease_runs_out(database: Database) -> None:
    past = text("UPDATE outbox SET leased_until = now() - interval '1 second' WHERE lease IS NOT NULL")
    database.run(SCOPE, lambda session: session.execute(past) and None)


def test_a_long_queue_gets_no_copies(
    queues: redis.Redis, database: Database, engine_database: Database, settings: Settings
):
    """A row whose job still stands in its queue when the lease runs out is not handed on a second time."""
    database.run(SCOPE, lambda session: defer(session, "work.give_back", contact_id=1) and None)
    assert turn(queues, engine_database, settings) == 1

    lease_runs_out(database)

    assert turn(queues, engine_database, settings) == 1


def test_a_queue_that_vanished_is_filled_again(
    queues: redis.Redis, database: Database, engine_database: Database, settings: Settings
):
    """Redis came back empty: when the lease runs out the row's job is there again."""
    database.run(SCOPE, lambda session: defer(session, "work.give_back", contact_id=1) and None)
    turn(queues, engine_database, settings)

    queues.flushdb()
    assert turn(queues, engine_database, settings) == 0
    lease_runs_out(database)

    assert turn(queues, engine_database, settings) == 1
