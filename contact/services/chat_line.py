"""The ordinary messages of a chat in one statement: somebody waits for each or serves it, and nothing else changes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from contact import scope as scopes
from contact.domain.rooms import conversation_room, person_room, ticket_room
from contact.models import new_id
from contact.outbox import announce
from contact.scope import Scope
from contact.services.chat import digest

# One citizen in one conversation may send so many messages in so many seconds.
MESSAGES_MAX, MESSAGES_SECONDS = 20, 20
_RECEIVE = text(
    "SELECT * FROM receive_chat_messages(:address, :action, :most, make_interval(secs => :seconds), :lines)"
)


@dataclass(frozen=True, slots=True)
class Line:
    """What the holder of *token* says."""

    token: str
    body: str
    key: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is kept; one without a *seq* is not: its sender has sent too many."""

    tenant_id: UUID
    id: UUID
    seq: int | None
    created_at: datetime


def receive(session: Session, address: str, lines: Sequence[Line], *, is_limited: bool) -> list[Received | None]:
    """Citizens' next words in the chat at *address*; None, and nothing has changed, where `chat.write` must decide.

    That is so for whoever is unknown or has no conversation, for a key that came before (also in these lines), for
    words that make a ticket or a conversation open again, and where somebody else is at work on the ticket. The rows
    left behind are those of `chat.write`.
    """
    scope: Scope = session.info["scope"]
    ids = [new_id() for _ in lines]
    told = session.execute(
        _RECEIVE,
        {
            "address": address,
            "action": scope.action,
            "most": MESSAGES_MAX if is_limited else None,
            "seconds": MESSAGES_SECONDS,
            "lines": json.dumps([_wire(id, line) for id, line in zip(ids, lines, strict=True)]),
        },
    ).all()
    found: dict[UUID, Received] = {}
    for row in told:
        found[row.message_id] = Received(row.tenant_id, row.message_id, row.seq, row.created_at)
        if row.seq is not None:
            announce(session, ticket_room(row.ticket_id), "messages", row.ticket_id, row.seq)
            announce(session, conversation_room(row.interaction_id), "messages", row.interaction_id, row.seq)
        if row.agent_id is not None:
            announce(session, person_room(row.agent_id), "work")
    if told:
        scopes.enter(session, tenant_id=told[0].tenant_id, is_told=True)
    return [found.get(id) for id in ids]


def _wire(id: UUID, line: Line) -> dict[str, str]:
    return {
        "message_id": str(id),
        "audit_id": str(new_id()),
        "digest": digest(line.token).hex(),
        "body": line.body,
        "key": line.key,
        "request_id": line.request_id,
    }
