"""Is a request Twilio's? By its own algorithm, over the address that Twilio was given, not what proxies make of it."""

from collections.abc import Iterable
from urllib.parse import parse_qs, parse_qsl, urlsplit

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from channels.base import BadSignature, Incoming

HEADER = "X-Twilio-Signature"
FORM = "application/x-www-form-urlencoded"
# Twilio sends some forty; more are nobody's.
FIELDS_MAX = 500


def verify(request: Incoming, base_url: str, tokens: Iterable[str]) -> None:
    """*base_url* is what the world calls us, without a path.

    Raises:
        BadSignature: the header is missing, or fits none of *tokens*. Never anything else.
    """
    given = request.headers.get(HEADER, "")
    # A target that is no path (a proxy's absolute form) was never signed by Twilio.
    if not given or not given.isascii() or not request.target.startswith("/"):
        raise BadSignature("missing" if not given else "malformed")
    url = base_url + request.target.partition("#")[0]
    try:
        params: MultiDict[str, str] | str = _params(request, url)
        if any(RequestValidator(token).validate(url, params, given) for token in tokens):
            return
    except ValueError as fault:
        # An address or a form that cannot be read.
        raise BadSignature("unreadable") from fault
    raise BadSignature("wrong")


def form(request: Incoming) -> MultiDict[str, str]:
    """The form, empty values too; Twilio's is UTF-8.

    Raises:
        ValueError: more fields than Twilio would send.
    """
    if request.content_type != FORM:
        return MultiDict()
    text = request.body.decode("utf-8", "replace")
    return MultiDict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="replace"))


def _params(request: Incoming, url: str) -> "MultiDict[str, str] | str":
    """What is signed beside the address: a form's fields, or nothing but the digest of another body in the address."""
    if request.content_type == FORM or not request.body:
        return form(request)
    if "bodySHA256" not in parse_qs(urlsplit(url).query):
        raise ValueError("a body that nothing vouches for")
    return request.body.decode("utf-8")
