"""A platform where everybody stands at the wrong door: one administration's secrets, and all who must not see them."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import psycopg
from flask import Flask
from sqlalchemy.orm import Session

from config.sealing import seal
from config.settings import Settings
from contact.domain.call_flow import CallStage, CallState, Direction, Told
from contact.file_store import FileStore
from contact.models import Attachment, Call, CarrierAccount, Recording
from contact.scope import Scope
from contact.services import clock, lines
from contact.unit_of_work import connect
from tests import strangers
from tests.people import CITY, TAXES, Citizen, Staff, leader, told

# In every private text of the city; and in every name that says there is a city at all.
SECRET, NAME = "kanarivogel", "Zinnoberstadt"
TENANT = "ville-valmont"
TENANT_TABLES = """SELECT table_name FROM information_schema.columns
    WHERE column_name = 'tenant_id' AND table_schema = 'public' AND table_name <> 'audit' ORDER BY 1"""
# What an agent of another campaign of the same administration may know of it.
_SHARED = {"administration", "administrator", "agent_grant", "account", "campaign", "topic", "queue", "endpoint"}


@dataclass
class World:
    """The victim's things by the names that routes use, and everybody who may knock."""

    app: Flask
    settings: Settings
    owner: psycopg.Connection
    tenant_id: UUID = field(default_factory=uuid4)
    things: dict[str, str] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    citizens: dict[str, Citizen] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)

    def person(self, who: str) -> Staff:
        """Signed in once, and again after `forget`."""
        if who not in self.staff:
            self.staff[who] = Staff(self.app, self.logins[who])
        return self.staff[who]

    def forget(self, who: str) -> None:
        self.staff.pop(who, None)

    def ask(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """As the owner of the tables, who sees everything here."""
        return strangers.ask(self.owner, statement, **values)

    def digest(self) -> dict[str, Any]:
        """All that is the city's, with the agent and the administrator who work for it."""
        people = f"('{self.things['agent_id']}', '{self.person('own administrator').id}')"
        tables = {one["table_name"]: f"tenant_id = '{self.tenant_id}'" for one in self.ask(TENANT_TABLES)}
        tables |= {"administration": f"id = '{self.tenant_id}'", "account": f"id IN {people}"}
        return self._digest(tables | {"agent": f"id IN {people}", "presence": f"agent_id IN {people}"})

    def first_rows(self) -> dict[str, Any]:
        """The rows that were the city's when the world began; what a visitor adds since is their own."""
        tables = {one["table_name"] for one in self.ask(TENANT_TABLES)} - {"account", "outbox"}
        return self._digest({table: f"id::text = ANY (ARRAY{sorted(self.ids[table])}::text[])" for table in tables})

    def _digest(self, tables: dict[str, str]) -> dict[str, Any]:
        each = (
            f"SELECT '{table}', count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t WHERE {mine}"
            for table, mine in tables.items()
        )
        return {name: (count, digest) for name, count, digest in self.owner.execute(" UNION ALL ".join(each))}

    def audited(self, request_id: str) -> list[dict[str, Any]]:
        return self.ask("SELECT * FROM audit WHERE request_id = %(it)s", it=request_id)

    def secrets(self, who: str) -> set[str]:
        """What nothing sent to *who* may contain."""
        shared = _SHARED if who == "agent of another campaign" else set()
        ids = set().union(*(found for table, found in self.ids.items() if table not in shared))
        return ids | {SECRET} | (set() if shared else {NAME, TENANT})


@contextmanager
def built(app: Flask, settings: Settings) -> Iterator[World]:
    """The demo, a second outsourcer, a second campaign in the city, and work going on there."""
    address = settings.database_owner_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as owner:
        strangers.open_to_owner(owner)
        world = World(app, settings, owner)
        (city,) = world.ask("SELECT id FROM administration WHERE slug = %(it)s", it=TENANT)
        world.tenant_id = city["id"]
        _add_people(world)
        _add_work(world)
        _hide_secrets(world)
        yield world


def _add_people(world: World) -> None:
    for login in ("denise@accueil.example", "emil@accueil.example"):
        strangers.add_person(world.owner, login, "bruno@accueil.example", "bruno@accueil.example")
    strangers.add_outsourcer(
        world.owner,
        "amelie@accueil.example",
        {"zoe@autre.example": "amelie@accueil.example", "yves@autre.example": "sophie@accueil.example"},
    )
    (campaign,) = world.ask("SELECT * FROM campaign WHERE tenant_id = %(it)s", it=world.tenant_id)
    ines = world.ask("SELECT id FROM account WHERE login = 'ines@accueil.example'")[0]["id"]
    (hers,) = world.ask("SELECT * FROM agent_grant WHERE account_id = %(it)s", it=ines)
    world.things["campaign_id"] = str(campaign["id"])
    second = strangers.copy(world.owner, "campaign", campaign["id"], slug="autre")
    strangers.copy(world.owner, "agent_grant", hers["id"], campaign_id=second)
    world.ask("UPDATE agent_grant SET revoked_at = now() WHERE id = %(it)s RETURNING id", it=hers["id"])
    world.logins = {
        "agent elsewhere": "amelie@accueil.example",
        "agent of another outsourcer": "zoe@autre.example",
        "supervisor of another outsourcer": "yves@autre.example",
        "administrator elsewhere": "claire@impots.example",
        "operator": "operateur@guichet.example",
        "revoked agent": "hugo@accueil.example",
        "agent of another campaign": "ines@accueil.example",
        "colleague": "chloe@accueil.example",
        "own agent": "bruno@accueil.example",
        "own agent on the telephone": "denise@accueil.example",
        "another own agent on the telephone": "emil@accueil.example",
        "own supervisor": "sophie@accueil.example",
        "own administrator": "nadia@ville.example",
    }


def _add_work(world: World) -> None:
    """Bruno serves one citizen of the city and has an offer of another; Hugo's grant is revoked."""
    world.ask("UPDATE queue SET offer_seconds = 300, wrap_up_seconds = 3600 RETURNING id")
    bruno, nadia = world.person("own agent"), world.person("own administrator")
    engine = connect(world.settings.database_engine_url)
    first, second, stranger = Citizen(world.app, CITY), Citizen(world.app, CITY), Citizen(world.app, CITY)
    bruno.ready()
    dispatcher = leader(engine, world.settings)
    first.start(f"{SECRET} un", name=SECRET)
    dispatcher.step()
    served = bruno.accept()
    second.start(f"{SECRET} deux", name=SECRET)
    dispatcher.step()
    engine.engine.dispose()
    ticket = served["ticket_id"]
    bruno.reply(ticket, f"{SECRET} trois")
    told(bruno.send("POST", f"/tickets/{ticket}/notes", {"body": f"{SECRET} quatre"}), 201)
    told(bruno.send("PUT", f"/tickets/{ticket}/draft", {"body": f"{SECRET} cinq"}), 204)
    told(stranger.client.post(f"{stranger.base}/visitor"), 204)
    taxpayer = Citizen(world.app, TAXES)
    taxpayer.start("rien à voir")
    world.citizens = {"no cookie": Citizen(world.app, CITY), "another visitor": stranger, "citizen elsewhere": taxpayer}
    hugo = next(one for one in nadia.get("/grants")["items"] if one["person"]["name"] == "Hugo Martel")
    told(nadia.send("DELETE", f"/grants/{hugo['id']}"), 204)
    (grant,) = world.ask("SELECT id FROM agent_grant WHERE account_id = %(it)s AND revoked_at IS NULL", it=bruno.id)
    (point,) = world.ask(
        "SELECT contact_point_id AS id FROM interaction WHERE id = %(it)s", it=served["interaction_id"]
    )
    (topic,) = world.ask("SELECT topic_id AS id FROM ticket WHERE id = %(it)s", it=ticket)
    world.things |= {
        "ticket_id": ticket,
        "assignment_id": served["id"],
        "offer_id": bruno.offers()[0]["id"],
        "agent_id": str(bruno.id),
        "grant_id": str(grant["id"]),
        "topic_id": str(topic["id"]),
        "contact_point_id": str(point["id"]),
        "address": CITY,
    }
    world.things |= add_call(world, world.person("own agent on the telephone")) | _add_file(world)
    order = {"state": "open", "reason": f"{SECRET} huit", "minutes": 60}
    path = f"/campaigns/{world.things['campaign_id']}/valve/override"
    world.things["override_id"] = told(world.person("own supervisor").send("PUT", path, order))["id"]


def _add_file(world: World) -> dict[str, str]:
    """What came with the citizen's first message."""
    kept = FileStore(world.settings.files_folder).keep(world.tenant_id, f"{SECRET} sept".encode())
    (message,) = world.ask(
        "SELECT id FROM message WHERE ticket_id = %(it)s AND kind = 'citizen'", it=world.things["ticket_id"]
    )
    file = Attachment(
        tenant_id=world.tenant_id,
        message_id=message["id"],
        file_name="mms-1-1.png",
        content_type="image/png",
        size_bytes=kept.size_bytes,
        sha256=kept.sha256,
        store_key=kept.store_key,
    )

    def work(session: Session) -> dict[str, str]:
        session.add(file)
        session.flush()
        return {"attachment_id": str(file.id)}

    return world.app.extensions["guichet"].database.run(Scope(action="test", tenant_id=world.tenant_id), work)


def add_call(world: World, agent: Staff) -> dict[str, str]:
    """*agent* talks by telephone to the citizen of the ticket, who left a message before; the ids by routes' names."""
    (chat,) = world.ask("SELECT * FROM assignment WHERE id = %(it)s", it=world.things["assignment_id"])
    (of,) = world.ask("SELECT endpoint_id FROM interaction WHERE id = %(it)s", it=chat["interaction_id"])
    line = strangers.copy(world.owner, "endpoint", of["endpoint_id"], channel="voice", address=f"+33 {uuid4()}")
    (grant,) = world.ask("SELECT id FROM agent_grant WHERE account_id = %(it)s", it=agent.id)
    mine = {"agent_id": str(agent.id), "grant_id": str(grant["id"])}
    interaction = strangers.copy(world.owner, "interaction", chat["interaction_id"], channel="voice", endpoint_id=line)
    contact = strangers.copy(
        world.owner, "contact", chat["contact_id"], channel="voice", interaction_id=interaction, place_id=None
    )
    offer = strangers.copy(world.owner, "offer", chat["offer_id"], channel="voice", contact_id=contact, **mine)
    of = {"channel": "voice", "contact_id": contact, "offer_id": offer, "interaction_id": interaction}
    strangers.copy(world.owner, "assignment", chat["id"], **of, **mine)
    world.ask("UPDATE presence SET state = 'ready', load_voice = 1 WHERE agent_id = %(it)s RETURNING 1", it=agent.id)
    sound = seal(world.settings.secret_key, "recording", base64.b64encode(f"{SECRET} six".encode()).decode())

    def work(session: Session) -> dict[str, str]:
        # Switched off, so that nothing asks a company about it.
        account = CarrierAccount(
            tenant_id=world.tenant_id,
            provider="twilio",
            sid=str(uuid4()),
            auth_token=b"",
            disabled_at=clock.now(session),
        )
        session.add(account)
        session.flush()
        call = Call(
            tenant_id=world.tenant_id,
            account_id=account.id,
            endpoint_id=UUID(line),
            direction=Direction.INBOUND,
            provider_id=str(uuid4()),
            number=SECRET,
            state=CallState.IN_PROGRESS,
            stage=CallStage.TALKING,
            told=Told.CONFERENCE,
            language="fr",
            ticket_id=UUID(world.things["ticket_id"]),
            interaction_id=UUID(interaction),
            agent_id=agent.id,
        )
        session.add(call)
        session.flush()
        recording = Recording(tenant_id=world.tenant_id, call_id=call.id, provider_id=str(uuid4()))
        session.add(recording)
        session.flush()
        lines.keep_sound(session, recording.id, sound)
        return {"interaction_id": interaction, "call_id": str(call.id), "recording_id": str(recording.id)}

    return world.app.extensions["guichet"].database.run(Scope(action="test", tenant_id=world.tenant_id), work)


def _hide_secrets(world: World) -> None:
    """Every private word of the city carries SECRET, every name NAME; its ids are secrets as they are."""
    mine = f"WHERE tenant_id = '{world.tenant_id}'"
    for table, column in (("ticket", "subject"), ("message", "body"), ("citizen", "name"), ("contact_point", "value")):
        world.owner.execute(f"UPDATE {table} SET {column} = %s || ' ' || id {mine}", [SECRET])
    world.owner.execute(f"UPDATE ticket SET number = upper(substr(md5(id::text), 1, 9)) {mine}")
    names = f"name = jsonb_build_object('fr', '{NAME} ' || id, 'en', '{NAME} ' || id)"
    for table in ("campaign", "queue", "topic", "wrap_up_code"):
        world.owner.execute(f"UPDATE {table} SET {names} {mine}")
    world.owner.execute(f"UPDATE administrator SET name = '{NAME}' {mine}")
    world.owner.execute(f"UPDATE administration SET name = '{NAME}' WHERE id = '{world.tenant_id}'")
    for row in world.ask(TENANT_TABLES):
        table = row["table_name"]
        world.ids[table] = {str(one["id"]) for one in world.ask(f"SELECT id FROM {table} {mine}")}
    world.ids["account"] = {str(world.person("own administrator").id)}
    world.ids["administration"] = {str(world.tenant_id)}
    world.ids["number"] = {one["number"] for one in world.ask(f"SELECT number FROM ticket {mine}")}
