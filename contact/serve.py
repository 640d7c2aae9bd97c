"""How gunicorn serves the web process: gevent, WebSocket only, and a goodbye to every page before it goes down."""

import logging
import signal
from types import FrameType
from typing import Any

import gevent
from gunicorn.glogging import Logger

from config.logging import catch_all, configure, log_uncaught
from config.settings import Settings

_settings = Settings.from_env()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_processes
worker_class = "gevent"
worker_connections = 10_000
control_socket_disable = True
graceful_timeout = 15
# A worker whose hub has not turned for this long is killed and started again.
timeout = 30
keepalive = 75
accesslog = None
errorlog = "-"
loglevel = "warning"

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


def post_worker_init(_worker: Any) -> None:
    """On SIGTERM tell the pages to move, close their sockets, then stop as gunicorn does."""
    # Imported here: gunicorn reads this file in the parent, before the worker patches the standard library.
    from contact.api import live

    stop: Any = signal.getsignal(signal.SIGTERM)

    def leave(number: int, frame: FrameType | None) -> None:
        gevent.spawn(live.close_all, MOVE_SECONDS)
        stop(number, frame)

    signal.signal(signal.SIGTERM, leave)
    # What fails in a greenlet is printed by the hub, plain and with its message.
    gevent.get_hub().print_exception = lambda _context, kind, error, trace: log_uncaught(kind, error, trace)
