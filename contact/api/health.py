"""Is it alive, can it serve, and the numbers behind it."""

from ipaddress import ip_address
from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST

from contact import figures, health
from contact.api.context import house
from contact.api.permissions import public
from contact.domain.errors import NotFound

bp = Blueprint("health", __name__, description="Liveness, readiness, metrics.")


@bp.get("/livez")
@public
def livez() -> ResponseReturnValue:
    """The process runs and its hub turns."""
    return jsonify({"status": "ok"})


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Whether traffic should come here; to our own network with the reasons where it should not."""
    found = health.readiness(house().database, house().settings, house().condition)
    is_ready = not found.reasons
    answer: dict[str, Any] = {"status": "ready" if is_ready else "not_ready"}
    if _is_from_own_network():
        answer |= {"reasons": found.reasons, "checks": found.checks}
    return jsonify(answer), 200 if is_ready else 503


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Prometheus metrics: queues, ages, failures. Ids and counts only, and these too are not for the public."""
    if not _is_from_own_network():
        raise NotFound()
    return Response(figures.exposition(house().database, house().settings), content_type=CONTENT_TYPE_LATEST)


def _is_from_own_network() -> bool:
    """Figures tell how much every administration has to do. The proxy keeps them in (`config/deploy/nginx.conf`).

    Should it not, this does: whoever comes from a public address, or through a proxy whose word for that we do not
    take, is outside.
    """
    if "X-Forwarded-For" in request.headers and not house().settings.trusted_proxies:
        return False
    try:
        return not ip_address(request.remote_addr or "127.0.0.1").is_global
    except ValueError:
        return False


def refuse_older_schema() -> None:
    """Before each request that is not about health itself: none is served on a schema older than the code.

    Raises:
        SchemaBehind: this one would be.
    """
    if request.blueprint != bp.name:
        health.refuse_older_schema(house().database, house().condition)
