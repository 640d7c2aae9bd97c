"""Two at the same moment: what one of them holds, the other must not lose."""

import time
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from contact import decisions, dispatcher
from contact.decisions import Batch
from contact.leader import _HOLD, Leader, LeaseLost
from contact.models import AgentGrant, Assignment, Lease, Outbox, Presence
from contact.pulse import Pulse
from contact.scope import Scope
from contact.services import assignments, grants, work_rows
from contact.unit_of_work import Database, connect
from routing.types import Expire, Rescind
from tests.people import CITY, Citizen, Staff, leader, refused, told
from tests.races import Meanwhile, until_blocked


@pytest.fixture
def router(engine_database: Database, settings: Settings) -> Leader:
    return leader(engine_database, settings)


@pytest.fixture
def amelie(app: Flask) -> Staff:
    found = Staff(app, "amelie@accueil.example")
    found.ready()
    return found


def conversation(router: Leader, amelie: Staff, app: Flask) -> tuple[Citizen, dict[str, Any]]:
    """A citizen in a chat with Amélie."""
    citizen = Citizen(app)
    citizen.start("bonjour")
    router.step()
    return citizen, amelie.accept()


def test_a_locked_ticket_does_not_hold_up_its_offer(
    app: Flask, router: Leader, amelie: Staff, root: psycopg.Connection
):
    """The dispatcher offers a contact while somebody holds its ticket: no waiting, no deadlock."""
    Citizen(app).start("bonjour")
    root.execute("SELECT id FROM ticket ORDER BY updated_at DESC LIMIT 1 FOR NO KEY UPDATE")

    router.step()
    root.rollback()

    assert len(amelie.offers()) == 1


def test_words_that_come_while_the_agent_ends(app: Flask, router: Leader, amelie: Staff, root: psycopg.Connection):
    """A citizen who writes in the very moment the agent ends waits again on an open conversation, and can leave."""
    citizen, assignment = conversation(router, amelie, app)
    # Whoever comes first to the ticket: both wait behind us, the agent before the citizen.
    root.execute("SELECT id FROM ticket WHERE id = %s FOR UPDATE", [assignment["ticket_id"]])
    code = amelie.get(f"/wrap-up-codes?campaign_id={assignment['campaign']['id']}")["items"][0]["code"]
    ending = {"wrap_up_code": code, "ticket_state": "resolved"}
    ends = Meanwhile(lambda: amelie.send("POST", f"/assignments/{assignment['id']}/finish", ending))
    until_blocked(root)
    writes = Meanwhile(lambda: citizen.say("une dernière chose"))
    time.sleep(0.3)
    root.rollback()
    told(ends.result(), 204)
    writes.result()

    assert citizen.conversation()["state"] == "waiting"
    ticket = amelie.get(f"/tickets/{assignment['ticket_id']}")
    assert ticket["state"] == "open"
    assert [one["state"] for one in ticket["interactions"]] == ["open"]
    assert citizen.end()["state"] == "ended"


def test_signing_out_gives_the_chat_back(app: Flask, router: Leader, amelie: Staff, database: Database):
    """Who signs out in the middle of a chat is found at the dispatcher's next look, and the chat given back."""
    citizen, _ = conversation(router, amelie, app)
    told(amelie.send("DELETE", "/session"), 204)
    router.steady_since = router.swept_at = 0.0
    router.read_at = time.monotonic()

    router.sweep()

    with database.reading(Scope(action="test")) as session:
        row = session.scalars(select(Outbox).where(Outbox.topic == "work.give_back")).one()
    scope = Scope(action="test", tenant_id=row.tenant_id)
    database.run(
        scope,
        lambda session: assignments.give_back(session, UUID(row.ids["contact_id"]), UUID(row.ids["assignment_id"])),
    )
    assert citizen.conversation()["state"] == "waiting"


def test_a_late_give_back_takes_nothing_from_the_next_agent(
    app: Flask, router: Leader, amelie: Staff, database: Database
):
    """A give-back that names an assignment which is over changes nothing."""
    citizen, first = conversation(router, amelie, app)
    contact_id, tenant_id, never = contact_of(app, first)

    database.run(
        Scope(action="test", tenant_id=tenant_id), lambda session: assignments.give_back(session, contact_id, never)
    )

    assert citizen.conversation()["state"] == "active"


def test_an_offer_to_who_went_offline_is_withdrawn(app: Flask, router: Leader, amelie: Staff):
    """The citizen does not wait until the offer of an absent agent runs out; it counts as missed by nobody."""
    Citizen(app).start("bonjour")
    router.step()
    (offer,) = amelie.offers()
    told(amelie.send("PUT", "/me/state", {"state": "offline"}))

    router.swept_at = 0.0
    router.sweep()

    refused(amelie.send("POST", f"/offers/{offer['id']}/accept"), 409, "offer_gone")
    work = amelie.get("/me/work")
    assert work["offers"] == []
    assert work["presence"]["channels"]["chat"]["load"] == 0
    assert router.engine.stats().waiting == 1


def test_accepted_in_the_last_moment_is_not_missed(
    app: Flask, router: Leader, amelie: Staff, engine_database: Database, settings: Settings, database: Database
):
    """Where the engine believes an offer ran out and the agent has just accepted it, the agent does not rest."""
    set_missed(database, amelie, settings.missed_offers_max - 1)
    router.rebuild()
    Citizen(app).start("bonjour")
    router.step()
    # The engine's clock runs ahead of the offer, as it does for an accept that commits while the batch is decided.
    now, engine = time.time(), router.engine
    assignment = amelie.accept()
    with router._fenced(_HOLD) as (session, _):
        batch = Batch(session, router.pool_id, router.grants)
        decisions.apply(batch, engine.decide(now + 60))
        batch.finish()

    assert assignment["state"] == "active"
    assert amelie.get("/me/work")["presence"]["state"] == "ready"


def test_declined_in_the_last_moment_is_decided_anew(
    app: Flask, router: Leader, amelie: Staff, root: psycopg.Connection
):
    """Where the engine believes an offer ran out and it has just been declined, the next one waits for what is true."""
    chloe = Staff(app, "chloe@accueil.example")
    Citizen(app).start("bonjour")
    router.step()
    (offer,) = amelie.offers()
    chloe.ready()
    router.rebuild()
    engine, now = router.engine, time.time()
    told(amelie.send("POST", f"/offers/{offer['id']}/decline"), 204)
    with router._fenced(_HOLD) as (session, _):
        batch = Batch(session, router.pool_id, router.grants)
        decisions.apply(batch, engine.decide(now + 60))
        batch.finish()
    assert chloe.offers() == []

    router.step()

    assert len(chloe.offers()) == 1
    times = root.execute("SELECT decided_at, offered_at FROM offer ORDER BY id DESC LIMIT 2").fetchall()
    assert times[1][0] <= times[0][1]


def test_a_revocation_reaches_the_router(app: Flask, router: Leader, amelie: Staff, database: Database):
    """Once her grant is revoked an agent who held nothing is offered nothing more of that administration."""
    with database.reading(Scope(action="test", outsourcer_id=outsourcer_of(database))) as session:
        grant = session.scalars(select(AgentGrant).where(AgentGrant.account_id == amelie.id)).one()
    scope = Scope(action="test", tenant_id=grant.tenant_id)
    database.run(scope, lambda session: grants.revoke(session, grant.id))
    citizen = Citizen(app)
    citizen.start("bonjour")

    router.step()

    assert citizen.conversation()["state"] == "waiting"
    assert router.engine.stats().offered == 0


def test_a_fault_does_not_stop_routing(engine_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch):
    """After a deadlock the same dispatcher leads again at once, under a new epoch; it need not wait for its lease."""
    steps: list[int] = []
    real = Leader.step

    def faulty(self: Leader) -> bool:
        steps.append(self.epoch)
        if len(steps) == 2:
            raise SQLAlchemyError("as a deadlock would")
        return real(self)

    monkeypatch.setattr(Leader, "step", faulty)
    pulse = Pulse(engine_database, "dispatcher")
    dispatcher.lead(engine_database, replace(settings, lease_seconds=60.0), lambda: len(steps) >= 4, pulse)

    assert steps[2] == steps[1] + 1


def test_an_old_epoch_commits_nothing(
    app: Flask, router: Leader, amelie: Staff, engine_database: Database, settings: Settings
):
    """A leader that was overtaken cannot commit; the new one offers the contact, once."""
    Citizen(app).start("bonjour")
    with engine_database.factory(info={"scope": Scope(action="t"), "frames": [], "notified": set()}) as session:
        session.execute(update(Lease).values(leased_until=None))
        session.commit()
    successor = leader(engine_database, settings)

    with pytest.raises(LeaseLost):
        router.step()
    successor.step()

    assert len(amelie.offers()) == 1


def test_one_offer_ends_before_the_next_begins(app: Flask, router: Leader, amelie: Staff, root: psycopg.Connection):
    """A contact whose offer ran out and is offered again in the same batch was never with two agents at once."""
    Citizen(app).start("bonjour")
    router.step()
    root.execute("UPDATE offer SET expires_at = now() - interval '1 second' WHERE state = 'offered'")
    root.commit()
    Staff(app, "chloe@accueil.example").ready()
    router.rebuild()

    router.step()

    first, second = root.execute("SELECT decided_at, offered_at FROM offer ORDER BY id DESC LIMIT 2").fetchall()[::-1]
    assert first[0] <= second[1]


def test_reading_everything_again_forgets_who_is_gone(
    app: Flask, router: Leader, amelie: Staff, root: psycopg.Connection
):
    """A contact that ended and an agent who left the pool, both without a word, are found out; the engine stays."""
    engine = router.engine
    Citizen(app).start("bonjour")
    Citizen(app, CITY).start("bonjour")
    router.rebuild()
    before = engine.stats()
    root.execute(
        "UPDATE contact SET state = 'done' WHERE id = (SELECT id FROM contact WHERE state = 'waiting' LIMIT 1)"
    )
    root.execute("DELETE FROM presence WHERE agent_id = %s", (amelie.id,))
    root.commit()

    router.rebuild()

    assert router.engine is engine
    assert engine.stats().waiting == before.waiting - 1
    assert engine.stats().agents == before.agents - 1


def test_the_trail_tells_who_led(app: Flask, router: Leader, amelie: Staff, root: psycopg.Connection):
    """What a dispatcher decided is recorded under the epoch of its lease."""
    Citizen(app).start("bonjour")
    router.step()

    query = "SELECT DISTINCT request_id FROM audit WHERE actor_kind = 'dispatcher' AND request_id IS NOT NULL"
    assert root.execute(query).fetchall() == [(f"epoch-{router.epoch}",)]


def test_a_paused_worker_does_not_send_twice(app: Flask, database: Database):
    """A worker that lost its row between claim and send finds out before it sends; its late result changes nothing."""
    row = Outbox(topic="sms.deliver", ids={}, lease=UUID(int=1))
    scope = Scope(action="test")
    database.run(scope, lambda session: session.add(row))
    first = database.run(scope, lambda session: work_rows.claim(session, row.id))
    database.run(scope, lambda session: work_rows.try_again(session, first, "taken for dead"))
    database.run(scope, lambda session: session.execute(update(Outbox).values(lease=UUID(int=2))) and None)
    second = database.run(scope, lambda session: work_rows.claim(session, row.id))

    assert not database.run(scope, lambda session: work_rows.stands(session, first))
    assert database.run(scope, lambda session: work_rows.stands(session, second))
    database.run(scope, lambda session: work_rows.end(session, first, "done"))
    assert database.run(scope, lambda session: work_rows.stands(session, second))


def contact_of(app: Flask, assignment: dict[str, Any]) -> tuple[UUID, UUID, UUID]:
    """The contact and tenant of an assignment, and the id of one that never was."""
    database = app.extensions["guichet"].database
    tenant_id = UUID(assignment["administration"]["id"])
    with database.reading(Scope(action="test", tenant_id=tenant_id)) as session:
        row = session.get_one(Assignment, UUID(assignment["id"]))
        return row.contact_id, tenant_id, UUID(int=7)


def outsourcer_of(database: Database) -> UUID:
    """The demo's one outsourcer."""
    with database.engine.connect() as connection:
        return connection.execute(
            text("SELECT outsourcer_id FROM account_by_login('amelie@accueil.example')")
        ).scalar_one()


def set_missed(database: Database, agent: Staff, missed: int) -> None:
    """Let the agent have missed so many offers in a row."""
    scope = Scope(action="test", outsourcer_id=outsourcer_of(database))
    change = update(Presence).where(Presence.agent_id == agent.id).values(missed_offers=missed)
    database.run(scope, lambda session: session.execute(change) and None)


def test_a_rebuild_that_outlasts_its_lease_keeps_it(
    router: Leader, engine_database: Database, settings: Settings
) -> None:
    """However long reading everything takes, whoever has done it leads: nobody else begins the same again, for ever."""
    scope, past = Scope(action="test"), text("clock_timestamp() - interval '1 second'")
    engine_database.run(scope, lambda session: session.execute(update(Lease).values(leased_until=past)) and None)

    router.rebuild()

    others: dict[UUID, Leader] = {}
    dispatcher._renew(engine_database, settings, "another:1", others)
    assert others == {}
    assert router.step() is False


def test_a_rebuild_has_more_time_than_a_batch(router: Leader, root: psycopg.Connection, settings: Settings) -> None:
    """A hundred thousand rows on a slow day take longer to read than one statement of a batch may."""
    hasty = connect(settings.database_engine_url or "", statement_timeout_seconds=0.3)
    root.execute("LOCK TABLE agent_skill IN ACCESS EXCLUSIVE MODE")
    rebuilt = Meanwhile(Leader(hasty, settings, router.pool_id, router.epoch).rebuild)
    time.sleep(1.0)
    root.rollback()

    assert rebuilt.result() is None
    hasty.engine.dispose()


def test_whoever_comes_to_the_line_in_the_last_moment_has_come(
    app: Flask, router: Leader, amelie: Staff, root: psycopg.Connection, database: Database, settings: Settings
):
    """Their time is up while their browser dials in: who was first in the row has it."""
    _, assignment = conversation(router, amelie, app)
    id = UUID(assignment["id"])
    root.execute("UPDATE assignment SET state = 'connecting' WHERE id = %s", [id])
    root.commit()
    held = "SELECT t.id FROM ticket t JOIN assignment a ON a.ticket_id = t.id WHERE a.id = %s FOR NO KEY UPDATE OF t"
    root.execute(held, [id])
    scope = Scope(action="test", tenant_id=tenant_of(root, id))
    late = Meanwhile(
        lambda: database.run(scope, lambda session: assignments.not_connected(session, id, settings.missed_offers_max))
    )
    until_blocked(root)
    root.execute("UPDATE assignment SET state = 'active' WHERE id = %s", [id])
    root.commit()
    late.result()

    assert root.execute("SELECT state FROM assignment WHERE id = %s", [id]).fetchone() == ("active",)


def test_contacts_before_presences(app: Flask, router: Leader, amelie: Staff, root: psycopg.Connection):
    """Whoever declines one offer while another of theirs runs out is not waited for in turn: no deadlock."""
    for words in ("un", "deux"):
        Citizen(app).start(words)
        router.step()
    shown = root.execute("SELECT contact_id FROM offer WHERE state = 'offered' ORDER BY contact_id").fetchall()
    first, second = (row[0] for row in shown)
    root.commit()
    root.execute("UPDATE offer SET expires_at = clock_timestamp() - interval '1 second' WHERE contact_id = %s", [first])
    root.commit()
    root.execute("SELECT id FROM contact WHERE id = %s FOR NO KEY UPDATE", [second])

    def both() -> None:
        with router._fenced(_HOLD) as (session, _):
            batch = Batch(session, router.pool_id, router.grants)
            decisions.apply(batch, [Expire(None, first, amelie.id), Rescind(second, second)])
            batch.finish()

    batch_done = Meanwhile(both)
    until_blocked(root)
    root.execute("SELECT agent_id FROM presence WHERE agent_id = %s FOR NO KEY UPDATE NOWAIT", [amelie.id])
    root.commit()
    batch_done.result()


def tenant_of(root: psycopg.Connection, assignment_id: UUID) -> UUID:
    row = root.execute("SELECT tenant_id FROM assignment WHERE id = %s", [assignment_id]).fetchone()
    assert row is not None
    return row[0]
