"""The description of the API: valid, and saying of each operation who may use it and what can be refused."""

from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from config.settings import Settings
from contact.api.permissions import PERMISSIONS
from tests.people import told


@pytest.fixture
def spec(app: Flask) -> dict[str, Any]:
    return told(app.test_client().get("/openapi.json"))


@pytest.fixture
def operations(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`{"get /api/v1/…": operation}`."""
    methods = ("get", "post", "put", "patch", "delete")
    found = {
        f"{method} {path}": item[method] for path, item in spec["paths"].items() for method in methods if method in item
    }
    assert found
    return found


def test_valid_openapi(spec: dict[str, Any], settings: Settings):
    """Generators and the API page can read it, and know where to send what they make."""
    OpenAPIV31SpecValidator(spec).validate()

    assert spec["openapi"].startswith("3.1")
    assert spec["servers"] == [{"url": settings.public_base_url}]


def test_every_operation_is_described(operations: dict[str, dict[str, Any]]):
    """All are the API's, and say in a sentence what they do."""
    assert [name for name in operations if " /api/v1/" not in name] == []
    assert [name for name, operation in operations.items() if not operation.get("summary")] == []


def test_every_operation_says_who_may_use_it(operations: dict[str, dict[str, Any]]):
    """Public, or a known permission: the session's cookie, and for changes the token against forgery."""
    known = set().union(*PERMISSIONS.values())

    for name, operation in operations.items():
        if operation["x-permission"] == "public":
            assert operation["security"] == [], name
        else:
            assert operation["x-permission"] in known, name
            keys = {"session": []} if name.startswith("get ") else {"session": [], "csrf": []}
            assert operation["security"] == [keys], name


def test_every_operation_says_what_can_be_refused(spec: dict[str, Any], operations: dict[str, dict[str, Any]]):
    """Each refusal is our one shape, with its codes."""
    for name, operation in operations.items():
        expected = {"404", "409", "422"} | ({"401", "403"} if operation["security"] else set())
        assert expected <= set(operation["responses"]), name

    refusals = {name: one for name, one in spec["components"]["responses"].items() if name.startswith("Refused")}
    assert "not_signed_in" in refusals["Refused401"]["description"]
    for one in refusals.values():
        assert one["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorBody"}
