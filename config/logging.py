"""JSON logs to standard output, with the ids of request, tenant and job; never a citizen's text."""

import io
import logging
import re
import sys
import threading
import warnings
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from config.tracebacks import as_text

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
_PLAIN = (str, int, float, bool, type(None))
# In a library's finished sentence, the marks after which it may quote something.
_QUOTING = re.compile(r"[:=\"'`<(\[{\n]")
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
# They tell of each request or job what our own lines tell too.
_NOISY = ("alembic", "engineio", "rq", "socketio", "twilio", "werkzeug")


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
        processors=[structlog.stdlib.filter_by_level, *shared, _without_message, *_renderers(), _as_made],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        _Formatter(
            foreign_pre_chain=[_reduce, *shared],
            pass_foreign_args=True,
            processors=[_without_message, structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_renderers()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Makes the lines of libraries; our own come ready."""

    def format(self, record: logging.LogRecord) -> str:
        return str(record.msg) if hasattr(record, "is_ours") else super().format(record)


def _as_made(_logger: WrappedLogger, _method: str, line: Any) -> tuple[tuple[str], dict[str, Any]]:
    return (line,), {"extra": {"is_ours": True}}


def catch_all() -> None:
    """Log what would otherwise be printed plain: warnings, and what nobody caught, in any thread."""
    replaced: Any = warnings
    replaced.showwarning = _log_warning
    sys.excepthook = log_uncaught
    threading.excepthook = lambda told: log_uncaught(
        told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback
    )
    sys.unraisablehook = lambda told: log_uncaught(told.exc_type, told.exc_value or told.exc_type(), told.exc_traceback)


def log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """One line for an exception that nobody caught; an interruption from the keyboard is none."""
    if not issubclass(kind, KeyboardInterrupt):
        structlog.get_logger().critical("uncaught", fault=kind.__name__, exc_info=(kind, error, trace))


def _log_warning(
    _message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object, **__: object
) -> None:
    structlog.get_logger().warning("warning", category=category.__name__, at=f"{filename}:{lineno}")


def bind(**ids: object) -> None:
    """Put *ids* on every line from here to `clear`, in this request or job alone."""
    structlog.contextvars.bind_contextvars(**ids)


def unbind(*names: str) -> None:
    """Leave these ids out again."""
    structlog.contextvars.unbind_contextvars(*names)


def clear() -> None:
    """Forget the ids of the request or job before."""
    structlog.contextvars.clear_contextvars()


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what may be a citizen's by its length, however deep it lies."""
    return {key: value if key == "exc_info" else _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: Any) -> Any:
    if key in _PERSONAL:
        return _length(value)
    if type(value) in _PLAIN:
        # As most are; to ask the others what they are takes its time.
        return value
    if isinstance(value, Mapping):
        return {inner: _masked(inner, found) for inner, found in value.items()}
    if isinstance(value, list) or type(value) is tuple:
        return [_masked("", found) for found in value]
    return value


def _length(value: object) -> str:
    return f"<{len(str(value))} characters>"


def _reduce(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A library's line: its sentence without what it was filled with, and the place that says the rest.

    Libraries quote what they choke on: paths with their queries, header lines, messages of exceptions.
    """
    record: logging.LogRecord = event["_record"]
    filled = event.pop("positional_args", ())
    told = str(record.msg)
    if filled:
        try:
            told %= _harmless(filled)
        except (TypeError, ValueError):
            told = str(record.msg)
    else:
        told = _QUOTING.split(told, maxsplit=1)[0].strip()
    return {**event, "event": told, "at": f"{record.module}:{record.lineno}"}


def _harmless(filled: Any) -> Any:
    if isinstance(filled, Mapping):
        return {name: _harmless((value,))[0] for name, value in filled.items()}
    return tuple(
        one if isinstance(one, int | float) or (isinstance(one, str) and _UUID.fullmatch(one)) else _length(one)
        for one in filled
    )


def _without_message(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Exceptions as their types and places: not their messages, nor local variables."""
    found = event.pop("exc_info", None)
    if isinstance(found, tuple):
        found = found[1]
    elif found is True:
        found = sys.exc_info()[1]
    if isinstance(found, BaseException):
        event["exception"] = as_text(found)
    return event


def _renderers() -> list[Processor]:
    if sys.stdout.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.JSONRenderer()]
