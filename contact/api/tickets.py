"""Tickets, their messages and their history, for agents and supervisors."""

from typing import Any
from uuid import UUID

import structlog
from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from contact import audit
from contact.api.context import about, house, in_each_administration, off_hub
from contact.api.cursors import read_cursor, write_cursor
from contact.api.permissions import permission
from contact.domain.errors import NotFound
from contact.file_store import FileGone, FileStore
from contact.models import Attachment, Message
from contact.queries import explain, timeline
from contact.queries import tickets as reads
from contact.queries.shapes import Reader
from contact.schemas import supervision
from contact.schemas import ticket as wire
from contact.schemas.base import IdempotencyKey
from contact.services import replies, tickets
from contact.services.tickets import NewTicket

log = structlog.get_logger()
bp = Blueprint("tickets", __name__, description="Tickets, their messages and their history.")


@bp.get("/tickets")
@permission("tickets.read")
@bp.arguments(wire.TicketQuery, location="query")
@bp.response(200, wire.TicketList)
def list_tickets(query: dict[str, Any]) -> Any:
    """Tickets of the account's campaigns, newest first: its own, its queues', or those found by number or words."""
    most = query["limit"]
    wanted = reads.Filter(
        scope=query["scope"],
        state=query.get("state"),
        campaign_id=query.get("campaign_id"),
        words=query.get("q"),
        before=read_cursor(query.get("cursor")),
        most=most + 1,
    )
    rows = in_each_administration(lambda session, reader: reads.ticket_rows(session, reader, wanted))
    rows.sort(key=lambda row: row["place"], reverse=True)
    page = rows[:most]
    more = write_cursor(*page[-1]["place"]) if len(rows) > most else None
    return {"items": page, "next_cursor": more}


@bp.post("/tickets")
@permission("tickets.write")
@bp.arguments(wire.NewTicket)
@bp.arguments(IdempotencyKey, location="headers")
@bp.response(201, wire.Ticket)
def create_ticket(body: dict[str, Any], headers: dict[str, str]) -> Any:
    """Write down a matter for a citizen; the account owns it."""
    new = NewTicket(key=headers["key"], **body)

    def work(session: Session, reader: Reader) -> Any:
        made = tickets.create(session, reader.account_id, new)
        session.flush()
        return reads.whole_ticket(session, reader, made.id)

    return about("campaign", body["campaign_id"], work)


@bp.get("/tickets/<uuid:ticket_id>")
@permission("tickets.read")
@bp.response(200, wire.Ticket)
def read_ticket(ticket_id: UUID) -> Any:
    """A ticket with its citizen, conversations and what the account may do with it."""
    return about("ticket", ticket_id, lambda session, reader: reads.whole_ticket(session, reader, ticket_id))


@bp.patch("/tickets/<uuid:ticket_id>")
@permission("tickets.write")
@bp.arguments(wire.TicketChange)
@bp.response(200, wire.Ticket)
def edit_ticket(body: dict[str, Any], ticket_id: UUID) -> Any:
    """Change state, priority, topic or subject. 409 `conflict` when somebody else did first."""
    version = body.pop("version")

    def work(session: Session, reader: Reader) -> Any:
        tickets.edit(session, ticket_id, version, body)
        return reads.whole_ticket(session, reader, ticket_id)

    return about("ticket", ticket_id, work)


@bp.get("/tickets/<uuid:ticket_id>/messages")
@permission("tickets.read")
@bp.arguments(wire.Since, location="query")
@bp.response(200, wire.MessageList)
def list_messages(query: dict[str, int], ticket_id: UUID) -> Any:
    """The messages after `since`, in order."""

    def read(session: Session, _: Reader) -> dict[str, Any]:
        items, last_seq = timeline.messages_since(session, ticket_id, query["since"], query["limit"])
        return {"items": items, "last_seq": last_seq}

    return about("ticket", ticket_id, read)


@bp.post("/tickets/<uuid:ticket_id>/messages")
@permission("tickets.write")
@bp.arguments(wire.Body)
@bp.arguments(IdempotencyKey, location="headers")
@bp.response(201, wire.Message)
def reply(body: dict[str, str], headers: dict[str, str], ticket_id: UUID) -> Any:
    """Answer the citizen on the channel they last wrote from."""

    def work(session: Session, reader: Reader) -> Any:
        return _view(session, replies.reply(session, ticket_id, reader.account_id, body["body"], headers["key"]))

    return about("ticket", ticket_id, work)


@bp.post("/tickets/<uuid:ticket_id>/notes")
@permission("tickets.write")
@bp.arguments(wire.Body)
@bp.arguments(IdempotencyKey, location="headers")
@bp.response(201, wire.Message)
def add_note(body: dict[str, str], headers: dict[str, str], ticket_id: UUID) -> Any:
    """Write something for colleagues; the citizen never sees it."""

    def work(session: Session, reader: Reader) -> Any:
        return _view(session, replies.note(session, ticket_id, reader.account_id, body["body"], headers["key"]))

    return about("ticket", ticket_id, work)


@bp.put("/tickets/<uuid:ticket_id>/draft")
@permission("tickets.write")
@bp.arguments(wire.DraftBody)
@bp.response(204)
def save_draft(body: dict[str, str], ticket_id: UUID) -> None:
    """Keep what is being typed; empty text forgets it."""
    about(
        "ticket",
        ticket_id,
        lambda session, reader: replies.save_draft(session, ticket_id, reader.account_id, body["body"]),
    )


@bp.post("/tickets/<uuid:ticket_id>/read")
@permission("tickets.write")
@bp.arguments(wire.ReadMark)
@bp.response(204)
def mark_read(body: dict[str, int], ticket_id: UUID) -> None:
    """The account has seen everything up to `seq`."""
    about(
        "ticket",
        ticket_id,
        lambda session, reader: replies.mark_read(session, ticket_id, body["seq"], reader.account_id),
    )


@bp.get("/tickets/<uuid:ticket_id>/attachments/<uuid:attachment_id>")
@permission("tickets.read")
@bp.response(200, {"type": "string", "format": "binary"}, content_type="*/*")
def open_attachment(ticket_id: UUID, attachment_id: UUID) -> Any:
    """What came with a message, to be saved and not shown by the browser. Who opened it is recorded."""

    def work(session: Session, _: Reader) -> Attachment:
        found = timeline.attachment(session, ticket_id, attachment_id)
        if found is None:
            raise NotFound()
        audit.record(session, "tickets.open_attachment", "attachment", attachment_id)
        session.flush()
        session.expunge(found)
        return found

    file = about("ticket", ticket_id, work)
    try:
        content = off_hub(FileStore(house().settings.files_folder).read, file.store_key, file.sha256)
    except FileGone as fault:
        log.error("file_gone", attachment_id=str(attachment_id))
        raise NotFound() from fault
    headers = {
        "Content-Disposition": f'attachment; filename="{file.file_name}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content, content_type=file.content_type, headers=headers)


@bp.get("/tickets/<uuid:ticket_id>/history")
@permission("tickets.read")
@bp.arguments(wire.HistoryQuery, location="query")
@bp.response(200, wire.History)
def read_history(query: dict[str, Any], ticket_id: UUID) -> Any:
    """Who changed what, newest first."""
    most = query["limit"]

    def read(session: Session, _: Reader) -> dict[str, Any]:
        rows = timeline.history(session, ticket_id, query.get("cursor"), most + 1)
        return {"items": rows[:most], "next_cursor": str(rows[most - 1]["id"]) if len(rows) > most else None}

    return about("ticket", ticket_id, read)


@bp.get("/tickets/<uuid:ticket_id>/routing")
@permission("tickets.read")
@bp.response(200, supervision.RoutingExplained)
def explain_routing(ticket_id: UUID) -> Any:
    """Why it waits, whom it may go to, and why each past offer went where it went."""
    return about("ticket", ticket_id, lambda session, reader: explain.explain(session, reader, ticket_id))


def _view(session: Session, message: Message) -> dict[str, Any]:
    session.flush()
    items, _ = timeline.messages_since(session, message.ticket_id, message.seq - 1, 1)
    if not items:
        raise NotFound()
    return items[0]
