"""Is it alive, can it serve, and the numbers behind it."""

from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST

from contact import health
from contact.api.context import house
from contact.api.permissions import public

bp = Blueprint("health", __name__, description="Liveness, readiness, metrics.")


@bp.get("/livez")
@public
def livez() -> ResponseReturnValue:
    """The process runs and its hub turns."""
    return jsonify({"status": "ok"})


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """Whether traffic should come here, with the reasons. Only a database that is down or behind the code says no."""
    found = health.readiness(house().database, house().settings)
    answer: dict[str, Any] = {"status": "ready" if found.is_ready else "not_ready", "checks": found.checks}
    return jsonify(answer), 200 if found.is_ready else 503


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Prometheus metrics: queues, ages, failures. Ids and counts only."""
    return Response(health.metrics(house().database), content_type=CONTENT_TYPE_LATEST)
