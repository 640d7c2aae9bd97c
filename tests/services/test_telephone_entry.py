"""An operator enters accounts, numbers and new tokens."""

import threading

import psycopg
import pytest
from sqlalchemy import select

from config.settings import Settings
from contact.models import Endpoint
from contact.scope import Scope
from contact.services import carrier_accounts
from contact.telephone_entry import Entry, EntryRefused, enter, promote
from contact.unit_of_work import Database
from tests.channels.accounts import tenant_of

ENTRY = Entry(
    "impots-valmont", "AC1", "first", "declaration-2026", (("sms", "36101"), ("sms", "IMPOTS"), ("voice", "+331"))
)


def entered(settings: Settings, entry: Entry) -> list[str]:
    return enter(owner(settings), settings.secret_key, "https://guichet.example", entry)


def owner(settings: Settings) -> str:
    return (settings.database_owner_url or "").replace("+psycopg", "")


def test_an_account_is_entered_and_its_token_rotated(settings: Settings, database: Database):
    """The addresses to enter at the company are told; both tokens are good until the second is promoted; a word as
    sender reads nothing."""
    lines = entered(settings, ENTRY)
    entered(settings, Entry("impots-valmont", "AC1", "second"))
    scope = Scope(action="test", tenant_id=tenant_of(database))

    def read(session):
        found = {one.address: one for one in session.scalars(select(Endpoint).where(Endpoint.account_id.is_not(None)))}
        account = carrier_accounts.of_endpoint(session, found["36101"].id, settings.secret_key)
        return account, {address: one.can_receive for address, one in found.items()}

    account, receives = database.run(scope, read)
    assert account.tokens == ("first", "second")
    assert receives == {"36101": True, "IMPOTS": False, "+331": True}
    assert lines[0] == f"36101  sms  https://guichet.example/in/{account.id}/sms/in#ct=2000&rt=5000&rc=3&rp=all"

    promote(owner(settings), settings.secret_key, "AC1")

    assert database.run(scope, read)[0].tokens == ("second",)
    with pytest.raises(EntryRefused):
        promote(owner(settings), settings.secret_key, "AC1")


def test_whatever_an_operator_changes_is_in_the_trail(settings: Settings, servers: dict[str, str], database_name: str):
    """Each version of an account and of a number has its row: what was entered, given another token, promoted."""
    entered(settings, ENTRY)
    entered(settings, Entry("impots-valmont", "AC1", "second", numbers=(("sms", "36101"),)))
    promote(owner(settings), settings.secret_key, "AC1")

    with psycopg.connect(servers["admin_url"], dbname=database_name) as admin:
        rows = admin.execute(
            """SELECT t.tenant_id = a.tenant_id, t.version, array_agg(a.version ORDER BY a.version),
                   array_agg(a.action ORDER BY a.version), max(a.changed::text) FILTER (WHERE a.version = t.version)
               FROM (SELECT id, tenant_id, version FROM carrier_account WHERE sid = 'AC1'
                     UNION ALL SELECT id, tenant_id, version FROM endpoint
                     WHERE account_id = (SELECT id FROM carrier_account WHERE sid = 'AC1')) t
               LEFT JOIN audit a ON a.entity_id = t.id GROUP BY t.id, t.tenant_id, t.version, a.tenant_id"""
        ).fetchall()
    assert len(rows) == 4
    assert all(is_theirs and versions == list(range(1, last + 1)) for is_theirs, last, versions, *_ in rows), rows
    assert sorted(actions[-1] for *_, actions, _ in rows) == ["telephone.entered"] * 3 + ["telephone.promoted"]
    assert "{account_id}" in [changed for *_, changed in rows]


@pytest.mark.parametrize(
    "entry",
    [
        Entry("nowhere", "AC2", "t"),
        Entry("ville-valmont", "AC1", "t"),
        Entry("ville-valmont", "AC2", "t", "x", (("sms", "36101"),)),
        Entry("ville-valmont", "AC2", "t", "x", (("sms", "36199"),)),
        Entry("ville-valmont", "AC2", "t", "x", (("fax", "1"),)),
    ],
)
def test_what_does_not_fit_changes_nothing(settings: Settings, entry: Entry):
    """Unknown places, other administrations' accounts and numbers: refused whole, with a reason."""
    entered(settings, ENTRY)

    with pytest.raises(EntryRefused) as refused:
        entered(settings, entry)

    assert refused.value.facts["why"]


def test_who_reads_everything_is_not_waited_for(settings: Settings, servers: dict[str, str], database_name: str):
    """While a backup reads every message, an account is entered, and nobody comes to wait behind it."""
    with psycopg.connect(servers["admin_url"], dbname=database_name) as reader:
        reader.execute("SELECT count(*) FROM message")
        entering = threading.Thread(target=entered, args=(settings, ENTRY))
        entering.start()
        entering.join(30)
        assert not entering.is_alive()
