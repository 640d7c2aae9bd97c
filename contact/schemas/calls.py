"""Calls and the browser telephone on the wire."""

from marshmallow import Schema, fields

from contact.schemas.base import Strict, Text


class SoftphoneWish(Strict):
    """*tab* is a random name of the page's own; *take* closes the telephone of another tab."""

    tab = Text(80, required=True)
    take = fields.Boolean(load_default=False)
    interaction_id = fields.UUID(load_default=None, allow_none=True)


class SoftphoneTab(Strict):
    """*until* is what this page was told last: what a page of the same tab was given since then, it keeps."""

    tab = Text(80, required=True)
    until = fields.AwareDateTime(required=True)


class Softphone(Schema):
    token = fields.String()
    identity = fields.String()
    provider = fields.String()
    url = fields.String()
    expires_in_seconds = fields.Integer()
    leased_until = fields.AwareDateTime()


class Hold(Strict):
    is_held = fields.Boolean(required=True)


class NewCall(Strict):
    contact_point_id = fields.UUID(required=True)


class Call(Schema):
    """`state` is what the line should be doing: a word of `domain/call_flow.CallStage`."""

    id = fields.UUID()
    state = fields.String()
    is_held = fields.Boolean()
    began_at = fields.AwareDateTime()
    direction = fields.String()
    number = fields.String(allow_none=True)
    interaction_id = fields.UUID(allow_none=True)


class Recording(Schema):
    id = fields.UUID()
    seconds = fields.Integer()
    is_ready = fields.Boolean()


class CallAdmission(Schema):
    """The throttle's answer: a rule of `routing/admission.Rule`, by which version of the campaign's policy."""

    is_admitted = fields.Boolean()
    rule = fields.String()
    reasons = fields.List(fields.String())
    policy_number = fields.Integer()
    offered = fields.List(fields.String())
    taken = fields.String(allow_none=True)
    arrived_at = fields.AwareDateTime()


class PastCall(Call):
    outcome = fields.String(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    talked_seconds = fields.Integer()
    agent_name = fields.String(allow_none=True)
    recordings = fields.List(fields.Nested(Recording))
    admission = fields.Nested(CallAdmission, allow_none=True)


class Calls(Schema):
    items = fields.List(fields.Nested(PastCall))
