"""Why a ticket waits, whom it may go to and why past offers went where they went: all that is told, and no more."""

from typing import Any

import pytest
from flask import Flask

from config.settings import Settings
from contact.dispatcher import Leader
from contact.unit_of_work import Database
from tests.people import CITY, Citizen, Staff, leader, told


@pytest.fixture
def lead(engine_database: Database, settings: Settings) -> Leader:
    return leader(engine_database, settings)


def told_of(reader: Staff, ticket_id: str) -> Any:
    return reader.get(f"/tickets/{ticket_id}/routing")


def ticket_of(reader: Staff, citizen: Citizen) -> str:
    number = citizen.conversation()["ticket_number"]
    return next(one["id"] for one in reader.get("/tickets")["items"] if one["number"] == number)


def publish(**changes: Any) -> None:
    """A plan in which every queue has *changes* and every topic asks for nothing beyond the language."""
    claire = changes.pop("claire")
    path = f"/campaigns/{claire.get('/campaigns')['items'][0]['id']}/routing"
    document = claire.get(path)["document"]
    affinity_seconds = changes.pop("affinity_seconds", 0)
    for queue in document["queues"]:
        queue |= changes
    for topic in document["topics"]:
        topic |= {"affinity_seconds": affinity_seconds, "priority": 3}
    told(claire.send("POST", path, {"base_number": 0, "document": document, "reason": "essai"}), 201)


def test_what_waits(app: Flask, lead: Leader):
    """Its key and what makes it, its needs, step and next step, its position, and each agent with what fails."""
    publish(claire=Staff(app, "claire@impots.example"), target_seconds={"chat": 120})
    amelie, citizen = Staff(app, "amelie@accueil.example"), Citizen(app)
    citizen.start("Bonjour")

    waiting = told_of(amelie, ticket_of(amelie, citizen))["waiting"]

    assert (waiting["priority"], waiting["target_seconds"], waiting["position"]) == (3, 120, 1)
    assert (waiting["step"], len(waiting["needs"]), waiting["next_step_at"] is None) == (1, 1, waiting["steps"] == 1)
    assert waiting["key"] < waiting["enqueued_at"]
    assert {one["failing"] for one in waiting["agents"]} <= {"not_ready", "skill", "language", "channel_off"}
    assert "not_ready" in {one["failing"] for one in waiting["agents"]}


def test_for_whom_it_is_kept(app: Flask, lead: Leader):
    """By name and until when, while they are there; not a word of it once they are gone."""
    publish(claire=Staff(app, "claire@impots.example"), affinity_seconds=600)
    amelie, elise, citizen = Staff(app, "amelie@accueil.example"), Staff(app, "elise@accueil.example"), Citizen(app)
    amelie.ready()
    citizen.start("Bonjour")
    lead.step()
    work = amelie.accept()
    told(amelie.send("POST", f"/assignments/{work['id']}/wrap"))
    elise.ready()
    citizen.say("Encore une question")

    waiting = told_of(amelie, work["ticket_id"])["waiting"]
    assert [(one["kind"], one["who"]) for one in waiting["curtains"]] == [("held", "Amélie Roche")]
    verdicts = {one["name"]: one["failing"] for one in waiting["agents"]}
    assert verdicts["Élise Garnier"] == "held"

    told(amelie.send("PUT", "/me/state", {"state": "offline"}))
    waiting = told_of(amelie, work["ticket_id"])["waiting"]
    assert waiting["curtains"] == []
    assert "held" not in {one["failing"] for one in waiting["agents"]}


def test_contract_and_delay(app: Flask, lead: Leader):
    """Whose it is by contract, and which team comes later, each with its end."""
    claire = Staff(app, "claire@impots.example")
    plan = claire.get(f"/campaigns/{claire.get('/campaigns')['items'][0]['id']}/routing")
    share = {"outsourcer_id": plan["outsourcers"][0]["id"], "percent": 100, "spill_seconds": 90}
    publish(claire=claire, reserved=[share], delays=[{"team": "juniors", "seconds": 60}])
    amelie, citizen = Staff(app, "amelie@accueil.example"), Citizen(app)
    citizen.start("Bonjour")

    curtains = told_of(amelie, ticket_of(amelie, citizen))["waiting"]["curtains"]

    assert {one["kind"]: one["who"] for one in curtains} == {
        "delayed": "juniors",
        "reserved": plan["outsourcers"][0]["name"],
    }


def test_past_offers_tell_why(app: Flask, lead: Leader):
    """Newest first, with the rule that decided and none of the numbers behind it."""
    amelie, citizen = Staff(app, "amelie@accueil.example"), Citizen(app)
    amelie.ready()
    citizen.start("Bonjour")
    lead.step()
    (offer,) = amelie.offers()

    (account,) = told_of(amelie, offer["ticket_id"])["offers"]

    assert account["why"]["decided_by"] == "only_one"
    assert account["why"].keys() == {"step", "needs", "waited_seconds", "eligible_idle", "decided_by"}


def test_what_an_agent_does_for_others_is_not_told(app: Flask, lead: Leader):
    """Full of another administration's work: that there is no room is told, not how much of what."""
    shared, citizen = Staff(app, "chloe@accueil.example"), Citizen(app)
    shared.ready()
    for _ in range(4):
        Citizen(app, CITY).start("rien à voir")
    lead.step()
    citizen.start("Bonjour")

    waiting = told_of(shared, ticket_of(shared, citizen))["waiting"]

    (own,) = [one for one in waiting["agents"] if one["name"] == "Chloé Vasseur"]
    assert (own["failing"], own["facts"]) == ("no_room", {"channel": "chat"})
