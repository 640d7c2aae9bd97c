"""What every schema shares: strict types, clean text, no unknown fields."""

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from contact.domain.vocabulary import LANGUAGES


class Strict(Schema):
    """Bodies name exactly the fields that are asked for: what else comes (a tenant, an owner) is refused."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """Text that PostgreSQL can keep: no NUL, no lone surrogate. With *words*, blank text is refused too."""

    def __init__(self, most: int, *, words: bool = True, **rest: Any) -> None:
        super().__init__(validate=validate.Length(max=most), **rest)
        self.words = words

    def _deserialize(self, value: Any, attr: str | None, data: Any, **rest: Any) -> str:
        text = super()._deserialize(value, attr, data, **rest)
        if "\x00" in text or any("\ud800" <= one <= "\udfff" for one in text):
            raise ValidationError("unstorable_characters")
        if self.words and not text.strip():
            raise ValidationError("blank")
        return text


def whole_number(low: int, high: int, **rest: Any) -> fields.Integer:
    """An integer within bounds; `1.5`, `true` and `"1"` from a body are refused."""
    return fields.Integer(strict=True, validate=validate.Range(low, high), **rest)


def language(**rest: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(LANGUAGES), **rest)


class Named(Schema):
    id = fields.UUID()
    name = fields.String()


def named(**rest: Any) -> fields.Nested:
    return fields.Nested(Named, **rest)


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

    cursor = fields.String(validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 100))


class IdempotencyKey(Schema):
    """Retry with the same key: the same answer, nothing twice."""

    class Meta:
        unknown = "exclude"

    key = fields.String(
        data_key="Idempotency-Key",
        required=True,
        validate=validate.Regexp(r"^[A-Za-z0-9_-]{8,64}$", error="8 to 64 letters, digits, - or _"),
    )
