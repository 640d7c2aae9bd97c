"""The pages themselves: built by Vite into web/dist, sent with a policy that lets in nothing foreign."""

from pathlib import Path

from flask import Blueprint, Response, redirect, send_from_directory
from flask.typing import ResponseReturnValue

from contact.api.permissions import public

DIST = Path(__file__).parent.parent.parent / "web" / "dist"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
# The API page is a component from npm that styles itself.
DOCS_POLICY = f"{POLICY}; style-src 'self' 'unsafe-inline'"

bp = Blueprint("pages", __name__)


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    return redirect("/console")


@bp.get("/console")
@bp.get("/console/<path:_inside>")
@public
def console(_inside: str = "") -> ResponseReturnValue:
    return _page("console.html")


@bp.get("/chat/<string:_address>")
@public
def chat(_address: str) -> ResponseReturnValue:
    return _page("chat.html")


@bp.get("/docs")
@public
def docs() -> ResponseReturnValue:
    return _page("docs.html", DOCS_POLICY)


@bp.get("/assets/<path:name>")
@public
def asset(name: str) -> ResponseReturnValue:
    """Names carry a hash of their content, so browsers may keep them for good."""
    return send_from_directory(DIST / "assets", name, max_age=31_536_000)


def _page(name: str, policy: str = POLICY) -> Response:
    page = send_from_directory(DIST, name, max_age=0)
    page.headers["Content-Security-Policy"] = policy
    page.headers["Cache-Control"] = "no-cache"
    return page
