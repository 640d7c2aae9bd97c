"""JSON logs to standard output, with the ids of request, tenant and job; never a citizen's text."""

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# Whoever logs one of these by mistake logs its length instead.
_PERSONAL = frozenset(
    {
        "body",
        "text",
        "subject",
        "name",
        "citizen_name",
        "address",
        "phone",
        "email",
        "value",
        "recipient",
        "to",
        "sender",
    }
)


def configure(process: str, level: str = "INFO") -> None:
    """Send structlog and the standard library's logging the same way; readable lines on a terminal, JSON elsewhere."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask,
    ]
    renderer: Any = structlog.processors.JSONRenderer()
    if sys.stdout.isatty():
        # The pretty traceback shows local variables, a citizen's words among them.
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("engineio", "socketio", "werkzeug", "alembic", "rq"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))
    structlog.contextvars.bind_contextvars(process=process)
    _process["name"] = process


_process = {"name": ""}


def bind(**ids: object) -> None:
    """Put *ids* on every line from here to `clear`."""
    structlog.contextvars.bind_contextvars(**ids)


def clear() -> None:
    """Forget the ids of the request or job before."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(process=_process["name"])


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what may be a citizen's by its length."""
    for key in _PERSONAL & event.keys():
        event[key] = f"<{len(str(event[key]))} characters>"
    return event
