"""Texts of an outage: taken from the provider's own list, once, with what became of those that left."""

import pytest
from sqlalchemy import event, select

from channels import catching_up
from contact.models import Attachment, MediaToFetch, Message, Outbox
from contact.scope import Scope
from tests.phone.telephony import Office

PICTURE = ["image/png", "iVBORw0KGgo="]


@pytest.fixture
def number(office: Office) -> str:
    """Takes texts, whose door nobody opens."""
    return office.takes_texts("http://127.0.0.1:9/")


def look(office: Office) -> int:
    """Look through the company's list of texts."""
    return catching_up.look(office.database, office.settings, office.tenant_id, office.account.id)


def test_texts_of_an_outage(office: Office, number: str):
    """Nobody answered at the door: each text is in its ticket all the same, in order, with its pictures, and once."""
    phone = office.phone()
    phone.do("text", to=number, body="un")
    phone.do("text", to=number, body="deux", media=[PICTURE])

    found = [look(office) for _ in range(2)]

    assert found == [2, 0]
    with office.database.reading(Scope(action="test", tenant_id=office.tenant_id)) as session:
        query = select(Message).where(Message.provider == "twilio").order_by(Message.seq)
        messages = list(session.scalars(query))
        media = list(session.scalars(select(MediaToFetch)))
    assert [one.body for one in messages] == ["un", "deux"]
    assert messages[0].ticket_id == messages[1].ticket_id
    assert [(one.message_id, one.content_type) for one in media] == [(messages[1].id, "image/png")]
    assert media[0].url.startswith("https://api.twilio.com/2010-04-01/Accounts/")


def test_pictures_that_no_job_knows_of(office: Office, number: str):
    """Kept by code that fetched none: the next look has them fetched, each once, and those on their way left alone."""
    phone = office.phone()
    phone.do("text", to=number, body="un", media=[PICTURE, PICTURE])
    look(office)
    office.change(Outbox, state="done")
    phone.do("text", to=number, body="deux", media=[PICTURE])
    for _ in range(2):
        look(office)

    wanted = office.rows(Outbox, topic="sms.media", state="due")
    assert len({one.ids["media_id"] for one in wanted}) == len(wanted) == 3

    office.settle()

    assert len(office.rows(Attachment)) == 3
    look(office)
    assert office.rows(Outbox, topic="sms.media", state="due") == []


def test_what_is_known_costs_nothing(office: Office, number: str, caplog: pytest.LogCaptureFixture):
    """However many texts, pictures and calls the lists have, once they are known a look takes a few transactions.

    The company is asked for the two lists, and for nothing of what is in them.
    """
    phone = office.phone()
    for count in range(12):
        phone.do("text", to=number, body=f"{count}", media=[PICTURE])
    assert look(office) == 12
    begun: list[object] = []
    note = begun.append
    event.listen(office.database.engine, "begin", note)

    with caplog.at_level("DEBUG", "urllib3.connectionpool"):
        assert look(office) == 0

    event.remove(office.database.engine, "begin", note)
    assert len(begun) < 12
    assert len([one for one in caplog.messages if '"GET ' in one]) == 2


def test_a_text_that_cannot_be_taken_in(office: Office, number: str):
    """One of an outage that fails leaves the others, and what is behind them; a job tries it again until it is in."""
    phone = office.phone()
    for body in ("un", "deux\x00"):
        phone.do("text", to=number, body=body)
    mend = office.breaks("message", "NEW.body = 'un'")

    assert [look(office) for _ in range(2)] == [1, 0]

    mend()
    office.hurry("carrier.event")
    office.settle()
    assert {one.body for one in office.rows(Message, provider="twilio")} == {"un", "deux\ufffd"}
