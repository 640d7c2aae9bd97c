"""The ordinary chat message in one statement leaves what the long way leaves, and leaves the rest to it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.settings import Settings
from contact import scope as scopes
from contact.api.limits import VISITOR_COOKIE
from contact.models import Audit, Base, Interaction, Message, Ticket, Visitor
from contact.scope import Scope
from contact.services import chat, chat_line
from contact.services.chat_line import MESSAGES_MAX, Line, Received
from contact.unit_of_work import Database
from contact.web import create_app
from tests.people import CITY, TAXES, Citizen, Staff, idempotent, leader, refused, told
from tests.races import until_blocked
from tests.statements import statements

ASKED = Scope(action="chat.write", actor_kind="visitor", request_id="r")


@pytest.fixture
def citizen(app: Flask) -> Citizen:
    """Waits for an agent."""
    made = Citizen(app)
    made.start("bonjour")
    return made


def token_of(citizen: Citizen) -> str:
    cookie = citizen.client.get_cookie(VISITOR_COOKIE, path=citizen.base)
    assert cookie is not None
    return cookie.value


def at_once(database: Database, token: str, key: str, address: str = TAXES) -> tuple[Received | None, list[Any]]:
    """The message by one statement, and the frames that follow it."""
    (received,), frames = all_at_once(database, (token, key), address=address)
    return received, frames


def all_at_once(
    database: Database, *lines: tuple[str, str], address: str = TAXES
) -> tuple[list[Received | None], list[Any]]:
    """The messages (token and key of each) by one statement, and the frames that follow them."""
    said = [Line(token, "encore", key, "r") for token, key in lines]
    ask = partial(database.ask, ASKED.action)
    found = chat_line.receive(ask, address, said, action=ASKED.action, is_limited=True)
    return found, [frame for one in found if one for frame in one.frames]


def in_tenant(database: Database, work: Callable[[Session], Any]) -> Any:
    """*work* in the administration of the tax chat."""

    def found(session: Session) -> UUID:
        return session.execute(select(func.endpoint_by_address("chat", TAXES).table_valued("tenant_id"))).scalar_one()

    return database.run(replace(ASKED, tenant_id=database.run(ASKED, found)), work)


def long_way(database: Database, token: str, key: str) -> tuple[Message, list[Any]]:
    """The message as the service writes it, and the frames that follow it."""

    def work(session: Session) -> tuple[Message, list[Any]]:
        visitor = session.execute(select(Visitor).where(Visitor.token_hash == chat.digest(token))).scalar_one()
        scopes.act_as(session, "visitor", visitor.id)
        return chat.write(session, visitor, "encore", key), session.info["frames"]

    return in_tenant(database, work)


def left_behind(database: Database, message_id: UUID) -> dict[str, Any]:
    """Every column of the message, its audit rows, ticket and conversation, but for its own ids, key and times."""

    def work(session: Session) -> dict[str, Any]:
        message = session.execute(select(Message).where(Message.id == message_id)).scalar_one()
        audits = session.scalars(select(Audit).where(Audit.entity_id == message_id)).all()
        ticket = session.get_one(Ticket, message.ticket_id)
        return {
            "message": columns(message, "id", "created_at", "seq", "client_key"),
            "audit": [columns(one, "id", "at", "entity_id") for one in audits],
            "ticket": columns(ticket, "last_seq", "updated_at"),
            "is_last": ticket.last_seq == message.seq and ticket.updated_at == message.created_at,
            "interaction": columns(session.get_one(Interaction, message.interaction_id)),
        }

    return in_tenant(database, work)


def columns(row: Base, *but: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__mapper__.columns.keys() if name not in but}  # noqa: SIM118


def serve(app: Flask, engine_database: Database, settings: Settings) -> Staff:
    """An agent takes the one who waits."""
    agent = Staff(app, "amelie@accueil.example")
    agent.ready()
    leader(engine_database, settings).step()
    agent.accept()
    return agent


@pytest.mark.parametrize("is_served", [False, True], ids=["waits", "is served"])
def test_both_ways_leave_the_same(
    app: Flask, citizen: Citizen, database: Database, engine_database: Database, settings: Settings, is_served: bool
):
    """Row by row and frame by frame: who reads the history or a screen cannot tell which way a message came."""
    agent = serve(app, engine_database, settings) if is_served else None
    token = token_of(citizen)

    quick, quick_frames = at_once(database, token, "by-statement")
    assert quick is not None
    quick_rows = left_behind(database, quick.id)
    slow, slow_frames = long_way(database, token, "by-service")
    slow_rows = left_behind(database, slow.id)

    assert quick_rows == slow_rows
    assert quick_rows["is_last"]
    assert len(quick_rows["audit"]) == 1
    assert slow.seq == quick.seq + 1
    assert [(one.room, one.what, one.id) for one in quick_frames] == [
        (one.room, one.what, one.id) for one in slow_frames
    ]
    assert [one.revision for one in quick_frames] == [quick.seq, quick.seq, None][: len(quick_frames)]
    assert (f"person:{agent.id}" in [one.room for one in quick_frames]) if agent else len(quick_frames) == 2


def test_an_ordinary_message_asks_the_database_once(app: Flask, citizen: Citizen):
    """One statement, a transaction of its own; its answer is what the citizen reads back later."""
    with statements(app.extensions["guichet"].database.engine) as asked:
        answer = citizen.say("encore", key="only-once-1")

    assert len(asked) == 1
    assert answer == citizen.messages()[-1]


@pytest.mark.parametrize("case", ["another chat", "no chat", "unknown", "key again", "ended", "resolved"])
def test_what_is_not_ordinary_is_left_alone(app: Flask, citizen: Citizen, database: Database, case: str):
    """Nothing changes, and the long way decides: whoever is unknown there, a key that came before, what is over."""
    citizen.say("encore", key="said-before")
    token, key, address = token_of(citizen), "a-new-key", TAXES
    if case == "another chat":
        address = CITY
    elif case == "no chat":
        address = "nulle-part"
    elif case == "unknown":
        token = "x" * 43
    elif case == "key again":
        key = "said-before"
    elif case == "ended":
        citizen.end()
    else:
        chloe = Staff(app, "chloe@accueil.example")
        (found,) = chloe.get("/tickets?q=bonjour&limit=1")["items"]
        path = f"/tickets/{found['id']}"
        told(chloe.send("PATCH", path, {"version": chloe.get(path)["version"], "state": "resolved"}))

    def count(session: Session) -> list[Any]:
        counted = [session.scalar(select(func.count()).select_from(one)) for one in (Message, Audit)]
        return [*counted, session.scalar(select(func.sum(Ticket.last_seq)))]

    before = in_tenant(database, count)

    assert at_once(database, token, key, address) == (None, [])
    assert in_tenant(database, count) == before


def test_several_messages_are_one_statement(app: Flask, citizen: Citizen, database: Database):
    """Each is kept in its place and told apart, whoever else is among them: a stranger, a key that comes twice."""
    other = Citizen(app)
    other.start("moi aussi")
    mine, theirs = token_of(citizen), token_of(other)
    lines = [(mine, "first-of-mine"), ("x" * 43, "a-stranger"), (theirs, "first-of-theirs"), (mine, "first-of-mine")]

    (first, stranger, third, again, last), frames = all_at_once(database, *lines, (mine, "second-of-mine"))

    assert (stranger, again) == (None, None)
    assert first is not None
    assert third is not None
    assert last is not None
    assert len(frames) == 6
    assert [one["key"] for one in citizen.messages()[1:]] == ["first-of-mine", "second-of-mine"]
    assert [one["key"] for one in other.messages()[1:]] == ["first-of-theirs"]
    assert (str(first.id), str(third.id)) == (citizen.messages()[1]["id"], other.messages()[1]["id"])


def test_nobody_waits_for_another_ones_ticket(
    app: Flask, citizen: Citizen, database: Database, servers: dict[str, str]
):
    """Whose ticket somebody else holds is left to the long way; the others of that moment are kept at once."""
    other = Citizen(app)
    other.start("moi aussi")
    held = citizen.conversation()["ticket_number"]
    with psycopg.connect(servers["admin_url"], dbname=database.engine.url.database) as root:
        root.execute("SELECT id FROM ticket WHERE number = %s FOR NO KEY UPDATE", [held])
        (left, kept), _ = all_at_once(database, (token_of(citizen), "of-the-held"), (token_of(other), "of-the-free"))

    assert left is None
    assert kept is not None
    assert (len(citizen.messages()), len(other.messages())) == (1, 2)


def test_one_person_may_not_flood(settings: Settings):
    """So many messages of one conversation in so many seconds; the next is refused and not kept, others go on.

    What was kept is answered as before, however many came since; and repeats have the same measure.
    """
    limited = create_app(replace(settings, has_limits=True), async_mode="threading")
    one, other = Citizen(limited), Citizen(limited)
    one.start("bonjour")
    other.start("bonjour")
    kept = [one.say(f"encore {number}", key=f"message-{number}") for number in range(1, MESSAGES_MAX)]

    too_many = {"json": {"body": "trop"}, "headers": idempotent("one-too-many")}
    refused(one.client.post(f"{one.base}/messages", **too_many), 429, "too_many")

    assert len(one.messages()) == MESSAGES_MAX
    other.say("encore")
    for number in (1, *range(1, MESSAGES_MAX)):
        assert one.say(f"encore {number}", key=f"message-{number}") == kept[number - 1]
    again = {"json": {"body": "encore 1"}, "headers": idempotent("message-1")}
    refused(one.client.post(f"{one.base}/messages", **again), 429, "too_many")
    assert len(one.messages()) == MESSAGES_MAX
    limited.extensions["guichet"].database.engine.dispose()


def test_a_moment_outlives_its_backend(app: Flask, citizen: Citizen, database: Database, servers: dict[str, str]):
    """The connection is lost in the middle of several messages: they are asked again, and each is there once."""
    other = Citizen(app)
    other.start("moi aussi")
    lines = [(token_of(citizen), "of-the-first"), (token_of(other), "of-the-second")]
    name = database.engine.url.database
    with ThreadPoolExecutor(1) as threads, psycopg.connect(servers["admin_url"], dbname=name) as root:
        root.execute("LOCK TABLE audit IN EXCLUSIVE MODE")
        asked = threads.submit(all_at_once, database, *lines)
        until_blocked(root)
        root.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        root.rollback()
        received, _ = asked.result(30)

    assert None not in received
    assert [one.messages()[1]["key"] for one in (citizen, other)] == ["of-the-first", "of-the-second"]
    assert [len(one.messages()) for one in (citizen, other)] == [2, 2]
