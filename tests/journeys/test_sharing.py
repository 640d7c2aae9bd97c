"""Who waits for whom, from the published plan to the offer: delays, contract shares, overflow, expected waits."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask

from config.settings import Settings
from contact.leader import Leader
from contact.unit_of_work import Database
from tests import strangers
from tests.journeys.conftest import eventually
from tests.people import Citizen, Staff, leader, refused, told

AMELIE, ZOE = "amelie@accueil.example", "zoe@autre.example"


@pytest.fixture
def lead(engine_database: Database, settings: Settings) -> Leader:
    return leader(engine_database, settings)


@pytest.fixture
def root(servers: dict[str, str], database_name: str) -> Iterator[psycopg.Connection]:
    """Sees every row."""
    with psycopg.connect(servers["admin_url"], dbname=database_name, autocommit=True) as connection:
        yield connection


@pytest.fixture
def claire(app: Flask) -> Staff:
    return Staff(app, "claire@impots.example")


@pytest.fixture
def other_outsourcer(settings: Settings) -> UUID:
    """Granted the taxes' campaign beside the demo's, with one agent like Amélie."""
    with psycopg.connect(settings.database_owner_url.replace("+psycopg", ""), autocommit=True) as owner:
        strangers.open_to_owner(owner)
        return strangers.add_outsourcer(owner, AMELIE, {ZOE: AMELIE})


def publish(claire: Staff, change: Any) -> dict[str, Any]:
    """Publish the plan in force with *change* made to its document."""
    path = f"/campaigns/{claire.get('/campaigns')['items'][0]['id']}/routing"
    plan = claire.get(path)
    change(plan["document"])
    body = {"base_number": plan["number"], "document": plan["document"], "reason": "essai"}
    return told(claire.send("POST", path, body), 201)


def part(outsourcer_id: UUID, percent: int) -> dict[str, Any]:
    return {"outsourcer_id": str(outsourcer_id), "percent": percent, "spill_seconds": 60}


def give(app: Flask, name: str, **change: Any) -> None:
    """Change what an agent can do."""
    sophie = Staff(app, "sophie@accueil.example")
    of = next(one for one in sophie.get("/skills")["agents"] if one["name"] == name)
    body = {field: of[field] for field in ("version", "languages", "skills", "capacity", "team", "shares")} | change
    told(sophie.send("PUT", f"/agents/{of['id']}/abilities", body))


def ready(app: Flask, login: str) -> Staff:
    agent = Staff(app, f"{login}@accueil.example")
    agent.ready()
    return agent


def test_a_team_sees_contacts_later(app: Flask, claire: Staff, lead: Leader):
    """Nobody of the delayed team is asked before the age that the plan says; another team is at once."""
    publish(claire, lambda plan: plan["queues"][0].update(delays=[{"team": "renfort", "seconds": 3600}]))
    give(app, "Amélie Roche", team="renfort")
    amelie, elise = ready(app, "amelie"), ready(app, "elise")
    told(elise.send("PUT", "/me/state", {"state": "paused", "reason": "break"}))
    citizen = Citizen(app)
    citizen.start("Bonjour")
    lead.step()
    assert amelie.offers() == []

    explained = Staff(app, "chloe@accueil.example")
    (ticket,) = explained.get("/tickets?q=Bonjour&limit=1")["items"]
    told_of = {one["name"]: one for one in explained.get(f"/tickets/{ticket['id']}/routing")["waiting"]["agents"]}
    assert told_of["Amélie Roche"]["failing"] == "delayed"
    elise.ready()
    lead.step()

    assert len(elise.offers()) == 1


def test_a_queue_is_served_by_its_teams_and_overflows(app: Flask, claire: Staff, lead: Leader):
    """Only its teams serve a queue; from the age of its overflow on, the other queue's agents are asked as well."""

    def change(plan: dict[str, Any]) -> None:
        first, second = plan["queues"]
        first.update(teams=["experts"], overflow={"queue": second["id"], "after_seconds": 1})
        plan["topics"][0]["steps"] = [{"after_seconds": 0, "skills": {}, "language": True}]

    publish(claire, change)
    amelie = ready(app, "amelie")
    Citizen(app).start("Bonjour")
    lead.step()
    assert amelie.offers() == []

    def offered() -> list[Any]:
        lead.step()
        return amelie.offers()

    assert len(eventually(offered, "offered to the other queue's agent")) == 1


def test_a_part_is_one_outsourcers(app: Flask, claire: Staff, lead: Leader, other_outsourcer: UUID):
    """What is reserved for an outsourcer reaches its agents and no others; a plan of more than the whole is refused."""
    path = f"/campaigns/{claire.get('/campaigns')['items'][0]['id']}/routing"
    (first,) = {UUID(one["id"]) for one in claire.get(path)["outsourcers"]} - {other_outsourcer}
    publish(claire, lambda plan: plan["queues"][0].update(reserved=[part(first, 100)]))
    zoe = Staff(app, ZOE)
    zoe.ready()
    Citizen(app).start("Bonjour")

    lead.step()
    assert zoe.offers() == []
    amelie = ready(app, "amelie")
    lead.step()

    assert (len(amelie.offers()), zoe.offers()) == (1, [])


def test_parts_are_of_a_whole(claire: Staff, other_outsourcer: UUID):
    """Parts of two outsourcers make at most everything: the plan that gives away more names the queue, and is not in
    force."""
    path = f"/campaigns/{claire.get('/campaigns')['items'][0]['id']}/routing"
    plan = claire.get(path)
    (first,) = {UUID(one["id"]) for one in plan["outsourcers"]} - {other_outsourcer}

    def sent(percent: int) -> Any:
        plan["document"]["queues"][0]["reserved"] = [part(first, 60), part(other_outsourcer, percent)]
        body = {"base_number": plan["number"], "document": plan["document"], "reason": "parts"}
        return claire.send("POST", path, body)

    faults = refused(sent(60), 422, "invalid_request")["facts"]["fields"]
    assert list(faults) == ["document.queues.0.reserved"]
    assert claire.get(path)["number"] == plan["number"]
    told(sent(40), 201)


def test_a_wait_is_expected_told_and_kept(app: Flask, settings: Settings, lead: Leader, database: Database):
    """Who must wait is told a range once somebody works; who finds a free agent waits less than a minute."""
    lead.sweep()
    nobody = Citizen(app).start("Bonjour")
    assert nobody["expected_wait"] is None
    amelie = ready(app, "amelie")
    give(app, "Amélie Roche", capacity={"voice": 1, "chat": 1, "sms": 1, "email": 1})
    lead.step()
    amelie.accept()
    waiting = Citizen(app)
    waiting.start("Moi aussi")
    lead.step()
    assert amelie.offers() == []
    lead.forecast._written_at = 0.0
    lead.swept_at = 0.0

    lead.sweep()

    wait = waiting.conversation()["expected_wait"]
    assert wait is not None
    assert 0 <= wait["from_seconds"] < wait["to_seconds"]
    assert wait["to_seconds"] % 60 == 0
    assert wait["to_seconds"] <= 600


def test_what_was_told_is_scored(app: Flask, lead: Leader):
    """Whoever was told a wait and served within it counts as a promise kept, in the figures of the queue."""
    lead.sweep()
    amelie = ready(app, "amelie")
    lead.step()
    Citizen(app).start("Le premier fait naître le besoin")
    lead.step()
    amelie.accept()
    lead.forecast._written_at = 0.0
    lead.swept_at = 0.0
    lead.sweep()
    citizen = Citizen(app)
    started = citizen.start("Moi aussi")
    lead.step()
    amelie.accept()

    assert started["expected_wait"] == {"from_seconds": 0, "to_seconds": 60}
    figures = app.test_client().get("/metrics").get_data(as_text=True)
    scored = [line for line in figures.splitlines() if line.startswith("guichet_waits_told{")]
    assert [line.rpartition(" ")[2] for line in scored if 'kept="True"' in line] == ["1.0"]


def test_only_who_leaves_has_given_up(app: Flask, lead: Leader, root: psycopg.Connection):
    """A contact that ends otherwise says nothing of patience; one whose offer ran out stands in front again."""

    def mark(contact_id: UUID) -> None:
        root.execute(
            "INSERT INTO routing_dirty (pool_id, entity, entity_id) VALUES (%s, 'contact', %s)",
            (lead.pool_id, contact_id),
        )

    lead.sweep()
    citizens = [Citizen(app) for _ in range(3)]
    for citizen in citizens:
        citizen.start("Bonjour")
    lead.step()
    lead.forecast._written_at, lead.swept_at = 0.0, 0.0
    lead.sweep()
    ids = [id for (id,) in root.execute("SELECT id FROM contact WHERE state = 'waiting' ORDER BY enqueued_at")]
    _, elsewhere, stays = ids
    citizens[0].end()
    root.execute("UPDATE contact SET state = 'rescinded', ended_at = now() WHERE id = %s", (elsewhere,))
    mark(elsewhere)
    lead.step()

    estimator = lead.forecast._estimator
    assert estimator is not None
    assert sum(kind.leaving.events for kind in estimator._kinds.values()) == pytest.approx(1, rel=0.01)
    assert lead.forecast.waits(set(ids)) == {stays}
    amelie = ready(app, "amelie")
    lead.step()
    assert lead.forecast.waits(set(ids)) == set()
    told(amelie.send("PUT", "/me/state", {"state": "paused", "reason": "break"}))
    root.execute("UPDATE offer SET expires_at = now() - interval '1 s' WHERE state = 'offered'")
    mark(stays)
    lead.step()
    assert lead.forecast.waits(set(ids)) == {stays}
