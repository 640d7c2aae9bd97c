"""What agents can do, set by their supervisor."""

from typing import Any

import pytest
from flask import Flask

from config.settings import Settings
from contact.unit_of_work import Database
from tests.people import Citizen, Staff, leader, refused, told


@pytest.fixture
def sophie(app: Flask) -> Staff:
    return Staff(app, "sophie@accueil.example")


def abilities_of(supervisor: Staff, name: str) -> dict[str, Any]:
    return next(one for one in supervisor.get("/skills")["agents"] if one["name"] == name)


def put(supervisor: Staff, of: dict[str, Any], **change: Any) -> Any:
    body = {name: of[name] for name in ("version", "languages", "skills", "capacity")} | change
    return supervisor.send("PUT", f"/agents/{of['id']}/abilities", body)


def test_the_matrix_names_every_skill(sophie: Staff):
    """Skills carry the names their administrations gave them; agents their levels; supervisors are not in it."""
    matrix = sophie.get("/skills")

    named = {one["code"]: one for one in matrix["skills"]}
    assert named["waste"]["administrations"] == ["Ville de Valmont"]
    assert named["waste"]["name"] == "Déchets et collecte"
    assert abilities_of(sophie, "Bruno Castel")["skills"] == {"civil-status": 4, "school": 3, "waste": 3}
    assert "Sophie Lambert" not in {one["name"] for one in matrix["agents"]}


def test_a_new_skill_serves_who_waits(app: Flask, sophie: Staff, engine_database: Database, settings: Settings):
    """An agent who learns a subject is offered what waited for it."""
    agent = Staff(app, "julien@accueil.example")
    agent.ready()
    Citizen(app).start("Bonjour")
    lead = leader(engine_database, settings)
    lead.step()
    assert agent.offers() == []
    julien = abilities_of(sophie, "Julien Picard")

    told(put(sophie, julien, skills=julien["skills"] | {"income-tax": 3}))
    lead.step()

    assert len(agent.offers()) == 1


def test_two_supervisors_notice_each_other(sophie: Staff):
    """Also when only levels changed: the second is refused, with the version that stands."""
    bruno = abilities_of(sophie, "Bruno Castel")
    first = told(put(sophie, bruno, skills={"waste": 5}))

    facts = refused(put(sophie, bruno, skills={"waste": 1}), 409, "conflict")["facts"]

    assert facts == {"version": first["version"]}
    assert abilities_of(sophie, "Bruno Castel")["skills"] == {"waste": 5}


def test_a_lowered_capacity_drops_no_live_work(
    app: Flask, sophie: Staff, engine_database: Database, settings: Settings
):
    """It comes into force as work ends; a raised one at once."""
    amelie = Staff(app, "amelie@accueil.example")
    amelie.ready()
    Citizen(app).start("Bonjour")
    leader(engine_database, settings).step()
    amelie.accept()
    of = abilities_of(sophie, "Amélie Roche")

    lowered = told(put(sophie, of, capacity=of["capacity"] | {"chat": 0, "email": 7}))

    channels = amelie.get("/me/work")["presence"]["channels"]
    assert channels["chat"] == {"load": 1, "capacity": 1}
    assert channels["email"]["capacity"] == 7
    assert lowered["capacity"]["chat"] == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"languages": []}, "languages"),
        ({"languages": ["xx"]}, "languages.0"),
        ({"skills": {"waste": 6}}, "skills.waste.value"),
        ({"skills": {"Pas un code": 3}}, "skills.Pas un code.key"),
        ({"skills": ["waste"]}, "skills"),
        ({"capacity": {"voice": 2, "chat": 1, "sms": 1, "email": 1}}, "capacity.voice"),
        ({"capacity": {"voice": 1}}, "capacity.chat"),
        ({"outsourcer_id": "x"}, "outsourcer_id"),
    ],
)
def test_wrong_abilities_are_refused_by_place(sophie: Staff, change: dict[str, Any], field: str):
    """Each fault names its place; nothing changes."""
    before = abilities_of(sophie, "Bruno Castel")

    fields = refused(put(sophie, before, **change), 422, "invalid_request")["facts"]["fields"]

    assert field in fields
    assert abilities_of(sophie, "Bruno Castel") == before


def test_only_a_supervisor_says_what_agents_can_do(app: Flask, sophie: Staff):
    """Agents do not teach themselves."""
    bruno = Staff(app, "bruno@accueil.example")

    refused(put(bruno, abilities_of(sophie, "Bruno Castel"), skills={"waste": 5}), 403, "forbidden")


@pytest.mark.parametrize(("shares", "status"), [({"voice": 60, "chat": 20, "deferred": 10}, 422), ({"voice": 60}, 200)])
def test_shares_make_a_whole(sophie: Staff, shares: dict[str, int], status: int):
    """Shares of everything that leave time over are refused; one that is not named takes what is left."""
    bruno = abilities_of(sophie, "Bruno Castel")

    answer = put(sophie, bruno, shares=shares, capacity={"voice": 1, "chat": 2, "sms": 1, "email": 1})

    assert told(answer, status)
    if status == 422:
        assert list(refused(answer, 422, "invalid_request")["facts"]["fields"]) == ["shares"]
