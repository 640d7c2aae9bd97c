"""Rows on their way into the database: collected per table, then copied in the order that references need."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from config.migrate import LOCK_SECONDS, PAUSE_SECONDS, TRIES
from contact.models import Base
from contact.models.base import Versioned

_FIRST_ID_MS = 1_735_689_600_000  # 2025-01-01: before any row that is made live, so that ids keep the order of time
_TABLES = {table.name: table for table in Base.metadata.sorted_tables}
_VERSIONED = {
    mapper.local_table.description for mapper in Base.registry.mappers if issubclass(mapper.class_, Versioned)
}
_DEFAULTS = {
    name: {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ScalarElementColumnDefault)
    }
    for name, table in _TABLES.items()
}
_JSON = {
    name: {column.name for column in table.columns if isinstance(column.type, JSONB)} for name, table in _TABLES.items()
}


class Ids:
    """Ids that depend on the seed alone, not on the day: version 7, one millisecond further each time."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._made = 0

    def new(self) -> UUID:
        self._made += 1
        bits = self._random.getrandbits(74)
        high, low = bits >> 62, bits & ((1 << 62) - 1)
        return UUID(int=(_FIRST_ID_MS + self._made) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


class Rows:
    """What waits to be copied. A versioned row brings its own audit row, so that no version lacks one."""

    def __init__(self, connection: psycopg.Connection, ids: Ids, loaded_at: datetime) -> None:
        self._connection = connection
        self._ids = ids
        self._loaded_at = loaded_at
        self._columns: dict[str, tuple[str, ...]] = {}
        self._waiting: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}

    def new_id(self) -> UUID:
        return self._ids.new()

    def add(self, table: str, **values: Any) -> None:
        """Put a row aside. All rows of one table name the same columns; the model's own defaults fill the others."""
        row = _DEFAULTS[table] | values
        row |= {column: Jsonb(row[column]) for column in _JSON[table] & row.keys()}
        columns = self._columns.setdefault(table, tuple(row))
        if len(row) != len(columns):
            raise ValueError(f"rows of {table} name different columns")
        self._waiting[table].append(tuple([row[column] for column in columns]))
        if table in _VERSIONED:
            self._audit(table, row)

    def flush(self) -> None:
        """Copy what was put aside."""
        for table, rows in self._waiting.items():
            if rows:
                self._copy(table, rows)
                rows.clear()

    def _audit(self, table: str, row: dict[str, Any]) -> None:
        tenant_id = row.get("tenant_id")
        self.add(
            "audit",
            id=self._ids.new(),
            at=row.get("created_at", self._loaded_at),
            tenant_id=tenant_id,
            outsourcer_id=None if tenant_id else row["outsourcer_id"],
            actor_kind="system",
            action="demo.loaded",
            entity=table,
            entity_id=row["id"] if "id" in row else row["agent_id"],
            version=row["version"],
        )

    def _copy(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        columns = sql.SQL(", ").join(map(sql.Identifier, self._columns[table]))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


@contextmanager
def without_row_security(connection: psycopg.Connection, *tables: str) -> Iterator[None]:
    """Let the owner read and write *tables*, or every one, until the block ends; the same transaction forces it again.

    PostgreSQL refuses COPY into a table whose row security holds for the one who copies. Nobody else ever sees the
    window: the tables stay locked until the commit.

    Raises:
        LockNotAvailable: a table stayed in use, however often it was tried. (Whoever waits for it would make all
            others wait behind: it gives up soon, and tries again.)
    """
    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relforcerowsecurity AND relnamespace = 'public'::regnamespace"
        " AND (relname = ANY(%(only)s) OR %(only)s = '{}') ORDER BY relname",
        {"only": list(tables)},
    )
    forced = [sql.Identifier(name) for (name,) in found]
    for tried in range(1, TRIES + 1):
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
                for table in forced:
                    connection.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(table))
            break
        except psycopg.errors.LockNotAvailable:
            if tried == TRIES:
                raise
            time.sleep(PAUSE_SECONDS)
    yield
    for table in forced:
        connection.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(table))
