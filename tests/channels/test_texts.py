"""Texts that come in: into the right matter, once, whatever they look like."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from config.settings import Settings
from contact.domain.incoming import Text
from contact.domain.vocabulary import ContactState, MessageKind, Purpose, RefusalReason, TicketState
from contact.models import (
    Audit,
    CarrierEvent,
    Citizen,
    CitizenContactPoint,
    Contact,
    ContactPoint,
    MediaToFetch,
    Message,
    Outbox,
    TextChoice,
    TextRefusal,
    Ticket,
)
from contact.scope import Scope
from contact.services import text_choices, texts
from contact.unit_of_work import Database
from tests.carrier.company import eventually
from tests.channels.accounts import add_account
from tests.channels.company import NUMBER, PHONE, Company

ACCENTS = "Où en est mon dossier ? «\u00a0reçu\u00a0» e\u0301te\u0301 😀"


@pytest.fixture
def company(app: Flask, database: Database, settings: Settings) -> Company:
    """With the tax service's account."""
    return Company(app, add_account(database, settings))


class House:
    """What the administration has in the database."""

    def __init__(self, database: Database, company: Company) -> None:
        self.database = database
        self.scope = Scope(action="test", tenant_id=company.account.tenant_id)

    def all(self, query):
        with self.database.reading(self.scope) as session:
            return list(session.scalars(query))

    def run(self, work):
        return self.database.run(self.scope, work)

    def tickets(self) -> list[Ticket]:
        """Those that texts began, oldest first."""
        return self.all(select(Ticket).where(Ticket.client_key.startswith("twilio:")).order_by(Ticket.id))

    def words(self, ticket: Ticket) -> list[tuple[str, str]]:
        rows = self.all(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.seq))
        return [(one.message_kind, one.code or one.body) for one in rows]

    def live(self) -> list[Contact]:
        ids = [one.id for one in self.tickets()]
        return self.all(select(Contact).where(Contact.ticket_id.in_(ids), Contact.state == ContactState.WAITING))

    def refusals(self) -> set[tuple[str, str]]:
        rows = self.all(select(TextRefusal).where(TextRefusal.lifted_at.is_(None)))
        return {(one.purpose, one.reason) for one in rows}

    def put(self, ticket: Ticket, **values) -> None:
        self.run(lambda session: session.execute(update(Ticket).where(Ticket.id == ticket.id).values(**values)))

    def age(self, hours: float) -> None:
        """All that was said was said so long ago."""
        past = func.now() - timedelta(hours=hours)
        self.run(lambda session: session.execute(update(Message).values(created_at=past)))


@pytest.fixture
def house(database: Database, company: Company) -> House:
    return House(database, company)


def test_a_text_begins_a_matter_and_waits(company: Company, house: House):
    """Ticket, citizen, message as written, one contact that waits for an agent; the same text again adds nothing."""
    sid = company.text(ACCENTS)
    company.text(ACCENTS, sid=sid)

    (ticket,) = house.tickets()
    assert ticket.channel == "sms"
    assert house.words(ticket) == [("citizen", "Où en est mon dossier ? «\u00a0reçu\u00a0» été 😀")]
    assert [(one.channel, one.ticket_id) for one in house.live()] == [("sms", ticket.id)]
    (event,) = house.all(select(CarrierEvent))
    assert event.payload["Body"] == ACCENTS
    (point,) = house.all(select(ContactPoint).where(ContactPoint.value == PHONE))
    assert point.disabled_at is None


def test_the_next_text_goes_on_where_the_last_one_was(company: Company, house: House):
    """Within three days it is the same matter, which waits again if it was over; afterwards another one."""
    company.text("un")
    company.text("deux")
    (ticket,) = house.tickets()
    house.put(ticket, state=TicketState.RESOLVED)
    company.text("trois")
    house.age(73)
    company.text("quatre")
    house.put(ticket, state=TicketState.CLOSED)
    house.age(1)
    company.text("cinq")

    first, second = house.tickets()
    assert house.words(first) == [("citizen", "un"), ("citizen", "deux"), ("citizen", "trois")]
    assert house.words(second) == [("citizen", "quatre"), ("citizen", "cinq")]
    assert first.citizen_id == second.citizen_id


def test_several_open_matters_are_asked_about(company: Company, house: House):
    """The text is held, the question leaves once, the answer decides; what came meanwhile goes with it, in order."""
    company.text("un")
    house.age(80)
    company.text("deux")
    first, second = house.tickets()
    house.age(1)
    held = company.text("de quoi ?")
    company.text("et encore")
    company.text("de quoi ?", sid=held)
    assert house.words(second)[1:] == [("system", "sms_choice")]
    (question,) = house.all(select(Message).where(Message.code == "sms_choice"))
    assert f"1 : dossier {second.number}" in question.body
    assert f"2 : dossier {first.number}" in question.body

    company.text("Le 2.")

    assert house.words(first) == [("citizen", "un"), ("citizen", "de quoi ?"), ("citizen", "et encore")]
    assert [one.topic for one in house.all(select(Outbox).where(Outbox.topic == "sms.deliver"))] == ["sms.deliver"]


def test_no_answer_is_the_last_matter(company: Company, house: House):
    """Nothing that is held is lost: when nobody answers in time, it is where they wrote last."""
    company.text("un")
    house.age(80)
    company.text("deux")
    house.age(1)
    company.text("de quoi ?")
    (asked,) = house.all(select(TextChoice))

    for _ in range(2):
        house.run(lambda session: text_choices.settle_unanswered(session, asked.id))

    _, second = house.tickets()
    assert house.words(second)[-1] == ("citizen", "de quoi ?")


@pytest.mark.parametrize("word", ["STOP", " arrêt. ", "Désinscrire!", "stop sms", "UNSUBSCRIBE"])
def test_stop_is_for_news_alone(company: Company, house: House, word: str):
    """No more news to this number; the matter stays answerable, nobody has to answer the word; START undoes it."""
    company.text(word)
    assert house.tickets() == []
    company.text("Bonjour")
    company.text(word)

    (ticket,) = house.tickets()
    assert house.words(ticket)[1:] == [("citizen", word.strip()), ("system", "sms_stop")]
    assert house.refusals() == {
        (Purpose.SERVICE_REMINDER, RefusalReason.STOPPED),
        (Purpose.INFORMATION_CAMPAIGN, RefusalReason.STOPPED),
    }
    company.text("START")
    assert house.refusals() == set()
    assert house.words(ticket)[-1] == ("system", "sms_start")


def test_stop_in_a_sentence_is_for_a_person(company: Company, house: House):
    """Somebody reads it."""
    company.text("Stop aux courriers, je suis à jour !")

    assert len(house.live()) == 1
    assert house.refusals() == set()


def test_pictures_without_words(company: Company, house: House):
    """No Body at all: a message all the same, and each picture is kept to be fetched; odd counts break nothing."""
    media = {"MediaUrl0": "https://api.twilio.com/a", "MediaContentType0": "image/jpeg", "MediaUrl1": "https://x/b"}
    company.text(None, NumMedia="1", **media)
    company.text(None, NumMedia="²", **media)

    (ticket,) = house.tickets()
    assert house.words(ticket) == [("citizen", ""), ("citizen", "")]
    assert [(one.url, one.content_type) for one in house.all(select(MediaToFetch))] == [
        ("https://api.twilio.com/a", "image/jpeg")
    ]


@pytest.mark.parametrize("sender", ["+266696687", "RESTRICTED", "anonymous", ""])
def test_withheld_numbers_are_nobody(company: Company, house: House, sender: str):
    """Each text is a matter of its own, of nobody known; there is no way to answer."""
    company.text("un", sender=sender)
    company.text("deux", sender=sender)

    first, second = house.tickets()
    assert first.citizen_id != second.citizen_id
    (point,) = house.all(select(ContactPoint).where(ContactPoint.value == sender))
    assert point.disabled_at is not None


def test_a_family_shares_a_number(company: Company, house: House):
    """A number is no person: where two citizens use it, a text is of neither until somebody says so."""
    company.text("un")
    (point,) = house.all(select(ContactPoint).where(ContactPoint.value == PHONE))

    def share(session):
        other = Citizen(tenant_id=house.scope.tenant_id, language="fr")
        session.add(other)
        session.flush()
        link = CitizenContactPoint(tenant_id=house.scope.tenant_id, citizen_id=other.id, contact_point_id=point.id)
        session.add(link)

    house.run(share)
    house.age(80)
    company.text("deux")

    first, second = house.tickets()
    assert first.citizen_id != second.citizen_id
    assert house.words(second) == [(MessageKind.CITIZEN, "deux")]


def test_two_first_texts_at_the_same_moment(company: Company, house: House):
    """Of a phone that was never seen: the second waits for the first, and both are in one matter."""

    def take_in(session, sid: str, body: str) -> None:
        texts.receive(session, company.account, Text("twilio", sid, PHONE, NUMBER, body))

    def second() -> None:
        house.run(lambda session: take_in(session, "SM2", "deux"))

    def waits() -> bool:
        of_database = "datname = current_database() AND wait_event_type = 'Lock'"
        query = text(f"SELECT count(*) FROM pg_stat_activity WHERE {of_database}")
        with house.database.reading(house.scope) as session:
            return session.scalar(query) == 1

    with ThreadPoolExecutor(1) as other:

        def first(session) -> Future[None]:
            take_in(session, "SM1", "un")
            told = other.submit(second)
            eventually(waits, "the second waits")
            return told

        house.run(first).result(30)

    (ticket,) = house.tickets()
    assert house.words(ticket) == [("citizen", "un"), ("citizen", "deux")]
    (point,) = house.all(select(ContactPoint).where(ContactPoint.value == PHONE))
    assert [one.version for one in house.all(select(Audit).where(Audit.entity_id == point.id))] == [1]
