"""Backup and restore of the whole database: one consistent folder, compared when it comes back, nothing sent twice."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config import pg_tools
from config.pg_tools import Say
from config.roles import bootstrap
from config.settings import Settings
from config.settle import settle

DATABASE = "guichet"
JOBS = "2"
DUMP, MANIFEST = "dump", "manifest.json"

_SEES_ALL = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
# Restored functions get owners that nobody else may give them to.
_IS_SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
# What a restored database must have again, beside its rows: who owns, who may, who sees.
_FACTS = {
    "owners": """SELECT 'table ' || relname, relowner::regrole::text FROM pg_class
                 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')
                 UNION ALL SELECT 'function ' || oid::regprocedure, proowner::regrole::text || ' definer ' || prosecdef
                 FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
                   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
    "security": """SELECT relname, relrowsecurity::text || relforcerowsecurity FROM pg_class
                   WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'""",
    "policies": """SELECT tablename || '.' || policyname, md5(concat_ws('|', roles::text, cmd, qual, with_check))
                   FROM pg_policies WHERE schemaname = 'public'""",
    "privileges": """
        SELECT concat_ws(' ', kind, name, grantee::regrole, privilege_type), is_grantable FROM (
            SELECT 'table' AS kind, oid::regclass::text AS name, relowner AS owner, relacl AS acl FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT 'column', attrelid::regclass || '.' || attname, 0, attacl FROM pg_attribute
            JOIN pg_class c ON c.oid = attrelid WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT 'function', oid::regprocedure::text, proowner, proacl FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace) AS granted, aclexplode(acl)
        WHERE grantee <> owner""",
}


class BackupError(Exception):
    """A backup or a restore was refused or does not hold; the message says why and what to do."""

    code = "backup"


@contextmanager
def administrator(settings: Settings) -> Iterator[str]:
    """The address (libpq form) of the product's database for somebody who sees every row.

    DATABASE_ADMIN_URL, or the server of our own on this PORT's data: where `make run` runs it, else started for now.

    Raises:
        BackupError: neither is there.
    """
    if settings.database_admin_url is not None:
        yield "postgresql://" + settings.database_admin_url.partition("://")[2]
        return
    if not settings.has_own_database:
        raise BackupError("DATABASE_ADMIN_URL is not set: a role that sees every row (docs/operations.md).")
    # Not there in production, which has servers of its own.
    from config.embedded import EmbeddedError, EmbeddedPostgres
    from config.places import AlreadyRunning, hold

    try:
        with hold(settings.data_folder):
            server = EmbeddedPostgres(settings.data_folder / "postgres")
            server.start()
            try:
                yield server.url(DATABASE, "postgres")
            finally:
                server.stop()
    except EmbeddedError as fault:
        raise BackupError(str(fault)) from fault
    except AlreadyRunning:
        mark = settings.data_folder / "postgres" / "postmaster.pid"
        yield f"postgresql://postgres@/{DATABASE}?host={mark.read_text().splitlines()[4]}"


def backup(admin_url: str, target: Path, say: Say = print) -> None:
    """Write everything, as it is at one moment, to the new folder *target*; the product goes on working.

    Raises:
        BackupError: the folder is there already, or the role does not see every row.
        ToolError: pg_dump is missing or failed.
    """
    if target.exists():
        raise BackupError(f"{target} is there already: name a new folder.")
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    with psycopg.connect(admin_url) as connection:
        _require(connection, _SEES_ALL, "BYPASSRLS")
        connection.execute("SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0")
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        # Counted under the very snapshot that is dumped: the restore compares to the row.
        snapshot = _one(connection, "SELECT pg_export_snapshot()")
        say("counting rows")
        manifest = {"taken_at": datetime.now(UTC).isoformat(), **_facts(connection)}
        arguments = ["--format=directory", f"--jobs={JOBS}", f"--snapshot={snapshot}", "--verbose"]
        program = pg_tools.find("pg_dump", manifest["server_major"])
        pg_tools.run(program, [*arguments, f"--file={partial / DUMP}"], admin_url, say)
    with (partial / MANIFEST).open("w") as file:
        json.dump(manifest, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(target)
    say(f"{sum(manifest['rows'].values()):,} rows of {len(manifest['rows'])} tables in {target}")


def backup_among(admin_url: str, folder: Path, keep: int, say: Say = print) -> None:
    """A backup named after its time in *folder*; then the oldest go, until *keep* are left.

    Raises:
        BackupError, ToolError: as `backup`; nothing was taken away.
    """
    backup(admin_url, folder / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%SZ}", say)
    for old in sorted(path.parent for path in folder.glob(f"*Z/{MANIFEST}"))[:-keep]:
        shutil.rmtree(old)
        say(f"removed {old}")


def restore(admin_url: str, source: Path, *, is_forced: bool = False, say: Say = print) -> None:
    """Make the database of *admin_url* from the folder *source*, whole or not at all.

    It is filled beside, compared, settled, and only then takes its name. What was there before is kept under another
    one with *is_forced*, and refuses the restore without.

    Raises:
        BackupError: refused, or what came back is not what was written down.
        ToolError: pg_restore is missing or failed.
    """
    if not (source / MANIFEST).is_file():
        raise BackupError(f"{source} holds no backup.")
    manifest = json.loads((source / MANIFEST).read_text())
    name = str(conninfo_to_dict(admin_url)["dbname"])
    house, beside = make_conninfo(admin_url, dbname="postgres"), f"{name}_restoring"
    fresh = make_conninfo(admin_url, dbname=beside)
    with psycopg.connect(house, autocommit=True) as connection:
        _require(connection, _IS_SUPERUSER, "SUPERUSER")
        is_there = _has_rows(admin_url) if _exists(connection, name) else False
        if is_there and not is_forced:
            raise BackupError(f"Database {name} is not empty. With --force it is kept as {name}_before_….")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(beside)))
        bootstrap(house, beside)
        program = pg_tools.find("pg_restore", connection.info.server_version // 10_000)
        arguments = ["--exit-on-error", f"--jobs={JOBS}", "--verbose", f"--dbname={beside}", str(source / DUMP)]
        pg_tools.run(program, arguments, fresh, say)
        with psycopg.connect(fresh) as restored:
            say("comparing")
            _compare(manifest, _facts(restored))
            unknown = settle(restored, manifest["taken_at"])
            restored.execute("ANALYZE")
        kept = _take_name(connection, beside, name, is_there)
    say(f"restored as it was at {manifest['taken_at']}; every session is ended")
    say(f"{unknown} messages were on their way then: whether they left is unknown, the console shows them")
    if kept:
        say(f"the database before is kept as {kept}; drop it when nobody misses it")


def _take_name(connection: psycopg.Connection, beside: str, name: str, keep: bool) -> str | None:
    """Give the restored database its name, out of which everybody is thrown first; under which the old one is kept.

    Where that fails, the old one is there for everybody under its name, as before.
    """
    kept = f"{name}_before_{datetime.now(UTC):%Y%m%d%H%M%S}" if keep else None
    if not _exists(connection, name):
        _rename(connection, beside, name)
        return kept
    try:
        # Nobody may come back between being thrown out and the new name.
        _allow(connection, name, "false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        deadline = time.monotonic() + 30
        while _one(connection, "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", name):
            if time.monotonic() > deadline:
                raise BackupError(f"Somebody does not leave {name}; what was restored stands in {beside}.")
            time.sleep(0.1)
        if kept is None:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        else:
            _rename(connection, name, kept)
            _allow(connection, kept, "true")
        _rename(connection, beside, name)
    except (psycopg.Error, BackupError):
        if kept is not None and not _exists(connection, name):
            _rename(connection, kept, name)
        if _exists(connection, name):
            _allow(connection, name, "true")
        raise
    return kept


def _rename(connection: psycopg.Connection, old: str, new: str) -> None:
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def _allow(connection: psycopg.Connection, name: str, whether: LiteralString) -> None:
    change = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    connection.execute(change.format(sql.Identifier(name), sql.SQL(whether)))


def _facts(connection: psycopg.Connection) -> dict[str, Any]:
    tables = [
        row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    ]
    sequences = connection.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
    count = sql.SQL("SELECT count(*) FROM {}")
    return {
        "server_major": connection.info.server_version // 10_000,
        "sequences": {name: value or 0 for name, value in sequences.fetchall()},
        "revision": _one(connection, "SELECT version_num FROM alembic_version"),
        "rows": {name: _one(connection, count.format(sql.Identifier(name))) for name in tables},
        **{fact: dict(connection.execute(question.encode()).fetchall()) for fact, question in _FACTS.items()},
    }


def _compare(written: dict[str, Any], found: dict[str, Any]) -> None:
    """Sequences are outside any snapshot: they may have gone on while the rest was written."""
    for fact in ("revision", "rows", *_FACTS):
        if written[fact] != found[fact]:
            wrong = sorted(set(written[fact].items()) ^ set(found[fact].items()))[:3] if fact != "revision" else ""
            raise BackupError(f"What came back differs in {fact}: {wrong}. The database was not put in place.")
    late = [name for name, value in written["sequences"].items() if found["sequences"].get(name, -1) < value]
    if late:
        raise BackupError(f"Sequences came back behind their rows: {late}. The database was not put in place.")


def _require(connection: psycopg.Connection, question: str, named: str) -> None:
    if not _one(connection, question):
        raise BackupError(f"The role of DATABASE_ADMIN_URL needs {named}: row security hides rows from all others.")


def _exists(connection: psycopg.Connection, name: str) -> bool:
    return bool(_one(connection, "SELECT count(*) FROM pg_database WHERE datname = %s", name))


def _has_rows(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return bool(_one(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))


def _one(connection: psycopg.Connection, question: Any, *values: object) -> Any:
    row = connection.execute(question, values or None).fetchone()
    return row[0] if row else None
