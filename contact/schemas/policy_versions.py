"""Versions of campaign policies on the wire."""

from marshmallow import Schema, fields, validate

from contact.domain.policy_life import PolicyState
from contact.schemas.base import Strict, Text, between, named, whole_number
from contact.schemas.policy import PolicyDocument

_MOMENT = validate.Regexp(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$", error="not_a_moment")
_NUMBER_MAX = 1_000_000


class PolicyCheck(Strict):
    document = fields.Nested(PolicyDocument, required=True)


class PolicyDraft(PolicyCheck):
    """`version`: of the draft that was edited, 0 where there was none. `base_number`: the policy it was written on."""

    version = whole_number(0, _NUMBER_MAX, required=True)
    base_number = whole_number(0, _NUMBER_MAX, required=True)


class PolicyApproval(Strict):
    """`version`: of the draft that was read."""

    version = whole_number(1, _NUMBER_MAX, required=True)


class PolicyDraftQuery(Strict):
    """As `PolicyApproval`, in an address."""

    version = fields.Integer(required=True, validate=between(1, _NUMBER_MAX))


class PolicyPublication(PolicyApproval):
    """`effective_at`: as `2027-05-10T08:00` by the administration's clock; null for at once."""

    reason = Text(500, required=True)
    effective_at = fields.String(load_default=None, allow_none=True, validate=_MOMENT)


class PolicyRollBack(Strict):
    """`number`: of the version that was published last."""

    number = whole_number(1, _NUMBER_MAX, required=True)
    reason = Text(500, required=True)


class PolicyChanges(Schema):
    """A sentence each, in the reader's language."""

    changes = fields.List(fields.String())


class PolicyVersion(Schema):
    """`approver`: the second person. `restores`: the number that this one brought back."""

    number = fields.Integer()
    base_number = fields.Integer()
    state = fields.String(validate=validate.OneOf(list(PolicyState)))
    reason = fields.String()
    author = named()
    approver = named(allow_none=True)
    proposed_at = fields.AwareDateTime(allow_none=True)
    published_at = fields.AwareDateTime(allow_none=True)
    effective_at = fields.AwareDateTime(allow_none=True)
    restores = fields.Integer(allow_none=True)


class PolicyVersions(Schema):
    items = fields.List(fields.Nested(PolicyVersion))


class PolicyRead(PolicyVersion):
    """`changes`: of the version it was written on."""

    document = fields.Nested(PolicyDocument)
    changes = fields.List(fields.String())


class PolicyDraftRead(PolicyVersion):
    version = fields.Integer()
    document = fields.Nested(PolicyDocument)


class PolicyTopic(Schema):
    slug = fields.String()
    name = fields.String()


class Policy(PolicyChanges):
    """`number` and `document`: what was published last, 0 for what an administration begins with.

    `in_force`: what holds now, another one while the last is scheduled. `changes`: what the draft changes.
    """

    number = fields.Integer()
    document = fields.Nested(PolicyDocument)
    published = fields.Nested(PolicyVersion, allow_none=True)
    in_force = fields.Nested(PolicyVersion, allow_none=True)
    draft = fields.Nested(PolicyDraftRead, allow_none=True)
    can_go_back = fields.Boolean()
    languages = fields.List(fields.String())
    time_zone = fields.String()
    topics = fields.List(fields.Nested(PolicyTopic))
