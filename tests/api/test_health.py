"""What the product says of itself: readiness with its reasons, and figures."""

import socket
import time
from dataclasses import replace

from flask import Flask
from sqlalchemy import create_engine, text

from config.settings import Settings
from contact.health import await_schema, expected_revisions, process_verdict
from contact.pulse import Pulse
from contact.unit_of_work import Database
from contact.web import create_app
from tests.people import TAXES, Citizen, leader, refused, told


def test_ready_without_redis(settings: Settings):
    """Redis is a hint: without it the product is ready, and says what is missing."""
    app = create_app(replace(settings, redis_url="redis://127.0.0.1:1/0"), async_mode="threading")

    checks = told(app.test_client().get("/readyz"))["checks"]

    app.extensions["guichet"].database.engine.dispose()
    assert checks["database"] == "ok"
    assert checks["redis"] == "ConnectionError"


def test_not_ready_without_a_database(settings: Settings):
    """No traffic should come where nothing can be kept."""
    nowhere = replace(settings, database_url="postgresql+psycopg://app_rw@/nowhere?host=/nowhere")
    app = create_app(nowhere, async_mode="threading")

    answer = told(app.test_client().get("/readyz"), 503)
    assert answer["checks"]["database"] == "unreachable"
    assert answer["reasons"] == ["database_unreachable"]


def test_unready_only_when_the_database_is_behind(app: Flask, settings: Settings):
    """An older schema takes no traffic; a newer one does: old code goes on serving during a migration."""
    owner = create_engine(settings.database_owner_url)
    client = app.test_client()
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    behind = told(client.get("/readyz"), 503)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    ahead = told(client.get("/readyz"))
    owner.dispose()

    assert behind["checks"]["migrations"]["status"] == "behind"
    assert ahead["checks"]["migrations"]["status"] == "ok"


def test_an_older_schema_takes_no_traffic(app: Flask, settings: Settings):
    """New code before its migration refuses everything but questions about health, with a code; then it serves."""
    owner = create_engine(settings.database_owner_url)
    client = app.test_client()
    for missing in ("UPDATE alembic_version SET version_num = '0001'", "DROP TABLE alembic_version"):
        with owner.begin() as connection:
            connection.execute(text(missing))
        refused(client.get(f"/api/v1/chat/{TAXES}"), 503, "schema_behind")
        assert told(client.get("/readyz"), 503)["reasons"] == ["schema_behind"]
        assert client.get("/livez").status_code == 200
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num text)"))
        connection.execute(text("GRANT SELECT ON alembic_version TO app_rw"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    owner.dispose()

    app.extensions["guichet"].condition.asked_at = 0.0
    told(client.get(f"/api/v1/chat/{TAXES}"))


def test_an_exhausted_pool_is_told_as_such(settings: Settings):
    """Every connection in use for longer than a request would wait: not ready, and not called unreachable."""
    app = create_app(replace(settings, database_pool_size=1, database_pool_timeout_seconds=0.1), async_mode="threading")
    client, engine = app.test_client(), app.extensions["guichet"].database.engine
    told(client.get(f"/api/v1/chat/{TAXES}"))
    with engine.connect():
        full = told(client.get("/readyz"), 503)
    free = told(client.get("/readyz"))
    engine.dispose()

    assert full["reasons"] == ["database_pool_exhausted"]
    assert free["reasons"] == []


def test_a_process_that_leaves_or_hangs_is_not_ready(app: Flask):
    """Traffic goes elsewhere while it drains, or when its hub has not turned for seconds."""
    condition = app.extensions["guichet"].condition
    client = app.test_client()
    condition.turned_at = time.monotonic() - 60
    late = told(client.get("/readyz"), 503)
    condition.turn()
    just_turned = told(client.get("/readyz"), 503)
    condition.turn()
    condition.is_leaving = True
    leaving = told(client.get("/readyz"), 503)

    assert late["reasons"] == just_turned["reasons"] == ["hub_late"]
    assert just_turned["checks"]["hub_late_seconds"] > 50
    assert leaving["reasons"] == ["leaving"]


def test_a_process_that_is_stuck_shows(app: Flask, engine_database: Database, settings: Settings):
    """Each process tells of its complete rounds; one that stopped doing so is named, one that left is forgotten."""
    relay = Pulse(engine_database, "relay")
    assert process_verdict(engine_database, "relay")[0] is False
    relay.beat()
    well = process_verdict(engine_database, "relay")
    seen = told(app.test_client().get("/readyz"))["checks"]["processes"]
    with engine_database.engine.begin() as connection:
        connection.execute(text("UPDATE process SET seen_at = now() - interval '40 s'"))
    stuck = process_verdict(engine_database, "relay")
    figures = app.test_client().get("/metrics").get_data(as_text=True)
    relay.end()

    assert well[0] is True
    assert seen["relay"]["working"] == 1
    assert stuck[0] is False
    assert "40 s ago" in stuck[1]
    assert 'guichet_processes{process="relay"} 0.0' in figures
    assert process_verdict(engine_database, "relay") == (False, f"no relay works on {socket.gethostname()}")


def test_a_process_waits_for_its_schema(engine_database: Database, settings: Settings):
    """Dispatcher, relay and workers begin once the migrations are there, or stop when told to."""
    owner = create_engine(settings.database_owner_url)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    asked: list[int] = []

    def migrated_meanwhile() -> bool:
        asked.append(1)
        if len(asked) == 2:
            with owner.begin() as connection:
                connection.execute(text(f"UPDATE alembic_version SET version_num = '{expected_revisions()[-1]}'"))
        return False

    await_schema(engine_database, migrated_meanwhile)
    owner.dispose()

    assert len(asked) == 2


def test_who_leads_is_told(app: Flask, engine_database: Database, settings: Settings):
    """A pool without a dispatcher is a reason to look, not a reason to refuse citizens."""
    client = app.test_client()

    assert told(client.get("/readyz"))["checks"]["pools_without_dispatcher"] == 1
    leader(engine_database, settings)
    assert told(client.get("/readyz"))["checks"]["pools_without_dispatcher"] == 0


def test_metrics_count_who_waits(app: Flask):
    """Figures by queue, across administrations, and no word of a citizen."""
    Citizen(app).start("un secret de citoyen")

    figures = app.test_client().get("/metrics").get_data(as_text=True)

    assert 'channel="chat"' in figures
    assert 'state="waiting"} 1.0' in figures
    assert "guichet_agents" in figures
    assert "secret" not in figures
