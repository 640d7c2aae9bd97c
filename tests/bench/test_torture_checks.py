"""The torture's judge: an honest run breaks no promise, and each made by hand is named by its id."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg.rows import namedtuple_row

from bench.torture import facts
from bench.torture.checks import Evidence, judge
from config.settings import Settings
from contact.unit_of_work import Database
from tests.bench import test_torture_calls
from tests.people import TAXES, Citizen, Staff, leader

Breaking = Callable[["Scene"], str]


class Scene:
    """A chat in the hands of an agent and two replies by SMS, with the journals and the ledger that go with them."""

    def __init__(self, root: psycopg.Connection, app: Flask, router: Any) -> None:
        self.root = root
        self.before = facts.read_in(root)
        self.journal: list[dict[str, Any]] = []
        citizen, amelie, chloe = Citizen(app), Staff(app, "amelie@accueil.example"), Staff(app, "chloe@accueil.example")
        amelie.ready()
        self.write("start", "citizen", "bonjour [1]", citizen.start("bonjour [1]"), address=TAXES, visitor="v")
        router.step()
        self.assignment = amelie.accept()
        offer_id = self.value("SELECT offer_id FROM assignment WHERE id = %s", self.assignment["id"])
        told = {"assignment": self.assignment["id"], "offer": str(offer_id)}
        self.journal.append({"what": "took", "who": "amelie", "at": time.time(), **told})
        self.first = self.write("say", "citizen", "et [2]", citizen.say("et [2]"), address=TAXES, visitor="v")
        self.last = self.write("say", "citizen", "puis [3]", citizen.say("puis [3]"), address=TAXES, visitor="v")
        ticket = self.assignment["ticket_id"]
        self.write("reply", "amelie", "voilà [4]", amelie.reply(ticket, "voilà [4]"), ticket=ticket)
        found = chloe.get("/tickets?limit=100")["items"]
        by_sms = next(one["id"] for one in found if one["channel"] == "sms" and one["state"] != "closed")
        self.sms = [
            self.write("reply", "chloe", body, chloe.reply(by_sms, body), ticket=by_sms)
            for body in ("un [5]", "deux [6]")
        ]
        self.root.execute("UPDATE message SET state = 'sent' WHERE id = ANY(%s::uuid[])", (self.sms,))
        self.root.execute("UPDATE outbox SET state = 'done', finished_at = now() WHERE topic = 'sms.deliver'")
        silences = "UPDATE outbox SET due_at = now() + interval '1 minute' WHERE topic = 'chat.silence'"
        self.root.execute(silences)
        self.root.execute("UPDATE lease SET leased_until = now() + interval '1 hour'")
        self.root.execute("DELETE FROM routing_dirty")
        to = self.value(
            "SELECT p.value FROM message m JOIN interaction i ON i.id = m.interaction_id"
            " JOIN contact_point p ON p.id = i.contact_point_id WHERE m.id = %s",
            self.sms[0],
        )
        self.ledger = [
            {"id": f"L{body}", "attempt": f"{body}-1", "channel": "sms", "to": to, "body": body}
            for body in ("un [5]", "deux [6]")
        ]

    def write(self, kind: str, who: str, body: str, told: dict[str, Any], **facts_: Any) -> str:
        """A journal's two lines of something accepted; the id it was given."""
        key = body[-2]
        intent = {"what": "intent", "kind": kind, "key": key, "body": body, "twin": False, **facts_}
        accepted = {"what": "accepted", "key": key, "id": told["id"], "seq": told.get("seq")}
        self.journal += [line | {"who": who, "at": time.time()} for line in (intent, accepted)]
        return told["id"]

    def value(self, query: str, *values: Any) -> Any:
        return self.root.execute(query, values).fetchone()[0]

    def change(self, statement: str, *values: Any) -> None:
        """As nobody may: past constraints, foreign keys and triggers."""
        self.root.execute("SET LOCAL session_replication_role = replica")
        self.root.execute(statement, values)

    def judged(self) -> list[Any]:
        return judge(Evidence(self.before, facts.read_in(self.root), self.journal, self.ledger))


@pytest.fixture
def scene(
    app: Flask, servers: dict[str, str], database_name: str, engine_database: Database, settings: Settings
) -> Iterator[Scene]:
    with psycopg.connect(servers["admin_url"], dbname=database_name, row_factory=namedtuple_row) as root:
        root.autocommit = True
        made = Scene(root, app, leader(engine_database, replace(settings, lease_seconds=60.0)))
        root.autocommit = False
        yield made
        root.rollback()


def copy_message(scene: Scene, id: str, **changes: str) -> None:
    """One more message row of the same ticket, at its end."""
    scene.change("ALTER TABLE message DROP CONSTRAINT uq_message_tenant_id_ticket_id_client_key")
    columns = "tenant_id, ticket_id, interaction_id, kind, body, language, author_id, state, client_key, version"
    chosen = ", ".join(changes.get(name.strip(), name.strip()) for name in columns.split(","))
    scene.change(
        f"UPDATE ticket SET last_seq = last_seq + 1 WHERE id = (SELECT ticket_id FROM message WHERE id = '{id}')"
    )
    scene.change(
        f"INSERT INTO message (id, seq, {columns}) SELECT gen_random_uuid(),"
        f" (SELECT last_seq FROM ticket WHERE id = ticket_id), {chosen} FROM message WHERE id = '{id}'"
    )


def lost(scene: Scene) -> str:
    scene.change("DELETE FROM message WHERE id = %s", scene.last)
    return "3"


def twice(scene: Scene) -> str:
    copy_message(scene, scene.first)
    return "2"


def invented(scene: Scene) -> str:
    copy_message(scene, scene.first, body="'nobody wrote this'")
    return str(scene.value("SELECT id FROM message WHERE body = 'nobody wrote this'"))


def place(scene: Scene) -> str:
    other = "(SELECT id FROM administration WHERE id <> message.tenant_id LIMIT 1)"
    scene.change(f"UPDATE message SET tenant_id = {other} WHERE id = %s", scene.last)
    return "3"


def order(scene: Scene) -> str:
    scene.change("ALTER TABLE message DROP CONSTRAINT uq_message_tenant_id_ticket_id_seq")
    seqs = "(SELECT seq FROM message WHERE id = %s)"
    for id, other, step in ((scene.last, scene.first, -1000), (scene.first, scene.last, 1)):
        scene.change(f"UPDATE message SET seq = {seqs} + {step} WHERE id = %s", other, id)
    scene.change("UPDATE message SET seq = seq + 1000 WHERE id = %s", scene.last)
    scene.change("UPDATE message SET seq = seq + 1000 WHERE id = %s", scene.first)
    return "3"


def refused_yet_kept(scene: Scene) -> str:
    line = next(one for one in scene.journal if one["what"] == "accepted" and one["key"] == "2")
    scene.journal[scene.journal.index(line)] = line | {"what": "refused", "status": 409}
    return "2"


def unsent(scene: Scene) -> str:
    del scene.ledger[1]
    return scene.sms[1]


def sent_twice(scene: Scene) -> str:
    scene.ledger.append(scene.ledger[0] | {"attempt": "un [5]-2"})
    return scene.sms[0]


def send_order(scene: Scene) -> str:
    scene.ledger.reverse()
    return scene.sms[0]


def ticket(scene: Scene) -> str:
    scene.change("UPDATE contact SET state = 'waiting' WHERE ticket_id = %s", scene.assignment["ticket_id"])
    return scene.assignment["ticket_id"]


def load(scene: Scene) -> str:
    agent = scene.value("SELECT agent_id FROM assignment WHERE id = %s", scene.assignment["id"])
    scene.change("UPDATE presence SET load_chat = load_chat + 1 WHERE agent_id = %s", agent)
    return str(agent)


def two_offers(scene: Scene) -> str:
    contact = scene.value("SELECT contact_id FROM assignment WHERE id = %s", scene.assignment["id"])
    columns = "tenant_id, contact_id, agent_id, grant_id, pool_id, ticket_id, channel, version, expires_at"
    scene.change(
        f"INSERT INTO offer (id, {columns}, state, offered_at, decided_at) SELECT gen_random_uuid(), {columns},"
        " 'declined', decided_at - interval '1 ms', decided_at FROM offer WHERE contact_id = %s",
        contact,
    )
    return str(contact)


def stranded(scene: Scene) -> str:
    id = scene.assignment["id"]
    scene.change(
        "UPDATE contact SET state = 'waiting', enqueued_at = enqueued_at - interval '1 minute'"
        " WHERE id = (SELECT contact_id FROM assignment WHERE id = %s)",
        id,
    )
    scene.change("UPDATE presence SET load_chat = 0")
    scene.change("UPDATE assignment SET state = 'failed' WHERE id = %s", id)
    return scene.assignment["ticket_id"]


def audit(scene: Scene) -> str:
    scene.change("DELETE FROM audit WHERE entity_id = %s AND version = 1", scene.first)
    return scene.first


def two_leaders(scene: Scene) -> str:
    columns = "tenant_id, actor_kind, action, entity, entity_id"
    scene.change(
        f"INSERT INTO audit (id, at, version, request_id, {columns})"
        f" SELECT gen_random_uuid(), now() - interval '1 day', 99, 'epoch-99', {columns}"
        " FROM audit WHERE actor_kind = 'dispatcher' AND request_id IS NOT NULL LIMIT 1"
    )
    return scene.value("SELECT min(request_id) FROM audit WHERE actor_kind = 'dispatcher'")


def unfinished(scene: Scene) -> str:
    scene.change("UPDATE outbox SET state = 'looking_up' WHERE topic = 'sms.deliver'")
    return str(scene.value("SELECT id FROM outbox WHERE topic = 'sms.deliver' LIMIT 1"))


def left_behind(scene: Scene) -> str:
    scene.change("UPDATE lease SET leased_until = now() - interval '1 second'")
    return str(scene.value("SELECT pool_id FROM lease"))


BREAKINGS: tuple[Breaking, ...] = (
    lost,
    twice,
    invented,
    place,
    order,
    refused_yet_kept,
    unsent,
    sent_twice,
    send_order,
    ticket,
    load,
    two_offers,
    stranded,
    audit,
    two_leaders,
    unfinished,
    left_behind,
)


def test_each_broken_promise_is_named(scene: Scene):
    """An honest run has no violation; each made by hand is found, under its promise and with its id."""
    assert scene.judged() == []
    journal, ledger = list(scene.journal), list(scene.ledger)

    missed = {}
    for breaking in BREAKINGS:
        scene.root.rollback()
        scene.journal, scene.ledger = list(journal), list(ledger)
        wanted = (breaking.__name__.replace("_", " "), breaking(scene))
        found = [(one.promise, one.id) for one in scene.judged()]
        if wanted not in found:
            missed[wanted] = found

    assert missed == {}


def test_every_promise_has_a_breaking():
    """No promise of the judge goes without a proof that it can be found broken."""
    from pathlib import Path
    from re import findall

    import bench.torture.checks as checks

    source = "".join(path.read_text() for path in Path(checks.__file__).parent.glob("*.py"))
    promises = set(findall(r'Violation\(\s*"([^"]+)"', source))
    broken = {breaking.__name__.replace("_", " ") for breaking in BREAKINGS}
    of_calls = {*test_torture_calls.BREAKINGS, *(promise for promise, *_ in test_torture_calls.NOT_LET_IN)}
    assert promises == broken | of_calls
