"""JSON logs to standard output, with the ids of request, tenant and job; never a citizen's text."""

import io
import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

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
# PostgreSQL quotes the row that it refuses.
_DETAIL = re.compile(
    r"^DETAIL:.*?(?=^(?:CONTEXT:|\[SQL:|\(Background on|The above exception|During handling)|\Z)", re.M | re.S
)
# They tell of each request or job what our own lines tell too.
_NOISY = ("alembic", "engineio", "rq", "socketio", "werkzeug")


def configure(process: str, level: str = "INFO") -> None:
    """Send structlog and the standard library's logging the same way; readable lines on a terminal, JSON elsewhere.

    *process* stands on every line: all processes of one machine may share one output.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Into a pipe, lines would be kept back and arrive behind later ones of other processes.
        sys.stdout.reconfigure(line_buffering=True)

    def name_process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {**event, "process": process}

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        name_process,
        mask,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def bind(**ids: object) -> None:
    """Put *ids* on every line from here to `clear`, in this request or job alone."""
    structlog.contextvars.bind_contextvars(**ids)


def clear() -> None:
    """Forget the ids of the request or job before."""
    structlog.contextvars.clear_contextvars()


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what may be a citizen's by its length, however deep it lies."""
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: Any) -> Any:
    if key in _PERSONAL:
        return f"<{len(str(value))} characters>"
    if isinstance(value, Mapping):
        return {inner: _masked(inner, found) for inner, found in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", found) for found in value]
    return value


def _hide_details(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["exception"] = _DETAIL.sub("DETAIL: <hidden>\n", event["exception"])
    return event


def _renderers() -> list[Processor]:
    """Tracebacks as plain text: a richer one would show local variables, and in them what citizens wrote."""
    plain: list[Processor] = [structlog.processors.format_exc_info, _hide_details]
    if sys.stdout.isatty():
        return [*plain, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [*plain, structlog.processors.JSONRenderer()]
