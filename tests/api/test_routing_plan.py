"""A campaign's routing plan through the API: read, checked, published, in force for who already waits."""

from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from config.settings import Settings
from contact import jobs
from contact.local import environment
from contact.models import Contact, Outbox
from contact.scope import Scope
from contact.unit_of_work import Database
from tests.people import Citizen, Staff, leader, refused, told

CLAIRE, NADIA, SOPHIE = "claire@impots.example", "nadia@ville.example", "sophie@accueil.example"


@pytest.fixture
def claire(app: Flask) -> Staff:
    return Staff(app, CLAIRE)


def campaign_of(administrator: Staff) -> str:
    return administrator.get("/campaigns")["items"][0]["id"]


def plan_of(administrator: Staff) -> dict[str, Any]:
    return administrator.get(f"/campaigns/{campaign_of(administrator)}/routing")


def publish(administrator: Staff, document: dict[str, Any], base: int = 0, **more: Any) -> Any:
    body = {"base_number": base, "document": document, "reason": "essai"} | more
    return administrator.send("POST", f"/campaigns/{campaign_of(administrator)}/routing", body)


def test_the_plan_in_force_is_the_rows_themselves(claire: Staff):
    """Before any publication the plan says what the campaign does already, and who could serve each topic."""
    plan = plan_of(claire)

    assert (plan["number"], plan["author"]) == (0, None)
    income = plan["document"]["topics"][0]
    assert income["steps"][0] == {"after_seconds": 0, "skills": {"income-tax": 3}, "language": True}
    assert {one["code"] for one in plan["document"]["skills"]} == {"income-tax", "tax-credit", "payment", "accounts"}
    served = {(one["topic"], one["language"], one["channel"]): one for one in plan["coverage"]}
    assert served[income["id"], "fr", "chat"]["agents_first"] == 3  # Amélie, Chloé, Élise
    assert served[income["id"], "en", "chat"]["agents_first"] == 2  # Élise speaks French only
    assert served[income["id"], "fr", "chat"]["agents_last"] == 6  # the last step asks the language alone


def test_what_is_published_is_what_is_read(claire: Staff):
    """Publishing gives the next number, keeps the old version, and new queues and topics get ids of ours."""
    document = plan_of(claire)["document"]
    document["queues"].append(
        {"id": "new-1", "name": {"fr": "Urgences"}, "offer_seconds": 10, "wrap_up_seconds": 30, "target_seconds": {}}
    )
    document["topics"].append(
        {
            "id": "new-a",
            "name": {"fr": "Échéance proche", "en": "Deadline near"},
            "queue": "new-1",
            "priority": 5,
            "steps": [{"after_seconds": 0, "skills": {"income-tax": 1}, "language": True}],
        }
    )

    published = told(publish(claire, document, reason="La saison commence"), 201)

    assert published["number"] == 1
    assert (published["author"]["name"], published["reason"]) == ("Claire Montel", "La saison commence")
    new = published["document"]["topics"][-1]
    assert UUID(new["id"])
    assert new["queue"] == published["document"]["queues"][-1]["id"]
    assert plan_of(claire)["document"] == published["document"]
    path = f"/campaigns/{campaign_of(claire)}/routing/versions"
    assert [one["number"] for one in claire.get(path)["items"]] == [1]
    assert claire.get(f"{path}/1")["document"] == published["document"]


def test_who_edited_an_older_version_is_told(claire: Staff):
    """Two people who edit at once: the second is refused, and nothing of theirs is in force."""
    document = plan_of(claire)["document"]
    told(publish(claire, document), 201)
    document["queues"][0]["offer_seconds"] = 99

    facts = refused(publish(claire, document, base=0), 409, "conflict")["facts"]

    assert facts == {"version": 1}
    assert plan_of(claire)["document"]["queues"][0]["offer_seconds"] != 99


def test_a_class_nobody_could_serve_is_named_at_once(claire: Staff):
    """A skill at a level that nobody has: named by topic, language and channel; published only when that is meant."""
    document = plan_of(claire)["document"]
    document["topics"][0]["steps"] = [{"after_seconds": 0, "skills": {"income-tax": 5}, "language": True}]
    topic, path = document["topics"][0]["id"], f"/campaigns/{campaign_of(claire)}/routing/check"

    checked = told(claire.send("POST", path, {"document": document}))["coverage"]
    classes = refused(publish(claire, document), 409, "nobody_could_serve")["facts"]["classes"]

    assert {one["topic"] for one in checked if one["agents_last"] == 0} == {topic}
    assert {one["topic"] for one in classes} == {topic}
    assert {one["language"] for one in classes} == {"fr", "en"}
    assert plan_of(claire)["number"] == 0
    assert told(publish(claire, document, accepts_unserved=True), 201)["number"] == 1


def broken(change: str) -> tuple[dict[str, Any], str]:
    return {
        "first step later": ({"steps": [{"after_seconds": 5, "skills": {}, "language": True}]}, "steps"),
        "steps backwards": (
            {
                "steps": [
                    {"after_seconds": 0, "skills": {}, "language": True},
                    {"after_seconds": 60, "skills": {}, "language": True},
                    {"after_seconds": 60, "skills": {}, "language": True},
                ]
            },
            "steps",
        ),
        "no step": ({"steps": []}, "steps"),
        "level six": ({"steps": [{"after_seconds": 0, "skills": {"payment": 6}, "language": True}]}, "steps"),
        "unknown skill": (
            {"steps": [{"after_seconds": 0, "skills": {"magic": 1}, "language": True}]},
            "steps.0.skills",
        ),
        "unknown queue": ({"queue": "new-nowhere"}, "queue"),
        "unknown topic": ({"id": "00000000-0000-7000-8000-000000000000"}, "id"),
        "somebody's tenant": ({"tenant_id": "x"}, "tenant_id"),
    }[change]


@pytest.mark.parametrize(
    "change",
    [
        "first step later",
        "steps backwards",
        "no step",
        "level six",
        "unknown skill",
        "unknown queue",
        "unknown topic",
        "somebody's tenant",
    ],
)
def test_a_wrong_plan_is_refused_by_place(claire: Staff, change: str):
    """Each fault names its place in the document, and nothing is in force."""
    before = plan_of(claire)
    document = deepcopy(before["document"])
    wrong, place = broken(change)
    document["topics"][0] |= wrong

    fields = refused(publish(claire, document), 422, "invalid_request")["facts"]["fields"]

    assert any(name.startswith(f"document.topics.0.{place}") for name in fields), fields
    assert plan_of(claire) == before


def test_nothing_of_the_campaign_may_be_left_out(claire: Staff):
    """A topic is retired, not forgotten: past tickets are of it."""
    document = plan_of(claire)["document"]
    del document["topics"][0]

    fields = refused(publish(claire, document), 422, "invalid_request")["facts"]["fields"]

    assert list(fields) == ["document.topics"]


def test_a_retired_topic_is_offered_to_nobody(app: Flask, claire: Staff):
    """Citizens do not see it any more, nor can they open a ticket on it."""
    citizen = Citizen(app)
    topic_id = citizen.topic(0)
    document = plan_of(claire)["document"]
    next(one for one in document["topics"] if one["id"] == topic_id)["is_retired"] = True
    told(publish(claire, document), 201)

    assert topic_id not in {one["id"] for one in citizen.page()["topics"]}
    refused(citizen.try_start("Bonjour", topic_id=topic_id), 422, "invalid_request")


def test_who_waits_is_put_in_order_by_the_new_plan(
    app: Flask,
    claire: Staff,
    database: Database,
    engine_database: Database,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
):
    """A contact that waits gets the new queue, need and key; its arrival stays, and the engine serves by it."""
    agent = Staff(app, "julien@accueil.example")  # payment 3, no income-tax
    agent.ready()
    Citizen(app).start("Bonjour")
    lead = leader(engine_database, settings)
    lead.step()
    assert agent.offers() == []
    document = plan_of(claire)["document"]
    document["topics"][0]["steps"] = [{"after_seconds": 0, "skills": {"payment": 3}, "language": True}]
    for queue in document["queues"]:
        queue["target_seconds"]["chat"] += 180
    before = waiting(database, claire)

    told(publish(claire, document), 201)
    run_jobs(database, settings, monkeypatch)
    lead.step()

    after = waiting(database, claire)
    assert after.enqueued_at == before.enqueued_at
    assert (after.key_at - before.key_at).total_seconds() == 180
    assert len(agent.offers()) == 1


def test_a_new_queue_is_served_and_its_times_hold(
    app: Flask, claire: Staff, engine_database: Database, settings: Settings
):
    """Without a restart the dispatcher knows the new queue, who serves it, and how long its offers stand."""
    amelie = Staff(app, "amelie@accueil.example")
    lead = leader(engine_database, settings)
    document = plan_of(claire)["document"]
    document["queues"].append(
        {"id": "new-1", "name": {"fr": "Vite"}, "offer_seconds": 7, "wrap_up_seconds": 0, "target_seconds": {}}
    )
    document["topics"][0]["queue"] = "new-1"
    told(publish(claire, document), 201)
    lead.step()
    amelie.ready()
    Citizen(app).start("Bonjour")

    lead.step()

    (offer,) = amelie.offers()
    times = [datetime.fromisoformat(offer[name]) for name in ("offered_at", "expires_at")]
    assert times[1] - times[0] == timedelta(seconds=7)


def waiting(database: Database, administrator: Staff) -> Contact:
    with database.reading(Scope(action="test", tenant_id=tenant_of(administrator))) as session:
        return session.scalars(select(Contact).where(Contact.state.in_(("waiting", "offered")))).one()


def tenant_of(administrator: Staff) -> UUID:
    return UUID(administrator.get("/campaigns")["items"][0]["administration"]["id"])


def run_jobs(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work that publishing deferred, as a worker would."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    jobs._house.cache_clear()
    with database.reading(Scope(action="test")) as session:
        rows = session.scalars(select(Outbox).where(Outbox.topic == "routing.reorder").order_by(Outbox.due_at)).all()
    assert len(rows) == 2
    with database.factory(info={"scope": Scope(action="test"), "frames": [], "notified": set()}) as session:
        for row in rows[:1]:
            session.get_one(Outbox, row.id).lease = row.id
        session.commit()
    jobs.reorder(str(rows[0].id))
    jobs.house().database.engine.dispose()
    jobs._house.cache_clear()


def test_another_administration_sees_no_plan(app: Flask, claire: Staff):
    """Neither its plan nor its versions; and a supervisor's role publishes nothing."""
    path = f"/campaigns/{campaign_of(claire)}/routing"
    nadia, sophie = Staff(app, NADIA), Staff(app, SOPHIE)
    body = {"base_number": 0, "document": plan_of(claire)["document"], "reason": "x"}

    refused(nadia.client.get(f"/api/v1{path}"), 404, "not_found")
    refused(nadia.client.get(f"/api/v1{path}/versions"), 404, "not_found")
    refused(nadia.send("POST", path, body), 404, "not_found")
    refused(sophie.send("POST", path, body), 403, "forbidden")
