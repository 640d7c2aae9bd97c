"""The synthetic citizen: it proves the whole way, says where that ends, bothers nobody, and leaves nothing behind."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests
from flask import Flask

from config.settings import Settings
from contact import synthetic, synthetic_setup
from contact.leader import Leader
from contact.models.base import Base, Versioned
from contact.unit_of_work import Database
from tests.figures import Figures
from tests.journeys.test_running import Person, eventually
from tests.people import Citizen, leader, told
from tests.product import Product

COUNTED = ("ticket", "message", "contact", "offer", "assignment", "interaction", "citizen", "visitor", "audit")
VERSIONED = [one.local_table.name for one in Base.registry.mappers if issubclass(one.class_, Versioned)]


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """It tries every second."""
    with tempfile.TemporaryDirectory(prefix="guichet-synthetic-") as folder:
        running = Product(Path(folder) / "data", synthetic_seconds=1)
        yield running
        assert running.stop() == 0, "".join(running.lines)
        stopping = next(number for number, line in enumerate(running.lines) if line.startswith("stopping"))
        assert [line for line in running.lines[stopping:] if "synthetic_failed" in line] == []


def _state(product: Product) -> dict[str, Any]:
    told = requests.get(f"{product.base}/readyz", timeout=30).json()["checks"]["synthetic"]
    return next(iter(told.values())) if told else {"answered_seconds_ago": None, "failure": None}


def _figures(product: Product) -> Figures:
    return Figures(requests.get(f"{product.base}/metrics", timeout=30).text)


def _run(product: Product, statement: str) -> None:
    folder = (product.data_folder / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    with psycopg.connect(f"postgresql://postgres@/guichet?host={folder}", autocommit=True) as connection:
        connection.execute(statement.encode())


def test_it_is_answered_and_its_silence_shows(product: Product):
    """Answered: the time is told. A way that is cut: the step is named and the time stands still. Mended: answered."""
    name = "guichet_synthetic_last_success_timestamp_seconds"
    eventually(lambda: _state(product)["answered_seconds_ago"] is not None, "answered")
    first = _figures(product).sum(name)
    assert first > 0
    eventually(lambda: _figures(product).sum(name) > first, "answered again")

    _run(product, "UPDATE endpoint SET disabled_at = now() WHERE address LIKE 'synthetic-%'")
    eventually(lambda: _state(product)["failure"] == "visitor:404", "the step is named")
    stopped, failed = _figures(product).sum(name), _figures(product).sum("guichet_synthetic_failures")
    eventually(lambda: _figures(product).sum("guichet_synthetic_failures") > failed, "tried again")
    assert _figures(product).sum(name) == stopped

    _run(product, "UPDATE endpoint SET disabled_at = NULL WHERE address LIKE 'synthetic-%'")
    eventually(lambda: _figures(product).sum(name) > stopped, "answered after all")


def test_it_bothers_nobody(product: Product):
    """A person who is ready for everything is offered none of it; supervisors and administrations see none of it."""
    chloe, sophie = Person(product, "chloe@accueil.example"), Person(product, "sophie@accueil.example")
    tickets = len(chloe.ask("GET", "/tickets?limit=100")["items"])
    chloe.connect(beats=True)
    chloe.ask("PUT", "/me/state", {"state": "ready"})
    name, before = (
        "guichet_synthetic_last_success_timestamp_seconds",
        _figures(product).sum("guichet_synthetic_failures"),
    )
    answered = _figures(product).sum(name)
    eventually(lambda: _figures(product).sum(name) > answered, "answered meanwhile")

    assert chloe.ask("GET", "/me/work")["offers"] == []
    assert len(chloe.ask("GET", "/tickets?limit=100")["items"]) == tickets
    assert "ynthetic" not in str(sophie.ask("GET", "/wallboard"))
    assert _figures(product).sum("guichet_synthetic_failures") == before
    for person in (chloe, sophie):
        person.close()


def test_it_leaves_nothing_behind(
    app: Flask, settings: Settings, database: Database, engine_database: Database, servers: dict[str, str]
):
    """What it did is in the trail, version by version, and is forgotten whole, its audit rows too; of anybody else not
    a row is touched."""
    owner = "postgresql://" + (settings.database_owner_url or "").partition("://")[2]
    (its,) = synthetic_setup.install(owner, settings.secret_key)
    admin = psycopg.conninfo.make_conninfo(owner, user="postgres")
    others = _counts(admin, its.tenant_id, is_own=False)
    installed = _counts(admin, its.tenant_id)
    leads = leader(engine_database, settings)
    for _ in range(2):
        _converse(app, settings, leads, its)
    assert _counts(admin, its.tenant_id)["ticket"] == 2
    assert {table: found for table in VERSIONED if (found := _gaps(admin, table))} == {}

    synthetic_setup.install(owner, settings.secret_key)
    with psycopg.connect(admin) as connection:
        connection.execute("UPDATE visitor SET expires_at = now() WHERE tenant_id = %s", [its.tenant_id])
    rows = synthetic._defer_echoes(database, its)
    with psycopg.connect(psycopg.conninfo.make_conninfo(owner, user="app_rw")) as connection:
        connection.execute("SELECT forget_synthetic('0 seconds', %s)", [rows])

    assert _counts(admin, its.tenant_id) == installed
    assert _counts(admin, its.tenant_id, is_own=False) == others
    with psycopg.connect(admin) as connection:
        left = connection.execute("SELECT count(*) FROM outbox WHERE id = ANY(%s)", [rows]).fetchone()
    assert left == (0,)


def _converse(app: Flask, settings: Settings, leads: Leader, its: synthetic_setup.Place) -> None:
    citizen = Citizen(app, its.address)
    citizen.start("synthetic")
    robot = app.test_client()
    login = {"login": its.login, "password": synthetic_setup.password(settings.secret_key, its.pool_id)}
    headers = {"X-CSRF-Token": told(robot.post("/api/v1/session", json=login))["csrf_token"]}
    told(robot.put("/api/v1/me/state", json={"state": "ready"}, headers=headers))
    leads.step()
    (offer,) = told(robot.get("/api/v1/me/work"))["offers"]
    work = told(robot.post(f"/api/v1/offers/{offer['id']}/accept", headers=headers))
    ending = {"wrap_up_code": synthetic_setup.CODE, "ticket_state": "resolved"}
    told(robot.post(f"/api/v1/assignments/{work['id']}/finish", json=ending, headers=headers), 204)


def _gaps(admin: str, table: str) -> list[Any]:
    """Rows whose trail is not 1, 2, … up to their version."""
    key = "agent_id" if table == "presence" else "id"
    query = f"""SELECT t.{key}, t.version, array_agg(a.version ORDER BY a.version) FROM {table} t
                LEFT JOIN audit a ON a.entity_id = t.{key} AND a.entity = %s GROUP BY t.{key}, t.version
                HAVING array_agg(a.version ORDER BY a.version) <> ARRAY(SELECT generate_series(1, t.version))"""
    with psycopg.connect(admin) as connection:
        return connection.execute(query.encode(), [table]).fetchall()


def _counts(admin: str, tenant_id: UUID, *, is_own: bool = True) -> dict[str, int]:
    """Rows of the synthetic administration, or of all others (the robot's outsourcer has audit rows of its own)."""
    which = "tenant_id = %s" if is_own else "tenant_id <> %s"
    with psycopg.connect(admin) as connection:
        found = {}
        for table in COUNTED:
            count = f"SELECT count(*) FROM {table} WHERE {which}"
            found[table] = connection.execute(count.encode(), [tenant_id]).fetchall()[0][0]
        return found
