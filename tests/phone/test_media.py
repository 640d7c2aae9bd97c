"""Pictures that come with a text: fetched after it, once, kept here and nowhere else, opened by whom it concerns."""

import base64
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.topics import TOPICS
from contact.domain.files import FileType
from contact.file_store import FileStore
from contact.jobs import JobFailed
from contact.models import Attachment, Audit, MediaToFetch, Message
from contact.scope import Scope
from contact.services import media
from tests.carrier.company import eventually
from tests.people import Staff, refused
from tests.phone.telephony import Office
from tests.races import Meanwhile, blocked

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
PDF = b"%PDF-1.7\n" + b"0" * 100


def came(office: Office, *files: bytes, body: str = "Voici") -> Message:
    """Somebody sends these; the message, before any of them was fetched."""
    number, before = office.takes_texts(), len(office.rows(Message, provider="twilio"))
    media = [["image/png", base64.b64encode(one).decode()] for one in files]
    office.phone().do("text", to=number, body=body, media=media)
    return eventually(lambda: office.rows(Message, provider="twilio")[before:], "the text came")[0]


def shown(staff: Staff, message: Message) -> dict[str, Any]:
    """The message as its agent sees it."""
    items = staff.get(f"/tickets/{message.ticket_id}/messages")["items"]
    return next(one for one in items if one["id"] == str(message.id))


def lie_there(office: Office) -> list[bool]:
    """Whether the company still has each file."""
    own = office.sid, office.token
    return [requests.get(one.url, auth=own, timeout=30).ok for one in office.rows(MediaToFetch)]


def test_a_picture_is_fetched_once_and_opened_by_its_agent(office: Office, amelie: Staff):
    """Named as on its way until it is here; then saved, never shown by the browser, with who opened it on record."""
    message = came(office, PNG, PDF)
    assert [one["failure"] for one in shown(amelie, message)["media"]] == [None, None]

    office.settle()
    office.hurry("sms.media")
    office.settle()

    seen = shown(amelie, message)
    assert seen["media"] == []
    assert [(one["content_type"], one["size_bytes"]) for one in seen["attachments"]] == [
        ("image/png", len(PNG)),
        ("application/pdf", len(PDF)),
    ]
    (file, _), path = seen["attachments"], f"/tickets/{message.ticket_id}/attachments"
    answer = amelie.client.get(f"/api/v1{path}/{file['id']}")
    assert (answer.status_code, answer.data, answer.content_type) == (200, PNG, "image/png")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file["file_name"]}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    with office.database.reading(Scope(action="test", tenant_id=office.tenant_id)) as session:
        opened = session.scalars(select(Audit).where(Audit.action == "tickets.open_attachment")).one()
    assert (str(opened.entity_id), opened.actor_id) == (file["id"], amelie.id)
    assert lie_there(office) == [False, False]
    other = came(office)
    refused(amelie.client.get(f"/api/v1/tickets/{other.ticket_id}/attachments/{file['id']}"), 404, "not_found")
    refused(amelie.client.get(f"/api/v1{path}/{uuid4()}"), 404, "not_found")


def test_two_pictures_of_one_moment(office: Office, root: psycopg.Connection):
    """Fetched by two workers, each has a name of its own."""
    came(office, PNG, PDF)
    scope = Scope(action="test", tenant_id=office.tenant_id)
    file = FileStore(office.settings.files_folder).keep(office.tenant_id, PNG)
    first, second = (one.id for one in office.rows(MediaToFetch))

    def keep(session: Session, media_id: UUID) -> None:
        media.keep(session, media_id, file, FileType("image/png", "png"))

    with office.database.reading(scope) as session:
        keep(session, first)
        other = Meanwhile(lambda: office.database.run(scope, lambda session: keep(session, second)))
        eventually(lambda: blocked(root) or not other.thread.is_alive(), "the other waits")
        session.commit()
    other.result()

    assert {one.file_name[-6:] for one in office.rows(Attachment)} == {"-1.png", "-2.png"}


def test_what_is_not_taken_stops_nothing(office: Office, amelie: Staff):
    """A page, one that is gone: each refused by name, and left where it is; those beside them are fetched."""
    message = came(office, b"<html><script>", PNG, PDF, body="")
    gone = office.rows(MediaToFetch)[2]
    assert requests.delete(gone.url, auth=(office.sid, office.token), timeout=30).ok

    office.settle()

    seen = shown(amelie, message)
    assert [one["content_type"] for one in seen["attachments"]] == ["image/png"]
    assert [one["failure"] for one in seen["media"]] == ["type_not_taken", "gone"]
    assert lie_there(office) == [True, False, False]


def test_a_company_that_is_away_is_asked_again(office: Office, amelie: Staff):
    """The text is in its ticket meanwhile; after the last try the agent reads that it was not given."""
    office.company.admin("faults", rest={"error_500": 1.0})
    first = came(office, PNG)
    office.settle()
    assert shown(amelie, first)["media"] == [{"content_type": "image/png", "failure": None}]
    office.company.admin("faults", rest={})

    office.hurry("sms.media")
    office.settle()
    assert len(shown(amelie, first)["attachments"]) == 1

    office.company.admin("faults", rest={"error_500": 1.0})
    second = came(office, PNG, body="Encore")
    for _ in range(TOPICS["sms.media"].attempts):
        office.settle()
        office.hurry("sms.media")
    assert shown(amelie, second)["media"] == [{"content_type": "image/png", "failure": "not_fetched"}]
    assert len(list(office.settings.files_folder.rglob("*"))) == 2


def test_a_fault_of_ours_is_tried_again_too(office: Office, amelie: Staff):
    """Whatever it is: the row goes on to its next try, and the same file lies there once."""
    message = came(office, PNG)
    mend = office.breaks("attachment", "NEW.size_bytes > 0")
    with pytest.raises(JobFailed):
        office.settle()
    mend()

    office.hurry("sms.media")
    office.settle()

    assert len(shown(amelie, message)["attachments"]) == 1
    assert [one.is_file() for one in sorted(office.settings.files_folder.rglob("*"))] == [False, True]
