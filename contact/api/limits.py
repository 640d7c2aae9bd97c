"""How often one address or one browser may ask. Redis counts; without it each process counts for itself."""

from flask import request
from flask_limiter import Limiter

VISITOR_COOKIE = "guichet_visitor"


def per_address() -> str:
    return request.remote_addr or "?"


def per_visitor() -> str:
    """A browser in a chat; before it has its cookie, its address."""
    return request.cookies.get(VISITOR_COOKIE) or per_address()


limiter = Limiter(key_func=per_address, in_memory_fallback_enabled=True, swallow_errors=True, strategy="moving-window")
