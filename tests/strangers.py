"""A second outsourcer beside the demo's, made by the owner of the tables: no page of the product makes one."""

from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

NAME = "Autre & Cie"


def open_to_owner(owner: psycopg.Connection) -> None:
    """Row security holds for the owner too; in this database alone a policy lets them see."""
    tables = owner.execute("SELECT relname FROM pg_class WHERE relforcerowsecurity").fetchall()
    for (table,) in tables:
        owner.execute(
            sql.SQL("CREATE POLICY watcher ON {} TO app_owner USING (true) WITH CHECK (true)").format(
                sql.Identifier(table)
            )
        )


def ask(owner: psycopg.Connection, statement: str, **values: Any) -> list[dict[str, Any]]:
    with owner.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values).fetchall()


def copy(owner: psycopg.Connection, table: str, original: Any, **changes: Any) -> str:
    """Another row like *original*, with *changes*."""
    made = str(uuid4())
    key = "agent_id" if table == "presence" else "id"
    given = {key: made} | changes
    told = ", ".join(f"'{name}', %({name})s::text" for name in given)
    owner.execute(
        f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object({told}))).*"
        f" FROM {table} t WHERE {key} = %(original)s",
        given | {"original": original},
    )
    return given[key]


def account_of(owner: psycopg.Connection, login: str) -> UUID:
    return ask(owner, "SELECT id FROM account WHERE login = %(it)s", it=login)[0]["id"]


def add_person(owner: psycopg.Connection, login: str, like: str, works_as: str, **changes: str) -> None:
    """*login* is somebody *like* another, with the presence and the grant of *works_as*."""
    model, worker = account_of(owner, like), account_of(owner, works_as)
    (grant,) = ask(owner, "SELECT id FROM agent_grant WHERE account_id = %(it)s AND revoked_at IS NULL", it=worker)
    made = copy(owner, "account", model, login=login, **changes)
    copy(owner, "agent", model, id=made, name=login, **changes)
    copy(owner, "presence", worker, agent_id=made, **changes)
    copy(owner, "agent_grant", grant["id"], account_id=made, **changes)


def add_outsourcer(owner: psycopg.Connection, works_as: str, people: dict[str, str]) -> UUID:
    """Another outsourcer: each login of *people* is somebody like the other, with the grant of *works_as* alone."""
    (their,) = ask(owner, "SELECT outsourcer_id AS id FROM agent WHERE id = %(it)s", it=account_of(owner, works_as))
    other = copy(owner, "outsourcer", their["id"], name=NAME)
    for login, like in people.items():
        add_person(owner, login, like, works_as, outsourcer_id=other)
    return UUID(other)
