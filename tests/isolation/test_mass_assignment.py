"""Nobody sets by a body what the server decides: whose it is, who made it, when, in which state."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.isolation.routes import CLOSED, ROUTES, Route, entitled, resolved, send
from tests.isolation.world import World

WRITING = [route for route in ROUTES if route.body]
SILENT = [route for route in ROUTES if route.method != "GET" and route.rule.startswith("/api/") and not route.body]
CONTACT = Path(__file__).parent.parent.parent / "contact"
OTHER = str(uuid4())
DECIDED: dict[str, Any] = {
    "id": OTHER,
    "tenant_id": OTHER,
    "outsourcer_id": OTHER,
    "account_id": OTHER,
    "agent_id": OTHER,
    "owner_id": OTHER,
    "author_id": OTHER,
    "actor_id": OTHER,
    "citizen_id": OTHER,
    "visitor_id": OTHER,
    "grant_id": OTHER,
    "pool_id": OTHER,
    "tenant": {"id": OTHER},
    "owner": {"id": OTHER},
    "role": "operator",
    "permissions": ["platform.read"],
    "epoch": 7,
    "version": 7,
    "state": "closed",
    "seq": 7,
    "priority": 20,
    "number": "AAAA-AAAA",
    "identity_level": 4,
    "load_chat": 0,
    "created_at": "2000-01-01T00:00:00Z",
    "updated_at": "2000-01-01T00:00:00Z",
    "revoked_at": None,
    "disabled_at": None,
    "__class__": "Account",
    "_sa_instance_state": None,
    "constructor": {"prototype": {}},
}


def places(schema: dict[str, Any], value: Any, path: tuple = ()) -> Iterator[tuple[tuple, set[str]]]:
    """Every object of a body: where it lies and which names it knows."""
    schema = resolved(schema)
    if isinstance(value, dict) and "properties" in schema:
        yield path, set(schema["properties"])
        for name, inner in value.items():
            yield from places(schema["properties"][name], inner, (*path, name))
    if isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(schema["items"], inner, (*path, number))


@pytest.mark.parametrize("route", WRITING, ids=str)
def test_what_the_server_decides_is_an_unknown_field(world: World, route: Route):
    """At the top, in what is nested and in lists: 422 that names the field, and no row moves."""
    correct = route.correct_body(world.things)
    before = world.digest()
    for path, known in places(route.body, correct):
        added = {name: value for name, value in DECIDED.items() if name not in known}
        body = copy.deepcopy(correct)
        inner: Any = body
        for step in path:
            inner = inner[step]
        inner.update(added)

        answer = send(world, entitled(route), route, json=body, headers={"Accept-Language": "en"})

        assert answer.status_code == 422, (path, answer.data)
        faults = answer.get_json()["error"]["facts"]["fields"]
        for name in added:
            assert faults[".".join(map(str, (*path, name)))] == ["There is no such field."]
    assert world.digest() == before


@pytest.mark.parametrize("route", [one for one in SILENT if one in CLOSED], ids=str)
def test_a_body_where_none_is_asked_for_changes_nothing(world: World, route: Route):
    """Who has no right is refused with it as without it: nothing of it is taken for who asks or what about."""
    before = world.digest()
    for who in ("agent elsewhere", "administrator elsewhere"):
        plain, laden = send(world, who, route), None
        if route.endpoint == "accounts.close_session":
            world.forget(who)
        laden = send(world, who, route, json=DECIDED | world.things | {"tenant_id": str(world.tenant_id)})
        if route.endpoint == "accounts.close_session":
            world.forget(who)
        assert laden.status_code == plain.status_code
    assert world.digest() == before


def test_bodies_are_read_through_schemas_alone():
    """No view takes from a request what no schema names: so a body that none asks for has no effect."""
    reads = re.compile(r"get_json|request\.(json|form|values|files|data|get_data|stream)\b")

    found = {path.name for path in (CONTACT / "api").glob("*.py") if reads.search(path.read_text())}

    assert found == {"bodies.py"}


@pytest.mark.parametrize("route", [one for one in CLOSED if one.method == "GET"], ids=str)
def test_no_query_chooses_the_administration(world: World, route: Route):
    """A tenant, an account or a role in the query is an unknown field or nothing at all."""
    asked = {"tenant_id": world.tenant_id, "account_id": world.things["agent_id"], "role": "operator"}
    for who in ("agent elsewhere", "supervisor of another outsourcer", "administrator elsewhere"):
        answer = send(
            world, who, route, query_string=asked | {name: world.things[name] for name in route.required_query}
        )

        told = answer.get_data(as_text=True)
        assert answer.status_code < 500
        assert [secret for secret in world.secrets(who) if secret in told] == []
