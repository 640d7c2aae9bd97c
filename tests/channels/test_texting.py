"""Texts that leave: by whom, whether at all, and what their states and failures come to."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from config.settings import Settings
from config.topics import QUEUES
from contact import relay
from contact.domain.phones import territory_of
from contact.domain.quiet_hours import quiet_until
from contact.domain.vocabulary import MessageState, OutboxState, Purpose
from contact.models import CarrierAccount, ContactPoint, Endpoint, Message, Outbox, TextRefusal, TextSpending
from contact.services import deliveries, text_rules, work_rows
from contact.unit_of_work import Database
from tests.channels.accounts import add_account
from tests.channels.company import PHONE, Company
from tests.channels.test_texts import House
from tests.people import Staff, refused, told

AGENT = "amelie@accueil.example"


class Desk(House):
    """An agent who answers the one ticket that a text began."""

    def __init__(self, database: Database, company: Company, staff: Staff) -> None:
        super().__init__(database, company)
        self.staff = staff
        self.company = company

    def path(self) -> str:
        return f"/tickets/{self.tickets()[-1].id}"

    def reply(self, body: str = "Bonjour") -> Message:
        made = told(self.staff.send("POST", f"{self.path()}/messages", {"body": body}), 201)
        return self.message(made["id"])

    def message(self, message_id) -> Message:
        return self.all(select(Message).where(Message.id == message_id))[0]

    def rows(self, message: Message) -> list[Outbox]:
        """One for each time that it is sent."""
        mine = Outbox.ids["message_id"].astext == str(message.id)
        return self.all(select(Outbox).where(mine).order_by(Outbox.sequence))

    def row(self, message: Message) -> Outbox:
        """Its last."""
        return self.rows(message)[-1]

    def claim(self, message: Message) -> work_rows.Claim:
        """What the job does first: the row is claimed, by whoever the relay would have given it to."""
        row = self.row(message)

        def work(session):
            session.execute(
                update(Outbox).where(Outbox.id == row.id).values(lease=func.gen_random_uuid(), due_at=func.now())
            )
            return work_rows.claim(session, row.id)

        return self.run(work)

    def sent(self, sid: str, body: str = "Bonjour") -> tuple[Message, str]:
        """A reply that the provider took as *sid*."""
        message = self.reply(body)
        return message, self.send(message, sid)

    def send(self, message: Message, sid: str) -> str:
        """The provider takes it as *sid*; the attempt's name."""
        claim = self.claim(message)
        assert self.run(lambda session: deliveries.prepare(session, claim)) is not None
        self.run(lambda session: deliveries.sent(session, claim, "twilio", sid))
        return claim.attempt_id

    def set_account(self, **values) -> None:
        self.run(lambda session: session.execute(update(CarrierAccount).values(**values)))


@pytest.fixture
def desk(app: Flask, database: Database, settings: Settings) -> Desk:
    company = Company(app, add_account(database, settings))
    made = Desk(database, company, Staff(app, AGENT))
    company.text("Bonjour")
    return made


@pytest.mark.parametrize(
    ("states", "kept"),
    [
        (["sent", "delivered"], "delivered"),
        (["delivered", "sent", "queued"], "delivered"),
        (["delivered", "delivered", "undelivered"], "delivered"),
        (["undelivered", "sent", "delivered"], "undelivered"),
        (["read", "delivered", "failed"], "read"),
        (["sending", "nonsense", "canceled"], "failed"),
    ],
)
def test_a_state_never_goes_back(desk: Desk, states: list[str], kept: str):
    """Late, twice, in the wrong order, or a word that nobody knows: the furthest state stands, every event is kept."""
    message, attempt = desk.sent("SM1")

    for state in states:
        desk.company.state("SM1", state, attempt)

    assert desk.message(message.id).state == kept


def test_the_callback_is_proof(desk: Desk):
    """Of an attempt whose answer was lost: the message was sent, under that id, and is not sent again."""
    message = desk.reply()
    claim = desk.claim(message)
    desk.run(lambda session: deliveries.prepare(session, claim))
    desk.run(lambda session: deliveries.unknown(session, claim, "status_500", 90))

    desk.company.state("SM7", "sent", claim.attempt_id)

    known = desk.message(message.id)
    assert (known.state, known.provider_id) == (MessageState.SENT, "SM7")
    assert desk.row(message).state == OutboxState.DONE
    desk.company.state("SM7", "delivered", "of-nobody")
    assert desk.message(message.id).state == MessageState.DELIVERED


def test_proof_also_ends_a_second_try(desk: Desk):
    """Two empty look-ups put it back to be tried again; a callback that comes then keeps it from leaving twice."""
    message = desk.reply()
    claim = desk.claim(message)
    desk.run(lambda session: deliveries.prepare(session, claim))
    desk.run(lambda session: deliveries.unknown(session, claim, "ReadTimeout", 90))
    for _ in range(deliveries.LOOK_UPS_MAX):
        desk.run(lambda session: deliveries.not_found(session, claim, 60))
    assert desk.row(message).state == OutboxState.DUE

    desk.company.state("SM8", "queued", claim.attempt_id)

    assert desk.row(message).state == OutboxState.DONE
    assert desk.claim(message) is None


def test_only_what_is_nobody_elses_is_adopted(desk: Desk):
    """Of several texts alike at the provider, an attempt takes the oldest that no other message owns."""
    desk.sent("SM1")
    message = desk.reply()
    claim = desk.claim(message)
    desk.run(lambda session: deliveries.prepare(session, claim))
    desk.run(lambda session: deliveries.unknown(session, claim, "ReadTimeout", 90))

    assert not desk.run(lambda session: deliveries.adopt(session, claim, "twilio", ["SM1"]))
    assert desk.run(lambda session: deliveries.adopt(session, claim, "twilio", ["SM1", "SM2"]))

    assert desk.message(message.id).provider_id == "SM2"


@pytest.mark.parametrize(
    ("code", "reason"), [("21610", "stopped_at_provider"), ("30006", "landline"), ("21635", "landline")]
)
def test_some_errors_close_a_number(desk: Desk, code: str, reason: str):
    """The next reply is refused before it is sent, with the reason; a text that comes from there opens it again,
    unless they have said STOP."""
    message, attempt = desk.sent("SM1")
    desk.company.state("SM1", "undelivered", attempt, code)

    assert desk.message(message.id).failure == code
    ticket = desk.staff.get(desk.path())
    assert ticket["reply_to"] == {
        "channel": "sms",
        "from_address": "36101",
        "to_address": PHONE,
        "is_one_way": False,
        "refused": reason,
    }
    facts = refused(desk.staff.send("POST", f"{desk.path()}/messages", {"body": "x"}), 409, "cannot_reply")
    assert facts["facts"] == {"reason": reason}
    desk.company.text("START" if code == "21610" else "Me revoilà")
    assert desk.reply().state == MessageState.QUEUED


def test_three_failures_in_a_row_close_a_number(desk: Desk):
    """One may be chance; three lost texts, and the agent is told."""
    for number in range(3):
        assert desk.staff.get(desk.path())["reply_to"]["refused"] is None
        _, attempt = desk.sent(f"SM{number}")
        desk.company.state(f"SM{number}", "undelivered", attempt, "30005")

    assert desk.staff.get(desk.path())["reply_to"]["refused"] == "unreachable"
    assert {one.purpose for one in desk.all(select(TextRefusal))} == set(Purpose)


def test_a_phone_that_was_off_gets_it_later(desk: Desk):
    """By itself, twice within a day, each time as a text of its own that is paid for; then it is lost, and counts so.

    However often the company tells of one sending, and whatever it tells of an earlier one, none is sent twice.
    """
    message = desk.reply()
    attempts = []
    for number, state in enumerate((MessageState.QUEUED, MessageState.QUEUED, MessageState.UNDELIVERED)):
        attempts.append(desk.send(message, f"SM{number}"))
        for earlier, attempt in enumerate(attempts):
            desk.company.state(f"SM{earlier}", "undelivered", attempt, "30003")
            desk.company.state(f"SM{earlier}", "failed", attempt)
        assert (desk.message(message.id).state, desk.message(message.id).failure) == (state, "30003")

    rows = desk.rows(message)
    assert [row.state for row in rows] == [OutboxState.DONE] * 3
    assert len({row.order_key for row in rows}) == 2
    assert [one.parts for one in desk.all(select(TextSpending))] == [3]
    assert (desk.message(message.id).provider_id, len(set(attempts))) == ("SM2", 3)


def test_it_waits_for_hours_and_nothing_waits_behind_it(desk: Desk):
    """The next answer leaves at once; and when that arrives, or a text comes, the phone is on: so does the first."""
    first, attempt = desk.sent("SM1")
    desk.company.state("SM1", "undelivered", attempt, "30003")
    waits = desk.row(first).due_at - datetime.now(UTC)
    assert timedelta(hours=1) < waits < timedelta(hours=24)
    second, attempt = desk.sent("SM2", "Votre dossier est complet")

    desk.company.state("SM2", "delivered", attempt)

    assert desk.row(second).state == OutboxState.DONE
    assert desk.row(first).due_at <= datetime.now(UTC)
    desk.send(first, "SM3")
    assert desk.message(first.id).failure is None


@pytest.mark.parametrize("is_leaving", [False, True])
def test_what_arrives_after_all_is_not_sent_again(desk: Desk, is_leaving: bool):
    """A receipt of the first sending that comes late is believed, and the second ends before it leaves."""
    message, attempt = desk.sent("SM1")
    desk.company.state("SM1", "undelivered", attempt, "30003")
    claim = desk.claim(message) if is_leaving else None

    desk.company.state("SM1", "delivered", attempt)

    assert (desk.message(message.id).state, desk.message(message.id).failure) == (MessageState.DELIVERED, None)
    claim = claim or desk.claim(message)
    assert desk.run(lambda session: deliveries.prepare(session, claim)) is None
    assert desk.row(message).state == OutboxState.DONE


def test_no_earlier_sending_is_adopted(desk: Desk):
    """The company's list has it, with the same words to the same phone; an attempt of unknown outcome is another."""
    message, attempt = desk.sent("SM1")
    desk.company.state("SM1", "undelivered", attempt, "30003")
    claim = desk.claim(message)
    desk.run(lambda session: deliveries.prepare(session, claim))
    desk.run(lambda session: deliveries.unknown(session, claim, "ReadTimeout", 90))

    assert not desk.run(lambda session: deliveries.adopt(session, claim, "twilio", ["SM1"]))
    desk.company.state("SM2", "sent", claim.attempt_id)
    assert (desk.message(message.id).state, desk.message(message.id).provider_id) == (MessageState.SENT, "SM2")


LATE = {
    "sent": lambda session, claim: deliveries.sent(session, claim, "twilio", "SM2"),
    "adopted": lambda session, claim: deliveries.adopt(session, claim, "twilio", ["SM2"]),
    "refused": lambda session, claim: deliveries.refused(session, claim, "21635"),
    "not_taken": lambda session, claim: deliveries.not_taken(session, claim, "status_429", 8),
    "tried_enough": lambda session, claim: deliveries.not_taken(session, claim, "status_429", 1),
    "given_up": deliveries.give_up,
    "never_left": deliveries.prepare,
}


@pytest.mark.parametrize(("is_first", "late"), [*((False, name) for name in LATE), (True, "sent"), (True, "adopted")])
def test_how_an_earlier_sending_ends_is_late(desk: Desk, is_first: bool, late: str):
    """The company told that the phone was off before our own attempt has its end: the next sending leaves all the same.

    Also where that attempt was another than the one it told of.
    """
    message = desk.reply()
    told_of = claim = desk.claim(message)
    desk.run(lambda session: deliveries.prepare(session, claim))
    if not is_first:
        desk.run(lambda session: deliveries.not_taken(session, told_of, "status_503", 8))
        claim = desk.claim(message)
        if late != "never_left":
            desk.run(lambda session: deliveries.prepare(session, claim))
    desk.company.state("SM1", "undelivered", told_of.attempt_id, "30003")

    desk.run(lambda session: LATE[late](session, claim))

    known = desk.message(message.id)
    assert (known.state, known.failure, known.provider_id) == (MessageState.QUEUED, "30003", None)
    assert [row.state for row in desk.rows(message)] == [OutboxState.DONE, OutboxState.DUE]
    assert desk.staff.get(desk.path())["reply_to"]["refused"] is None
    desk.send(message, "SM3")
    assert (desk.message(message.id).state, desk.message(message.id).provider_id) == (MessageState.SENT, "SM3")


def test_a_failure_told_before_the_answer_stands(desk: Desk):
    """That it was taken is old news then."""
    message = desk.reply()
    claim = desk.claim(message)
    desk.run(lambda session: deliveries.prepare(session, claim))
    desk.company.state("SM1", "undelivered", claim.attempt_id, "30005")

    desk.run(lambda session: deliveries.sent(session, claim, "twilio", "SM1"))

    assert (desk.message(message.id).state, desk.message(message.id).failure) == (MessageState.UNDELIVERED, "30005")


def test_a_refusal_at_once_counts_too(desk: Desk):
    """What the provider refuses when it is asked says the same of the number."""
    message = desk.reply()
    claim = desk.claim(message)
    desk.run(lambda session: deliveries.prepare(session, claim))
    desk.run(lambda session: deliveries.refused(session, claim, "21635"))

    assert desk.message(message.id).state == MessageState.FAILED
    assert desk.staff.get(desk.path())["reply_to"]["refused"] == "landline"


@pytest.mark.parametrize(
    ("sender", "reason"),
    [("+14155550100", "country_not_allowed"), ("+33899123456", "costly_number"), ("MAIRIE", "no_number")],
)
def test_whom_nobody_pays_for(desk: Desk, sender: str, reason: str):
    """No text leaves for countries that are not on the list, for premium numbers, for what is no number."""
    desk.company.text("Bonjour", sender=sender)

    assert desk.staff.get(desk.path())["reply_to"]["refused"] == reason


def test_the_days_budget(desk: Desk):
    """Parts are counted as they leave; machines stop at four fifths, people when nothing is left."""
    desk.set_account(text_parts_a_day_max=5)
    desk.sent("SM1", "x" * 400)
    (spent,) = desk.all(select(TextSpending))
    assert (spent.parts, spent.day) == (3, datetime.now(UTC).date())
    desk.sent("SM2")

    def reasons(session):
        point = session.scalars(select(ContactPoint).where(ContactPoint.value == PHONE)).one()
        endpoint_id = session.scalars(select(Endpoint.id).where(Endpoint.address == "36101")).one()
        return [
            text_rules.why_not(session, endpoint_id, point, Purpose.TRANSACTIONAL, is_push=is_push)
            for is_push in (True, False)
        ]

    assert desk.run(reasons) == ["budget_spent", None]
    desk.sent("SM3")
    assert desk.run(reasons) == ["budget_spent", "budget_spent"]


def test_a_text_is_paid_for_once(desk: Desk):
    """However often the provider asks to try again later; its own parts are no reason to keep it back."""
    desk.set_account(text_parts_a_day_max=1)
    message = desk.reply()

    for _ in range(3):
        claim = desk.claim(message)
        assert desk.run(lambda session, claim=claim: deliveries.prepare(session, claim)) is not None
        desk.run(lambda session, claim=claim: deliveries.not_taken(session, claim, "status_429", 8))

    assert [one.parts for one in desk.all(select(TextSpending))] == [1]


@pytest.fixture
def news(desk: Desk) -> tuple[Message, datetime]:
    """A campaign's text to where it is night now, and when that night is over."""
    now = datetime.now(UTC)
    # It is always night somewhere between Tahiti and Réunion.
    phone, until = next(
        (number, until)
        for number in ("+33612345678", "+262692123456", "+68987123456", "+590690123456")
        if (until := quiet_until(Purpose.INFORMATION_CAMPAIGN, territory_of(number), now)) is not None
    )
    desk.company.text("Bonjour", sender=phone)
    message = desk.reply()
    purpose = update(Message).where(Message.id == message.id).values(purpose=Purpose.INFORMATION_CAMPAIGN)
    desk.run(lambda session: session.execute(purpose))
    return message, until


def test_news_waits_for_the_morning(desk: Desk, news: tuple[Message, datetime]):
    """It is put off until it may be sent, and not counted as spent."""
    message, until = news
    claim = desk.claim(message)

    assert desk.run(lambda session: deliveries.prepare(session, claim)) is None

    row = desk.row(message)
    assert (row.state, row.due_at, row.failure) == (OutboxState.DUE, until, "quiet_hours")
    assert desk.message(message.id).state == MessageState.QUEUED
    assert desk.all(select(TextSpending)) == []


def test_no_answer_waits_behind_news(desk: Desk, settings: Settings, news: tuple[Message, datetime]):
    """What an agent writes to the same phone meanwhile leaves at once; news is in the order of news."""
    claim = desk.claim(news[0])
    desk.run(lambda session: deliveries.prepare(session, claim))
    answer = desk.reply("Votre dossier est complet")

    taken = desk.run(lambda session: relay._take(session, settings, {name: [] for name in QUEUES}))

    assert desk.row(answer).id in [row.id for row in taken]
    assert desk.row(news[0]).order_key.endswith(f":{Purpose.INFORMATION_CAMPAIGN}")
