"""Whatever keeps versions is made by the session, whose listener writes the trail."""

import ast
from pathlib import Path

from contact import models
from contact.models.base import Base, Versioned

ROOT = Path(__file__).parent.parent.parent
VERSIONED = {mapper.class_.__name__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Versioned)}


def _past_the_session(path: Path) -> list[str]:
    """Each `insert(Model)` of a model that keeps versions, by its place."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return [
        f"{path.relative_to(ROOT)}:{call.lineno} {argument.id}"
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "insert"
        for argument in call.args[:1]
        if isinstance(argument, ast.Name) and argument.id in VERSIONED
    ]


def test_no_versioned_row_is_inserted_past_the_session():
    """A row that keeps versions and was inserted by a statement of its own would have no trail."""
    assert models.ContactPoint.__name__ in VERSIONED
    found = [
        one
        for folder in ("contact", "channels")
        for path in (ROOT / folder).rglob("*.py")
        for one in _past_the_session(path)
    ]

    assert found == []
