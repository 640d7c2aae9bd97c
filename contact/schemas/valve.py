"""A campaign's voice line on the wire."""

from marshmallow import Schema, fields, validate

from contact.domain.vocabulary import OverrideState
from contact.schemas.base import Speaker, Strict, Text, named, one_of, whole_number

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


class Figures(Schema):
    """The counts are those of the last ten minutes, without the callers whom an override refused."""

    as_of = fields.AwareDateTime()
    mode = fields.String()
    expected_wait_seconds = fields.Float()
    rate_per_hour = fields.Float()
    capacity_per_hour = fields.Float()
    asked = fields.Integer()
    admitted = fields.Integer()
    refused = fields.Integer()


class Line(Schema):
    """A campaign's voice line on the wallboard; `told` is null while nobody tells of it."""

    campaign = named()
    administration = fields.Nested(Speaker)
    told = fields.Nested(Figures, allow_none=True)
    override = fields.Nested(Override, allow_none=True)
