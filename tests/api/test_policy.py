"""A campaign's policy through the API: read, checked, drafted, published by one or by two, taken back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from contact.models import Audit
from contact.scope import Scope
from contact.unit_of_work import Database
from tests.api.test_routing_plan import CLAIRE, NADIA, SOPHIE, campaign_of, tenant_of
from tests.people import Staff, refused, told
from tests.statements import statements

MARC = "marc@impots.example"
STATEMENTS = (
    "UPDATE policy_version SET reason = 'x'",
    "UPDATE policy_version SET published_at = NULL",
    "DELETE FROM policy_version",
)


@pytest.fixture
def claire(app: Flask) -> Staff:
    return Staff(app, CLAIRE)


@pytest.fixture
def marc(app: Flask) -> Staff:
    return Staff(app, MARC)


def policy_of(administrator: Staff, inside: str = "") -> dict[str, Any]:
    return administrator.get(f"/campaigns/{campaign_of(administrator)}/policy{inside}")


def send(administrator: Staff, path: str, method: str = "POST", **body: Any) -> Any:
    return administrator.send(method, f"/campaigns/{campaign_of(administrator)}/policy{path}", body or None)


def save(administrator: Staff, document: dict[str, Any], **more: Any) -> Any:
    now = policy_of(administrator)
    body = {"version": (now["draft"] or {"version": 0})["version"], "base_number": now["number"], "document": document}
    return send(administrator, "/draft", "PUT", **body | more)


def publish(administrator: Staff, reason: str = "essai", **more: Any) -> Any:
    body = {"version": policy_of(administrator)["draft"]["version"], "reason": reason} | more
    return send(administrator, "/draft/publish", **body)


def states(administrator: Staff) -> dict[int, str]:
    return {one["number"]: one["state"] for one in policy_of(administrator, "/versions")["items"]}


def moment(policy: dict[str, Any], **ahead: int) -> str:
    """By the administration's clock, which is that of Paris: an hour or two beside UTC matter to no test."""
    assert policy["time_zone"] == "Europe/Paris"
    return (datetime.now() + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M")


def test_a_campaign_begins_with_a_policy_that_can_be_published(app: Flask, claire: Staff):
    """The demo's season has one in force; a campaign without any has one to begin with."""
    nadia = Staff(app, NADIA)
    season, new = policy_of(claire), policy_of(nadia)

    assert (season["number"], season["in_force"]["state"], season["can_go_back"]) == (1, "in_force", False)
    assert season["document"]["season"]["cohorts"][0]["zone"] == "1"
    assert (new["number"], new["published"], new["draft"]) == (0, None, None)
    for administrator, policy in ((claire, season), (nadia, new)):
        assert told(send(administrator, "/check", document=policy["document"])) == {"changes": []}
    assert {one["slug"] for one in season["topics"]} >= {"income", "payment"}


def test_a_draft_becomes_the_policy(claire: Staff):
    """Kept with its faults, checked, published with a reason; what it changes is told in the reader's language."""
    document = policy_of(claire)["document"]
    document["pace"]["floor_percent"] = 35
    document["modes"]["throttle"]["exit_seconds"] = 99
    draft = told(save(claire, document))
    assert (draft["draft"]["state"], draft["draft"]["number"], draft["number"]) == ("draft", 2, 1)
    fields = refused(publish(claire), 422, "invalid_request")["facts"]["fields"]
    assert list(fields) == ["document.modes.throttle.exit_seconds"]
    document["modes"]["throttle"]["exit_seconds"] = 8
    assert told(save(claire, document))["draft"]["state"] == "checked"

    published = told(publish(claire, "Plus de places sans exemption"))

    assert (published["number"], published["draft"], published["can_go_back"]) == (2, None, True)
    assert published["document"] == document
    assert states(claire) == {2: "in_force", 1: "superseded"}
    version = policy_of(claire, "/versions/2")
    assert version["changes"] == ["Part réservée à qui n'a pas d'exemption (%) : 20 → 35"]
    assert (version["author"]["name"], version["approver"]) == ("Claire Montel", None)
    assert version["reason"] == "Plus de places sans exemption"


def test_a_time_is_the_administrations(claire: Staff):
    """Published for tomorrow: until then the one before holds; whoever publishes later has the last word."""
    policy = policy_of(claire)
    told(save(claire, policy["document"] | {"territory": "RE"}))
    assert set(
        refused(publish(claire, effective_at=moment(policy, days=-1)), 422, "invalid_request")["facts"]["fields"]
    ) == {"effective_at"}
    refused(publish(claire, effective_at="2027-02-30T08:00"), 422, "invalid_request")
    planned = told(publish(claire, effective_at=moment(policy, days=1)))

    assert (planned["number"], planned["published"]["state"], planned["in_force"]["number"]) == (2, "scheduled", 1)
    told(save(claire, policy["document"] | {"territory": "GP"}))
    assert told(publish(claire))["in_force"]["number"] == 3
    assert states(claire) == {3: "in_force", 2: "superseded", 1: "superseded"}


def test_the_version_before_comes_back(claire: Staff):
    """At once, as a version of its own with the reason; and what was planned is taken back the same way."""
    first = policy_of(claire)["document"]
    refused(send(claire, "/roll-back", number=1, reason="x"), 409, "nothing_before")
    told(save(claire, first | {"territory": "RE"}))
    told(publish(claire))
    assert refused(send(claire, "/roll-back", number=1, reason="x"), 409, "conflict")["facts"] == {"number": 2}

    back = told(send(claire, "/roll-back", number=2, reason="Trop d'appels refusés"))

    assert (back["number"], back["document"], back["in_force"]["restores"]) == (3, first, 1)
    assert back["in_force"]["reason"] == "Trop d'appels refusés"
    assert states(claire) == {3: "in_force", 2: "rolled_back", 1: "superseded"}
    assert not back["can_go_back"]
    told(save(claire, first | {"territory": "GP"}))
    told(publish(claire, effective_at=moment(back, days=1)))
    assert told(send(claire, "/roll-back", number=4, reason="Pas encore"))["document"] == first
    assert states(claire)[4] == "rolled_back"


def test_a_second_person_publishes_where_it_is_wanted(claire: Staff, marc: Staff):
    """The author proposes; only somebody else publishes; whatever is changed meanwhile is proposed anew."""
    document = policy_of(claire)["document"] | {"needs_second_person": True}
    told(save(claire, document))
    proposed = told(publish(claire, "À deux"))
    assert (proposed["draft"]["state"], proposed["number"]) == ("proposed", 1)
    version = proposed["draft"]["version"]
    refused(send(claire, "/draft/approve", version=version), 409, "second_person_needed")
    assert policy_of(marc)["changes"] == ["Une seconde personne publie : non → oui"]

    approved = told(send(marc, "/draft/approve", version=version))

    assert (approved["number"], approved["published"]["approver"]["name"]) == (2, "Marc Delage")
    assert approved["published"]["reason"] == "À deux"
    told(save(marc, document | {"needs_second_person": False}))
    assert told(publish(marc))["draft"]["state"] == "proposed"
    told(save(claire, document | {"territory": "RE"}))
    assert policy_of(claire)["draft"]["state"] == "checked"
    assert told(publish(marc))["published"]["approver"]["name"] == "Marc Delage"
    refused(send(marc, "/draft/approve", version=1), 404, "not_found")


def test_one_person_does_not_end_the_rule_by_going_back(claire: Staff, marc: Staff):
    """What comes back is published by one, but two stay two: whichever of both versions wanted a second person."""
    alone = policy_of(claire)["document"]
    told(save(claire, alone | {"needs_second_person": True}))
    told(publish(claire))
    told(publish(marc))

    back = told(send(claire, "/roll-back", number=2, reason="Trop d'appels refusés"))

    assert back["document"] == alone | {"needs_second_person": True}
    assert policy_of(claire, "/versions/3")["changes"] == []
    told(save(claire, alone))
    assert told(publish(claire))["draft"]["state"] == "proposed"
    assert told(publish(marc))["document"] == alone
    assert told(send(claire, "/roll-back", number=4, reason="À deux"))["document"]["needs_second_person"]


def test_what_is_thrown_away_is_in_the_trail(claire: Staff, database: Database):
    """Who threw a draft away, and when: as for every other change, by the row that is no more."""
    told(save(claire, policy_of(claire)["document"] | {"territory": "RE"}))
    told(send(claire, "/draft?version=1", "DELETE"), 204)

    def trail(session: Session) -> list[Audit]:
        return list(session.scalars(select(Audit).where(Audit.entity == "policy_version").order_by(Audit.id)))

    *_, saved, discarded = database.run(Scope(action="test", tenant_id=tenant_of(claire)), trail)
    assert (saved.action, discarded.action) == ("policies.save_draft", "policies.discard_draft")
    assert (discarded.entity_id, discarded.actor_id) == (saved.entity_id, saved.actor_id)
    assert (discarded.version, discarded.changed) == (None, [])


def test_a_policy_is_read_once(app: Flask, claire: Staff):
    """However many versions there were: none is read twice for an answer, nor the document of one that is not shown."""
    document = policy_of(claire)["document"]
    for territory in ("RE", "GP", "MQ"):
        told(save(claire, document | {"territory": territory}))
        told(publish(claire))
    told(save(claire, document))
    path = f"/campaigns/{campaign_of(claire)}/policy"

    with statements(app.extensions["guichet"].database.engine) as asked:
        claire.get(path)

    assert len([one for one in asked if "FROM topic" in one]) == 1
    assert len([one for one in asked if "FROM policy_version" in one and "document" not in one]) == 1
    # What is published last, and the draft.
    assert len([one for one in asked if "FROM policy_version" in one and "document" in one]) == 2


MANY = """
INSERT INTO {table} (id, tenant_id, campaign_id, number, document, reason, author_id{times})
SELECT gen_random_uuid(), :tenant, :campaign, number, '{{}}', 'essai', :author{now} FROM generate_series(2, 251) number
"""


@pytest.mark.parametrize(
    ("table", "path"), [("policy_version", "policy"), ("routing_plan", "routing"), ("phone_menu", "phone-menu")]
)
def test_no_version_is_left_out(claire: Staff, database: Database, table: str, path: str):
    """However many were published: of an old one as well it is told who wanted it, and why."""
    campaign = campaign_of(claire)
    facts = {"tenant": tenant_of(claire), "campaign": campaign, "author": claire.id}
    is_policy = table == "policy_version"
    many = MANY.format(
        table=table,
        times=", base_number, version, published_at, effective_at" if is_policy else "",
        now=", 1, 1, now(), now()" if is_policy else "",
    )
    scope = Scope(action="test", tenant_id=tenant_of(claire))
    database.run(scope, lambda session: session.execute(text(many), facts).rowcount)

    found = [one["number"] for one in claire.get(f"/campaigns/{campaign}/{path}/versions")["items"]]
    assert found[:250] == list(range(251, 1, -1))


def test_nobody_overwrites_what_they_have_not_seen(claire: Staff, marc: Staff):
    """A draft that changed, and a version that was published since it was begun."""
    document = policy_of(claire)["document"]
    told(save(claire, document | {"territory": "RE"}))
    assert refused(save(marc, document, version=0), 409, "conflict")["facts"] == {"version": 1}
    refused(publish(marc, version=7), 409, "conflict")
    told(save(marc, document, base_number=0))
    assert refused(publish(marc), 409, "conflict")["facts"] == {"number": 1}
    assert policy_of(claire)["number"] == 1

    assert refused(send(claire, "/draft?version=1", "DELETE"), 409, "conflict")["facts"] == {"version": 2}
    told(send(marc, "/draft?version=2", "DELETE"), 204)
    assert policy_of(claire)["draft"] is None
    refused(send(marc, "/draft?version=2", "DELETE"), 404, "not_found")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_is_published_stands(claire: Staff, database: Database, statement: str):
    """Nothing of ours changes or deletes it: for the database it is not there to be changed."""
    scope = Scope(action="test", tenant_id=tenant_of(claire))

    assert database.run(scope, lambda session: session.execute(text(statement)).rowcount) == 0


def test_another_administration_reads_no_policy(app: Flask, claire: Staff):
    """Nor does a supervisor's role write one; and a malformed document is refused by place."""
    nadia, sophie = Staff(app, NADIA), Staff(app, SOPHIE)
    path = f"/campaigns/{campaign_of(claire)}/policy"
    document = policy_of(claire)["document"]

    for inside in ("", "/versions", "/versions/1"):
        refused(nadia.client.get(f"/api/v1{path}{inside}"), 404, "not_found")
    refused(sophie.send("POST", f"{path}/check", {"document": document}), 403, "forbidden")
    bad = document | {"pace": document["pace"] | {"flor": 1}, "territory": "XX"}
    fields = refused(send(claire, "/check", document=bad), 422, "invalid_request")["facts"]["fields"]
    assert set(fields) == {"document.pace.flor", "document.territory"}
