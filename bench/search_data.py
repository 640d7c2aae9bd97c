"""A database with a million tickets (or any number), made on the server, kept in var/bench until its making changes."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import words
from bench.report import note, progress
from config import migrate
from config.embedded import EmbeddedPostgres
from config.places import hold
from config.roles import bootstrap
from contact import demo

FOLDER = Path("var/bench")
# A server as for this size of data; its data can be made anew, so it need not survive a crash.
OPTIONS = {
    "shared_buffers": "1GB",
    "effective_cache_size": "8GB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "fsync": "off",
    "full_page_writes": "off",
    "random_page_cost": "1.1",
}
WORDS, SENTENCES, NAMES = 30_000, 200_000, 20_000
DAYS = 3 * 365
CHUNK = 50_000
SETTING, TICKETS = (Path(__file__).with_name(f"search_{name}.sql") for name in ("setting", "tickets"))
AGENT, PARTIAL_AGENT = "chloe@accueil.example", "amelie@accueil.example"


@contextmanager
def server() -> Iterator[EmbeddedPostgres]:
    """The server that keeps these databases, for as long as the block lasts."""
    with hold(FOLDER):
        found = EmbeddedPostgres(FOLDER / "postgres", OPTIONS)
        found.start()
        try:
            yield found
        finally:
            found.stop()


def database(found: EmbeddedPostgres, tickets: int) -> str:
    """The name of the database with that many tickets, made when it is missing or was made by another version."""
    name, stamp = f"search_{tickets}", FOLDER / f"search_{tickets}.json"
    source = b"".join(path.read_bytes() for path in (SETTING, TICKETS, Path(__file__), Path(words.__file__)))
    version = {"made_by": hashlib.sha256(source).hexdigest()}
    owner = "postgresql+psycopg://" + found.url(name, "app_owner").partition("://")[2]
    if stamp.exists() and json.loads(stamp.read_text()) == version:
        migrate.upgrade(owner)
        return name
    stamp.unlink(missing_ok=True)
    admin = found.url("postgres", "postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
    bootstrap(admin, name)
    migrate.upgrade(owner)
    demo.load(found.url(name, "app_owner"), tickets=0, say=lambda _: None)
    # Values are put in by the client: a script of several statements takes no others.
    with psycopg.connect(found.url(name, "postgres"), cursor_factory=psycopg.ClientCursor) as connection:
        _fill(connection, tickets)
    with psycopg.connect(found.url(name, "postgres"), autocommit=True) as connection:
        note("vacuum and analyze")
        connection.execute("VACUUM (ANALYZE, PARALLEL 2)")
    stamp.write_text(json.dumps(version))
    return name


def _fill(connection: psycopg.Connection, tickets: int) -> None:
    """Row by row checks are off: what is copied is consistent by its making. Indexes come last."""
    connection.execute("SET session_replication_role = replica")
    connection.execute(SETTING.read_text(), {"partial": PARTIAL_AGENT})
    for table, lines in (
        ("bench_sentence (n, body)", words.sentences(SENTENCES, words.vocabulary(WORDS))),
        ("bench_name (n, name)", words.names(NAMES)),
    ):
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for number, line in enumerate(lines):
                copy.write_row((number, line))
    connection.execute("ANALYZE bench_place, bench_sentence, bench_name")
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'ix_%'"
        " AND tablename IN ('ticket', 'message', 'contact', 'citizen')"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    connection.commit()
    values = {"all": tickets, "days": DAYS, "names": NAMES, "sentences": SENTENCES}
    for first in range(0, tickets, CHUNK):
        last = min(first + CHUNK, tickets) - 1
        connection.execute("SET LOCAL work_mem = '256MB'")
        connection.execute(TICKETS.read_text(), values | {"first": first, "last": last})
        connection.commit()
        progress("tickets", last + 1, tickets)
    for done, (_, definition) in enumerate(indexes, start=1):
        connection.execute(f"SET LOCAL max_parallel_maintenance_workers = {min(2, os.cpu_count() or 1)}")
        connection.execute(definition)
        connection.commit()
        progress("indexes", done, len(indexes))
