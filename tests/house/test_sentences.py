"""Everything that is told to a person has a sentence in each language."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from marshmallow import Schema, fields, validate

from contact import schemas
from contact.api.errors import _HTTP_CODES, STATUS
from contact.api.sentences import SENTENCES, sentence
from contact.domain.vocabulary import LANGUAGES
from contact.schemas.base import Strict


def received() -> list[type[Schema]]:
    """Every schema of something that is sent to us."""
    for module in pkgutil.iter_modules(schemas.__path__):
        importlib.import_module(f"{schemas.__name__}.{module.name}")
    found = [Strict]
    for one in found:
        found += one.__subclasses__()
    return found


def messages(schema: Schema) -> Iterator[str]:
    """All that *schema* can say: itself, its fields, their validators, and what is inside of them."""
    yield from schema.error_messages.values()
    for field in schema.fields.values():
        yield from field_messages(field)


def field_messages(field: fields.Field) -> Iterator[str]:
    yield from field.error_messages.values()
    for validator in field.validators:
        yield from spoken(validator)
    for inner in ("inner", "key_field", "value_field"):
        if getattr(field, inner, None) is not None:
            yield from field_messages(getattr(field, inner))
    if isinstance(field, fields.Nested):
        yield from messages(field.schema)


def spoken(validator: object) -> Iterator[str]:
    """What a validator says, its own figures filled in as it would."""
    if isinstance(validator, validate.OneOf):
        yield validator.error.format(input="", choices=validator.choices_text, labels="")
    elif isinstance(validator, validate.Length | validate.Range):
        # Both keep messages of their own for the cases `error` replaces.
        yield validator.error.format(input="", min=validator.min, max=validator.max) if validator.error else "(default)"
    else:
        yield validator.error


@pytest.mark.parametrize("schema", received(), ids=lambda schema: schema.__name__)
def test_every_message_of_a_schema_has_its_sentence(schema: type[Schema]):
    """No message of a library reaches a person: each is a code we know, with all that its sentence names."""
    for message in messages(schema()):
        assert message.split("|")[0] in SENTENCES, message
        for language in LANGUAGES:
            assert sentence(message, language)


def test_everything_sent_to_us_is_strict(app: Flask):
    """No route reads its input by a schema that would speak English or let in unknown fields."""
    asked = [
        parameters["schema"]
        for view in app.view_functions.values()
        for parameters in getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    ]

    assert asked
    # A schema that is asked often is made once.
    kinds = [one if isinstance(one, type) else type(one) for one in asked]
    assert [one for one in kinds if not issubclass(one, Strict)] == []


def test_every_refusal_has_its_sentence():
    """Whatever code an answer carries."""
    codes = {error.code for error in STATUS} | set(_HTTP_CODES.values()) | {"internal", "invalid_json"}

    assert codes - set(SENTENCES) == set()


@pytest.mark.parametrize("code", SENTENCES)
def test_languages_name_the_same(code: str):
    """Each sentence exists in every language, and asks for the same facts in all of them."""
    assert set(SENTENCES[code]) == set(LANGUAGES)
    named = [sorted(re.findall(r"\{\d\}", told)) for told in SENTENCES[code].values()]
    assert all(told.strip() for told in SENTENCES[code].values())
    assert all(one == named[0] for one in named)
