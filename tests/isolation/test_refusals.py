"""What was refused is recorded for the right side, without end only in the log, and never in the way of the answer."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import text

from contact.api import refusals
from contact.api.context import House
from contact.models import Audit
from contact.scope import Scope
from contact.unit_of_work import connect
from tests.isolation.world import World
from tests.people import refused


@pytest.fixture
def bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """At most three rows a window."""
    most = 3
    house: House = world.app.extensions["guichet"]
    monkeypatch.setitem(
        world.app.extensions, "guichet", House(replace(house.settings, refusals_recorded_max=most), house.database)
    )
    refusals._counts.clear()
    yield most
    refusals._counts.clear()


def recorded(world: World, who: str) -> list[dict]:
    asked = "SELECT * FROM audit WHERE actor_id = %(it)s AND facts ? 'code' ORDER BY id"
    return world.ask(asked, it=world.person(who).id)


def test_a_flood_leaves_few_rows_and_says_how_many_more(world: World, bounded: int, monkeypatch: pytest.MonkeyPatch):
    """Somebody who tries doors without end fills no disk; the first row of the next minute tells what was left out."""
    zoe = world.person("agent of another outsourcer")
    before = len(recorded(world, "agent of another outsourcer"))

    for _ in range(10):
        refused(zoe.client.get(f"/api/v1/tickets/{uuid4()}"), 404, "not_found")
    assert len(recorded(world, "agent of another outsourcer")) == before + bounded

    monkeypatch.setattr(refusals, "WINDOW_SECONDS", 0.0)
    refused(zoe.client.get(f"/api/v1/tickets/{uuid4()}"), 404, "not_found")
    assert recorded(world, "agent of another outsourcer")[-1]["facts"] == {
        "code": "not_found",
        "unrecorded_before": 10 - bounded,
    }


def test_who_cannot_be_recorded_is_still_refused(world: World, monkeypatch: pytest.MonkeyPatch):
    """When the row cannot be written the answer is the same."""
    zoe = world.person("agent of another outsourcer")
    world.owner.execute("REVOKE INSERT ON audit FROM app_rw")
    try:
        refused(zoe.client.get(f"/api/v1/tickets/{world.things['ticket_id']}"), 404, "not_found")
    finally:
        world.owner.execute("GRANT INSERT ON audit TO app_rw")


def test_the_row_is_seen_by_the_side_of_whoever_asked(world: World):
    """Their outsourcer sees it, the owner of the thing and everybody else do not: it would tell of strangers."""
    zoe, ticket_id = world.person("agent of another outsourcer"), world.things["ticket_id"]
    refused(zoe.client.get(f"/api/v1/tickets/{ticket_id}"), 404, "not_found")
    (zoes,) = world.ask("SELECT outsourcer_id AS id FROM agent WHERE id = %(it)s", it=zoe.id)
    (brunos,) = world.ask("SELECT outsourcer_id AS id FROM agent WHERE id = %(it)s", it=world.person("own agent").id)
    database = connect(world.settings.database_url)

    def seen(**side: object) -> int:
        with database.reading(Scope(action="test", **side)) as session:
            return session.query(Audit).filter_by(actor_id=zoe.id, entity="ticket").count()

    assert seen(outsourcer_id=zoes["id"]) > 0
    assert seen(account_id=zoe.id) > 0
    assert seen(outsourcer_id=brunos["id"]) == seen(tenant_id=world.tenant_id) == seen() == 0
    database.engine.dispose()


def test_a_tickets_history_tells_of_no_stranger(world: World):
    """Also where the same outsourcer's agents read it: who was refused belongs to no ticket's history."""
    amelie, bruno = world.person("agent elsewhere"), world.person("own agent")
    path = f"/tickets/{world.things['ticket_id']}"
    before = bruno.get(f"{path}/history")

    refused(amelie.client.get(f"/api/v1{path}"), 404, "not_found")

    assert bruno.get(f"{path}/history") == before


@pytest.mark.parametrize("side", ["tenant_id", "outsourcer_id"])
def test_nobody_writes_into_anothers_trail(world: World, side: str):
    """Row security refuses an audit row that names another administration or outsourcer than the transaction's."""
    database = connect(world.settings.database_url)
    (brunos,) = world.ask("SELECT outsourcer_id AS id FROM agent WHERE id = %(it)s", it=world.person("own agent").id)
    other = {"tenant_id": world.tenant_id, "outsourcer_id": brunos["id"]}[side]
    with database.engine.connect() as connection, pytest.raises(Exception, match="row-level security"):
        connection.execute(
            text(
                f"INSERT INTO audit (id, {side}, actor_kind, action, entity, entity_id)"
                " VALUES (:id, :other, 'account', 'x', 'x', :id)"
            ),
            {"id": uuid4(), "other": other},
        )
    database.engine.dispose()
