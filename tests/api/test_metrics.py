"""The figures: what stands in the database and in Redis, and places that survive who counted in them."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import redis
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import create_engine, text

from config.settings import Settings
from contact.unit_of_work import Database
from contact.web import create_app
from tests.config.conftest import ROOT, eventually
from tests.figures import Figures
from tests.people import Citizen, Staff, leader

COUNT = """
import sys, time
from config import metrics
metrics.sign_in_failures.inc(int(sys.argv[1]))
metrics.sockets_open.labels("visitor").set(1)
print(metrics.PLACE, flush=True)
sys.stdin.read()
"""
READ = """
from prometheus_client import generate_latest
from config import metrics
print(generate_latest(metrics.of_this_machine()).decode())
"""


def scrape(app: Flask) -> Figures:
    return Figures(app.test_client().get("/metrics").get_data(as_text=True))


def test_what_waits_and_who_serves(app: Flask, engine_database: Database, settings: Settings):
    """A contact is counted where it stands, an agent by their state, a pool by whether somebody leads it."""
    before = scrape(app)
    Citizen(app).start()
    amelie = Staff(app, "amelie@accueil.example")
    amelie.ready()
    waiting = scrape(app)
    leads = leader(engine_database, settings)
    leads.step()
    offered = scrape(app)

    assert before.sum("guichet_contacts") == 0
    assert waiting.sum("guichet_contacts", channel="chat", state="waiting") == 1
    assert waiting.sum("guichet_agents", state="ready") == before.sum("guichet_agents", state="ready") + 1
    assert (waiting.sum("guichet_pool_led"), offered.sum("guichet_pool_led")) == (0, 1)
    assert waiting.sum("guichet_routing_dirty_rows") >= 2
    assert offered.sum("guichet_routing_dirty_rows") == 0
    assert offered.sum("guichet_contacts", channel="chat", state="offered") == 1
    assert offered.sum("guichet_pool_epoch") == leads.epoch


def test_work_by_state_and_age(app: Flask, settings: Settings):
    """Rows that are due, and those that ended badly, however long ago; rows that are done are no matter of concern."""
    ended = ("failed", "quarantined", "outcome_unknown", "done")
    owner = create_engine(settings.database_owner_url or "")
    with owner.begin() as connection:
        insert = text(
            "INSERT INTO outbox (id, topic, state, attempt, empty_look_ups, due_at, finished_at)"
            " VALUES (gen_random_uuid(), 'sms.deliver', :state, 0, 0, now() - interval '90 s', :at)"
        )
        connection.execute(insert, [{"state": state, "at": "2026-01-01"} for state in ended])
        connection.execute(insert, [{"state": "due", "at": None}] * 2)
    owner.dispose()

    figures = scrape(app)

    rows = {state: figures.sum("guichet_outbox_rows", topic="sms.deliver", state=state) for state in (*ended, "due")}
    assert rows == {"failed": 1, "quarantined": 1, "outcome_unknown": 1, "done": 0, "due": 2}
    assert 90 <= figures.sum("guichet_outbox_oldest_due_seconds", topic="sms.deliver") < 600


def test_queues(app: Flask, settings: Settings):
    """How many jobs wait, and for how long the oldest has."""
    client = redis.Redis.from_url(settings.redis_url or "")
    queue = Queue("delivery", connection=client, serializer=JSONSerializer)
    queue.empty()
    queue.enqueue_call("contact.jobs.give_back", args=("x",))
    try:
        figures = scrape(app)
    finally:
        queue.empty()
        client.close()

    assert figures.sum("guichet_jobs_in_queue", queue="delivery", state="queued") == 1
    assert figures.sum("guichet_jobs_oldest_seconds", queue="delivery") > 0


def test_a_scrape_without_database_and_redis(settings: Settings):
    """The scrape answers, says what is missing, and still has what the processes counted."""
    nowhere = replace(
        settings,
        database_url="postgresql+psycopg://app_rw@/nowhere?host=/nowhere",
        redis_url="redis://127.0.0.1:1/0",
    )
    app = create_app(nowhere, async_mode="threading")

    figures = scrape(app)

    app.extensions["guichet"].database.engine.dispose()
    assert figures.sum("guichet_database_up") == 0
    assert figures.sum("guichet_redis_up") == 0
    assert figures.sum("guichet_units_failed_total") >= 1


def test_who_is_killed_leaves_its_count(tmp_path: Path):
    """Its counts stay and its successor adds to them in the same place; its open sockets are gone with it."""
    with _counting(tmp_path, 2) as (first, one), _counting(tmp_path, 3) as (_, other):
        assert {one, other} == {"1", "2"}
        assert _read(tmp_path).sum("guichet_sockets_open") == 2
        first.send_signal(signal.SIGKILL)
        first.wait(30)
        eventually(lambda: _read(tmp_path).sum("guichet_sockets_open") == 1, "forgotten")
        assert _read(tmp_path).sum("guichet_sign_in_failures_total") == 5
        with _counting(tmp_path, 10) as (_, again):
            assert again == one
            assert _read(tmp_path).sum("guichet_sign_in_failures_total") == 15
            # The third is that of whoever reads.
            assert {path.name for path in tmp_path.glob("*.lock")} == {"1.lock", "2.lock", "3.lock"}


@contextmanager
def _counting(folder: Path, number: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", COUNT, str(number)]
    env = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()


def _read(folder: Path) -> Figures:
    env = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
    done = subprocess.run([sys.executable, "-c", READ], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return Figures(done.stdout)
