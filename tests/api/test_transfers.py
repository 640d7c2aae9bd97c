"""A conversation that is passed on, to a topic, a colleague, a skill: the citizen keeps their place in one chat."""

from typing import Any

import pytest
from flask import Flask

from config.settings import Settings
from contact.leader import Leader
from contact.unit_of_work import Database
from tests.people import Citizen, Staff, leader, refused, told


@pytest.fixture
def lead(engine_database: Database, settings: Settings) -> Leader:
    return leader(engine_database, settings)


def serve(app: Flask, lead: Leader, login: str = "amelie@accueil.example") -> tuple[Citizen, Staff, dict[str, Any]]:
    """A citizen in conversation with the agent."""
    agent, citizen = Staff(app, login), Citizen(app)
    agent.ready()
    citizen.start("Bonjour")
    lead.step()
    return citizen, agent, agent.accept()


def pass_on(agent: Staff, assignment: dict[str, Any], **to: Any) -> Any:
    return agent.send("POST", f"/assignments/{assignment['id']}/transfer", to)


def test_to_a_colleague_who_is_waited_for(app: Flask, lead: Leader):
    """The colleague is offered it with its history and note, under the same arrival; others are not asked meanwhile."""
    citizen, amelie, work = serve(app, lead)
    elise, chloe = Staff(app, "elise@accueil.example"), Staff(app, "chloe@accueil.example")
    elise.ready()
    chloe.ready()

    told(pass_on(amelie, work, agent_id=chloe.account["id"], note="Voir la pièce jointe"), 204)
    lead.step()

    assert elise.offers() == []
    assert amelie.get("/me/work")["assignments"] == []
    taken = chloe.accept()
    assert taken["ticket_id"] == work["ticket_id"]
    bodies = [one["body"] for one in chloe.get(f"/tickets/{work['ticket_id']}/messages")["items"]]
    assert "Voir la pièce jointe" in bodies
    assert "Voir la pièce jointe" not in [one["body"] for one in citizen.messages()]
    assert [one["code"] for one in citizen.messages() if one["code"]] == ["agent_joined", "transferred", "agent_joined"]


def test_to_a_colleague_who_is_not_there(app: Flask, lead: Leader):
    """Nobody waits for somebody who is away: another agent gets it at once."""
    _, amelie, work = serve(app, lead)
    elise, chloe = Staff(app, "elise@accueil.example"), Staff(app, "chloe@accueil.example")
    elise.ready()

    told(pass_on(amelie, work, agent_id=chloe.account["id"]), 204)
    lead.step()

    assert len(elise.offers()) == 1


@pytest.mark.parametrize("steps", [None, [{"after_seconds": 0, "skills": {"payment": 3}, "language": True}]])
def test_to_a_colleague_without_the_skill(app: Flask, lead: Leader, steps: list[dict[str, Any]] | None):
    """A person was chosen: they are offered it though the topic would not have asked them, now or ever."""
    if steps is not None:
        claire = Staff(app, "claire@impots.example")
        path = f"/campaigns/{claire.get('/campaigns')['items'][0]['id']}/routing"
        document = claire.get(path)["document"]
        document["topics"][2]["steps"] = steps
        told(claire.send("POST", path, {"base_number": 0, "document": document, "reason": "experts"}), 201)
        lead.step()
    david, chloe, citizen = Staff(app, "david@accueil.example"), Staff(app, "chloe@accueil.example"), Citizen(app)
    david.ready()
    citizen.start("Je ne peux pas payer", topic_id=citizen.topic(2))
    lead.step()
    work = david.accept()
    chloe.ready()

    told(pass_on(david, work, agent_id=chloe.account["id"]), 204)
    lead.step()

    assert len(chloe.offers()) == 1


def test_to_a_colleague_of_another_team(app: Flask, lead: Leader):
    """A person was chosen: they are waited for though the queue is not their team's."""
    _, amelie, work = serve(app, lead)
    elise, chloe = Staff(app, "elise@accueil.example"), Staff(app, "chloe@accueil.example")
    claire = Staff(app, "claire@impots.example")
    path = f"/campaigns/{claire.get('/campaigns')['items'][0]['id']}/routing"
    document = claire.get(path)["document"]
    busy = next(one["queue"] for one in document["topics"] if one["id"] == work["topic"]["id"])
    for queue in document["queues"]:
        queue["teams"] = ["seniors"] if queue["id"] == busy else []
    told(claire.send("POST", path, {"base_number": 0, "document": document, "reason": "équipes"}), 201)
    lead.step()
    elise.ready()
    chloe.ready()

    told(pass_on(amelie, work, agent_id=chloe.account["id"]), 204)
    lead.step()

    assert elise.offers() == []
    assert len(chloe.offers()) == 1


def test_to_another_topic(app: Flask, lead: Leader):
    """The ticket is of the other topic from here on, and its specialist is asked."""
    citizen, amelie, work = serve(app, lead)
    david = Staff(app, "david@accueil.example")
    david.ready()
    topic_id = next(one["id"] for one in citizen.page()["topics"] if one["name"]["en"] == "Payment difficulties")

    told(pass_on(amelie, work, topic_id=topic_id), 204)
    assert citizen.conversation()["state"] == "waiting"
    lead.step()

    assert david.accept()["topic"]["id"] == topic_id


def test_to_a_skill(app: Flask, lead: Leader):
    """Whoever has the skill at that level, whatever the topic asked."""
    _, amelie, work = serve(app, lead)
    elise, david = Staff(app, "elise@accueil.example"), Staff(app, "david@accueil.example")
    elise.ready()
    david.ready()

    told(pass_on(amelie, work, skill="payment", level=5), 204)
    lead.step()

    assert elise.offers() == []
    assert len(david.offers()) == 1


def test_it_does_not_come_straight_back(app: Flask, lead: Leader):
    """Whoever gave it away is not asked again while a colleague is there to be asked."""
    _, amelie, work = serve(app, lead)
    elise = Staff(app, "elise@accueil.example")
    elise.ready()

    told(pass_on(amelie, work, skill="income-tax"), 204)
    lead.step()

    assert amelie.offers() == []
    assert len(elise.offers()) == 1


def test_targets_are_the_campaigns_own(app: Flask, lead: Leader):
    """Topics, colleagues with a grant, and skills of this administration alone."""
    _, amelie, work = serve(app, lead)

    targets = amelie.get(f"/assignments/{work['id']}/transfer-targets")

    assert [one["name"] for one in targets["topics"] if one["is_current"]] == [work["topic"]["name"]]
    names = {one["name"] for one in targets["agents"]}
    assert "Chloé Vasseur" in names
    assert not names & {"Bruno Castel", "Amélie Roche", "Sophie Lambert"}
    assert {one["code"] for one in targets["skills"]} == {"income-tax", "tax-credit", "payment", "accounts"}


@pytest.mark.parametrize(
    ("to", "field"),
    [
        ({}, "_schema"),
        ({"skill": "payment", "agent_id": "00000000-0000-7000-8000-000000000000"}, "_schema"),
        ({"skill": "waste"}, "skill"),
        ({"agent_id": "00000000-0000-7000-8000-000000000000"}, "agent_id"),
        ({"topic_id": "00000000-0000-7000-8000-000000000000"}, "topic_id"),
    ],
)
def test_nowhere_is_refused(app: Flask, lead: Leader, to: dict[str, str], field: str):
    """What leads nowhere is named, and the conversation stays with its agent."""
    _, amelie, work = serve(app, lead)

    fields = refused(pass_on(amelie, work, **to), 422, "invalid_request")["facts"]["fields"]

    assert list(fields) == [field]
    assert len(amelie.get("/me/work")["assignments"]) == 1


def test_what_is_over_is_not_passed_on(app: Flask, lead: Leader):
    """Twice the same transfer changes nothing more; nor can wrap-up be given away."""
    _, amelie, work = serve(app, lead)
    told(pass_on(amelie, work, skill="income-tax"), 204)

    refused(pass_on(amelie, work, skill="income-tax"), 409, "not_yours")

    lead.step()
    elise = Staff(app, "elise@accueil.example")
    elise.ready()
    lead.step()
    again = elise.accept()
    told(elise.send("POST", f"/assignments/{again['id']}/wrap"))
    refused(pass_on(elise, again, skill="income-tax"), 409, "not_yours")
    assert [one["id"] for one in elise.get("/me/work")["assignments"]] == [again["id"]]


def test_a_follow_up_goes_first_to_who_knows_the_matter(app: Flask, lead: Leader):
    """With affinity set by the plan, who comes back is kept for their agent, though a colleague is free."""
    claire = Staff(app, "claire@impots.example")
    campaign_id = claire.get("/campaigns")["items"][0]["id"]
    path = f"/campaigns/{campaign_id}/routing"
    document = claire.get(path)["document"]
    document["topics"][0]["affinity_seconds"] = 60
    told(claire.send("POST", path, {"base_number": 0, "document": document, "reason": "suivi"}), 201)
    citizen, amelie, work = serve(app, lead)
    told(amelie.send("POST", f"/assignments/{work['id']}/wrap"))
    ending = {"wrap_up_code": "answered", "ticket_state": "resolved"}
    told(amelie.send("POST", f"/assignments/{work['id']}/finish", ending), 204)
    elise = Staff(app, "elise@accueil.example")
    elise.ready()
    lead.step()

    citizen.say("Encore une question")
    lead.step()

    assert elise.offers() == []
    assert len(amelie.offers()) == 1
