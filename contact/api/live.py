"""The socket's only three events, join, typing and beat: authorise, limit, one unit of work."""

import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from flask import request
from flask_socketio import ConnectionRefusedError, disconnect, join_room, leave_room
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import metrics
from config.logging import clear
from contact import scope as scopes
from contact.api import beats, refusals
from contact.api.context import house
from contact.api.tokens import read_socket_token
from contact.domain.errors import DomainError, Forbidden, InvalidRequest, NotFound, SchemaBehind
from contact.domain.rooms import conversation_room, person_room, ticket_room, wallboard_room
from contact.domain.vocabulary import Channel, InteractionState, Role
from contact.health import refuse_older_schema
from contact.models import Interaction, Ticket, Visitor
from contact.realtime import socketio
from contact.scope import Scope
from contact.services import chat

TICKET_ROOMS_MAX = 20
TYPING_SECONDS = 3.0
log = structlog.get_logger()


@dataclass(slots=True)
class Peer:
    """Who is at the other end of one socket of this process."""

    account_id: UUID | None = None
    epoch: int = 0
    role: str = ""
    outsourcer_id: UUID | None = None
    visitor_id: UUID | None = None
    tenant_id: UUID | None = None
    rooms: dict[str, UUID] = field(default_factory=dict)
    typed_at: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    beat_at: float = 0.0
    asked_at: float = 0.0

    def scope(self, action: str) -> Scope:
        who = ("account", self.account_id) if self.account_id else ("visitor", self.visitor_id)
        return Scope(
            action=action,
            actor_kind=who[0],
            actor_id=who[1],
            account_id=self.account_id,
            outsourcer_id=self.outsourcer_id,
            tenant_id=self.tenant_id,
        )


peers: dict[str, Peer] = {}


@socketio.on("connect")
def connect(auth: Any = None) -> None:
    """Only with a token that a signed-in page or a recognised visitor has just been given."""
    try:
        refuse_older_schema(house().database, house().condition)
    except SchemaBehind as behind:
        raise ConnectionRefusedError(behind.code) from behind
    if request.sid in peers:  # type: ignore[attr-defined]
        # The page sent this word itself. With another's token its socket would outlive its own rights.
        disconnect()
        return
    told = read_socket_token(auth.get("token") if isinstance(auth, dict) else None)
    if told is None:
        raise ConnectionRefusedError("not_signed_in")
    if "account" in told:
        outsourcer = UUID(told["outsourcer"]) if told["outsourcer"] else None
        peer = Peer(UUID(told["account"]), told["epoch"], told["role"], outsourcer)
        join_room(person_room(peer.account_id))  # type: ignore[arg-type]
    else:
        peer = Peer(visitor_id=UUID(told["visitor"]), tenant_id=UUID(told["tenant"]))
    # A moment of their own: should thousands answer together, nothing else is heard for half a second.
    peer.asked_at = time.monotonic() - random.uniform(0, house().settings.beat_seconds)
    peers[request.sid] = peer  # type: ignore[attr-defined]
    _count("socket_opened", peer, 1)


@socketio.on("disconnect")
def gone(_reason: Any = None) -> None:
    """Only forget the socket: presence ends by silence, never by a disconnect."""
    sid = request.sid  # type: ignore[attr-defined]
    forget(sid)
    if socketio.server.manager.is_connected(sid, "/"):
        # The page sent this word itself. Its socket would stay in its rooms, and nobody would look after it.
        disconnect()


@socketio.on("join")
def join(asked: Any = None) -> dict[str, Any]:
    """Enter a room one may read; the answer's `last_seq` tells what to fetch."""
    peer = peers.get(request.sid)  # type: ignore[attr-defined]
    if peer is None:
        return {"ok": False, "code": Forbidden.code}
    try:
        room = _room(asked)
        kind, _, name = room.partition(":")
        last_seq = _ENTRANCES[kind](peer, room, name)
    except (Forbidden, NotFound) as refused:
        thing = (_ENTITIES[kind], UUID(name)) if kind in _ENTITIES else None
        refusals.record(peer.scope("live.join"), refused.code, thing)
        return {"ok": False, "code": refused.code}
    except (DomainError, ValueError, KeyError) as refused:
        return {"ok": False, "code": getattr(refused, "code", "invalid_request")}
    if room != "wallboard":
        join_room(room)
    return {"ok": True, "last_seq": last_seq}


@socketio.on("typing")
def typing(asked: Any = None) -> None:
    """Tell the other side, at most once in three seconds; never stored."""
    peer = peers.get(request.sid)  # type: ignore[attr-defined]
    room = asked.get("room") if isinstance(asked, dict) else None
    if peer is None or not isinstance(room, str) or room not in peer.rooms:
        return
    now = time.monotonic()
    if now - peer.typed_at[room] < TYPING_SECONDS * 0.9:
        return
    peer.typed_at[room] = now
    who = "agent" if peer.account_id else "citizen"
    told = {"who": who}
    if who == "citizen":
        other = ticket_room(peer.rooms[room])
        socketio.emit("typing", told | {"room": other}, to=other)
        return
    socketio.emit("typing", told | {"room": room}, to=room, skip_sid=request.sid)  # type: ignore[attr-defined]
    for interaction_id in house().database.run(peer.scope("typing"), lambda session: _chats(session, peer, room)):
        other = conversation_room(interaction_id)
        socketio.emit("typing", told | {"room": other}, to=other)


def to_be_asked(now: float, seconds: float) -> list[str]:
    """The sockets that were last asked so long ago; they count as asked."""
    due = [(sid, peer) for sid, peer in peers.items() if now - peer.asked_at >= seconds]
    for _, peer in due:
        peer.asked_at = now - (now - peer.asked_at) % seconds
    return [sid for sid, _ in due]


@socketio.on("beat")
def beat(_told: Any = None) -> None:
    """The page is alive: it answers the server's `beat?`."""
    peer = peers.get(request.sid)  # type: ignore[attr-defined]
    now = time.monotonic()
    if peer is None or now - peer.beat_at < house().settings.beat_seconds / 2:
        return
    peer.beat_at = now
    if peer.role == Role.AGENT and peer.account_id and peer.outsourcer_id:
        beats.agent(peer.outsourcer_id, peer.account_id)
    elif peer.visitor_id and peer.tenant_id:
        beats.visitor(peer.tenant_id, peer.visitor_id)


def _count(event: str, peer: Peer, change: int) -> None:
    """Log and count a socket that came or went."""
    who = peer.scope("socket")
    clear()
    log.info(event, who=who.actor_kind, **{f"{who.actor_kind}_id": str(who.actor_id)}, sockets=len(peers))
    metrics.sockets_open.labels(who.actor_kind).inc(change)


def forget(sid: str) -> None:
    peer = peers.pop(sid, None)
    if peer is not None:
        _count("socket_closed", peer, -1)


def _room(asked: Any) -> str:
    room = asked.get("room") if isinstance(asked, dict) else None
    if not isinstance(room, str) or len(room) > 80:
        raise InvalidRequest()
    return room


def _enter_ticket(peer: Peer, room: str, name: str) -> int:
    """For agents and supervisors with a grant to the ticket's campaign. The oldest room is left beyond the limit."""
    ticket_id, account_id = UUID(name), peer.account_id
    if account_id is None:
        raise NotFound()

    def find(session: Session) -> tuple[int, UUID]:
        tenant_id = session.scalar(select(func.tenant_of("ticket", ticket_id)))
        if tenant_id is None:
            raise NotFound()
        scopes.enter(session, tenant_id=tenant_id)
        return session.execute(select(Ticket.last_seq).where(Ticket.id == ticket_id)).scalar_one(), tenant_id

    last_seq, tenant_id = house().database.run(peer.scope("join"), find)
    peer.rooms.pop(room, None)
    peer.rooms[room] = tenant_id
    while len(peer.rooms) > TICKET_ROOMS_MAX:
        oldest = next(iter(peer.rooms))
        del peer.rooms[oldest]
        leave_room(oldest)
    return last_seq


def _enter_conversation(peer: Peer, room: str, name: str) -> int:
    """For the visitor whose conversation it is."""
    interaction_id, visitor_id = UUID(name), peer.visitor_id
    if visitor_id is None:
        raise NotFound()

    def find(session: Session) -> tuple[int, UUID]:
        visitor = session.get(Visitor, visitor_id)
        current = chat.current(session, visitor) if visitor else None
        if current is None or current.id != interaction_id:
            raise NotFound()
        return session.get_one(Ticket, current.ticket_id).last_seq, current.ticket_id

    last_seq, ticket_id = house().database.run(peer.scope("join"), find)
    peer.rooms[room] = ticket_id
    return last_seq


def _enter_wallboard(peer: Peer, _room: str, name: str) -> int:
    """For supervisors: their own outsourcer's, which is not asked for by name."""
    if name or peer.role != Role.SUPERVISOR or peer.outsourcer_id is None:
        raise Forbidden()
    join_room(wallboard_room(peer.outsourcer_id))
    return 0


_ENTRANCES = {"ticket": _enter_ticket, "conversation": _enter_conversation, "wallboard": _enter_wallboard}
# What the name behind a room's kind is the id of.
_ENTITIES = {"ticket": "ticket", "conversation": "interaction"}


def _chats(session: Session, peer: Peer, room: str) -> list[UUID]:
    """The open chats of the ticket whose room the agent is in."""
    scopes.enter(session, tenant_id=peer.rooms[room])
    return list(
        session.scalars(
            select(Interaction.id).where(
                Interaction.ticket_id == UUID(room.partition(":")[2]),
                Interaction.channel == Channel.CHAT,
                Interaction.state == InteractionState.OPEN,
            )
        )
    )
