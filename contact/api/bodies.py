"""The one gate of what is sent: every body is read here, under limits, before anything interprets it."""

import json
import math
import re
from typing import Any

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from contact.domain.errors import BadRequest

DEPTH_MAX = 16
# The largest that is asked for is a campaign's routing plan.
VALUES_MAX = 10_000
NAME_CHARACTERS_MAX = 100
# What PostgreSQL's bigint holds. More digits cost time that grows with their square.
DIGITS_MAX = 18
# A string (also one that never ends) or a sign of structure; every character is looked at once.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{},]', re.DOTALL)


def has_body() -> bool:
    return bool(request.content_length) or "HTTP_TRANSFER_ENCODING" in request.environ


def refuse_unreadable() -> None:
    """Before each request to the API: its body, if any, is plain JSON in UTF-8 within limits; kept as `g.body`.

    Raises:
        UnsupportedMediaType: another kind of body would be read as no body at all; a packed one could be huge.
        RequestEntityTooLarge, BadRequest: too large, too deep, too many values, or no JSON.
    """
    if not request.path.startswith("/api/") or not has_body():
        return
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if not request.is_json or charset not in ("utf-8", "utf8") or "HTTP_CONTENT_ENCODING" in request.environ:
        raise UnsupportedMediaType()
    if (request.content_length or 0) > (request.max_content_length or math.inf):
        raise RequestEntityTooLarge()
    g.body = parse(request.get_data())


def parse(data: bytes) -> Any:
    """The JSON value in *data*; its names are unique, its numbers finite.

    Raises:
        BadRequest: it is not; `reason` says what is wrong.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _bad("invalid_json") from error
    _bound(text)
    try:
        return _READER.decode(text)
    except ValueError as error:
        raise _bad("invalid_json") from error


def _bound(text: str) -> None:
    """Before the parser, which calls itself for every level."""
    depth = values = 0
    for token in _TOKEN.finditer(text):
        sign = token.group()[0]
        depth += (sign in "[{") - (sign in "]}")
        values += sign in "[{,"
        if depth > DEPTH_MAX:
            raise _bad("too_deep", DEPTH_MAX)
        if values > VALUES_MAX:
            raise _bad("too_many_values", VALUES_MAX)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _bad("duplicate_name")
    if any(len(name) > NAME_CHARACTERS_MAX for name in made):
        raise _bad("name_too_long", NAME_CHARACTERS_MAX)
    return made


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > DIGITS_MAX:
        raise _bad("number_too_large")
    return int(digits)


def _real(digits: str) -> float:
    found = float(digits)
    if not math.isfinite(found):
        raise _bad("number_too_large")
    return found


def _constant(_name: str) -> float:
    """NaN and Infinity are Python's and JavaScript's, not JSON's."""
    raise _bad("invalid_json")


def _bad(reason: str, *named: int) -> BadRequest:
    return BadRequest(reason=reason, fields={"_schema": ["|".join([reason, *map(str, named)])]})


_READER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_whole, parse_float=_real, parse_constant=_constant)
