"""Domain errors to HTTP, once: status, stable code, a sentence in the reader's language, facts."""

from itertools import islice
from typing import Any

import structlog
from apispec import BasePlugin
from flask import Flask, Response, g, jsonify
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from contact.api import refusals
from contact.api.context import SESSION_COOKIE, language, request_id
from contact.api.pages import error_page, wants_page
from contact.api.permissions import public
from contact.api.sentences import sentence
from contact.domain import errors
from contact.schemas.base import ErrorBody

STATUS: dict[type[errors.DomainError], int] = {
    errors.NotSignedIn: 401,
    errors.BadCredentials: 401,
    errors.Forbidden: 403,
    errors.CsrfMissing: 403,
    errors.NotFound: 404,
    errors.NoConversation: 404,
    errors.Conflict: 409,
    errors.OfferGone: 409,
    errors.NotYours: 409,
    errors.TicketClosed: 409,
    errors.MoveRefused: 409,
    errors.CannotReply: 409,
    errors.CannotCall: 409,
    errors.AgentBusy: 409,
    errors.NoCall: 409,
    errors.SoftphoneElsewhere: 409,
    errors.SoftphoneOff: 409,
    errors.ConversationOpen: 409,
    errors.NobodyCouldServe: 409,
    errors.SecondPersonNeeded: 409,
    errors.NothingBefore: 409,
    errors.CannotSimulate: 409,
    errors.BadRequest: 400,
    errors.InvalidRequest: 422,
    errors.IdempotencyKeyReused: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.SchemaBehind: 503,
}
_HTTP_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    429: "too_many",
}
log = structlog.get_logger()


class Promises(BasePlugin):
    """Writes into each operation of the API's description who may use it and which refusals can come."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.app = app

    def operation_helper(self, operations: dict[str, Any] | None = None, **told: Any) -> None:  # type: ignore[override]
        """From the permission that the view of `told["rule"]` declares."""
        view: Any = self.app.view_functions[told["rule"].endpoint]
        permission = view.permission
        for method, operation in (operations or {}).items():
            keys: dict[str, list[str]] = {"session": []} if method == "get" else {"session": [], "csrf": []}
            is_public = permission == "public"
            operation["x-permission"] = permission
            operation["security"] = [] if is_public else [keys]
            for status in (404, 409, 422, 429, 503) if is_public else (401, 403, 404, 409, 422, 429, 503):
                operation["responses"][status] = f"Refused{status}"


class GuichetApi(Api):
    """flask-smorest's Api with our one shape of error, its description complete with keys and refusals."""

    ERROR_SCHEMA = ErrorBody

    def __init__(self, app: Flask, base_url: str) -> None:
        super().__init__(app, spec_kwargs={"extra_plugins": [Promises(app)], "servers": [{"url": base_url}]})
        components = self.spec.components
        components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE})
        components.security_scheme("csrf", {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"})
        for status in sorted(set(STATUS.values())):
            codes = sorted({error.code for error, its in STATUS.items() if its == status})
            body = {"application/json": {"schema": ErrorBody}}
            components.response(f"Refused{status}", {"description": ", ".join(codes), "content": body})

    @public
    def _openapi_json(self) -> Any:
        """The description of the API is for anyone."""
        return super()._openapi_json()

    def handle_http_exception(self, error: HTTPException) -> Response:
        """What Werkzeug and our schemas refuse, in the same shape as our own refusals."""
        status = error.code or 500
        facts: dict[str, Any] = {}
        data = getattr(error, "data", None)
        if isinstance(data, dict) and "messages" in data:
            facts["fields"] = _fields(data["messages"])
        answer = refusal(_HTTP_CODES.get(status, "internal" if status >= 500 else "bad_request"), status, facts)
        given = error.get_response().headers
        for name in ("Allow", "Retry-After"):
            if name in given:
                answer.headers[name] = given[name]
        return answer


def register(app: Flask) -> None:
    """Answer every error the same way; what nobody foresaw is logged with its request id and told as `internal`."""
    app.register_error_handler(errors.DomainError, _refuse)
    app.register_error_handler(Exception, _fail)


def refusal(code: str, status: int, facts: dict[str, Any] | None = None) -> Response:
    """The body every refusal has, or a page of it for a browser that asked for a page."""
    g.refused = code
    if wants_page():
        return error_page(code, status)
    told = {"code": code, "message": sentence(code, language()), "facts": facts or {}}
    answer = jsonify({"error": told, "request_id": request_id()})
    answer.status_code = status
    return answer


def _refuse(error: errors.DomainError) -> Response:
    refusals.record_request(error)
    facts = dict(error.facts)
    if "fields" in facts:
        facts["fields"] = _fields(facts["fields"])
    answer = refusal(error.code, STATUS[type(error)], facts)
    if isinstance(error, errors.TooMany | errors.Unavailable | errors.SchemaBehind):
        answer.headers["Retry-After"] = str(facts.get("retry_after_seconds", 2))
    return answer


def _fail(error: Exception) -> Any:
    if isinstance(error, HTTPException):
        return error
    log.exception("request_failed", fault=type(error).__name__)
    return refusal("internal", 500)


def _fields(messages: Any) -> dict[str, list[str]]:
    """Validation messages flattened to `{"steps.0.skills": ["sentence", …]}`, the first hundred."""
    flat: dict[str, list[str]] = {}

    def walk(path: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                walk(f"{path}.{name}" if path else str(name), inner)
        else:
            told = value if isinstance(value, list) else [value]
            flat[path or "_schema"] = [sentence(str(one), language()) for one in told]

    for location, inner in messages.items() if isinstance(messages, dict) else (("", messages),):
        walk("" if location in ("json", "query", "headers", "path") else str(location), inner)
    return dict(islice(flat.items(), 100))
