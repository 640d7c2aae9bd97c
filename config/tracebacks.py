"""An exception as text without its message: messages quote what they choke on, and that may be a citizen's words."""

import os
import traceback
from types import TracebackType
from typing import Any

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
# Their messages name things of ours: attributes, names, modules.
_ABOUT_CODE = (AttributeError, NameError, ImportError)
_DIAGNOSIS = ("sqlstate", "table_name", "column_name", "constraint_name")


def as_text(error: BaseException) -> str:
    """What Python would print, the first cause first; of each exception its type and what is surely ours."""
    told, seen = [], set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        frames = "".join(traceback.format_tb(cause.__traceback__))
        told.append(f"Traceback (most recent call last):\n{frames}{summary(cause)}")
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n\n".join(reversed(told))


def summary(error: BaseException) -> str:
    """The exception's type, and what is known of it that nobody outside has written."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    facts = _facts(error)
    return f"{name}: {facts}" if facts else name


def _facts(error: BaseException) -> str:
    if isinstance(error, _ABOUT_CODE):
        return str(error)
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(summary(inner) for inner in error.exceptions)
    code: Any = getattr(type(error), "code", None)
    if isinstance(code, str):
        return code
    # psycopg: which rule refused, not what it refused.
    diagnosis = getattr(error, "diag", None)
    known = [(name, getattr(diagnosis, name, None)) for name in _DIAGNOSIS]
    return " ".join(f"{name}={value}" for name, value in known if value)
