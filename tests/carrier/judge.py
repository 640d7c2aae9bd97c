"""Twilio's own description of its API and of TwiML, as judges; where their folder is absent, tests say so."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

DESCRIPTIONS = Path(__file__).parent.parent.parent.parent / "shared" / "twilio"
described = pytest.mark.skipif(not DESCRIPTIONS.exists(), reason=f"Twilio's descriptions are not at {DESCRIPTIONS}")


@cache
def description() -> dict[str, Any]:
    """The API, its schemas closed: an unknown field is a fault; `nullable` as JSON Schema says it."""
    closed: dict[str, Any] = _closed(json.loads((DESCRIPTIONS / "twilio_api_v2010.json").read_text()))
    return closed


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    if closed.get("type") == "object" and "properties" in closed:
        closed["additionalProperties"] = False
        # The client reads every field that is described; a missing one would be read as None.
    if closed.pop("nullable", False) is True and isinstance(closed.get("type"), str):
        closed["type"] = [closed["type"], "null"]
    if isinstance(closed.get("$ref"), str) and "_enum_" in closed["$ref"]:
        return {"anyOf": [{"$ref": closed["$ref"]}, {"type": "null"}]}
    closed.pop("format", None)
    return closed


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(re.sub(r"\{\w+\}", "[^/]+", re.escape(path).replace(r"\{", "{").replace(r"\}", "}")) + "$"), path)
        for path in description()["paths"]
    ]


def judge(method: str, path: str, form: Any, answer: Any) -> None:
    """An answer of the API has only the fields described, each of its type; a request too.

    Raises:
        AssertionError: it has not.
    """
    template = next((name for pattern, name in _templates() if pattern.match(path)), None)
    if template is None:
        assert path.startswith("/v1/"), f"not in the description: {path}"
        return
    operation = description()["paths"][template][method.lower()]
    body = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {})
    unknown = set(form or {}) - set(body.get("schema", {}).get("properties", {}))
    assert not unknown, f"{method} {template}: {unknown}"
    if answer.status_code >= 400:
        told = json.loads(answer.text)
        assert set(told) == {"code", "message", "more_info", "status"}, told
        assert told["status"] == answer.status_code
        return
    expected = operation["responses"].get(str(answer.status_code))
    assert expected is not None, f"{method} {template}: {answer.status_code}"
    if answer.status_code == 204:
        return
    schema = {**expected["content"]["application/json"]["schema"], "components": description()["components"]}
    found = json.loads(answer.text)
    faults = [f"{list(one.absolute_path)}: {one.message}" for one in Draft7Validator(schema).iter_errors(found)]
    assert not faults, f"{method} {template}: {faults}"
    missing = set(_properties(schema)) - set(found)
    assert not missing, f"{method} {template}: {missing} missing"


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = (schema["components"]["schemas"][name] if name else schema).get("properties", {})
    return found
