"""The ordinary message of a chat in one statement: somebody waits for it or serves it, and nothing else changes."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from contact import scope as scopes
from contact.domain.rooms import conversation_room, person_room, ticket_room
from contact.domain.vocabulary import MessageKind, MessageState
from contact.models import Message, new_id
from contact.outbox import announce
from contact.scope import Scope
from contact.services.chat import digest

_RECEIVE = text(
    "SELECT * FROM receive_chat_message(:address, :digest, :body, :key, :message_id, :audit_id, :action, :request_id)"
)


def receive(session: Session, address: str, token: str, body: str, key: str) -> Message | None:
    """The citizen's next words in the chat at *address*; None, and nothing has changed, when `chat.write` must decide.

    That is so for whoever is unknown or has no conversation, for a key that came before, and for words that make a
    ticket or a conversation open again. The rows left behind are those of `chat.write`.
    """
    scope: Scope = session.info["scope"]
    told = session.execute(
        _RECEIVE,
        {
            "address": address,
            "digest": digest(token),
            "body": body,
            "key": key,
            "message_id": (message_id := new_id()),
            "audit_id": new_id(),
            "action": scope.action,
            "request_id": scope.request_id,
        },
    ).one_or_none()
    if told is None:
        return None
    scopes.enter(session, tenant_id=told.tenant_id, is_told=True)
    announce(session, ticket_room(told.ticket_id), "messages", told.ticket_id, told.seq)
    announce(session, conversation_room(told.interaction_id), "messages", told.interaction_id, told.seq)
    if told.agent_id is not None:
        announce(session, person_room(told.agent_id), "work")
    return Message(
        id=message_id,
        seq=told.seq,
        message_kind=MessageKind.CITIZEN,
        body=body,
        created_at=told.created_at,
        client_key=key,
        state=MessageState.RECEIVED,
    )
