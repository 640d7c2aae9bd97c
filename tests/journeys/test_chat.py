"""A citizen's chat from the first word to the wrap-up, through REST, the database and the dispatcher."""

from uuid import UUID

import pytest
from flask import Flask

from config.settings import Settings
from contact.leader import Leader
from contact.scope import Scope
from contact.services import silence
from contact.services.silence import Patience
from contact.unit_of_work import Database
from tests.people import Citizen, Staff, leader, refused, told


@pytest.fixture
def router(engine_database: Database, settings: Settings) -> Leader:
    return leader(engine_database, settings)


@pytest.fixture
def amelie(app: Flask) -> Staff:
    """Knows income tax, speaks French and English."""
    return Staff(app, "amelie@accueil.example")


@pytest.fixture
def bruno(app: Flask) -> Staff:
    """Knows the city's matters only."""
    return Staff(app, "bruno@accueil.example")


def test_a_whole_conversation_is_one_ticket(app: Flask, router: Leader, amelie: Staff, bruno: Staff):
    """A citizen's words reach the agent with the skill, who answers and closes; one ticket holds it all."""
    amelie.ready()
    bruno.ready()
    citizen = Citizen(app)
    begun = citizen.start("Je ne trouve pas ma déclaration", name="Camille")
    assert begun["state"] == "waiting"
    assert begun["position"] == 1

    router.step()
    assert bruno.offers() == []
    (offer,) = amelie.offers()
    assert offer["citizen_name"] == "Camille"
    assert offer["last_exchange"]["body"] == "Je ne trouve pas ma déclaration"
    assignment = amelie.accept()
    ticket_id = assignment["ticket_id"]
    assert citizen.conversation()["state"] == "active"
    assert citizen.conversation()["agent_name"] == "Amélie"

    amelie.reply(ticket_id, "Bonjour, je regarde.")
    citizen.say("Merci !")
    told(amelie.send("POST", f"/tickets/{ticket_id}/notes", {"body": "Pièce à vérifier"}), 201)
    ending = {"wrap_up_code": codes(amelie, offer)[0], "ticket_state": "resolved"}
    told(amelie.send("POST", f"/assignments/{assignment['id']}/finish", ending), 204)

    seen = [(one["kind"], one["code"] or one["body"]) for one in citizen.messages()]
    assert seen == [
        ("citizen", "Je ne trouve pas ma déclaration"),
        ("system", "agent_joined"),
        ("agent", "Bonjour, je regarde."),
        ("citizen", "Merci !"),
        ("system", "ended"),
    ]
    assert citizen.conversation()["state"] == "ended"
    ticket = amelie.get(f"/tickets/{ticket_id}")
    assert ticket["state"] == "resolved"
    assert ticket["number"] == begun["ticket_number"]
    assert [one["seq"] for one in amelie.get(f"/tickets/{ticket_id}/messages")["items"]] == [1, 2, 3, 4, 5, 6]
    assert amelie.get("/me/work")["presence"]["channels"]["chat"]["load"] == 0


def test_pull_on_free(app: Flask, router: Leader, amelie: Staff):
    """Who becomes ready gets the oldest contact at once; who is full gets nothing until there is room."""
    citizens = [Citizen(app) for _ in range(5)]
    for number, citizen in enumerate(citizens):
        citizen.start(f"question {number}")
    amelie.ready()

    router.step()
    offers = amelie.offers()
    capacity = amelie.get("/me/work")["presence"]["channels"]["chat"]["capacity"]

    assert [one["last_exchange"]["body"] for one in offers] == [f"question {number}" for number in range(capacity)]
    assert citizens[4].conversation()["position"] == 5


def test_decline_keeps_the_place(app: Flask, router: Leader, amelie: Staff):
    """A declined contact waits on with its key, and the agent has room again."""
    amelie.ready()
    citizen = Citizen(app)
    citizen.start("bonjour")
    router.step()
    (offer,) = amelie.offers()

    told(amelie.send("POST", f"/offers/{offer['id']}/decline"), 204)
    router.step()

    assert amelie.offers() == []
    assert citizen.conversation()["position"] == 1
    assert amelie.get("/me/work")["presence"]["channels"]["chat"]["load"] == 0
    refused(amelie.send("POST", f"/offers/{offer['id']}/accept"), 409, "offer_gone")


def test_accept_twice_is_one_assignment(app: Flask, router: Leader, amelie: Staff):
    """A repeated accept gives the same assignment; nobody else can accept it."""
    amelie.ready()
    Citizen(app).start("bonjour")
    router.step()
    (offer,) = amelie.offers()

    first = told(amelie.send("POST", f"/offers/{offer['id']}/accept"))
    again = told(amelie.send("POST", f"/offers/{offer['id']}/accept"))

    assert first["id"] == again["id"]
    chloe = Staff(app, "chloe@accueil.example")
    refused(chloe.send("POST", f"/offers/{offer['id']}/accept"), 404, "not_found")


def test_coming_back_after_the_end(app: Flask, router: Leader, amelie: Staff):
    """Who writes again after the end waits again, on the same ticket, which is open again."""
    amelie.ready()
    citizen = Citizen(app)
    citizen.start("bonjour")
    router.step()
    assignment = amelie.accept()
    told(amelie.send("POST", f"/assignments/{assignment['id']}/wrap"))
    assert citizen.conversation()["state"] == "ended"

    citizen.say("encore une question")

    assert citizen.conversation()["state"] == "waiting"
    ending = {"wrap_up_code": codes(amelie, assignment)[0], "ticket_state": "resolved"}
    told(amelie.send("POST", f"/assignments/{assignment['id']}/finish", ending), 204)
    assert amelie.get(f"/tickets/{assignment['ticket_id']}")["state"] == "open"
    router.step()
    (offer,) = amelie.offers()
    assert offer["ticket_id"] == assignment["ticket_id"]


def test_leaving_the_queue(app: Flask, router: Leader, amelie: Staff):
    """Who ends the chat while an offer rings takes it from the agent, and nothing waits any more."""
    amelie.ready()
    citizen = Citizen(app)
    citizen.start("bonjour")
    router.step()
    (offer,) = amelie.offers()

    assert citizen.end()["state"] == "ended"

    assert amelie.offers() == []
    refused(amelie.send("POST", f"/offers/{offer['id']}/accept"), 409, "offer_gone")
    router.step()
    assert router.engine.stats().waiting == router.engine.stats().offered == 0
    assert amelie.get("/me/work")["presence"]["channels"]["chat"]["load"] == 0


def test_a_closed_ticket_does_not_keep_an_agent(app: Flask, router: Leader, amelie: Staff):
    """When a colleague closes the ticket in the middle of a chat, the agent can still finish; it stays closed."""
    amelie.ready()
    Citizen(app).start("bonjour")
    router.step()
    assignment = amelie.accept()
    path = f"/tickets/{assignment['ticket_id']}"
    chloe = Staff(app, "chloe@accueil.example")
    told(chloe.send("PATCH", path, {"version": chloe.get(path)["version"], "state": "closed"}))

    ending = {"wrap_up_code": codes(amelie, assignment)[0], "ticket_state": "resolved"}
    told(amelie.send("POST", f"/assignments/{assignment['id']}/finish", ending), 204)

    assert amelie.get(path)["state"] == "closed"
    assert amelie.get("/me/work")["presence"]["channels"]["chat"]["load"] == 0


def test_silence_pauses_a_closed_ticket_too(app: Flask, router: Leader, amelie: Staff, database: Database):
    """The agent's slot is freed although the ticket was closed meanwhile."""
    amelie.ready()
    citizen = Citizen(app)
    citizen.start("bonjour")
    router.step()
    assignment = amelie.accept()
    path = f"/tickets/{assignment['ticket_id']}"
    amelie.reply(assignment["ticket_id"], "vous êtes là ?")
    told(amelie.send("PATCH", path, {"version": amelie.get(path)["version"], "state": "closed"}))
    scope = Scope(action="test", tenant_id=UUID(assignment["administration"]["id"]))

    for _ in ("asked", "paused"):
        database.run(scope, lambda session: silence.look(session, UUID(assignment["id"]), Patience(0, 0)))

    assert citizen.conversation()["state"] == "paused"
    assert amelie.get(path)["state"] == "closed"


def codes(agent: Staff, about: dict) -> list[str]:
    """The wrap-up codes of the campaign of an offer or assignment."""
    items = agent.get(f"/wrap-up-codes?campaign_id={about['campaign']['id']}")["items"]
    return [one["code"] for one in items]
