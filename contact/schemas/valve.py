"""A campaign's voice line on the wire."""

from marshmallow import Schema, fields, validate

from contact.domain.vocabulary import OverrideState
from contact.schemas.base import Strict, Text, named, one_of, whole_number

_DAY_MINUTES = 1_440


class NewOverride(Strict):
    """`replaces`: the id of the override that was in force when this one was decided on, null for none."""

    state = fields.String(required=True, validate=one_of(OverrideState))
    reason = Text(500, required=True)
    minutes = whole_number(1, _DAY_MINUTES, required=True)
    replaces = fields.UUID(load_default=None, allow_none=True)


class OverrideQuery(Strict):
    override_id = fields.UUID(required=True)


class Override(Schema):
    id = fields.UUID()
    state = fields.String(validate=validate.OneOf(list(OverrideState)))
    reason = fields.String()
    by = named()
    since_at = fields.AwareDateTime()
    until_at = fields.AwareDateTime()
