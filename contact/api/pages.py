"""The pages themselves: built by Vite into web/dist, sent with a policy that lets in nothing foreign."""

from pathlib import Path

from flask import Blueprint, Response, make_response, redirect, render_template_string, request, send_from_directory
from flask.typing import ResponseReturnValue

from contact.api import chat as chats
from contact.api.context import house, language, request_id
from contact.api.permissions import public
from contact.api.sentences import sentence
from contact.domain.errors import NotFound

DIST = Path(__file__).parent.parent.parent / "web" / "dist"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
# The API page is a component from npm that styles itself.
DOCS_POLICY = f"{POLICY}; style-src 'self' 'unsafe-inline'"
# The agent's telephone: Twilio's signalling and sounds, and voices.
_TWILIO = (
    "connect-src 'self' https://*.twilio.com wss://*.twilio.com https://media.twiliocdn.com;"
    " media-src 'self' mediastream: https://sdk.twilio.com https://media.twiliocdn.com"
)
# Addresses that programs ask: they get JSON, whatever they accept.
_FOR_PROGRAMS = ("/api/", "/openapi.json", "/livez", "/readyz", "/metrics", "/socket.io")
_ERROR = """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{{ message }} – Guichet</title>
</head>
<body>
<main>
<h1>{{ message }}</h1>
<p>{{ number }}</p>
<p><a href="/console">{{ to_console }}</a></p>
</main>
</body>
</html>
"""

bp = Blueprint("pages", __name__)


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    return redirect("/console")


@bp.get("/console")
@bp.get("/console/<path:_inside>")
@public
def console(_inside: str = "") -> ResponseReturnValue:
    return _page("console.html", _console_policy())


@bp.get("/chat/<string:_address>")
@public
def chat(_address: str) -> ResponseReturnValue:
    """The same page for an address that leads nowhere: it says so, in the citizen's language."""
    try:
        chats.at(_address, lambda _session, _endpoint: None)
    except NotFound:
        return _page("chat.html", status=404)
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


def wants_page() -> bool:
    """Whether a person's browser asks, to be answered with a page."""
    accepted = request.accept_mimetypes.best_match(("application/json", "text/html"))
    return accepted == "text/html" and not request.path.startswith(_FOR_PROGRAMS)


def error_page(code: str, status: int) -> Response:
    """What went wrong, for a person; it needs neither the built pages nor the database."""
    chosen = language()
    page = make_response(
        render_template_string(
            _ERROR,
            language=chosen,
            message=sentence(code, chosen),
            number=sentence(f"request_number|{request_id()}", chosen),
            to_console=sentence("to_console", chosen),
        ),
        status,
    )
    page.headers["Content-Security-Policy"] = POLICY
    return page


def _console_policy() -> str:
    """Lets the agent's telephone reach its company, and nothing else."""
    settings = house().settings
    if settings.has_twilio:
        return f"{POLICY}; {_TWILIO}"
    return f"{POLICY}; connect-src 'self' {settings.twilio_base_url.replace('http', 'ws', 1)}"


def _page(name: str, policy: str = POLICY, status: int = 200) -> Response:
    page = send_from_directory(DIST, name, max_age=0, conditional=status == 200)
    if status != 200:
        page.status_code = status
    page.headers["Content-Security-Policy"] = policy
    page.headers["Cache-Control"] = "no-cache"
    return page
