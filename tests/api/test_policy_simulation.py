"""A draft is tried before it is published: asked for, run by jobs, kept with the version, told as it is."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from config.settings import Settings
from contact import jobs
from contact.domain.call_flow import CallStage, CallState, Direction
from contact.local import environment
from contact.models import Call, CarrierAccount, Endpoint, Outbox, PolicySimulation, Ticket, Topic
from contact.queries import seasons
from contact.scope import Scope
from contact.services import policy_simulations
from contact.unit_of_work import Database
from routing.simulation.rehearsal import Rehearsal
from tests.api.test_policy import policy_of, publish, save, send
from tests.api.test_routing_plan import CLAIRE, NADIA, campaign_of, tenant_of
from tests.people import Staff, refused, told

LEASE = "UPDATE outbox SET lease = gen_random_uuid() WHERE id = :id"


@pytest.fixture
def claire(app: Flask) -> Staff:
    return Staff(app, CLAIRE)


@pytest.fixture
def worker(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process is one."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    jobs._house.cache_clear()
    yield
    jobs.house().database.engine.dispose()
    jobs._house.cache_clear()


def due(database: Database) -> list[UUID]:
    """The runs that are to be done, handed on as the relay does."""

    def lease(session: Any) -> list[UUID]:
        query = select(Outbox.id).where(Outbox.topic == "policy.simulate", Outbox.state == "due")
        rows = list(session.scalars(query.order_by(Outbox.sequence)))
        for id in rows:
            session.execute(text(LEASE), {"id": id})
        return rows

    return database.run(Scope(action="test"), lease)


def run_all(database: Database) -> int:
    count = 0
    while rows := due(database):
        for row in rows:
            jobs.simulate_policy(str(row))
            count += 1
    return count


def drafted(claire: Staff, **pace: int) -> dict[str, Any]:
    policy = policy_of(claire)
    return told(save(claire, policy["document"] | {"pace": policy["document"]["pace"] | pace}))["draft"]


def simulate(claire: Staff, draft: dict[str, Any]) -> Any:
    return send(claire, "/draft/simulate", version=draft["version"])


def simulation(claire: Staff, number: int) -> dict[str, Any] | None:
    return policy_of(claire, f"/versions/{number}/simulation")["simulation"]


def asked(database: Database, claire: Staff) -> PolicySimulation:
    with database.reading(Scope(action="test", tenant_id=tenant_of(claire))) as session:
        return session.scalars(select(PolicySimulation)).one()


def test_a_draft_is_tried_beside_the_policy_in_force(claire: Staff, database: Database, worker: None):
    """Progress is told while jobs run; then the report, said to be old, and kept when the draft is published."""
    document = policy_of(claire)["document"]
    document["season"]["peaks"][0]["target_wait_seconds"] = 900
    draft = told(save(claire, document))["draft"]
    assert simulation(claire, draft["number"]) is None

    begun = told(simulate(claire, draft), 202)["simulation"]

    assert (begun["steps"], begun["done"], begun["report"], begun["standing"]) == (6, 0, None, 1)
    jobs.simulate_policy(str(due(database)[0]))
    assert simulation(claire, draft["number"])["done"] == 1
    assert run_all(database) == 5
    found = simulation(claire, draft["number"])
    assert (found["done"], found["has_failed"], found["is_stale"]) == (6, False, False)
    assert found["asked_by"]["name"] == "Claire Montel"
    assert [day["name"] for day in found["report"]["days"]] == ["calm", "peak", "deadline"]
    peak = found["report"]["days"][1]
    assert peak["before"]["totals"]["wait_p50_seconds"] < peak["after"]["totals"]["wait_p50_seconds"]
    assert {one["name"] for one in peak["after"]["losers"]["topic"]} >= {"income", "payment"}
    assert found["settings"]["calls_from"] == "default"
    assert found["settings"]["agents"] > 0

    later = drafted(claire, target_wait_seconds=200)
    assert simulation(claire, draft["number"])["is_stale"]
    told(simulate(claire, later), 202)
    run_all(database)
    told(publish(claire))
    kept = simulation(claire, draft["number"])
    assert kept["report"] is not None
    assert not kept["is_stale"]


def test_a_new_one_takes_the_place(claire: Staff, database: Database, worker: None):
    """Asked for again, what runs is given up without a trace; thrown away with its draft, nothing is left to do."""
    draft = drafted(claire, floor_percent=30)
    told(simulate(claire, draft), 202)
    (old,) = due(database)
    jobs.simulate_policy(str(old))

    told(simulate(claire, draft), 202)

    assert simulation(claire, draft["number"])["done"] == 0
    old_one, new_one = due(database)
    jobs.simulate_policy(str(old_one))
    assert simulation(claire, draft["number"])["done"] == 0
    jobs.simulate_policy(str(new_one))
    assert simulation(claire, draft["number"])["done"] == 1
    told(send(claire, f"/draft?version={draft['version']}", "DELETE"), 204)
    assert run_all(database) == 1
    refused(
        claire.client.get(f"/api/v1/campaigns/{campaign_of(claire)}/policy/versions/2/simulation"), 404, "not_found"
    )


def test_a_run_that_was_lost_is_done_again_and_kept_once(claire: Staff, database: Database, worker: None):
    """A worker killed in the middle leaves its row due; the job comes back, and a late twin changes nothing."""
    told(simulate(claire, drafted(claire, floor_percent=30)), 202)
    (row,) = due(database)
    one, scope = asked(database, claire), Scope(action="test", tenant_id=tenant_of(claire))
    killed = database.run(scope, lambda session: policy_simulations.next_run(session, one.id, 0))
    lost = killed.run()

    jobs.simulate_policy(str(row))
    jobs.simulate_policy(str(row))
    database.run(scope, lambda session: policy_simulations.keep(session, one.id, 0, lost))

    assert asked(database, claire).parts == [lost]
    assert len(due(database)) == 1


def test_one_that_fails_again_and_again_says_so(
    claire: Staff, database: Database, worker: None, monkeypatch: pytest.MonkeyPatch
):
    """After the last try it has failed, for whoever waits for it; the next one begins anew."""
    draft = drafted(claire, floor_percent=30)
    told(simulate(claire, draft), 202)

    def broken(*_: object) -> None:
        raise ArithmeticError

    with monkeypatch.context() as patch:
        patch.setattr(Rehearsal, "run", broken)
        for _ in range(3):
            (row,) = due(database)
            with pytest.raises(jobs.JobFailed):
                jobs.simulate_policy(str(row))

    assert simulation(claire, draft["number"])["has_failed"]
    assert due(database) == []
    assert not told(simulate(claire, draft), 202)["simulation"]["has_failed"]


def test_only_a_right_draft_is_tried(app: Flask, claire: Staff, database: Database):
    """Not one that somebody changed meanwhile, not one with faults, and not where nobody may answer."""
    draft = drafted(claire, floor_percent=30)
    refused(send(claire, "/draft/simulate", version=draft["version"] + 1), 409, "conflict")
    faulty = told(save(claire, policy_of(claire)["document"] | {"hours": {"voice": [], "relay": [], "chat": []}}))[
        "draft"
    ]
    refused(simulate(claire, faulty), 422, "invalid_request")
    closed = policy_of(claire)["document"]
    closed["channels"]["voice"] = closed["channels"]["chat"] = False
    closed["hours"] = {"voice": [], "relay": [], "chat": []}
    answer = simulate(claire, told(save(claire, closed))["draft"])
    assert answer.status_code in (409, 422)
    nadia = Staff(app, NADIA)
    refused(send(nadia, "/draft/simulate", version=1), 404, "not_found")
    assert due(database) == []


def test_what_has_ended_stays(claire: Staff, database: Database, worker: None):
    """No statement changes a report, nor deletes that of a published version."""
    draft = drafted(claire, floor_percent=30)
    told(simulate(claire, draft), 202)
    one, scope = asked(database, claire), Scope(action="test", tenant_id=tenant_of(claire))
    database.run(scope, lambda session: policy_simulations.fail(session, one.id))
    told(publish(claire))

    for statement in ("UPDATE policy_simulation SET parts = '[]'", "DELETE FROM policy_simulation"):
        assert database.run(scope, lambda session, it=statement: session.execute(text(it)).rowcount) == 0


def mobile(pair: int) -> str:
    """One in five is of Réunion, which is at home as well."""
    return f"{'+2626920' if pair % 10 == 4 else '+336120'}{pair:05}"


def record(database: Database, claire: Staff, days: int, count: int) -> None:
    """Calls about payments on each day before today, at nine in Paris: one in ten withheld, each number twice."""

    def work(session: Session) -> None:
        ticket = session.scalars(
            select(Ticket).join(Topic, Topic.id == Ticket.topic_id).where(Topic.slug == "payment").limit(1)
        ).one()
        line = session.scalars(select(Endpoint).where(Endpoint.campaign_id == ticket.campaign_id).limit(1)).one()
        own = {"tenant_id": ticket.tenant_id}
        account = CarrierAccount(provider="twilio", sid=str(uuid4()), auth_token=b"", disabled_at=func.now(), **own)
        session.add(account)
        session.flush()
        nine = datetime.now(ZoneInfo("Europe/Paris")).replace(hour=9, minute=10)
        session.add_all(
            Call(
                account_id=account.id,
                endpoint_id=line.id,
                direction=Direction.INBOUND,
                provider_id=str(uuid4()),
                number=None if number % 10 == 0 else mobile(number // 2 * 2),
                state=CallState.COMPLETED,
                stage=CallStage.ENDED,
                language="fr",
                ticket_id=ticket.id,
                created_at=nine - timedelta(days=day) + timedelta(seconds=number),
                **own,
            )
            for day in range(1, days + 1)
            for number in range(1, count + 1)
        )

    database.run(Scope(action="test", tenant_id=tenant_of(claire)), work)


def test_recorded_calls_are_what_it_is_made_of(claire: Staff, database: Database):
    """Where there are enough: by hour, topic and line, each number once a day; the default where there are not."""
    scope, campaign_id = Scope(action="test", tenant_id=tenant_of(claire)), UUID(campaign_of(claire))
    with database.reading(scope) as session:
        assert seasons.known(session, campaign_id)["sources"]["calls"] == "default"
    record(database, claire, 7, 100)

    with database.reading(scope) as session:
        found = seasons.known(session, campaign_id)

    # Of 100, ten are withheld; of the 90 others 40 are the second of a pair, ten have lost their pair.
    once = 10 + 50
    assert found["sources"] == {"calls": "recorded", "days": 7, "handling": "default"}
    assert [round(calls) for calls in found["calls_by_hour"]] == [once if hour == 9 else 0 for hour in range(24)]
    assert {one["slug"] for one in found["topics"] if one["share"]} == {"payment"}
    assert found["lines"]["withheld"] == pytest.approx(10 / once)
    assert found["lines"]["mobile"] == pytest.approx(50 / once)
