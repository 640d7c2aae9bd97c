"""The Socket.IO object, its rooms, and the one way to push a frame."""

import logging
from typing import Any

import structlog
from flask_socketio import SocketIO

from contact.outbox import Frame

TEXT_BYTES_MAX = 65_536
# Created before any process knows its settings; `serve` or `emit_only` gives it its message queue.
socketio = SocketIO()
log = structlog.get_logger()


def serve(app: Any, redis_url: str | None, public_base_url: str, *, async_mode: str = "gevent") -> None:
    """Attach the socket to the web process. WebSocket only: with several processes, polling loses its way."""
    socketio.init_app(
        app,
        async_mode=async_mode,
        message_queue=redis_url,
        transports=["websocket"],
        cors_allowed_origins=[public_base_url],
        always_connect=True,
        max_http_buffer_size=TEXT_BYTES_MAX,
        # Loggers of their own would print plain lines.
        logger=logging.getLogger("socketio"),
        engineio_logger=logging.getLogger("engineio"),
    )


def emit_only(redis_url: str) -> None:
    """For the dispatcher, the workers: frames go out through Redis."""
    socketio.init_app(None, async_mode="threading", message_queue=redis_url)


def push(frame: Frame, event: str = "changed") -> None:
    """Emit *frame* to its room. Best effort: screens refetch on reconnect and every 30 s anyway."""
    if socketio.server is None:
        return
    try:
        told = {"room": frame.room, "what": frame.what, "id": frame.id, "revision": frame.revision}
        socketio.emit(event, told, to=frame.room)
    except Exception as fault:
        # Whatever the queue's client raises: the change is committed, only the hint is lost.
        log.warning("frame_lost", room=frame.room, fault=type(fault).__name__)
