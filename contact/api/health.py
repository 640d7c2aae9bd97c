"""Is it alive, can it serve, and the numbers behind it."""

from typing import Any

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST

from contact import figures, health
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
    """Whether traffic should come here, with the reasons where it should not."""
    found = health.readiness(house().database, house().settings, house().condition)
    is_ready = not found.reasons
    answer: dict[str, Any] = {"status": "ready" if is_ready else "not_ready", "reasons": found.reasons}
    return jsonify(answer | {"checks": found.checks}), 200 if is_ready else 503


@bp.get("/metrics")
@public
def metrics() -> ResponseReturnValue:
    """Prometheus metrics: queues, ages, failures. Ids and counts only."""
    return Response(figures.exposition(house().database, house().settings), content_type=CONTENT_TYPE_LATEST)


def refuse_older_schema() -> None:
    """Before each request that is not about health itself: none is served on a schema older than the code.

    Raises:
        SchemaBehind: this one would be.
    """
    if request.blueprint != bp.name:
        health.refuse_older_schema(house().database, house().condition)
