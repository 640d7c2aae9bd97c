"""The API keeps its own description: what schemathesis makes of it, the same each time, finds nothing."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from tests.isolation.conftest import new_world
from tests.isolation.routes import ROUTES, Route, entitled
from tests.isolation.world import World

# SCHEMA_EXAMPLES=200 for a long look.
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "3"))
DESCRIBED = [route for route in ROUTES if route.operation]
EVERYBODY = ("nobody", "operator", "own agent", "own supervisor", "own administrator")
CORRECT, WRONG = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
# Who asks what, how, and how often: whoever may, all of it; who may not, once.
CASES = [
    *((entitled(route), route, CORRECT, EXAMPLES) for route in DESCRIBED),
    *((entitled(route), route, WRONG, EXAMPLES) for route in DESCRIBED if route.is_checked),
    *((who, route, CORRECT, 1) for who in EVERYBODY for route in DESCRIBED if who != entitled(route)),
]
# All that one answer can be held against. Of the others, `positive_data_acceptance` cannot know what no schema says (a
# topic of another campaign, a version that has passed); the rest need a sequence of requests
# (tests/isolation/test_routes.py).
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.missing_required_header,
    checks.unsupported_method,
    checks.allow_header_conformance,
]


@pytest.fixture(scope="module")
def world(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One of its own: what is asked correctly here changes it, to the grants."""
    with new_world(servers, tmp_path_factory.mktemp("world")) as made:
        yield made


@pytest.fixture(scope="module")
def api(world: World) -> Any:
    # Who asks is ours to say: the tests of routes leave the keys out.
    config = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_wsgi("/openapi.json", world.app, config=config)


@pytest.mark.parametrize(
    ("who", "route", "mode", "examples"), CASES, ids=[f"{who}-{route}-{mode.value}" for who, route, mode, _ in CASES]
)
def test_answers_are_as_described(world: World, api: Any, who: str, route: Route, mode: GenerationMode, examples: int):
    """Statuses, bodies, headers and types are the described ones, and what breaks the description is refused."""
    path = next(one for one in api if route.rule.count("/") == one.count("/") and matches(one, route))
    operation = api[path][route.method]
    known = {name: world.things[name] for name in route.parameters if name in world.things}
    real = {"path_parameters": known} if known and mode is CORRECT else {}

    @given(case=operation.as_strategy(generation_mode=mode, **real))
    @settings(
        derandomize=True,
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        cookies, headers = who_asks(world, who)
        answer = case.call(headers=headers, cookies=cookies)
        case.validate_response(answer, checks=CHECKS)
        if route.endpoint == "accounts.close_session":
            world.forget(who)

    check()


def matches(path: str, route: Route) -> bool:
    return all(a == b or b.startswith("<") for a, b in zip(path.split("/"), route.rule.split("/"), strict=True))


def who_asks(world: World, who: str) -> tuple[dict[str, str], dict[str, str]]:
    """Their cookies and headers."""
    if who == "nobody":
        return {}, {}
    if who in world.citizens:
        citizen = world.citizens[who]
        found = citizen.client.get_cookie("guichet_visitor", path=citizen.base)
        return ({"guichet_visitor": found.value} if found else {}), {}
    person = world.person(who)
    return {"guichet_session": person.client.get_cookie("guichet_session").value}, person.headers
