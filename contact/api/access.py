"""One line and one count for each request: what kind of thing was asked for, by whom, how it ended, how long it took.

No path, no query, no body: citizens' words may stand in any of them.
"""

import time
from typing import Any

import structlog
from flask import Flask, Response, g, request

from config import metrics
from config.logging import bind, clear
from contact.api.context import request_id

# Asked every few seconds by machines.
_QUIET = ("/livez", "/readyz", "/metrics")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
log = structlog.get_logger()


def register(app: Flask) -> None:
    """Before all other hooks begin, and after all have ended."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(lambda _fault: clear())


def _begin() -> None:
    clear()
    g.began_at = time.perf_counter()
    bind(request_id=request_id())


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id()
    seconds = time.perf_counter() - g.began_at
    # The rule, not the path; methods of our own words only: strangers may invent any number of others.
    route = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in _METHODS else "other"
    metrics.requests.labels(method, route, str(response.status_code)).inc()
    metrics.request_seconds.labels(method, route).observe(seconds)
    told: dict[str, Any] = {"method": method, "route": route, "status": response.status_code}
    me = g.get("identity")
    if me is not None:
        told["account_id"] = str(me.account_id)
    if response.status_code >= 400:
        told["code"] = g.get("refused", "")
        metrics.refusals.labels(str(response.status_code), told["code"]).inc()
    write = log.debug if route in _QUIET else log.info
    write("request", **told, milliseconds=round(seconds * 1000, 1))
    return response
