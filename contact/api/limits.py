"""How often one address or one browser may ask. Redis counts; without it each process counts for itself."""

from flask import request
from flask_limiter import Limiter

VISITOR_COOKIE = "guichet_visitor"


def per_address() -> str:
    return request.remote_addr or "?"


def per_visitor() -> str:
    """A browser in a chat; before it has its cookie, its address."""
    return request.cookies.get(VISITOR_COOKIE) or per_address()


class _Limits(Limiter):
    """Views declare limits, and ask for themselves: before each request there is nothing to look for."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


limiter = _Limits(key_func=per_address, in_memory_fallback_enabled=True, swallow_errors=True, strategy="moving-window")
