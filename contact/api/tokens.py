"""Tokens we sign: against forged requests, and to open a socket."""

import hmac
from typing import Any

from flask import request
from itsdangerous import BadData, URLSafeTimedSerializer

from contact.api.context import SESSION_COOKIE, house
from contact.domain.errors import CsrfMissing

SOCKET_TOKEN_SECONDS = 60
_SAFE = ("GET", "HEAD", "OPTIONS")


def csrf_token(session_token: str) -> str:
    """What a page of this session sends in `X-CSRF-Token` with every change."""
    return hmac.new(house().settings.secret_key.encode(), session_token.encode(), "sha256").hexdigest()


def refuse_forgery() -> None:
    """Before each request: a change comes from our own pages, and carries the token of the session it would use.

    Raises:
        CsrfMissing: it does not.
    """
    if request.method in _SAFE:
        return
    # Headers that are mostly absent: Werkzeug would raise an error for each, only to catch it.
    origin = request.environ.get("HTTP_ORIGIN")
    is_own = not origin or origin in (house().settings.public_base_url, request.host_url.rstrip("/"))
    if not is_own or request.environ.get("HTTP_SEC_FETCH_SITE") == "cross-site":
        raise CsrfMissing()
    session_token = request.cookies.get(SESSION_COOKIE)
    is_signing_in = request.endpoint == "accounts.open_session"
    is_citizen = (request.blueprint or "") == "chat"
    if session_token and not is_signing_in and not is_citizen:
        given = request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(given.encode(), csrf_token(session_token).encode()):
            raise CsrfMissing()


def socket_token(told: dict[str, Any]) -> str:
    return _serializer().dumps(told)


def read_socket_token(token: object) -> dict[str, Any] | None:
    """What the token says, or None when it is not ours or older than a minute."""
    try:
        told: dict[str, Any] = _serializer().loads(str(token), max_age=SOCKET_TOKEN_SECONDS)
    except BadData:
        return None
    return told


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(house().settings.secret_key, salt="socket")
