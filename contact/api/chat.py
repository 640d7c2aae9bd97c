"""The citizen's side of a web chat. The cookie is the only key; the address in the path decides the administration."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, g, request
from flask_smorest import Blueprint
from sqlalchemy import text
from sqlalchemy.orm import Session

from config.logging import bind
from contact import scope as scopes
from contact.api.context import house, request_id
from contact.api.limits import VISITOR_COOKIE, limiter, per_address, per_visitor
from contact.api.permissions import public
from contact.api.tokens import SOCKET_TOKEN_SECONDS, socket_token
from contact.domain.errors import NoConversation, NotFound, TooMany
from contact.domain.vocabulary import Channel, MessageKind, MessageState
from contact.models import Campaign, Endpoint, Interaction, Visitor
from contact.queries import conversation as reads
from contact.schemas import chat as wire
from contact.schemas.account import SocketToken
from contact.schemas.base import IdempotencyKey
from contact.schemas.ticket import ReadMark, Since
from contact.scope import Scope
from contact.services import chat, chat_line
from contact.services.chat import Opening
from contact.services.chat_line import MESSAGES_MAX, MESSAGES_SECONDS, Line, Received
from contact.unit_of_work import push_all

bp = Blueprint("chat", __name__, description="Web chat, as the citizen's page uses it.")
Result = TypeVar("Result")
_CHAT = text(
    "SELECT tenant_id, endpoint_id, set_config('app.tenant', tenant_id::text, true)"
    " FROM endpoint_by_address(:channel, :address)"
)


@bp.get("/chat/<string:address>")
@public
@bp.response(200, wire.ChatPage)
def read_page(address: str) -> Any:
    """What the page needs before the first word."""

    return at(address, reads.welcome)


@bp.post("/chat/<string:address>/visitor")
@public
@limiter.limit("600 per minute", key_func=per_address)
@bp.response(204)
def greet(address: str) -> None:
    """Give the browser its resume token, in a cookie of this chat alone; one that is still good is kept."""
    hours = house().settings.visitor_hours

    def work(session: Session, endpoint: Endpoint) -> str | None:
        token = request.cookies.get(VISITOR_COOKIE)
        if token and chat.recognise(session, endpoint.id, token):
            return None
        return chat.greet(session, endpoint, hours)

    g.new_visitor = at(address, work)


@bp.delete("/chat/<string:address>/visitor")
@public
@bp.response(204)
def forget(address: str) -> None:
    """Erase the conversation from this device: the browser forgets its token."""
    at(address, lambda _session, _endpoint: None)
    g.new_visitor = ""


@bp.post("/chat/<string:address>/conversation")
@public
@limiter.limit("30 per minute", key_func=per_visitor)
@limiter.limit("300 per minute", key_func=per_address)
@bp.arguments(wire.Opening)
@bp.arguments(IdempotencyKey, location="headers")
@bp.response(201, wire.Conversation)
def start(body: dict[str, Any], headers: dict[str, str], address: str) -> Any:
    """Open a ticket with the first words; from here the citizen waits for an agent."""
    opening = Opening(key=headers["key"], **body)

    def work(session: Session, visitor: Visitor) -> dict[str, Any]:
        endpoint = session.get_one(Endpoint, visitor.endpoint_id)
        interaction = chat.start(session, visitor, session.get_one(Campaign, endpoint.campaign_id), opening)
        session.flush()
        return reads.conversation(session, interaction)

    return _as_visitor(address, work)


@bp.get("/chat/<string:address>/conversation")
@public
@bp.response(200, wire.Conversation)
def read_conversation(address: str) -> Any:
    """Where the conversation stands: waiting (and at which place), active, paused, ended."""
    return _as_visitor(address, lambda session, visitor: reads.conversation(session, _current(session, visitor)))


@bp.get("/chat/<string:address>/messages")
@public
@bp.arguments(Since, location="query")
@bp.response(200, wire.ChatMessages)
def list_messages(query: dict[str, int], address: str) -> Any:
    """The messages after `since`, in order."""

    def read(session: Session, visitor: Visitor) -> dict[str, Any]:
        current = _current(session, visitor)
        items, last_seq = reads.messages_since(session, current, query["since"], query["limit"])
        return {"items": items, "last_seq": last_seq}

    return _as_visitor(address, read)


@bp.post("/chat/<string:address>/messages")
@public
@bp.arguments(wire.ChatBody())
@bp.arguments(IdempotencyKey(), location="headers")
@bp.response(201, wire.ChatMessage)
def write(body: dict[str, str], headers: dict[str, str], address: str) -> Any:
    """Say something. After a pause or an end, the conversation waits for an agent again."""
    said, key = body["body"], headers["key"]
    _refuse_unaskable(address)
    token = request.cookies.get(VISITOR_COOKIE)
    told = _in_line(address, Line(token, said, key, request_id())) if token else None
    if told is None:
        return _write_alone(address, said, key)
    if told.seq is None:
        raise TooMany()
    bind(tenant_id=str(told.tenant_id))
    push_all(told.frames)
    return _kept(told, said, key)


def _kept(told: Received, said: str, key: str) -> Response:
    """A `wire.ChatMessage` without the way through the schema: of all answers, peaks consist of this one."""
    view = {
        "id": str(told.id),
        "seq": told.seq,
        "kind": MessageKind.CITIZEN,
        "code": None,
        "body": said,
        "author_name": None,
        "created_at": told.created_at.isoformat(),
        "key": key,
        "state": MessageState.RECEIVED,
    }
    return Response(json.dumps(view), 201, mimetype="application/json")


@limiter.limit(f"{MESSAGES_MAX} per {MESSAGES_SECONDS} seconds", key_func=per_visitor)
def _write_alone(address: str, said: str, key: str) -> dict[str, Any]:
    """What is more than one more message in a conversation under way."""
    return reads.message_view(_as_visitor(address, lambda session, visitor: chat.write(session, visitor, said, key)))


def _in_line(address: str, line: Line) -> Received | None:
    """What becomes of *line*, said together with what others say in this chat in this moment."""
    own, action = house(), str(request.endpoint)
    ask = partial(own.database.ask, action)

    def receive(lines: list[Line]) -> list[Received | None]:
        return chat_line.receive(ask, address, lines, action=action, is_limited=own.settings.has_limits)

    return own.chats.ask(address, line, receive)


@bp.post("/chat/<string:address>/read")
@public
@bp.arguments(ReadMark)
@bp.response(204)
def mark_read(body: dict[str, int], address: str) -> None:
    """The citizen has seen everything up to `seq`."""
    _as_visitor(address, lambda session, visitor: chat.mark_read(session, visitor, body["seq"]))


@bp.post("/chat/<string:address>/end")
@public
@bp.response(200, wire.Conversation)
def end(address: str) -> Any:
    """End the conversation; writing again takes it up again."""

    def work(session: Session, visitor: Visitor) -> dict[str, Any]:
        interaction = chat.leave(session, visitor)
        session.flush()
        return reads.conversation(session, interaction)

    return _as_visitor(address, work)


@bp.post("/chat/<string:address>/socket-token")
@public
@bp.response(200, SocketToken)
def give_socket_token(address: str) -> dict[str, Any]:
    """A token that opens one socket, for a minute."""

    def told(_: Session, visitor: Visitor) -> dict[str, str]:
        return {"visitor": str(visitor.id), "tenant": str(visitor.tenant_id)}

    return {"token": socket_token(_as_visitor(address, told)), "expires_in_seconds": SOCKET_TOKEN_SECONDS}


def send_cookie(response: Response) -> Response:
    """Set or clear the visitor's cookie as the view decided; it goes to this chat's own path only."""
    token = g.pop("new_visitor", None)
    if token is not None:
        settings = house().settings
        response.set_cookie(
            VISITOR_COOKIE,
            token,
            max_age=int(settings.visitor_hours * 3600) if token else 0,
            path=request.path.removesuffix("/visitor"),
            secure=settings.has_secure_cookies,
            httponly=True,
            samesite="Lax",
        )
    return response


def at(address: str, work: Callable[[Session, Endpoint], Result]) -> Result:
    """Run *work* in the administration whose chat this is.

    Raises:
        NotFound: no chat has this address.
    """
    return _in_chat(address, lambda session, endpoint_id: work(session, session.get_one(Endpoint, endpoint_id)))


def _as_visitor(address: str, work: Callable[[Session, Visitor], Result]) -> Result:
    """Run *work* as the visitor who holds the cookie.

    Raises:
        NotFound: no chat has this address.
        NoConversation: there is no cookie, or it is no longer good.
    """

    def recognised(session: Session, endpoint_id: UUID) -> Result:
        token = request.cookies.get(VISITOR_COOKIE)
        visitor = chat.recognise(session, endpoint_id, token) if token else None
        if visitor is None:
            raise NoConversation()
        scopes.act_as(session, "visitor", visitor.id)
        return work(session, visitor)

    return _in_chat(address, recognised)


def _in_chat(address: str, work: Callable[[Session, UUID], Result]) -> Result:
    _refuse_unaskable(address)

    def resolved(session: Session) -> Result:
        # The administration is told to the database in the statement that finds it.
        found = session.execute(_CHAT, {"channel": Channel.CHAT, "address": address}).one_or_none()
        if found is None:
            raise NotFound()
        scopes.enter(session, tenant_id=found.tenant_id, is_told=True)
        return work(session, found.endpoint_id)

    return house().database.run(_told(), resolved)


def _told() -> Scope:
    return Scope(action=str(request.endpoint), actor_kind="visitor", request_id=request_id())


def _refuse_unaskable(address: str) -> None:
    if "\x00" in address:
        # PostgreSQL could not even be asked.
        raise NotFound()


def _current(session: Session, visitor: Visitor) -> Interaction:
    interaction = chat.current(session, visitor)
    if interaction is None:
        raise NoConversation()
    return interaction
