"""The web application put together: pages, REST and sockets in one."""

import contextlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

from flask import Flask, Request, Response
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property

from config.logging import catch_all, configure
from config.settings import Settings
from contact import realtime
from contact.api import (
    access,
    accounts,
    bodies,
    calls,
    chat,
    errors,
    health,
    live_loops,
    pages,
    phone_menus,
    policies,
    routing,
    sounds,
    supervision,
    tickets,
    valves,
    work,
)
from contact.api.context import House, house
from contact.api.limits import limiter
from contact.api.tokens import refuse_forgery
from contact.domain.errors import SchemaBehind
from contact.health import refuse_older_schema
from contact.unit_of_work import connect, count_connections

# Named as a string, as jobs are: channels stand above this, and are plugged in from here.
DOORS = ("channels.webhooks",)
API_DOORS = ("channels.softphone",)
API_BLUEPRINTS = (
    accounts.bp,
    work.bp,
    tickets.bp,
    supervision.bp,
    routing.bp,
    phone_menus.bp,
    policies.bp,
    chat.bp,
    calls.bp,
    valves.bp,
)
_CARRIED = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
)


class _Request(Request):
    @cached_property
    def cookies(self) -> Any:
        """Werkzeug's, without its look through all headers for another cookie header: WSGI gives one."""
        return parse_cookie(self.environ.get("HTTP_COOKIE"), cls=ImmutableMultiDict)


class _App(Flask):
    request_class = _Request

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view and no hook is a coroutine; Flask would look at each of them, in each request."""
        return func


def create_app(settings: Settings, *, async_mode: str = "gevent") -> Flask:
    """The web application: pages, REST, sockets. Opens no connection before the first request needs one."""
    app = _App(__name__, static_folder=None)
    # It would answer `//` in a path with a redirect to whatever host the request names.
    app.url_map.merge_slashes = False
    database = connect(
        settings.database_url or "",
        pool_size=settings.database_pool_size,
        pool_timeout_seconds=settings.database_pool_timeout_seconds,
        statement_timeout_seconds=settings.statement_timeout_seconds,
    )
    app.extensions["guichet"] = House(settings, database)
    app.config.update(
        MAX_CONTENT_LENGTH=settings.request_bytes_max,
        JSON_SORT_KEYS=False,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1, "socket_timeout": 1} if settings.redis_url else {},
        RATELIMIT_ENABLED=settings.has_limits,
        API_TITLE="Guichet",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
    )
    if settings.trusted_proxies:
        # For the address of whoever asks, and nothing else: host and scheme come from PUBLIC_BASE_URL.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    limiter.init_app(app)
    errors.register(app)
    api = errors.GuichetApi(app, settings.public_base_url)
    for blueprint in (*API_BLUEPRINTS, *(import_module(door).bp for door in API_DOORS)):
        api.register_blueprint(blueprint, url_prefix="/api/v1")
    app.register_blueprint(health.bp)
    app.register_blueprint(pages.bp)
    app.register_blueprint(sounds.bp)
    for door in DOORS:
        app.register_blueprint(import_module(door).bp)
    access.register(app)
    app.before_request(health.refuse_older_schema)
    app.before_request(refuse_forgery)
    app.before_request(bodies.refuse_unreadable)
    app.after_request(accounts.send_cookie)
    app.after_request(chat.send_cookie)
    app.after_request(_finish)
    _serve_sockets(app, settings, async_mode)
    return app


def _serve_sockets(app: Flask, settings: Settings, async_mode: str) -> None:
    """Beside the application, not around it: what else is asked of us does not pass through the sockets' server."""
    plain = app.wsgi_app
    realtime.serve(app, settings.redis_url, settings.public_base_url, async_mode=async_mode)
    sockets = app.wsgi_app

    def either(environ: Any, start_response: Any) -> Any:
        return (sockets if environ["PATH_INFO"].startswith("/socket.io") else plain)(environ, start_response)

    app.wsgi_app = either  # type: ignore[method-assign]


def _finish(response: Response) -> Response:
    """What every answer carries. Nothing personal is kept by browsers or proxies on the way."""
    given = {name.lower() for name, _ in response.headers}
    for name, value in _CARRIED:
        if name.lower() not in given:
            response.headers.add(name, value)
    if house().settings.has_secure_cookies:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def serve() -> Flask:
    """What gunicorn calls in each of its workers."""
    settings = Settings.from_env()
    configure("web", settings.log_level)
    catch_all()
    app = create_app(settings)
    built: House = app.extensions["guichet"]
    count_connections(built.database.engine)
    # A schema that is behind, or a database that is away, is told by /readyz; only a wrong role keeps us from starting.
    with contextlib.suppress(SchemaBehind):
        refuse_older_schema(built.database, built.condition)
    live_loops.watch(app)
    return app
