"""What is sent is bounded before it is understood: a 4xx with a code, in the reader's language, never a 5xx."""

import gzip
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from contact.api import bodies
from contact.api.sentences import sentence
from tests.isolation.routes import ROUTES, Route, entitled, resolved, send
from tests.isolation.world import World

WRITING = [route for route in ROUTES if route.body]
JSON = {"Content-Type": "application/json"}
DEEP = bodies.DEPTH_MAX + 1
# By name: the bytes, headers beside them, the status and the code or the reason.
UNREADABLE: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "too large": (b'"' + b"x" * 300_000 + b'"', JSON, 413, "body_too_large"),
    "deep lists": (b"[" * 200_000, JSON, 400, "too_deep"),
    "deep objects": (b'{"a":' * 40_000, JSON, 400, "too_deep"),
    "just too deep": (b"[" * DEEP + b"]" * DEEP, JSON, 400, "too_deep"),
    "many items": (b"[" + b"1," * 100_000 + b"1]", JSON, 400, "too_many_values"),
    "many fields": (json.dumps(dict.fromkeys(map(str, range(10_001)), 1)).encode(), JSON, 400, "too_many_values"),
    "many quotes": (b'"' + b'\\"' * 100_000, JSON, 400, "invalid_json"),
    "long name": (json.dumps({"x" * 101: 1}).encode(), JSON, 400, "name_too_long"),
    "twice": (b'{"body": "a", "body": "b"}', JSON, 400, "duplicate_name"),
    "twice inside": (b'{"body": {"a": 1, "a": 2}}', JSON, 400, "duplicate_name"),
    "1e400": (b'{"version": 1e400}', JSON, 400, "number_too_large"),
    "10**400": (b'{"version": 1' + b"0" * 400 + b"}", JSON, 400, "number_too_large"),
    "10**100000": (b"1" + b"0" * 100_000, JSON, 400, "number_too_large"),
    "NaN": (b'{"version": NaN}', JSON, 400, "invalid_json"),
    "Infinity": (b'{"version": -Infinity}', JSON, 400, "invalid_json"),
    "no JSON": (b"body=x", JSON, 400, "invalid_json"),
    "raw NUL": (b'{"body": "\x00"}', JSON, 400, "invalid_json"),
    "no UTF-8": (b'{"body": "\xff"}', JSON, 400, "invalid_json"),
    "UTF-8 of a surrogate": (b'{"body": "\xed\xa0\x80"}', JSON, 400, "invalid_json"),
    "UTF-16": ('{"body": "x"}'.encode("utf-16"), JSON, 400, "invalid_json"),
    "byte order mark": (b'\xef\xbb\xbf{"body": "x"}', JSON, 400, "invalid_json"),
    "Latin-1": (b'{"body": "x"}', {"Content-Type": "application/json; charset=latin-1"}, 415, "unsupported_media_type"),
    "packed": (gzip.compress(b'{"body": "x"}'), JSON | {"Content-Encoding": "gzip"}, 415, "unsupported_media_type"),
    "form": (b"body=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
    "no type": (b'{"body": "x"}', {}, 415, "unsupported_media_type"),
}
HOSTILE: dict[str, Any] = {
    "NUL": "a\x00b",
    "lone surrogate": "a\ud800b",
    "long": "x" * 100_000,
    "number": 7,
    "huge": 10**17,
    "negative": -1,
    "half": 1.5,
    "yes": True,
    "nothing": None,
    "list": ["x"],
    "object": {"x": "x"},
    "blank": " ",
}


def reason(answer: TestResponse) -> str:
    error = answer.get_json()["error"]
    return error["facts"].get("reason", error["code"])


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_body_is_refused_with_its_reason(world: World, name: str, language: str):
    """The same at every route, for it is one gate; said in the reader's language."""
    data, headers, status, code = UNREADABLE[name]
    route = next(one for one in WRITING if one.endpoint == "accounts.open_session")

    answer = send(world, "nobody", route, json=None, data=data, headers=headers | {"Accept-Language": language})

    assert (answer.status_code, reason(answer)) == (status, code), answer.get_data(as_text=True)
    error = answer.get_json()["error"]
    assert error["message"] == sentence(error["code"], language)
    assert len(answer.data) < 1_000, "what was sent is not sent back"


def test_faults_are_told_up_to_a_limit(world: World):
    """Thousands of unknown fields are not listed one by one."""
    route = next(one for one in WRITING if one.endpoint == "accounts.open_session")

    answer = send(world, "nobody", route, json=dict.fromkeys(map(str, range(9_000)), 1))

    assert answer.status_code == 422
    assert len(answer.get_json()["error"]["facts"]["fields"]) == 100


@pytest.mark.parametrize("route", [one for one in ROUTES if one.rule.startswith("/api/")], ids=str)
def test_the_gate_stands_before_every_route(world: World, route: Route):
    """Also where no body is asked for, and whoever asks: nesting is refused before anything walks into it."""
    answer = send(world, "nobody", route, json=None, data=UNREADABLE["deep lists"][0], headers=JSON)

    assert (answer.status_code, reason(answer)) == (400, "too_deep")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("route", WRITING, ids=str)
def test_a_hostile_value_is_a_fault_of_its_field(world: World, route: Route, hostile: str):
    """NUL, lone surrogates, wrong types, lengths and sizes: 4xx for each field of each body, and no row moves."""
    who, value = entitled(route), HOSTILE[hostile]
    before = world.digest()
    for field, schema in route.body["properties"].items():
        answer = send(world, who, route, json=(route.correct_body(world.things) or {}) | {field: value})
        if answer.status_code < 400:
            # Some of these values are what a field is for, by its own description.
            assert Draft202012Validator(resolved(schema)).is_valid(value), (field, answer.data)
            before = world.digest()
        else:
            assert answer.status_code < 500, (field, answer.data)
        assert world.digest() == before, field


@pytest.mark.parametrize(
    "header",
    [
        {"Cookie": "guichet_session=" + "x" * 4_000},
        {"Cookie": "guichet_session=%00; guichet_visitor=\xff\xfe"},
        {"Cookie": ";;;=;=;" * 300},
        {"Accept-Language": "fr;q=1e400,*;q=-1," * 100},
        {"Idempotency-Key": "x" * 65},
        {"Idempotency-Key": "\xe9" * 8},
        {"Origin": "null"},
        {"X-CSRF-Token": "\xe9"},
        {"Accept": "a/b;" * 1_000},
        {"If-None-Match": '"' * 1_000},
        {"Range": "bytes=0-0,-1"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_hostile_headers_are_harmless(world: World, header: dict[str, str]):
    """Whatever a header says, the answer is one of ours; headers are read by what all routes of a kind share."""
    for route in {(one.endpoint.partition(".")[0], one.method): one for one in ROUTES}.values():
        for who in ("nobody", "another visitor"):
            answer = send(world, who, route, headers=header)
            assert answer.status_code < 500, (str(route), answer.data)


@pytest.mark.parametrize(
    "segment", ["%00", "%ED%A0%80", "%FF", "x" * 5_000, "../../etc/passwd", "%2e%2e%2f", "'; --", "%F0%9F%98%80", "%"]
)
def test_hostile_paths_lead_nowhere(world: World, segment: str):
    """In the place of each parameter: not found, whoever asks."""
    for route in ROUTES:
        for name in route.parameters:
            path = route.path(world.things | {name: "SEGMENT"}).replace("SEGMENT", segment)
            person = world.person("own agent")
            answer = person.client.open(path, method=route.method, json={}, headers=person.headers)
            answer.close()
            assert answer.status_code < 500, (path, answer.data)
            if f"<uuid:{name}>" in route.rule:
                assert answer.status_code == 404, path
