"""How gunicorn serves the web process: gevent, WebSocket only, and a goodbye to every page before it goes down."""

import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import gevent
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from config.logging import catch_all, configure, log_uncaught
from config.settings import Settings

_settings = Settings.from_env()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_processes
worker_connections = 10_000
graceful_timeout = _settings.web_stop_seconds
control_socket_disable = True
# A worker whose hub has not turned for this long is killed and started again.
timeout = 30
keepalive = 75
accesslog = None
errorlog = "-"
loglevel = "warning"

DOOR_SECONDS = 1.2
MOVE_SECONDS = 3.0


class logger_class(Logger):
    """Gunicorn's lines in the form of all others."""

    def setup(self, cfg: Any) -> None:
        configure("web", _settings.log_level)
        catch_all()
        self.cfg = cfg
        self._access_log_enabled = False
        self.error_log.setLevel(logging.WARNING)
        self.error_log.propagate = True


class Worker(GeventWorker):  # type: ignore[misc]
    """Gunicorn's, which on its way down also lets go of connections on which nothing is asked."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.clients: dict[Any, Any] = {}
        self.quiet: set[Any] = set()

    def handle(self, listener: Any, client: Any, address: Any) -> None:
        """One connection, from its first request to its last."""
        self.clients[gevent.getcurrent()] = client
        try:
            super().handle(listener, client, address)
        finally:
            del self.clients[gevent.getcurrent()]

    @contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Around the wait for the connection's next request."""
        client = self.clients[gevent.getcurrent()]
        self.quiet.add(client)
        try:
            with super().timeout_ctx():
                yield
        finally:
            self.quiet.discard(client)

    def let_go(self) -> None:
        """Read no more from quiet connections: what has already come is still answered, then they close."""
        for client in list(self.quiet):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RD)

    def leave(self, stop: Callable[[], object]) -> None:
        """Fail readiness, accept no more, let the pages move elsewhere; gunicorn waits for requests in hand."""
        # Imported here: gunicorn reads this file in the parent, before the worker patches the standard library.
        from contact.api import live_loops

        self.wsgi.extensions["guichet"].condition.is_leaving = True
        gevent.sleep(_settings.drain_seconds)
        stop()
        # Within a second gunicorn closes the door: who moves now meets our successor, not us.
        gevent.sleep(DOOR_SECONDS)
        live_loops.close_all(MOVE_SECONDS)
        self.let_go()


worker_class = Worker


def post_worker_init(worker: Worker) -> None:
    """Put our way of leaving before gunicorn's; keep the garbage collector out of everybody's way."""
    # With thousands of sockets a full collection stops them all for half a second. What is loaded stays for good and
    # need not be looked at; the oldest generation is looked at a tenth as often as Python would.
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 100)
    stop: Any = signal.getsignal(signal.SIGTERM)

    def leave(number: int, frame: FrameType | None) -> None:
        # A second one changes nothing.
        signal.signal(signal.SIGTERM, lambda *_: None)
        gevent.spawn(worker.leave, lambda: stop(number, frame))

    signal.signal(signal.SIGTERM, leave)
    # What fails in a greenlet is printed by the hub, plain and with its message.
    gevent.get_hub().print_exception = lambda _context, kind, error, trace: log_uncaught(kind, error, trace)
