"""A campaign's phone menu through the API: read, checked, tried, published."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from contact.domain.menu import Ends
from contact.models import Topic
from contact.scope import Scope
from contact.services import phone_menus
from contact.unit_of_work import Database
from tests.api.test_routing_plan import CLAIRE, NADIA, SOPHIE, campaign_of, tenant_of
from tests.people import Staff, refused, told


@pytest.fixture
def claire(app: Flask) -> Staff:
    return Staff(app, CLAIRE)


def menu_of(administrator: Staff) -> dict[str, Any]:
    return administrator.get(f"/campaigns/{campaign_of(administrator)}/phone-menu")


def send(administrator: Staff, path: str, **body: Any) -> Any:
    return administrator.send("POST", f"/campaigns/{campaign_of(administrator)}/phone-menu{path}", body)


def publish(administrator: Staff, document: dict[str, Any], base: int = 0) -> Any:
    return send(administrator, "", base_number=base, document=document, reason="essai")


def test_a_campaign_has_a_menu_of_its_topics(claire: Staff):
    """Before any publication: its topics by key, in its languages, fit to be published as it is."""
    menu = menu_of(claire)

    assert (menu["number"], menu["author"]) == (0, None)
    assert menu["languages"] == ["fr", "en"]
    assert [one["topic"] for one in menu["document"]["options"]] == [one["id"] for one in menu["topics"]]
    assert menu["document"]["options"][0]["name"]["en"]
    assert menu["document"]["welcome"]["fr"] == "Bonjour, Service des impôts de Valmont."
    assert menu["phone_page"] is None
    assert told(publish(claire, menu["document"]), 201)["number"] == 1


def test_what_is_published_is_what_callers_hear(claire: Staff, database: Database):
    """The next number, the old versions kept, and in force for the next caller."""
    document = menu_of(claire)["document"]
    document["welcome"]["fr"] = "Bienvenue aux impôts."
    document["openings"] = [{"day": day, "opens": "00:00", "closes": "23:59"} for day in range(7)]

    told(publish(claire, document), 201)
    document["welcome"]["fr"] = "Bonjour à vous."
    published = told(publish(claire, document, base=1), 201)

    assert (published["number"], published["author"]["name"]) == (2, "Claire Montel")
    assert menu_of(claire)["document"] == document
    path = f"/campaigns/{campaign_of(claire)}/phone-menu/versions"
    assert [one["number"] for one in claire.get(path)["items"]] == [2, 1]
    assert claire.get(f"{path}/1")["document"]["welcome"]["fr"] == "Bienvenue aux impôts."
    menu, _ = heard(database, claire)
    assert menu.start().says[0].text == "Bonjour à vous."
    with pytest.raises(Exception, match="permission denied"):
        rewrite(database, claire)


def heard(database: Database, administrator: Staff) -> Any:
    with database.reading(Scope(action="test", tenant_id=tenant_of(administrator))) as session:
        return phone_menus.in_force(session, campaign_of(administrator))


def rewrite(database: Database, administrator: Staff) -> None:
    """What no code of ours does: change a version that was published."""
    scope = Scope(action="test", tenant_id=tenant_of(administrator))
    database.run(scope, lambda session: session.execute(text("UPDATE phone_menu SET reason = 'x'")))


def test_who_edited_an_older_version_is_told(claire: Staff):
    """Two people who edit at once: the second is refused, and nothing of theirs is heard."""
    document = menu_of(claire)["document"]
    told(publish(claire, document), 201)
    document["timeout_seconds"] = 9

    assert refused(publish(claire, document), 409, "conflict")["facts"] == {"version": 1}
    assert menu_of(claire)["document"]["timeout_seconds"] != 9


def test_a_draft_is_judged(claire: Staff):
    """How long it takes to hear, else each fault with its place and a sentence; nothing is published."""
    document = menu_of(claire)["document"]

    lengths = told(send(claire, "/check", document=document))["seconds"]
    assert set(lengths) == {"fr", "en"}
    assert all(5 < one < 60 for one in lengths.values())
    del document["options"][0]["name"]["en"]
    document["options"][1]["key"] = "1"
    for path, more in (("/check", {}), ("/walk", {}), ("", {"base_number": 0, "reason": "x"})):
        fields = refused(send(claire, path, document=document, **more), 422, "invalid_request")["facts"]["fields"]
        assert set(fields) == {
            "document.options.0.name.en",
            "document.options.0.key",
            "document.options.1.key",
        }
    assert menu_of(claire)["number"] == 0


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"options": []}, "options"),
        ({"timeout_seconds": 1}, "timeout_seconds"),
        ({"closed_on": ["31/12/2026"]}, "closed_on.0"),
        ({"closed_on": ["2026-02-31"]}, "closed_on.0"),
        ({"openings": [{"day": 7, "opens": "09:00", "closes": "12:00"}]}, "openings.0.day"),
        ({"openings": [{"day": 0, "opens": "9h", "closes": "12:00"}]}, "openings.0.opens"),
        ({"welcome": "Bonjour"}, "welcome"),
        ({"otherwise": "x"}, "otherwise"),
        ({"tenant_id": "x"}, "tenant_id"),
    ],
)
def test_a_malformed_menu_is_refused_by_place(claire: Staff, change: dict[str, Any], place: str):
    """Whatever is sent in place of a field."""
    document = menu_of(claire)["document"] | change

    fields = refused(publish(claire, document), 422, "invalid_request")["facts"]["fields"]

    assert any(name.startswith(f"document.{place}") for name in fields), fields


def test_a_draft_can_be_walked(claire: Staff):
    """Step by step as a caller: the other language, silence, a topic by voice; or outside of hours."""
    document = menu_of(claire)["document"]
    first = told(send(claire, "/walk", document=document))
    english = told(send(claire, "/walk", document=document, state=first["state"], digits="9"))
    silent = told(send(claire, "/walk", document=document, state=english["state"]))
    name = document["options"][1]["name"]["en"]
    over = told(send(claire, "/walk", document=document, state=silent["state"], speech=name))
    closed = told(send(claire, "/walk", document=document, is_open=False, language="en"))

    assert first["says"][0]["language"] == "fr"
    assert first["asks"]["keys"][-3:] == ["0", "*", "9"]
    assert english["state"]["language"] == "en"
    assert silent["says"][0]["text"] == "I did not hear anything."
    assert over["ends"] == {"kind": Ends.TOPIC, "topic_id": document["options"][1]["topic"]}
    assert closed["ends"]["kind"] == Ends.VOICEMAIL
    bad = {"language": "fr", "misses": 99, "turns": 0}
    refused(send(claire, "/walk", document=document, state=bad), 422, "invalid_request")


def test_a_retired_topic_is_not_heard(claire: Staff, database: Database):
    """Although the version that names it stands."""
    document = menu_of(claire)["document"]
    told(publish(claire, document), 201)
    retired = document["options"][0]["topic"]
    scope = Scope(action="test", tenant_id=tenant_of(claire))
    database.run(
        scope,
        lambda session: setattr(session.get_one(Topic, retired), "retired_at", session.scalar(select(text("now()")))),
    )

    menu, is_open = heard(database, claire)

    assert is_open
    assert str(menu.otherwise) != retired
    assert retired not in {str(one.ending.topic_id) for one in menu.options}


def test_another_administration_hears_no_menu(app: Flask, claire: Staff):
    """Neither the menu nor its versions; and a supervisor's role publishes nothing."""
    nadia, sophie = Staff(app, NADIA), Staff(app, SOPHIE)
    path = f"/campaigns/{campaign_of(claire)}/phone-menu"
    body = {"base_number": 0, "document": menu_of(claire)["document"], "reason": "x"}

    for inside in ("", "/versions", "/versions/1"):
        refused(nadia.client.get(f"/api/v1{path}{inside}"), 404, "not_found")
    refused(nadia.send("POST", path, body), 404, "not_found")
    for inside in ("/check", "/walk"):
        refused(nadia.send("POST", path + inside, {"document": body["document"]}), 404, "not_found")
    refused(sophie.send("POST", path, body), 403, "forbidden")
