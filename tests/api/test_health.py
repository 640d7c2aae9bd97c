"""What the product says of itself: readiness with its reasons, and figures."""

from dataclasses import replace

from flask import Flask
from sqlalchemy import create_engine, text

from config.settings import Settings
from contact.unit_of_work import Database
from contact.web import create_app
from tests.people import Citizen, leader, told


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

    assert told(app.test_client().get("/readyz"), 503)["checks"]["database"] == "unreachable"


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
