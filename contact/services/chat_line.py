"""The ordinary messages of a chat in one statement: somebody waits for each or serves it, and nothing else changes."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Row, text

from contact.domain.rooms import conversation_room, person_room, ticket_room
from contact.models import new_id
from contact.outbox import Frame
from contact.services.chat import digest

# One citizen in one conversation may send so many messages in so many seconds.
MESSAGES_MAX, MESSAGES_SECONDS = 20, 20
_RECEIVE = text(
    "SELECT * FROM receive_chat_messages(:address, :action, :most, make_interval(secs => :seconds), :lines)"
)


class Line:
    """What the holder of *token* says, in the statement's form: whoever says it makes it while others are served."""

    __slots__ = ("id", "told")

    def __init__(self, token: str, body: str, key: str, request_id: str) -> None:
        self.id = new_id()
        self.told = json.dumps(
            {
                "message_id": str(self.id),
                "audit_id": str(new_id()),
                "digest": digest(token).hex(),
                "body": body,
                "key": key,
                "request_id": request_id,
            }
        )


@dataclass(frozen=True, slots=True)
class Received:
    """A message that is kept; one without a *seq* is not: its sender has sent too many. *frames* are pushed for it."""

    tenant_id: UUID
    id: UUID
    seq: int | None
    created_at: datetime
    frames: tuple[Frame, ...]


def receive(
    ask: Callable[[Executable, dict[str, Any]], Sequence[Row[Any]]],
    address: str,
    lines: Sequence[Line],
    *,
    action: str,
    is_limited: bool,
) -> list[Received | None]:
    """Citizens' next words in the chat at *address*; None, and nothing has changed, where `chat.write` must decide.

    That is so for whoever is unknown or has no conversation, for a key that came before (also in these lines), for
    words that make a ticket or a conversation open again, and where somebody else is at work on the ticket. The rows
    left behind are those of `chat.write`. *ask* runs one statement, a transaction of its own.
    """
    told = ask(
        _RECEIVE,
        {
            "address": address,
            "action": action,
            "most": MESSAGES_MAX if is_limited else None,
            "seconds": MESSAGES_SECONDS,
            "lines": f"[{','.join(line.told for line in lines)}]",
        },
    )
    found = {row.message_id: row for row in told}
    return [_received(found[line.id]) if line.id in found else None for line in lines]


def _received(row: Row[Any]) -> Received:
    frames: list[Frame] = []
    if row.seq is not None:
        for room, id in ((ticket_room, row.ticket_id), (conversation_room, row.interaction_id)):
            frames.append(Frame(room(id), "messages", str(id), row.seq))
    if row.agent_id is not None:
        frames.append(Frame(person_room(row.agent_id), "work"))
    return Received(row.tenant_id, row.message_id, row.seq, row.created_at, tuple(frames))
