"""The door of telephone companies: who may come in, and that what happens there happens once."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from flask import Flask
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from config.sealing import SealBroken, seal, unseal
from config.settings import Settings
from contact.domain.carrier import Account
from contact.models import CarrierAccount, CarrierEvent
from contact.scope import Scope
from contact.unit_of_work import Database
from tests.channels.accounts import add_account
from tests.channels.company import BASE, Company
from tests.people import CITY

STATE = [("MessageSid", "SM1"), ("MessageStatus", "sent"), ("Empty", ""), ("Twice", "b"), ("Twice", "a")]


@pytest.fixture
def account(database: Database, settings: Settings) -> Account:
    """The tax service's."""
    return add_account(database, settings)


class Knocking(Company):
    """Asks with the same words unless told otherwise."""

    def ask(self, fields=STATE, *, step="state/none", **more) -> TestResponse:
        return super().ask(fields, step=step, **more)


@pytest.fixture
def company(app: Flask, account: Account) -> Knocking:
    return Knocking(app, account)


def events(database: Database, account: Account) -> list[CarrierEvent]:
    with database.reading(Scope(action="test", tenant_id=account.tenant_id)) as session:
        return list(session.scalars(select(CarrierEvent)))


def test_whoever_signs_comes_in(company: Knocking):
    """By either token of a rotation; empty and repeated fields, percent-encoding and a query, signed as they came."""
    asked = [
        company.ask(),
        company.ask(token=company.account.tokens[1]),
        company.ask(step="state/d%C3%A9j%C3%A0%20%25?a=%2F&b="),
        company.ask([*STATE, ("Accents", "déjà çà %25 +&="), ("Unknown", "field")]),
    ]

    assert [answer.status_code for answer in asked] == [200] * 4
    assert asked[0].content_type == "text/xml; charset=utf-8"
    assert asked[0].text.endswith("<Response/>")


@pytest.mark.parametrize(
    "signature", ["-", "", "wrong", "é", "\x7f", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "A" * 5000], ids=repr
)
def test_whoever_does_not_sign_is_refused(company: Knocking, database: Database, signature: str):
    """Missing, empty, wrong or absurd: 403, nothing is kept."""
    answer = company.ask(signature=signature)

    assert answer.status_code == 403
    assert answer.get_json()["error"]["code"] == "forbidden"
    assert events(database, company.account) == []


def test_what_was_signed_is_what_came(company: Knocking, app: Flask, database: Database, settings: Settings):
    """A changed field, another address, and another administration's token are all refused."""
    other = add_account(database, settings, CITY)
    url = f"{BASE}/in/{company.account.id}/sms/state/none"
    made = RequestValidator(company.account.tokens[0]).compute_signature(url, MultiDict(STATE))

    refused = [
        company.ask([*STATE, ("More", "x")], signature=made),
        company.ask(STATE[:-1], signature=made),
        company.ask(step="state/other", signature=made),
        company.ask(token=other.tokens[0]),
        Knocking(app, other).ask(token=company.account.tokens[0]),
        company.ask(signed_url=url.replace("http:", "https:")),
        company.ask(signed_url=url.replace("localhost", "localhost:81")),
    ]

    assert [answer.status_code for answer in refused] == [403] * 7


@pytest.mark.parametrize(
    ("base", "signed"),
    [
        ("https://guichet.example", "https://guichet.example"),
        ("https://guichet.example", "https://guichet.example:443"),
        ("https://guichet.example:8443", "https://guichet.example"),
        ("https://guichet.example:8443", "https://guichet.example:8443"),
        ("http://guichet.example", "http://guichet.example:80"),
    ],
)
def test_ports_as_twilio_signs_them(company: Knocking, app: Flask, base: str, signed: str):
    """With the port or without it; what a proxy's headers say of the host never matters."""
    app.extensions["guichet"] = replaced(app.extensions["guichet"], base)
    path = f"/in/{company.account.id}/sms/state/none"

    answer = company.ask(signed_url=signed + path, **{"Host": "evil.example", "X-Forwarded-Host": "evil.example"})

    assert answer.status_code == 200


def replaced(house, base: str):
    return replace(house, settings=replace(house.settings, public_base_url=base))


@pytest.mark.parametrize("has_digest", [True, False, None])
def test_a_body_of_another_kind_is_vouched_for_by_its_digest(company: Knocking, has_digest: bool | None):
    """JSON: bodySHA256 in the signed address, and right; without it, or with a wrong one, 403 and never 500."""
    body = json.dumps({"MessageSid": "SM1"}).encode()
    digest = {True: sha256(body).hexdigest(), False: "0" * 64, None: None}[has_digest]
    path = f"/in/{company.account.id}/sms/state/none" + (f"?bodySHA256={digest}" if digest else "")
    made = RequestValidator(company.account.tokens[0]).compute_signature(BASE + path, {})

    answer = company.client.post(path, data=body, content_type="application/json", headers={"X-Twilio-Signature": made})

    # Genuine, and nothing that we know: a status callback is a form.
    assert answer.status_code == (404 if has_digest else 403)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe=%ff%00&a", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(2000)), "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/json"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"", ""),
    ],
)
def test_rubbish_is_refused_and_breaks_nothing(company: Knocking, body: bytes, kind: str):
    """Whatever comes without a good signature is 403."""
    path = f"/in/{company.account.id}/sms/state/none?bodySHA256=1"

    answer = company.client.post(path, data=body, content_type=kind, headers={"X-Twilio-Signature": "x"})

    assert answer.status_code == 403


def test_nobody_learns_which_accounts_there_are(company: Knocking, database: Database):
    """An account that is unknown or switched off answers as a wrong signature does."""
    unknown = company.client.post(f"/in/{company.account.tenant_id}/sms/in", headers={"X-Twilio-Signature": "x"})
    wrong = company.ask(signature="x")

    def switch_off(session):
        session.scalars(select(CarrierAccount)).one().disabled_at = datetime.now(UTC)

    database.run(Scope(action="test", tenant_id=company.account.tenant_id), switch_off)
    off = company.ask()

    assert [one.status_code for one in (unknown, wrong, off)] == [403] * 3
    assert unknown.get_json()["error"] == wrong.get_json()["error"] == off.get_json()["error"]


def test_what_is_genuine_and_unknown(company: Knocking):
    """A step, a channel or a message without a name: 404, and no fault."""
    answers = [company.ask(step="nothing"), company.ask([("Body", "x")]), company.ask([], step="state/x")]

    assert [answer.status_code for answer in answers] == [404] * 3


def test_an_event_happens_once(company: Knocking, database: Database):
    """The same again, also as another try of one request, is answered the same and kept once; NUL breaks nothing."""
    again = {"I-Twilio-Idempotency-Token": "try"}
    first = company.ask([*STATE, ("Odd", "a\x00b")], **again)
    second = company.ask()
    third = company.ask([("MessageSid", "SM1"), ("MessageStatus", "delivered")], **again)

    assert first.data == second.data == third.data
    kept = events(database, company.account)
    assert [(one.dedupe_key, one.payload["Odd"], one.payload["Empty"]) for one in kept] == [
        ("state:SM1:sent:", "a�b", "")
    ]
    assert kept[0].handled_at is not None


def test_a_refusal_of_ours_loses_no_text(company: Knocking, database: Database):
    """Whatever it failed of, the provider hears that all is well, and a job tries again with what was kept."""
    company.text("un", sid="SM1")

    def forget(session):
        session.scalars(select(CarrierEvent)).one().dedupe_key = "forgotten"

    database.run(Scope(action="test", tenant_id=company.account.tenant_id), forget)
    company.text("deux", sid="SM1")

    _, kept = events(database, company.account)
    assert (kept.payload["Body"], kept.handled_at) == ("deux", None)


def test_secrets_are_sealed(database: Database, account: Account):
    """The table holds no token; another key, another purpose and a changed byte open nothing."""
    with database.reading(Scope(action="test", tenant_id=account.tenant_id)) as session:
        row = session.scalars(select(CarrierAccount)).one()
    assert account.tokens[0].encode() not in row.auth_token
    assert account.tokens[0] not in repr(account)
    sealed = seal("k" * 32, "a", "jeton é")
    assert unseal("k" * 32, "a", sealed) == "jeton é"
    assert seal("k" * 32, "a", "jeton é") != sealed

    for key, purpose, changed in (
        ("x" * 32, "a", sealed),
        ("k" * 32, "b", sealed),
        ("k" * 32, "a", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        ("k" * 32, "a", sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:]),
        ("k" * 32, "a", b""),
    ):
        with pytest.raises(SealBroken):
            unseal(key, purpose, changed)
