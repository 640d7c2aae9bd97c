"""Each route × each identity that it is not for: refused, nothing told, nothing changed, recorded."""

import pytest
from werkzeug.test import TestResponse

from contact.api.permissions import PERMISSIONS
from contact.api.refusals import NAMED
from tests.isolation.routes import CITIZENS, CLOSED, PUBLIC, ROUTES, STRANGERS, Route, expected, pairs, send
from tests.isolation.world import SECRET, World

PAIRS = pairs()
# Of a conversation. A public page may name the administration, its campaign and topics.
PRIVATE = ("ticket", "message", "citizen", "contact_point", "interaction", "contact", "draft", "visitor", "number")


def everything(answer: TestResponse) -> str:
    return f"{answer.headers}{answer.data.decode(errors='replace')}"


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_parameter_is_known(world: World, route: Route):
    """A route added later is asked here at once: its parameters and required fields have a value of the victim's."""
    route.path(world.things)
    route.correct_body(world.things)

    assert {name for name in route.parameters if name.endswith("_id")} <= set(NAMED), "refusals would not name it"


@pytest.mark.parametrize(("who", "route"), PAIRS, ids=[f"{who}-{route}" for who, route in PAIRS])
def test_refused_silent_unchanged_recorded(world: World, who: str, route: Route):
    """Whoever has no right to it is told 401, 403 or 404, reads no byte of it, moves no row, and leaves a trace."""
    before = world.digest()

    answer = send(world, who, route)
    if route.endpoint == "accounts.close_session":
        world.forget(who)

    code, told = expected(who, route), everything(answer)
    assert answer.status_code == code if code else answer.status_code < 500, told
    assert [secret for secret in world.secrets(who) if secret in told] == []
    assert world.digest() == before
    rows = world.audited(answer.headers["X-Request-Id"])
    if code in (403, 404):
        check_trace(world, who, route, rows, answer)
    else:
        assert [row for row in rows if row["tenant_id"] == world.tenant_id or who == "nobody"] == []


def check_trace(world: World, who: str, route: Route, rows: list, answer: TestResponse) -> None:
    """One row, of whoever asked and of their own side."""
    (row,) = rows
    me = world.person(who)
    (account,) = world.ask("SELECT * FROM account WHERE id = %(it)s", it=me.id)
    (name,) = route.named[:1] or [None]
    assert (row["actor_kind"], row["actor_id"], row["action"]) == ("account", me.id, route.endpoint)
    assert (row["tenant_id"], row["outsourcer_id"]) == (account["tenant_id"], account["outsourcer_id"])
    assert row["entity"] == (NAMED[name] if name else "account")
    assert str(row["entity_id"]) == (world.things[name] if name else str(me.id))
    assert row["facts"] == {"code": answer.get_json()["error"]["code"]}


@pytest.mark.parametrize("who", [*CITIZENS, *STRANGERS])
@pytest.mark.parametrize("route", PUBLIC, ids=str)
def test_what_is_public_shows_no_conversation(world: World, who: str, route: Route):
    """Nobody reads a byte of a citizen's conversation through it, or changes a row of one."""
    secrets = set().union(*(world.ids[table] for table in PRIVATE)) | {SECRET}
    before = world.first_rows()

    told = everything(answer := send(world, who, route))

    assert answer.status_code < 500, told
    assert [secret for secret in secrets if secret in told] == []
    assert world.first_rows() == before


def test_the_matrix_is_whole():
    """Every closed route meets nobody and every stranger; every permission of its own is refused to some role."""
    for route in CLOSED:
        asked = {who for who, one in PAIRS if one == route}
        assert {"nobody", *STRANGERS} <= asked
        if route.permission != "account.own":
            assert 403 in {expected(who, route) for who in asked - {"nobody"}}, route
    assert {route.permission for route in CLOSED} <= set().union(*PERMISSIONS.values())
