"""An agent's state, offers and assignments on the wire."""

from marshmallow import Schema, ValidationError, fields, validates_schema

from contact.domain.vocabulary import PresenceState, TicketState
from contact.schemas.base import Named, Speaker, Strict, Text, named, one_of, whole_number
from contact.schemas.calls import Call

PAUSE_REASONS = ("break", "meal", "training", "other")
CHOSEN_STATES = (PresenceState.READY, PresenceState.PAUSED, PresenceState.OFFLINE)
AFTER_WORK = (TicketState.RESOLVED, TicketState.WAITING_CITIZEN, TicketState.WAITING_THIRD_PARTY, TicketState.OPEN)


class StateChange(Strict):
    state = fields.String(required=True, validate=one_of(CHOSEN_STATES))
    reason = fields.String(load_default=None, allow_none=True, validate=one_of(PAUSE_REASONS))

    @validates_schema
    def check_reason(self, data: dict[str, str | None], **_: object) -> None:
        if (data["state"] == PresenceState.PAUSED) != (data.get("reason") is not None):
            raise ValidationError("reason_of_pause", "reason")


class ChannelLoad(Schema):
    # "load" is a method of Schema.
    load_ = fields.Integer(data_key="load", attribute="load")
    capacity = fields.Integer()


class Presence(Schema):
    state = fields.String()
    reason = fields.String(allow_none=True)
    since = fields.AwareDateTime(attribute="since_at")
    channels = fields.Dict(keys=fields.String(), values=fields.Nested(ChannelLoad))


class LastWords(Schema):
    kind = fields.String()
    body = fields.String()
    at = fields.AwareDateTime()
    seq = fields.Integer()


class _Context(Schema):
    id = fields.UUID()
    ticket_id = fields.UUID()
    ticket_number = fields.String()
    channel = fields.String()
    topic = named()
    campaign = named()
    administration = fields.Nested(Speaker)
    citizen_name = fields.String(allow_none=True)


class Offer(_Context):
    language = fields.String()
    waited_seconds = fields.Integer()
    offered_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime()
    last_exchange = fields.Nested(LastWords, allow_none=True)


class Assignment(_Context):
    interaction_id = fields.UUID()
    state = fields.String()
    started_at = fields.AwareDateTime()
    wrap_until = fields.AwareDateTime(allow_none=True)
    visitor_present = fields.Boolean(allow_none=True)
    last_message = fields.Nested(LastWords, allow_none=True)
    unread = fields.Integer()
    call = fields.Nested(Call, allow_none=True)


class Work(Schema):
    server_time = fields.AwareDateTime()
    presence = fields.Nested(Presence, allow_none=True)
    offers = fields.List(fields.Nested(Offer))
    assignments = fields.List(fields.Nested(Assignment))


class Nothing(Strict):
    """An empty body."""


class TransferTopic(Named):
    queue = named()
    waiting = fields.Integer()
    is_current = fields.Boolean()


class TransferAgent(Named):
    state = fields.String()


class TransferSkill(Schema):
    code = fields.String()
    name = fields.String()


class TransferTargets(Schema):
    topics = fields.List(fields.Nested(TransferTopic))
    agents = fields.List(fields.Nested(TransferAgent))
    skills = fields.List(fields.Nested(TransferSkill))


class Transfer(Strict):
    """Exactly one of `topic_id`, `agent_id` and `skill` (with `level`, 1 to 5). `note` is for whoever takes over."""

    topic_id = fields.UUID()
    agent_id = fields.UUID()
    skill = Text(40)
    level = whole_number(1, 5, load_default=1)
    note = Text(4000)

    @validates_schema
    def check_target(self, data: dict[str, object], **_: object) -> None:
        if len({"topic_id", "agent_id", "skill"} & data.keys()) != 1:
            raise ValidationError("one_target")


class Ending(Strict):
    wrap_up_code = Text(60, required=True)
    ticket_state = fields.String(required=True, validate=one_of(AFTER_WORK))
    note = Text(4000)
