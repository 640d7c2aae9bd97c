"""Policies for tests: the example that ships, those that are refused, and the example changed at one place."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from contact.domain import policy_checks
from contact.schemas.policy import PolicyDocument

_FOLDER = Path(__file__).parent.parent.parent / "docs" / "policy"
_EXAMPLE: dict[str, Any] = json.loads((_FOLDER / "tax-season.json").read_text())
REFUSED: list[dict[str, Any]] = json.loads((_FOLDER / "refused.json").read_text())
LANGUAGES = ("fr", "en")
FORM = PolicyDocument()
TOPICS = ("income", "payment")


def example(changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The example; *changes* by place, as `{"pace.floor_percent": 0}`."""
    document = deepcopy(_EXAMPLE)
    for place, value in (changes or {}).items():
        *way, last = place.split(".")
        inside: Any = document
        for name in way:
            inside = inside[_key(inside, name)]
        inside[_key(inside, last)] = value
    return document


def faults(document: dict[str, Any]) -> dict[str, str]:
    """By place, of the form first as the API does, else of what lies between the fields."""
    if found := FORM.validate(document):
        return dict(_flat("", found))
    return {place: code for place, (code,) in policy_checks.faults(document, LANGUAGES, TOPICS).items()}


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that stands alone, with its place."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inside:
        yield from leaves(one, f"{place}.{name}" if place else str(name))
    if not isinstance(value, dict | list):
        yield place, value


def _key(inside: Any, name: str) -> Any:
    return int(name) if isinstance(inside, list) else name


def _flat(place: str, found: Any) -> Iterator[tuple[str, str]]:
    if isinstance(found, dict):
        for name, inner in found.items():
            yield from _flat(f"{place}.{name}" if place else str(name), inner)
    else:
        yield place, found[0]
