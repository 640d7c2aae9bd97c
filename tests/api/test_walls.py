"""What belongs to one administration stays there, over real commits on pooled connections."""

import pytest
from flask import Flask
from sqlalchemy import select

from contact.models import AgentGrant
from contact.scope import Scope
from contact.unit_of_work import Database
from tests.people import CITY, Citizen, Staff, refused, told


def ticket_of(citizen_words: str, agent: Staff) -> str:
    return agent.get(f"/tickets?q={citizen_words}")["items"][0]["id"]


@pytest.fixture
def city_ticket(app: Flask) -> str:
    """A ticket of the city, which Bruno may see and Amélie (taxes) may not."""
    Citizen(app, CITY).start("extrait de naissance")
    return ticket_of("naissance", Staff(app, "bruno@accueil.example"))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"version": 1, "priority": 1}),
        ("GET", "/messages", None),
        ("POST", "/messages", {"body": "x"}),
        ("POST", "/notes", {"body": "x"}),
        ("PUT", "/draft", {"body": "x"}),
        ("POST", "/read", {"seq": 1}),
        ("GET", "/history", None),
        ("GET", "/routing", None),
    ],
)
def test_another_administrations_ticket_does_not_exist(
    app: Flask, city_ticket: str, method: str, path: str, body: object
):
    """Without a grant every way to a ticket is 404, the same as for a ticket that never was."""
    amelie = Staff(app, "amelie@accueil.example")
    never = "00000000-0000-7000-8000-000000000000"

    there = refused(amelie.send(method, f"/tickets/{city_ticket}{path}", body), 404, "not_found")
    nowhere = refused(amelie.send(method, f"/tickets/{never}{path}", body), 404, "not_found")

    assert there == nowhere


def test_lists_and_search_show_only_granted_campaigns(app: Flask, city_ticket: str):
    """Neither the inbox nor a search by words or number reaches another administration."""
    bruno, amelie = Staff(app, "bruno@accueil.example"), Staff(app, "amelie@accueil.example")
    number = bruno.get(f"/tickets/{city_ticket}")["number"]

    assert {one["administration"]["name"] for one in amelie.get("/tickets?limit=100")["items"]} == {
        "Service des impôts de Valmont"
    }
    assert amelie.get("/tickets?q=naissance")["items"] == []
    assert amelie.get(f"/tickets?q={number}")["items"] == []


def test_a_citizen_holds_one_key_to_one_chat(app: Flask):
    """A visitor's cookie opens no other chat, and nobody else's conversation."""
    camille, other = Citizen(app), Citizen(app)
    camille.start("à moi")
    other.start("à moi aussi")

    assert [one["body"] for one in camille.messages()] == ["à moi"]
    elsewhere = Citizen(app, CITY)
    elsewhere.client = camille.client
    refused(elsewhere.client.get(f"{elsewhere.base}/conversation"), 404, "no_conversation")


def test_an_administrator_sees_only_their_own_people(app: Flask):
    """Grants of one administration only; another's grant cannot be revoked."""
    claire, nadia = Staff(app, "claire@impots.example"), Staff(app, "nadia@ville.example")
    ours, theirs = claire.get("/grants")["items"], nadia.get("/grants")["items"]

    assert not {one["id"] for one in ours} & {one["id"] for one in theirs}
    refused(claire.send("DELETE", f"/grants/{theirs[0]['id']}"), 404, "not_found")
    assert all(one["revoked_at"] is None for one in nadia.get("/grants")["items"])


def test_a_revoked_grant_ends_everything(app: Flask, database: Database):
    """The person is signed out, may sign in again, and finds nothing of that administration any more."""
    claire, chloe = Staff(app, "claire@impots.example"), Staff(app, "chloe@accueil.example")
    Citizen(app).start("avis imposition")
    ticket_id = ticket_of("imposition", chloe)
    (grant,) = [one for one in claire.get("/grants")["items"] if one["person"]["id"] == chloe.account["id"]]

    told(claire.send("DELETE", f"/grants/{grant['id']}"), 204)

    refused(chloe.client.get("/api/v1/tickets"), 401, "not_signed_in")
    again = Staff(app, "chloe@accueil.example")
    refused(again.client.get(f"/api/v1/tickets/{ticket_id}"), 404, "not_found")
    with database.reading(Scope(action="test", outsourcer_id=None)) as session:
        assert session.scalars(select(AgentGrant)).all() == []


def test_a_supervisor_forces_only_their_own_people(app: Flask):
    """A state is forced on an agent of one's own outsourcer; an unknown agent does not exist."""
    sophie, amelie = Staff(app, "sophie@accueil.example"), Staff(app, "amelie@accueil.example")

    row = told(sophie.send("PUT", f"/agents/{amelie.id}/state", {"state": "paused", "reason": "training"}))

    assert (row["state"], row["reason"]) == ("paused", "training")
    assert amelie.get("/me/work")["presence"]["state"] == "paused"
    never = "00000000-0000-7000-8000-000000000000"
    refused(sophie.send("PUT", f"/agents/{never}/state", {"state": "offline"}), 404, "not_found")
