"""Every route of the product, read from its own table, and how to ask each correctly."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from werkzeug.test import TestResponse

from config.settings import Settings
from contact.api.permissions import PERMISSIONS
from contact.api.refusals import NAMED
from contact.domain.vocabulary import Role
from contact.web import create_app
from tests.isolation.world import World

# Opens no connection: this application is only asked for its routes and its description.
_APP = create_app(Settings(database_url="postgresql+psycopg://nobody@/nowhere"), async_mode="threading")
_SPEC: dict[str, Any] = _APP.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()

# What a correct request puts into a field of this name, where its description does not tell; the victim's things,
# `World.things`, come first.
FIELDS: dict[str, Any] = {
    "login": "nobody@nowhere.example",
    "password": "no password of anybody",
    "current_password": "no password of anybody",
    "new_password": "no password of anybody",
    "wrap_up_code": "answered",
    "after_seconds": 0,
    # Files and places of pages, not of anybody.
    "name": "nothing.js",
    "_inside": "tickets",
    "_address": "ville-mairie",
    # A version of something that the path names before.
    "number": 1,
    "version": 1,
    # Nobody's account at a telephone company.
    "account_id": "00000000-0000-4000-8000-000000000000",
    "channel": "sms",
    "step": "in",
    # A page of nobody.
    "tab": "tab-1",
    "until": "2030-01-01T00:00:00Z",
}
# What a body needs beside its required fields, by endpoint: a rule that no schema tells.
ALSO = {"work.transfer_assignment": ("topic_id",)}
ROLES = {
    "agent elsewhere": Role.AGENT,
    "agent of another outsourcer": Role.AGENT,
    "supervisor of another outsourcer": Role.SUPERVISOR,
    "administrator elsewhere": Role.ADMINISTRATOR,
    "operator": Role.OPERATOR,
    "revoked agent": Role.AGENT,
    "agent of another campaign": Role.AGENT,
    "colleague": Role.AGENT,
    "own agent": Role.AGENT,
    "own supervisor": Role.SUPERVISOR,
    "own administrator": Role.ADMINISTRATOR,
}
# Without a right to anything of the victim. The others have some, and are asked only what is not theirs.
STRANGERS = tuple(who for who in ROLES if who != "colleague" and not who.startswith("own "))
# What is one agent's alone, by the names of routes.
OWN_WORK = {"offer_id", "assignment_id", "interaction_id"}
CITIZENS = ("no cookie", "another visitor", "citizen elsewhere")


@dataclass(frozen=True)
class Route:
    """One method of one rule. *permission* is `public` or what the view asks for."""

    method: str
    rule: str
    endpoint: str
    permission: str
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def operation(self) -> dict[str, Any]:
        """Its part of the API's description; empty for pages."""
        path = re.sub(r"<(?:[^<>]+:)?(\w+)>", r"{\1}", self.rule)
        return _SPEC["paths"].get(path, {}).get(self.method.lower(), {})

    @property
    def body(self) -> dict[str, Any]:
        """The schema of its body; empty for none."""
        content = self.operation.get("requestBody", {}).get("content", {})
        return resolved(content.get("application/json", {}).get("schema"))

    @property
    def query(self) -> dict[str, dict[str, Any]]:
        """The parameters of its query, by name."""
        return {one["name"]: one for one in self.operation.get("parameters", ()) if one["in"] == "query"}

    @property
    def is_checked(self) -> bool:
        """Some of what is sent can be wrong. Any text is an address of a chat; all else has a form."""
        return bool(self.body or self.operation.get("parameters")) or "<uuid:" in self.rule

    @property
    def required_query(self) -> list[str]:
        return [name for name, one in self.query.items() if one.get("required")]

    @property
    def named(self) -> list[str]:
        """The fields by which a request names somebody's thing, in the path, the query or the body."""
        query = [
            one["name"] for one in self.operation.get("parameters", ()) if one["in"] == "query" and one.get("required")
        ]
        return [name for name in (*self.parameters, *query, *self.body.get("required", ())) if name in NAMED]

    def path(self, things: dict[str, str]) -> str:
        """
        Raises:
            KeyError: nothing is known that could stand for a parameter: add it to FIELDS or to the world.
        """
        found = self.rule
        for name in self.parameters:
            value = str((FIELDS | things)[name])
            found = re.sub(rf"<([^<>]+:)?{name}>", lambda _, value=value: value, found)
        query = [f"{name}={(FIELDS | things)[name]}" for name in self.required_query]
        return "?".join([found, *query])

    def correct_body(self, things: dict[str, str]) -> dict[str, Any] | None:
        """With the required fields, and what else its own rules ask for.

        Raises:
            KeyError: as `path`.
        """
        if not self.body:
            return None
        also = {name: things[name] for name in ALSO.get(self.endpoint, ())}
        return _sample("", self.body, things) | also


def _sample(name: str, schema: dict[str, Any], things: dict[str, str]) -> Any:
    """What a field of this name and description may hold."""
    schema = resolved(schema)
    if name in things or (name in FIELDS and schema.get("type") != "object"):
        return (FIELDS | things)[name]
    if {"type": "null"} in schema.get("anyOf", ()) or "null" in schema.get("type", ()):
        return None
    if schema.get("format") == "uuid":
        raise KeyError(f"no thing of the victim's stands for {name}")
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {one: _sample(one, schema["properties"][one], things) for one in schema.get("required", ())}
    if schema["type"] == "array":
        return [_sample("", schema["items"], things)] * schema.get("minItems", 0)
    return {"string": "x", "integer": schema.get("minimum", 0), "boolean": False}[schema["type"]]


def resolved(schema: dict[str, Any] | None) -> dict[str, Any]:
    if not schema:
        return {}
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return _SPEC["components"]["schemas"][name] if name else schema


def _routes() -> list[Route]:
    found = []
    for rule in _APP.url_map.iter_rules():
        view = _APP.view_functions[rule.endpoint]
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            found.append(Route(method, rule.rule, rule.endpoint, view.permission, tuple(sorted(rule.arguments))))
    return sorted(found, key=str)


ROUTES = _routes()
PUBLIC = [route for route in ROUTES if route.permission == "public"]
CLOSED = [route for route in ROUTES if route.permission != "public"]


def may(who: str, route: Route) -> bool:
    return route.permission in PERMISSIONS[ROLES[who]]


def entitled(route: Route) -> str:
    """Somebody on the victim's side who may ask it."""
    own = (who for who in ROLES if who.startswith("own ") and may(who, route))
    return "another visitor" if route.permission == "public" else next(own)


def expected(who: str, route: Route) -> int | None:
    """What *who* must be told on asking *route* about the victim's things; None where something may be given."""
    if who == "nobody":
        return 401
    if not may(who, route):
        return 403
    return 404 if route.named else None


def pairs() -> list[tuple[str, Route]]:
    """Who asks what: strangers everything, the victim's own people and a colleague what is not theirs to ask."""
    found = [(who, route) for who in ("nobody", *STRANGERS) for route in CLOSED]
    found += [(who, route) for who in ROLES if who.startswith("own ") for route in CLOSED if not may(who, route)]
    found += [("colleague", route) for route in CLOSED if OWN_WORK & set(route.named)]
    return found


def send(world: World, who: str, route: Route, **changes: Any) -> TestResponse:
    """*who* asks *route* correctly about the victim's things; *changes* go to the client."""
    client, headers = world.app.test_client(), {}
    if who in world.citizens:
        client = world.citizens[who].client
    elif who != "nobody":
        person = world.person(who)
        client, headers = person.client, dict(person.headers)
    asked = {"json": route.correct_body(world.things)} | changes
    headers |= {"Idempotency-Key": uuid4().hex} | asked.pop("headers", {})
    if "Cookie" in headers:
        # A client with a jar would send what is in there instead.
        client = world.app.test_client(use_cookies=False)
    path = route.path(world.things)
    if "query_string" in asked:
        path = path.partition("?")[0]
    return client.open(path, method=route.method, headers=headers, buffered=True, **asked)
