"""Backup and restore: all rows under row security come back, the product runs on them, nothing is sent twice."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from config import backup
from config.settings import Settings
from config.topics import QUEUES
from contact import relay
from contact.scope import Scope
from contact.unit_of_work import connect
from contact.web import create_app
from tests.config.conftest import ROOT
from tests.conftest import url_as
from tests.people import Citizen, Staff, leader

_ROLES = {"": "rw", "owner_": "owner", "engine_": "engine"}


@pytest.fixture
def admin_url(servers: dict[str, str], database_name: str) -> str:
    """The product's database for a superuser."""
    with psycopg.connect(servers["admin_url"]) as connection:
        if connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() != (True,):
            pytest.skip("TEST_DATABASE_URL is no superuser: functions cannot get their owners back")
    return psycopg.conninfo.make_conninfo(servers["admin_url"], dbname=database_name)


@pytest.fixture
def empty(servers: dict[str, str], database_name: str) -> Iterator[str]:
    """The name of a database that is not there yet; whatever a restore makes of it is dropped."""
    yield f"{database_name}_b"
    with psycopg.connect(servers["admin_url"], autocommit=True) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{database_name}\\__%"])
        for (name,) in names.fetchall():
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def elsewhere(settings: Settings, servers: dict[str, str], empty: str) -> Settings:
    """The same product on the database *empty*."""
    admin = servers["admin_url"]
    urls = {f"database_{of}url": url_as(admin, empty, f"app_{role}") for of, role in _ROLES.items()}
    return replace(settings, **urls)


def _ask(url: str, question: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(question, values).fetchall()


def test_the_product_runs_on_what_came_back(
    app: Flask, settings: Settings, elsewhere: Settings, admin_url: str, empty: str, tmp_path: Path
):
    """The citizen resumes with the cookie they have; agents sign in anew and serve; later work is not there."""
    citizen = Citizen(app)
    citizen.start("avant la sauvegarde")
    backup.backup(admin_url, tmp_path / "kept", _silent)
    citizen.say("après la sauvegarde")

    fresh = psycopg.conninfo.make_conninfo(admin_url, dbname=empty)
    backup.restore(fresh, tmp_path / "kept", say=_silent)

    again = create_app(elsewhere, async_mode="threading")
    engine = connect(elsewhere.database_engine_url or "")
    resumed = Citizen(again)
    for cookie in citizen.client._cookies.values():
        resumed.client.set_cookie(cookie.key, cookie.value, path=cookie.path)
    assert [one["body"] for one in resumed.messages() if one["body"]] == ["avant la sauvegarde"]
    agent = Staff(again, "amelie@accueil.example")
    agent.ready()
    leader(engine, elsewhere).step()
    ticket = agent.accept()["ticket_id"]
    agent.reply(ticket, "me revoici")
    resumed.say("merci")
    assert [one["body"] for one in resumed.messages() if one["body"]][1:] == ["me revoici", "merci"]
    for database in (engine, again.extensions["guichet"].database):
        database.engine.dispose()


def test_what_was_on_its_way_is_not_sent_again(
    app: Flask, settings: Settings, elsewhere: Settings, admin_url: str, empty: str, tmp_path: Path
):
    """A reply that was due in the backup and sent after it: unknown to the restored product, shown to a person."""
    agent = Staff(app, "chloe@accueil.example")
    texts = agent.get("/tickets?limit=100")["items"]
    ticket = next(one for one in texts if one["channel"] == "sms" and one["state"] in ("open", "waiting_citizen"))
    message = agent.reply(ticket["id"], "par SMS")
    # What came in and was accepted, and waits for its job, is done: nobody else will.
    came = (
        "INSERT INTO outbox (id, topic, ids, state, attempt, empty_look_ups)"
        " VALUES (gen_random_uuid(), 'carrier.event', '{}', 'due', 0, 0) RETURNING 1"
    )
    _ask(admin_url, came)
    backup.backup(admin_url, tmp_path / "kept", _silent)

    fresh = psycopg.conninfo.make_conninfo(admin_url, dbname=empty)
    backup.restore(fresh, tmp_path / "kept", say=_silent)

    engine = connect(elsewhere.database_engine_url or "")
    nothing_queued: dict[str, list[str]] = {queue: [] for queue in QUEUES}
    taken = engine.run(Scope(action="relay"), lambda session: relay._take(session, elsewhere, nothing_queued))
    engine.engine.dispose()
    assert [one.topic for one in taken] == ["carrier.event"]
    again = create_app(elsewhere, async_mode="threading")
    since = message["seq"] - 1
    shown = Staff(again, "chloe@accueil.example").get(f"/tickets/{ticket['id']}/messages?since={since}")["items"][0]
    again.extensions["guichet"].database.engine.dispose()
    assert (shown["state"], shown["failure"]) == ("outcome_unknown", "restored")
    versions = "SELECT version FROM audit WHERE entity = 'message' AND entity_id = %s ORDER BY version"
    assert _ask(fresh, versions, UUID(message["id"])) == [(1,), (2,)]
    assert _ask(fresh, "SELECT count(*) FROM audit WHERE action = 'database.restored' AND entity = 'database'") == [
        (1,)
    ]


def test_old_sessions_and_old_leaders_end(
    app: Flask,
    settings: Settings,
    elsewhere: Settings,
    engine_database: Any,
    admin_url: str,
    empty: str,
    tmp_path: Path,
):
    """Who was signed in must sign in anew (a revocation may be undone); no epoch of before the restore ever commits."""
    agent = Staff(app, "amelie@accueil.example")
    before = leader(engine_database, settings)
    backup.backup(admin_url, tmp_path / "kept", _silent)
    fresh = psycopg.conninfo.make_conninfo(admin_url, dbname=empty)
    backup.restore(fresh, tmp_path / "kept", say=_silent)

    again = create_app(elsewhere, async_mode="threading")
    stranger = again.test_client()
    for cookie in agent.client._cookies.values():
        stranger.set_cookie(cookie.key, cookie.value, path=cookie.path)
    assert stranger.get("/api/v1/session").status_code == 401
    engine = connect(elsewhere.database_engine_url or "")
    assert leader(engine, elsewhere).epoch > before.epoch + 1_000
    for database in (engine, again.extensions["guichet"].database):
        database.engine.dispose()


def test_a_database_in_use_is_not_overwritten(admin_url: str, database_name: str, empty: str, tmp_path: Path):
    """Refused without --force; with it the old database is kept under another name, and a failed restore leaves it."""
    backup.backup(admin_url, tmp_path / "kept", _silent)
    count = _ask(admin_url, "SELECT count(*) FROM message")
    with pytest.raises(backup.BackupError, match="not empty"):
        backup.restore(admin_url, tmp_path / "kept", say=_silent)
    manifest = tmp_path / "kept" / "manifest.json"
    true = manifest.read_text()
    manifest.write_text(true.replace(f'"message": {count[0][0]}', f'"message": {count[0][0] + 1}'))
    with pytest.raises(backup.BackupError, match="differs in rows"):
        backup.restore(admin_url, tmp_path / "kept", is_forced=True, say=_silent)
    assert _ask(admin_url, "SELECT count(*) FROM account WHERE epoch = 1") == [(0,)]

    manifest.write_text(true)
    _ask(admin_url, "UPDATE citizen SET name = 'after' RETURNING 1")
    backup.restore(admin_url, tmp_path / "kept", is_forced=True, say=_silent)

    assert _ask(admin_url, "SELECT count(*) FROM citizen WHERE name = 'after'") == [(0,)]
    ((kept,),) = _ask(admin_url, "SELECT datname FROM pg_database WHERE datname LIKE %s", f"{database_name}_before%")
    old = psycopg.conninfo.make_conninfo(admin_url, dbname=kept)
    assert _ask(old, "SELECT count(*) FROM citizen WHERE name = 'after'") != [(0,)]


def test_a_name_that_cannot_be_taken(servers: dict[str, str], admin_url: str, database_name: str):
    """Where the restored database cannot get the name, the old one is there for everybody, as before."""
    with (
        psycopg.connect(servers["admin_url"], autocommit=True) as connection,
        pytest.raises(psycopg.errors.InvalidCatalogName),
    ):
        backup._take_name(connection, f"{database_name}_b_nowhere", database_name, keep=True)

    assert _ask(admin_url, "SELECT count(*) > 0 FROM account") == [(True,)]


def test_who_does_not_see_every_row_is_refused(settings: Settings, admin_url: str, tmp_path: Path):
    """The owner sees nothing under forced row security: a backup by it would be empty, and is refused by name."""
    owner = psycopg.conninfo.make_conninfo(admin_url, user="app_owner")

    with pytest.raises(backup.BackupError, match="BYPASSRLS"):
        backup.backup(owner, tmp_path / "kept", _silent)
    assert not (tmp_path / "kept").exists()


def test_old_ones_go(admin_url: str, tmp_path: Path):
    """Of a folder of backups the newest are kept; what is no finished backup is not touched."""
    for name in ("2026-01-01T00-00-00Z", "2026-01-02T00-00-00Z", "2026-01-03T00-00-00Z.partial", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").touch()

    backup.backup_among(admin_url, tmp_path, 2, _silent)

    left = sorted(path.name for path in tmp_path.iterdir())
    assert left[0] == "2026-01-02T00-00-00Z"
    assert left[1] == "2026-01-03T00-00-00Z.partial"
    assert len(left) == 4


def test_the_commands(settings: Settings, admin_url: str, empty: str, tmp_path: Path):
    """They tell each table, end with 0 when it is done, and with 1 and a line when it is refused."""

    def run(*words: str, database: str) -> subprocess.CompletedProcess[str]:
        url = f"postgresql://postgres@/{database}?host={psycopg.conninfo.conninfo_to_dict(admin_url)['host']}"
        env = {"DATABASE_ADMIN_URL": url, "DATA_FOLDER": str(tmp_path), "PATH": "/usr/bin:/bin", "TZ": "UTC"}
        command = [sys.executable, "app.py", *words]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    name = str(psycopg.conninfo.conninfo_to_dict(admin_url)["dbname"])
    folder = str(tmp_path / "kept")
    done = run("backup", folder, database=name)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\n  message\n" in done.stdout
    again = run("backup", folder, database=name)
    assert (again.returncode, again.stderr) == (1, f"Error: {folder} is there already: name a new folder.\n")
    refused = run("restore", folder, database=name)
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    restored = run("restore", folder, database=empty)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert "restored as it was at" in restored.stdout


def _silent(_: str) -> None:
    pass
