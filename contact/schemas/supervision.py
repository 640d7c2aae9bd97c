"""Wallboard, campaigns, grants and the routing explanation on the wire."""

from marshmallow import Schema, fields

from contact.schemas.base import ExpectedWait, Speaker, Strict, named
from contact.schemas.valve import Line
from contact.schemas.work import ChannelLoad


class QueueRow(Schema):
    id = fields.UUID()
    name = fields.String()
    campaign = named()
    administration = fields.Nested(Speaker)
    waiting = fields.Integer()
    offered = fields.Integer()
    active = fields.Integer()
    oldest_enqueued_at = fields.AwareDateTime(allow_none=True)
    oldest_ticket_id = fields.UUID(allow_none=True)
    agents_ready = fields.Integer()
    unserved = fields.Boolean()


class PersonRow(Schema):
    id = fields.UUID()
    name = fields.String()
    state = fields.String()
    reason = fields.String(allow_none=True)
    since = fields.AwareDateTime()
    last_seen_at = fields.AwareDateTime(allow_none=True)
    channels = fields.Dict(keys=fields.String(), values=fields.Nested(ChannelLoad))
    skills = fields.Dict(keys=fields.String(), values=fields.Integer())
    languages = fields.List(fields.String())


class Wallboard(Schema):
    server_time = fields.AwareDateTime()
    queues = fields.List(fields.Nested(QueueRow))
    agents = fields.List(fields.Nested(PersonRow))
    valves = fields.List(fields.Nested(Line))


class CampaignTopic(Schema):
    id = fields.UUID()
    name = fields.String()
    queue = fields.String()


class Campaign(Schema):
    id = fields.UUID()
    name = fields.String()
    slug = fields.String()
    languages = fields.List(fields.String())
    state = fields.String()
    administration = fields.Nested(Speaker)
    channels = fields.List(fields.String())
    chat_address = fields.String(allow_none=True)
    topics = fields.List(fields.Nested(CampaignTopic))
    queues = fields.List(named())


class Campaigns(Schema):
    items = fields.List(fields.Nested(Campaign))


class CodeQuery(Strict):
    campaign_id = fields.UUID(required=True)


class Code(Schema):
    code = fields.String()
    name = fields.String()


class Codes(Schema):
    items = fields.List(fields.Nested(Code))


class Grant(Schema):
    id = fields.UUID()
    campaign = named()
    person = named()
    outsourcer = named()
    granted_at = fields.AwareDateTime()
    revoked_at = fields.AwareDateTime(allow_none=True)


class Grants(Schema):
    items = fields.List(fields.Nested(Grant))


class NeedView(Schema):
    channel = fields.String()
    language = fields.String(allow_none=True)
    skills = fields.Dict(keys=fields.String(), values=fields.Integer())
    queue = fields.String(allow_none=True, metadata={"description": "Another queue, whose agents are asked."})


class Curtain(Schema):
    """What hides it from some: `held` for an agent, `reserved` for an outsourcer, `delayed` for a team."""

    kind = fields.String()
    who = fields.String()
    until_at = fields.AwareDateTime()


class AgentVerdict(Schema):
    name = fields.String()
    failing = fields.String(allow_none=True)
    facts = fields.Dict()


class WaitingExplained(Schema):
    contact_id = fields.UUID()
    channel = fields.String()
    position = fields.Integer()
    expected_wait = fields.Nested(ExpectedWait, allow_none=True)
    step = fields.Integer()
    steps = fields.Integer()
    next_step_at = fields.AwareDateTime(allow_none=True)
    enqueued_at = fields.AwareDateTime()
    key = fields.AwareDateTime()
    priority = fields.Integer()
    target_seconds = fields.Integer()
    needs = fields.List(fields.Nested(NeedView))
    skill_names = fields.Dict(keys=fields.String(), values=fields.String())
    curtains = fields.List(fields.Nested(Curtain))
    offered_elsewhere = fields.String(allow_none=True)
    agents = fields.List(fields.Nested(AgentVerdict))


class OfferExplained(Schema):
    agent = named()
    state = fields.String()
    offered_at = fields.AwareDateTime()
    decided_at = fields.AwareDateTime(allow_none=True)
    why = fields.Dict()


class RoutingExplained(Schema):
    waiting = fields.Nested(WaitingExplained, allow_none=True)
    offers = fields.List(fields.Nested(OfferExplained))
