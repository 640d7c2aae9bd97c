"""What an agent does to calls, and the calls of a ticket."""

import base64
from typing import Any
from uuid import UUID

from flask import Response
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from config.sealing import unseal
from contact.api.context import about, house, off_hub
from contact.api.permissions import permission
from contact.domain.call_flow import CallStage
from contact.domain.errors import NoCall, NotFound
from contact.models import Call
from contact.queries import calls as reads
from contact.queries.shapes import Reader
from contact.schemas import calls as wire
from contact.services import assignments, dialling, lines

bp = Blueprint("calls", __name__, description="Telephone calls.")


@bp.post("/interactions/<uuid:interaction_id>/call/hold")
@permission("work.own")
@bp.arguments(wire.Hold)
@bp.response(200, wire.Call)
def hold_call(body: dict[str, bool], interaction_id: UUID) -> Any:
    """Put the citizen on hold with music, or take them back. 409 `no_call` when nobody is on the line."""

    def work(session: Session, reader: Reader) -> Any:
        call = _own_call(session, reader, interaction_id)
        if call.stage != CallStage.TALKING:
            raise NoCall()
        lines.hold(session, call, body["is_held"])
        return reads.view(call)

    return about("interaction", interaction_id, work)


@bp.post("/interactions/<uuid:interaction_id>/call/hang-up")
@permission("work.own")
@bp.response(204)
def hang_up(interaction_id: UUID) -> None:
    """End the call and begin wrap-up; asked again, nothing changes."""

    def work(session: Session, reader: Reader) -> None:
        found = assignments.of_interaction(session, interaction_id, reader.account_id)
        if found is not None:
            assignments.wrap(session, found.id, reader.account_id)

    about("interaction", interaction_id, work)


@bp.post("/tickets/<uuid:ticket_id>/calls")
@permission("work.own")
@bp.arguments(wire.NewCall)
@bp.response(201, wire.Call)
def call_citizen(body: dict[str, UUID], ticket_id: UUID) -> Any:
    """Call the citizen of a ticket: the agent's own telephone comes first, then theirs rings. 409 `cannot_call`."""

    def work(session: Session, reader: Reader) -> Any:
        call = dialling.call_citizen(session, ticket_id, reader.account_id, body["contact_point_id"])
        session.flush()
        return reads.view(call)

    return about("ticket", ticket_id, work)


@bp.get("/tickets/<uuid:ticket_id>/calls")
@permission("tickets.read")
@bp.response(200, wire.Calls)
def list_calls(ticket_id: UUID) -> Any:
    """The ticket's calls, newest first."""
    return {"items": about("ticket", ticket_id, lambda session, _reader: reads.history(session, ticket_id))}


@bp.get("/tickets/<uuid:ticket_id>/recordings/<uuid:recording_id>")
@permission("tickets.read")
@bp.response(200, {"type": "string", "format": "binary"}, content_type="audio/wav")
def play_recording(ticket_id: UUID, recording_id: UUID) -> Any:
    """What a citizen said after the tone."""
    sealed = about("ticket", ticket_id, lambda session, _reader: reads.sound(session, ticket_id, recording_id))
    if sealed is None:
        raise NotFound()
    sound = off_hub(_sound, house().settings.secret_key, sealed)
    return Response(sound, content_type="audio/wav", headers={"Content-Disposition": "inline; filename=message.wav"})


def _sound(secret_key: str, sealed: bytes) -> bytes:
    return base64.b64decode(unseal(secret_key, "recording", sealed))


def _own_call(session: Session, reader: Reader, interaction_id: UUID) -> Call:
    """The line of a conversation that the reader is in, locked.

    Raises:
        NoCall: they are not, or it has none.
    """
    found = assignments.locked_of(session, interaction_id, reader.account_id)
    call = lines.of_interaction(session, interaction_id) if found is not None else None
    if call is None:
        raise NoCall()
    return call
