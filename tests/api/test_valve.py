"""A supervisor's hand on a campaign's voice line: put, replaced, lifted, run out; theirs alone, and recorded."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from config.settings import Settings
from contact.models import Audit, Pool, ValveOverride
from contact.scope import Scope
from contact.services.valve_overrides import override_of
from contact.unit_of_work import Database
from contact.valve import Snapshot, reach
from routing.admission import Limits, Mode, Valve
from tests import strangers
from tests.api.test_routing_plan import CLAIRE, SOPHIE, campaign_of, tenant_of
from tests.people import Staff, refused, told


@pytest.fixture
def sophie(app: Flask) -> Staff:
    return Staff(app, SOPHIE)


@pytest.fixture
def claire(app: Flask) -> Staff:
    return Staff(app, CLAIRE)


class Line:
    """The voice line of the campaign that Claire administers and Sophie supervises."""

    def __init__(self, database: Database, claire: Staff) -> None:
        self.campaign_id = campaign_of(claire)
        self.path = f"/campaigns/{self.campaign_id}/valve/override"
        self.tenant_id = tenant_of(claire)
        self._database = database

    @property
    def pool_id(self) -> UUID:
        with self._database.reading(Scope(action="test", tenant_id=self.tenant_id)) as session:
            return session.scalars(select(Pool.id)).one()

    def override(self) -> str | None:
        scope = Scope(action="test", tenant_id=self.tenant_id)
        return self._database.run(scope, lambda session: override_of(session, UUID(self.campaign_id)))

    def rows(self) -> list[ValveOverride]:
        with self._database.reading(Scope(action="test", tenant_id=self.tenant_id)) as session:
            return list(session.scalars(select(ValveOverride).order_by(ValveOverride.id)))


@pytest.fixture
def line(database: Database, claire: Staff) -> Line:
    return Line(database, claire)


def order(**told: Any) -> dict[str, Any]:
    return {"state": "closed", "reason": "Alerte incendie", "minutes": 30} | told


def test_the_last_word_is_in_force_until_it_is_lifted(sophie: Staff, line: Line):
    """Closed, then open in its place, then lifted: what holds is told at once, and all of it is kept."""
    assert line.override() is None
    first = told(sophie.send("PUT", line.path, order()))
    assert (line.override(), first["state"], first["reason"]) == ("closed", "closed", "Alerte incendie")
    assert first["by"] == {"id": str(sophie.id), "name": sophie.account["name"]}

    second = told(sophie.send("PUT", line.path, order(state="open", replaces=first["id"])))
    assert line.override() == "open"
    told(sophie.send("DELETE", f"{line.path}?override_id={second['id']}"), 204)

    assert line.override() is None
    assert [(one.state, one.ended_by) for one in line.rows()] == [("closed", sophie.id), ("open", sophie.id)]


def test_of_two_who_order_at_once_the_second_is_told(sophie: Staff, line: Line):
    """Nobody ends by accident what they have not seen."""
    first = told(sophie.send("PUT", line.path, order()))

    facts = refused(sophie.send("PUT", line.path, order(state="open")), 409, "conflict")["facts"]
    refused(sophie.send("DELETE", f"{line.path}?override_id={uuid4()}"), 404, "not_found")

    assert facts == {"override_id": first["id"]}
    assert line.override() == "closed"


def test_its_time_ends_it(sophie: Staff, line: Line, settings: Settings):
    """Nothing has to run for it to end; whoever orders anew replaces nothing, and nobody is named as its end."""
    first = told(sophie.send("PUT", line.path, order()))
    with psycopg.connect(settings.database_owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        strangers.open_to_owner(owner)
        owner.execute("UPDATE valve_override SET created_at = now() - interval '2h', until_at = now() - interval '1h'")

    assert line.override() is None
    refused(sophie.send("DELETE", f"{line.path}?override_id={first['id']}"), 404, "not_found")
    told(sophie.send("PUT", line.path, order(state="open")))
    past, _ = line.rows()
    assert line.override() == "open"
    assert (past.ended_at, past.ended_by) == (past.until_at, None)


def test_only_supervisors_of_the_campaign_order(app: Flask, claire: Staff, line: Line):
    """Agents and administrators have no hand on the line; nor has a supervisor on another's."""
    amelie = Staff(app, "amelie@accueil.example")
    for person in (claire, amelie):
        refused(person.send("PUT", line.path, order()), 403, "forbidden")
        refused(person.send("DELETE", f"{line.path}?override_id={uuid4()}"), 403, "forbidden")
    assert line.override() is None


def test_what_cannot_be_ordered_is_named(sophie: Staff, line: Line):
    """Every order says what, why and for how long; a day is the most."""
    for wrong in ({"state": "ajar"}, {"reason": "  "}, {"minutes": 0}, {"minutes": 1_441}, {"replaces": "x"}):
        facts = refused(sophie.send("PUT", line.path, order(**wrong)), 422, "invalid_request")["facts"]
        assert list(facts["fields"]) == list(wrong)


def test_every_order_is_in_the_trail(sophie: Staff, line: Line, database: Database):
    """Who ordered and who lifted, without the words."""
    made = told(sophie.send("PUT", line.path, order()))
    told(sophie.send("DELETE", f"{line.path}?override_id={made['id']}"), 204)

    query = select(Audit.action, Audit.actor_id).where(Audit.entity == "valve_override").order_by(Audit.id)
    with database.reading(Scope(action="test", tenant_id=line.tenant_id)) as session:
        trail = [tuple(row) for row in session.execute(query)]
        assert session.scalar(select(func.count()).select_from(ValveOverride)) == 1
    assert trail == [("valves.put_override", sophie.id), ("valves.lift_override", sophie.id)]


def test_the_wallboard_tells_what_the_leader_does(app: Flask, sophie: Staff, line: Line, settings: Settings):
    """No line without a policy; then words and figures as they were told last, and the hand that is on it."""
    board = sophie.get("/wallboard")
    [seen] = board["valves"]
    # Where she has another campaign, which has no policy.
    assert {one["campaign"]["id"] for one in board["queues"]} > {line.campaign_id}
    assert (seen["campaign"]["id"], seen["told"], seen["override"]) == (line.campaign_id, None, None)

    snapshot = Snapshot(Limits(0.05, 10.0), Valve(Mode.THROTTLE, 95.5), 0.125, 40, 12)
    assert reach(settings.redis_url or "", line.pool_id, 1).write(1, {}, {UUID(line.campaign_id): snapshot})
    made = told(sophie.send("PUT", line.path, order()))

    [seen] = sophie.get("/wallboard")["valves"]
    as_of = datetime.fromisoformat(seen["told"].pop("as_of"))
    assert abs(datetime.now(UTC) - as_of) < timedelta(minutes=5)
    assert seen["told"] == {
        "mode": "throttle",
        "expected_wait_seconds": 95.5,
        "rate_per_hour": 180.0,
        "capacity_per_hour": 450.0,
        "asked": 40,
        "admitted": 28,
        "refused": 12,
    }
    assert seen["override"] == made
    told(sophie.send("DELETE", f"{line.path}?override_id={made['id']}"), 204)
    # Redis is gone: nobody tells, and all else is read as ever.
    app.extensions["guichet"].valves[line.pool_id] = reach("redis://127.0.0.1:1/0", line.pool_id, 1)
    board = sophie.get("/wallboard")
    assert [(one["told"], one["override"]) for one in board["valves"]] == [(None, None)]
    assert board["queues"]
