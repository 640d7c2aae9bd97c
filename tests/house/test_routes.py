"""Every route says who may use it."""

from flask import Flask

from contact.api.permissions import PERMISSIONS

PUBLIC = {
    "DELETE /api/v1/chat/<string:address>/visitor",
    "GET /",
    "GET /api/v1/chat/<string:address>",
    "GET /api/v1/chat/<string:address>/conversation",
    "GET /api/v1/chat/<string:address>/messages",
    "GET /api/v1/session",
    "GET /assets/<path:name>",
    "GET /chat/<string:_address>",
    "GET /console",
    "GET /console/<path:_inside>",
    "GET /docs",
    "GET /livez",
    "GET /metrics",
    "GET /openapi.json",
    "GET /readyz",
    "GET /sounds/waiting.wav",
    "POST /api/v1/chat/<string:address>/conversation",
    "POST /api/v1/chat/<string:address>/end",
    "POST /api/v1/chat/<string:address>/messages",
    "POST /api/v1/chat/<string:address>/read",
    "POST /api/v1/chat/<string:address>/socket-token",
    "POST /api/v1/chat/<string:address>/visitor",
    "POST /api/v1/session",
    # For whoever can sign as the telephone company.
    "POST /in/<uuid:account_id>/<string:channel>/<path:step>",
}


def routes(app: Flask) -> dict[str, str | None]:
    """`{"GET /path": permission}`."""
    return {
        f"{method} {rule.rule}": getattr(app.view_functions[rule.endpoint], "permission", None)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_public_routes_are_frozen(app: Flask):
    """A route becomes public only by being written into the list above."""
    assert {route for route, permission in routes(app).items() if permission == "public"} == PUBLIC


def test_every_other_route_asks_for_a_known_permission(app: Flask):
    """No route is forgotten, and none asks for what no role has."""
    known = set().union(*PERMISSIONS.values())

    asked = {route: permission for route, permission in routes(app).items() if route not in PUBLIC}

    assert asked
    assert {route: one for route, one in asked.items() if one not in known} == {}


def test_every_permission_is_used(app: Flask):
    """A permission that no route asks for would only seem to protect something."""
    used = {one for one in routes(app).values() if one not in (None, "public")}

    assert set().union(*PERMISSIONS.values()) - used == {"platform.read"}
