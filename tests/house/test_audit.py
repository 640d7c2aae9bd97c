"""Whatever keeps versions is made by the session, whose listener writes the trail."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contact.models.base import Base, Versioned

ROOT = Path(__file__).parent.parent.parent
VERSIONED = {
    mapper.class_.__name__: str(mapper.local_table.description)
    for mapper in Base.registry.mappers
    if issubclass(mapper.class_, Versioned)
}
# A name that is put together is one of anything.
WRITES = re.compile(r"\b(?:INSERT\s+INTO|COPY|MERGE\s+INTO)\s+(?:ONLY\s+)?\"?(\w+|\{\})", re.IGNORECASE)
# What writes past the session, and the trail with it; where that is proven.
WITH_ITS_OWN_TRAIL = {
    ("contact/decisions.py", "{}"): "it inserts into `audit` alone",
    ("contact/demo/copying.py", "{}"): "tests/demo/test_demo.py",
    ("contact/offering.py", "offer"): "tests/journeys/test_synthetic.py",
    ("contact/synthetic_setup.py", "{}"): "tests/journeys/test_synthetic.py",
    ("contact/telephone_setup.py", "{}"): "tests/services/test_telephone_entry.py",
}


def past_the_session(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Each row that keeps versions, or may be one, and is inserted by a statement; by line and table.

    By `insert(Model)`, however it is reached; by anything done with `Model.__table__`; by the text of a statement.
    """
    texts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in ("insert", "bulk_insert_mappings"):
            models = [_name(one) for one in node.args[:1]]
            yield from ((node.lineno, VERSIONED[model]) for model in models if model in VERSIONED)
            tables = [one.value for one in node.args[:1] if isinstance(one, ast.Constant)]
            yield from ((node.lineno, table) for table in tables if table in VERSIONED.values())
        elif isinstance(node, ast.Attribute) and node.attr == "__table__" and _name(node.value) in VERSIONED:
            yield node.lineno, VERSIONED[_name(node.value)]
        elif isinstance(node, ast.JoinedStr):
            told = "".join(one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)
            yield from ((node.lineno, table) for table in _written(told))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts:
            yield from ((node.lineno, table) for table in _written(node.value))


def _written(statement: str) -> Iterator[str]:
    for table in WRITES.findall(statement):
        if table == "{}" or table.lower() in VERSIONED.values():
            yield table.lower()


def _name(node: ast.AST) -> str:
    """The last part of a dotted name."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_no_versioned_row_is_inserted_past_the_session():
    """A row that keeps versions and was inserted by a statement of its own would have no trail."""
    places = [
        ROOT / "app.py",
        *(one for folder in ("contact", "channels", "config") for one in (ROOT / folder).rglob("*.py")),
    ]
    found = {
        (str(path.relative_to(ROOT)), table)
        for path in places
        for _, table in past_the_session(ast.parse(path.read_text()))
    }

    assert found == set(WITH_ITS_OWN_TRAIL)


@pytest.mark.parametrize(
    "written",
    [
        "insert(Ticket).values(id=1)",
        "postgresql.insert(models.Ticket)",
        "session.bulk_insert_mappings(Ticket, rows)",
        "Ticket.__table__.insert()",
        "insert(models.Ticket.__table__)",
        "text('WITH a AS (insert  into ticket (id) SELECT 1) SELECT 2')",
        "text(f'INSERT INTO ticket ({names}) SELECT 1')",
        "execute('INSERT INTO ' 'ticket (id) VALUES (1)')",
        "execute('COPY ticket (id) FROM STDIN')",
        "batch.insert('ticket', rows)",
    ],
)
def test_each_way_is_found(written: str):
    """Whatever the spelling."""
    assert [table for _, table in past_the_session(ast.parse(written))] == ["ticket"]


@pytest.mark.parametrize(
    "written", ["f'INSERT INTO {table} (id)'", "SQL('INSERT INTO {} ({})')", "f'COPY {table} FROM STDIN'"]
)
def test_any_table_may_be_one(written: str):
    """A statement into a table that is not named yet."""
    assert [table for _, table in past_the_session(ast.parse(written))] == ["{}"]


@pytest.mark.parametrize(
    "written", ["insert(Outbox)", "text('INSERT INTO outbox (id)')", "text('INSERT INTO ticket_x')"]
)
def test_what_keeps_no_versions_is_free(written: str):
    """Only versions have a trail."""
    assert list(past_the_session(ast.parse(written))) == []
