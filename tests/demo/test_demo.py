"""The demo fills an empty database with facts that hold together, the same for the same seed."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from config import migrate
from config.roles import bootstrap
from contact import demo
from contact.demo.copying import without_row_security
from contact.domain.numbers import read_ticket_number
from contact.domain.vocabulary import LIVE_ASSIGNMENTS, LIVE_CONTACTS, Channel, OfferState, TicketState
from contact.models import Base
from contact.models.base import Versioned
from contact.services.sign_in import is_password
from tests.conftest import url_as

TICKETS = 300
_FORCED = "SELECT relname FROM pg_class WHERE relforcerowsecurity ORDER BY relname"


def _quiet(_: str) -> None:
    """Progress nobody reads."""


@contextmanager
def _asking(owner_url: str) -> Iterator[Callable[..., list[Any]]]:
    """Ask anything of the database, across administrations; nothing is kept."""
    with psycopg.connect(owner_url.replace("+psycopg", "")) as connection, without_row_security(connection):
        yield lambda query, *values: connection.execute(query, values).fetchall()
        connection.rollback()


@pytest.fixture(scope="module")
def new_database(servers: dict[str, str]) -> Iterator[Callable[[], str]]:
    """Makes databases that are migrated and empty; gives the owner's address of each."""
    admin_url = servers["admin_url"]
    template = f"guichet_empty_{secrets.token_hex(6)}"
    bootstrap(admin_url, template)
    migrate.upgrade(url_as(admin_url, template, "app_owner"))
    made = [template]

    def new() -> str:
        name = f"guichet_demo_{secrets.token_hex(6)}"
        with psycopg.connect(admin_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER app_owner")
        made.append(name)
        return url_as(admin_url, name, "app_owner")

    yield new
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def loaded_url(new_database: Callable[[], str]) -> str:
    """The owner's address of a database with the demo in it."""
    url = new_database()
    demo.load(url, tickets=TICKETS, say=_quiet)
    return url


@pytest.fixture
def ask(loaded_url: str) -> Iterator[Callable[..., list[Any]]]:
    with _asking(loaded_url) as asking:
        yield asking


def test_shows_every_state_and_channel_in_three_administrations(ask):
    """As many tickets as asked for, in every state, on each written channel, in each of three administrations."""
    rows = ask("SELECT tenant_id, state, channel FROM ticket")

    assert len(rows) == TICKETS
    assert {state for _, state, _ in rows} == set(TicketState)
    assert len({(tenant_id, channel) for tenant_id, _, channel in rows}) == 3 * len(set(Channel) - {Channel.VOICE})


def test_nothing_waits(ask):
    """The past asks nothing of anybody: no contact, offer or assignment is live, and no agent holds anything."""
    assert ask("SELECT 1 FROM contact WHERE state = ANY(%s)", list(LIVE_CONTACTS)) == []
    assert ask("SELECT 1 FROM offer WHERE state = %s", OfferState.OFFERED) == []
    assert ask("SELECT 1 FROM assignment WHERE state = ANY(%s)", list(LIVE_ASSIGNMENTS)) == []
    assert ask("SELECT 1 FROM presence WHERE load_voice + load_chat + load_sms + load_email > 0") == []
    assert ask("SELECT 1 FROM outbox") == []


def test_open_threads_have_an_owner_to_reply(ask):
    """Some SMS and some email tickets are open, each owned by an agent: a reply there shows delivery."""
    rows = ask(
        "SELECT t.channel FROM ticket t JOIN interaction i ON i.ticket_id = t.id AND i.state = 'open'"
        " WHERE t.state = 'open' AND t.owner_id IS NOT NULL"
    )

    assert {channel for (channel,) in rows} == {Channel.SMS, Channel.EMAIL}


def test_messages_are_numbered_and_timed(ask):
    """Messages of a ticket count from 1 to its `last_seq` in the order of time; the last is when it was updated."""
    broken = ask(
        """SELECT t.number FROM ticket t JOIN LATERAL (
               SELECT array_agg(seq ORDER BY created_at, seq) AS seqs,
                      min(created_at) AS first_at, max(created_at) AS last_at
               FROM message WHERE ticket_id = t.id) m ON true
           WHERE m.seqs IS DISTINCT FROM ARRAY(SELECT generate_series(1, t.last_seq))
              OR m.last_at <> t.updated_at OR m.first_at <> t.created_at OR m.last_at > now()"""
    )

    assert broken == []


def test_owners_may_work_there_and_speak_the_language(ask):
    """Whoever answered a ticket has a grant for its campaign and speaks its language."""
    broken = ask(
        """SELECT t.number FROM ticket t JOIN agent a ON a.id = t.owner_id
           WHERE NOT (t.language = ANY (a.languages)) OR NOT EXISTS (
               SELECT FROM agent_grant g WHERE g.account_id = a.id AND g.campaign_id = t.campaign_id)"""
    )

    assert broken == []


def test_offers_were_answered_in_time(ask):
    """Accepted, declined and timed out offers are there, each decided between its making and its end."""
    rows = ask("SELECT state, decided_at BETWEEN offered_at AND expires_at FROM offer")

    assert {state for state, _ in rows} == {OfferState.ACCEPTED, OfferState.DECLINED, OfferState.TIMED_OUT}
    assert all(in_time for _, in_time in rows)


def test_ticket_numbers_are_real(ask):
    """Every number passes its own check and belongs to one ticket."""
    numbers = [number for (number,) in ask("SELECT number FROM ticket")]

    assert [read_ticket_number(number) for number in numbers] == numbers
    assert len(set(numbers)) == TICKETS


def test_contact_points_are_fiction(ask):
    """Phones come from the range kept for fiction, mailboxes from a domain that reaches nobody."""
    patterns = {"phone": r"\+3363998\d{4}", "email": r"[a-z.]+\.\d+@example\.org", "visitor": r"[0-9a-f-]{36}"}
    points = ask("SELECT kind, value FROM contact_point")

    assert {kind for kind, _ in points} == set(patterns)
    assert [value for kind, value in points if not re.fullmatch(patterns[kind], value)] == []


# Made while people live with it: the demo's data hold none.
NOT_TOLD = {"admission", "call", "carrier_account", "place", "valve_override"}


@pytest.mark.parametrize(
    "table",
    sorted({one.local_table.name for one in Base.registry.mappers if issubclass(one.class_, Versioned)} - NOT_TOLD),
)
def test_versions_have_their_audit_row(ask, table):
    """The audit trail has no gap: each versioned row has the row of its first version."""
    key = "agent_id" if table == "presence" else "id"
    rows = ask(f"SELECT {key}, version FROM {table} ORDER BY {key}")
    audited = ask("SELECT entity_id, version FROM audit WHERE entity = %s ORDER BY entity_id", table)

    assert rows
    assert rows == audited


def test_logins_sign_in(ask):
    """Each account that is described exists with its role and password, and no other does."""
    stored = {login: (role, hashed) for login, role, hashed in ask("SELECT login, role, password_hash FROM account")}
    told = demo.describe().logins

    assert {one.login: one.role for one in told} == {login: role for login, (role, _) in stored.items()}
    assert is_password(stored[told[0].login][1], told[0].password)
    assert len({hashed for _, hashed in stored.values()}) == len({one.password for one in told})


def test_chats_can_be_opened(ask):
    """Each chat that is described is an endpoint, and no other is."""
    addresses = {address for (address,) in ask("SELECT address FROM endpoint WHERE channel = 'chat'")}

    assert addresses == {chat.address for chat in demo.describe().chats}


def test_row_security_is_forced_again(new_database):
    """After loading, row security holds for the owner on the very tables where it held before."""
    url = new_database()
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        before = connection.execute(_FORCED).fetchall()
    demo.load(url, tickets=1, say=_quiet)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        after = connection.execute(_FORCED).fetchall()
        seen = connection.execute("SELECT 1 FROM contact_point").fetchall()

    assert before
    assert after == before
    assert seen == []


def test_same_seed_same_rows(new_database, loaded_url):
    """Two loads of one seed make the same ids, numbers and words; another seed makes others."""
    query = "SELECT m.id, t.number, m.body FROM message m JOIN ticket t ON t.id = m.ticket_id ORDER BY m.id"
    same_url, other_url = new_database(), new_database()
    demo.load(same_url, tickets=TICKETS, say=_quiet)
    demo.load(other_url, seed=2, tickets=TICKETS, say=_quiet)
    told = []
    for url in (loaded_url, same_url, other_url):
        with _asking(url) as asking:
            told.append(asking(query))

    assert told[0] == told[1]
    assert {row[0] for row in told[0]}.isdisjoint(row[0] for row in told[2])


def test_loads_once(loaded_url):
    """A database that holds an administration is refused and stays as it is."""
    with _asking(loaded_url) as asking:
        before = asking("SELECT count(*) FROM audit")

    with pytest.raises(demo.DemoExists):
        demo.load(loaded_url, tickets=TICKETS, say=_quiet)

    with _asking(loaded_url) as asking:
        assert asking("SELECT count(*) FROM audit") == before


def test_loads_in_batches(new_database):
    """More tickets than one batch holds arrive complete, and progress is told."""
    said: list[str] = []
    url = new_database()

    demo.load(url, tickets=2_001, say=said.append)

    with _asking(url) as asking:
        assert asking("SELECT count(*), count(DISTINCT number) FROM ticket") == [(2_001, 2_001)]
    assert "2,001 tickets" in said[-1]
