"""The Socket.IO object, its rooms, and the one way to push a frame."""

import logging
import queue
from typing import Any

import structlog
from flask_socketio import SocketIO
from redis import Redis, RedisError
from socketio import RedisManager

from contact.outbox import Frame

TEXT_BYTES_MAX = 65_536
CHANNEL = "flask-socketio"  # also that of processes that emit only, and of those an update is replacing
# One command for however many lines: a pipeline costs the client much more for each.
PUBLISH = "for n = 2, #ARGV do redis.call('publish', ARGV[1], ARGV[n]) end"
# Created before any process knows its settings; `serve` or `emit_only` gives it its message queue.
socketio = SocketIO()
log = structlog.get_logger()


class Frames(RedisManager):  # type: ignore[misc]
    """Tells the other processes in one round trip what came meanwhile; no request waits for that."""

    def __init__(self, url: str, channel: str) -> None:
        super().__init__(url, channel)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        # A client of its own: the one who listens makes its connection anew, and what it listens to with it.
        self._out = Redis.from_url(url)
        self._is_telling = False

    def _publish(self, data: Any) -> None:
        self._lines.put(self.json.dumps(data))
        if not self._is_telling:
            # Only now: this process may have been forked since it was made, and no page may ever come to it.
            self._is_telling = True
            self.server.start_background_task(self._tell)

    def _tell(self) -> None:
        try:
            while True:
                lines = [self._lines.get()]
                while not self._lines.empty():
                    lines.append(self._lines.get())
                try:
                    self._out.eval(PUBLISH, 0, self.channel, *lines)
                except RedisError as fault:
                    # Only hints are lost, and the next ones find a new connection.
                    log.warning("frames_lost", count=len(lines), fault=type(fault).__name__)
        finally:
            # Not even a fault of ours keeps the next ones from being told.
            self._is_telling = False


def serve(app: Any, redis_url: str | None, public_base_url: str, *, async_mode: str = "gevent") -> None:
    """Attach the socket to the web process. WebSocket only: with several processes, polling loses its way."""
    socketio.init_app(
        app,
        async_mode=async_mode,
        client_manager=Frames(redis_url, CHANNEL) if redis_url else None,
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
    socketio.init_app(None, async_mode="threading", message_queue=redis_url, channel=CHANNEL)


def push(frame: Frame, event: str = "changed") -> None:
    """Emit *frame* to its room. Best effort: screens refetch on reconnect and every 30 s anyway."""
    if socketio.server is None:
        return
    try:
        told = {"room": frame.room, "what": frame.what, "id": frame.id, "revision": frame.revision}
        socketio.emit(event, told, to=frame.room)
    except Exception:
        # Whatever it is: the change is committed, and whoever made it is told so. A queue that is gone raises nothing
        # here (`Frames`, and its base class): this is a fault of ours, told with its place.
        log.exception("frame_lost", room=frame.room)
