"""Several pools on several dispatchers: each led by one, both by whoever is left when the other is killed."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask

from config.settings import Settings
from contact.local import environment
from tests.journeys.conftest import eventually
from tests.people import CITY, Citizen, Staff
from tests.product import ROOT

Start = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def root(servers: dict[str, str], database_name: str) -> Iterator[psycopg.Connection]:
    """Sees every row."""
    with psycopg.connect(servers["admin_url"], dbname=database_name, autocommit=True) as connection:
        yield connection


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Starts a dispatcher process of its own."""
    started: list[subprocess.Popen[bytes]] = []

    def begin() -> "subprocess.Popen[bytes]":
        env = os.environ | environment(settings)
        started.append(subprocess.Popen([sys.executable, "app.py", "dispatcher"], cwd=ROOT, env=env))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait(30)


def leads(root: psycopg.Connection, process: "subprocess.Popen[bytes]") -> set[UUID]:
    """The pools of which the process holds the lease."""
    rows = root.execute(
        "SELECT pool_id FROM lease WHERE holder LIKE %s AND leased_until > clock_timestamp()", [f"%:{process.pid}"]
    )
    return {pool_id for (pool_id,) in rows}


def second_pool(root: psycopg.Connection, leader: "subprocess.Popen[bytes]") -> UUID:
    """The city's queues and an agent who serves nobody else, in a pool of their own whose lease is the process's."""
    pool_id, city = uuid4(), "(SELECT id FROM administration WHERE slug = 'ville-valmont')"
    with root.transaction():
        root.execute("INSERT INTO pool (id, name) VALUES (%s, 'second')", [pool_id])
        root.execute(
            "INSERT INTO lease (pool_id, epoch, holder, leased_until)"
            " VALUES (%s, 1, %s, clock_timestamp() + interval '1 minute')",
            [pool_id, f"{socket.gethostname()}:{leader.pid}"],
        )
        root.execute(f"UPDATE queue SET pool_id = %s WHERE tenant_id = {city}", [pool_id])
        root.execute("UPDATE agent SET pool_id = %s WHERE name = 'Bruno Castel'", [pool_id])
    return pool_id


def test_two_pools_on_two_dispatchers(app: Flask, root: psycopg.Connection, start: Start):
    """Each leads one; when one is killed the other leads both, and what waits in either is offered once."""
    first = start()
    (own,) = [pool_id for (pool_id,) in root.execute("SELECT id FROM pool")]
    eventually(lambda: leads(root, first) == {own}, "the first leads")
    second = start()
    other = second_pool(root, second)
    eventually(lambda: epoch(root, other) > 1, "the second leads the other pool")
    amelie, bruno = Staff(app, "amelie@accueil.example"), Staff(app, "bruno@accueil.example")
    amelie.ready()
    bruno.ready()
    Citizen(app).start("Bonjour")
    Citizen(app, CITY).start("Bonjour")
    eventually(lambda: (len(amelie.offers()), len(bruno.offers())) == (1, 1), "each pool offers")
    assert (leads(root, first), leads(root, second)) == ({own}, {other})

    second.kill()
    second.wait(30)

    eventually(lambda: leads(root, first) == {own, other}, "the first leads both")
    Citizen(app).start("Encore")
    Citizen(app, CITY).start("Encore")
    offered = "SELECT count(*), count(DISTINCT contact_id) FROM offer WHERE pool_id = %s AND state = 'offered'"
    for pool_id in (own, other):
        eventually(lambda pool_id=pool_id: root.execute(offered, [pool_id]).fetchone()[0] > 0, "the first offers")
        count, contacts = root.execute(offered, [pool_id]).fetchone()
        assert count == contacts


def epoch(root: psycopg.Connection, pool_id: UUID) -> int:
    return root.execute("SELECT epoch FROM lease WHERE pool_id = %s", [pool_id]).fetchone()[0]
