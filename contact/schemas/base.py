"""What every schema shares: strict types, clean text, no unknown fields."""

from collections.abc import Iterable
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from contact.domain.vocabulary import LANGUAGES

# What marshmallow says in English, as codes of contact/api/sentences.py; the special kinds come last.
_CODES: dict[type[fields.Field], dict[str, str]] = {
    fields.Field: {"required": "required", "null": "required", "validator_failed": "invalid"},
    fields.String: {"invalid": "not_text", "invalid_utf8": "unstorable_characters"},
    fields.UUID: {"invalid_uuid": "not_an_id"},
    fields.Integer: {"invalid": "not_a_whole_number", "too_large": "not_a_whole_number"},
    fields.Boolean: {"invalid": "not_a_yes_or_no"},
    fields.List: {"invalid": "not_a_list"},
    fields.Mapping: {"invalid": "not_an_object"},
    fields.Nested: {"type": "not_an_object"},
    fields.DateTime: dict.fromkeys(("invalid", "invalid_awareness", "format"), "not_an_instant"),
}


class Strict(Schema):
    """What may be sent: exactly the fields that are asked for; what else comes (a tenant, an owner) is refused.

    Every message is a code, with what its sentence has to name behind it: `required`, `too_long|200`.
    """

    error_messages = {"type": "not_an_object", "unknown": "unknown_field"}

    class Meta:
        unknown = RAISE

    def on_bind_field(self, _field_name: str, field_obj: fields.Field) -> None:
        """Here and not in marshmallow's own classes: the settings are read by those too."""
        _say_codes(field_obj)


def _say_codes(field: fields.Field) -> None:
    """Let the field, and what lies inside of it, speak in codes."""
    for kind, codes in _CODES.items():
        if isinstance(field, kind):
            field.error_messages = field.error_messages | codes
    for name in ("inner", "key_field", "value_field"):
        inside = getattr(field, name, None)
        if isinstance(inside, fields.Field):
            _say_codes(inside)


def at_most(characters: int) -> validate.Length:
    return validate.Length(max=characters, error="too_long|{max}")


def between(low: int, high: int) -> validate.Range:
    return validate.Range(low, high, error="out_of_range|{min}|{max}")


def one_of(choices: Iterable[str]) -> validate.OneOf:
    return validate.OneOf(list(choices), error="not_a_choice|{choices}")


class Text(fields.String):
    """Text that PostgreSQL can keep: no NUL, no lone surrogate. With *words*, blank text is refused too."""

    def __init__(self, most: int, *, words: bool = True, **rest: Any) -> None:
        pattern = r"^[^\x00]*[^\s\x00][^\x00]*$" if words else r"^[^\x00]*$"
        super().__init__(validate=at_most(most), metadata={"pattern": pattern}, **rest)
        self.words = words

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        try:
            # Lone surrogates have no bytes.
            text.encode()
        except UnicodeEncodeError as fault:
            raise ValidationError("unstorable_characters") from fault
        if "\x00" in text:
            raise ValidationError("unstorable_characters")
        if self.words and not text.strip():
            raise ValidationError("blank")
        return text


def whole_number(low: int, high: int, **rest: Any) -> fields.Integer:
    """An integer within bounds; `1.5`, `true` and `"1"` from a body are refused."""
    return fields.Integer(strict=True, validate=between(low, high), **rest)


def yes_or_no(**rest: Any) -> fields.Boolean:
    """JSON's own true and false; marshmallow would take `"on"` and `1` as well."""
    return fields.Boolean(truthy={True}, falsy={False}, **rest)


def some(item: Any, low: int, high: int, **rest: Any) -> fields.List:
    """A list of so many items."""
    checks = [
        validate.Length(min=low, error="too_few_items|{min}"),
        validate.Length(max=high, error="too_many_items|{max}"),
    ]
    return fields.List(item, validate=checks, **rest)


def language(**rest: Any) -> fields.String:
    return fields.String(validate=one_of(LANGUAGES), **rest)


class Named(Schema):
    id = fields.UUID()
    name = fields.String()


class Speaker(Named):
    """An administration; `hue` is its colour on screen, 0 to 5."""

    hue = fields.Integer()


def named(**rest: Any) -> fields.Nested:
    return fields.Nested(Named, **rest)


class ExpectedWait(Schema):
    """Four in five wait less than `to_seconds`."""

    from_seconds = fields.Integer()
    to_seconds = fields.Integer()


class Error(Schema):
    """Every refusal: a stable code, a sentence to act on, facts."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    facts = fields.Dict()


class ErrorBody(Schema):
    error = fields.Nested(Error, required=True)
    request_id = fields.String(allow_none=True)


class Page(Strict):
    """Cursor paging: pass `next_cursor` of one page as `cursor` of the next."""

    cursor = fields.String(validate=at_most(200))
    limit = fields.Integer(load_default=50, validate=between(1, 100))


class IdempotencyKey(Strict):
    """Retry with the same key: the same answer, nothing twice."""

    class Meta:
        unknown = "exclude"

    key = fields.String(
        data_key="Idempotency-Key",
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9_-]{8,64}$", error="not_a_key"),
    )
