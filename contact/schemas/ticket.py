"""Tickets, messages and their history on the wire."""

from marshmallow import Schema, fields

from contact.domain.vocabulary import TicketState
from contact.schemas.base import Page, Speaker, Strict, Text, between, language, named, one_of, whole_number

REPLY_CHARACTERS = 4000
_SETTABLE = [state for state in TicketState if state not in (TicketState.NEW, TicketState.MERGED)]


class TicketQuery(Page):
    scope = fields.String(load_default="queues", validate=one_of(("mine", "queues")))
    state = fields.String(validate=one_of(TicketState))
    campaign_id = fields.UUID()
    q = Text(200)


class TicketRow(Schema):
    id = fields.UUID()
    number = fields.String()
    subject = fields.String()
    state = fields.String()
    priority = fields.Integer()
    channel = fields.String(allow_none=True)
    language = fields.String()
    topic = named()
    campaign = named()
    administration = fields.Nested(Speaker)
    citizen_name = fields.String(allow_none=True)
    owner = named(allow_none=True)
    waiting = fields.Boolean()
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()
    excerpt = fields.String()


class TicketList(Schema):
    items = fields.List(fields.Nested(TicketRow))
    next_cursor = fields.String(allow_none=True)


class ContactPoint(Schema):
    id = fields.UUID()
    kind = fields.String()
    value = fields.String()
    disabled = fields.Boolean()


class Citizen(Schema):
    id = fields.UUID()
    name = fields.String(allow_none=True)
    language = fields.String()
    identity_level = fields.Integer()
    contact_points = fields.List(fields.Nested(ContactPoint))


class Interaction(Schema):
    id = fields.UUID()
    channel = fields.String()
    state = fields.String()
    started_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    endpoint = fields.String()


class LiveAssignment(Schema):
    id = fields.UUID()
    state = fields.String()
    agent = named()


class OtherTicket(Schema):
    id = fields.UUID()
    number = fields.String()
    subject = fields.String()
    state = fields.String()
    updated_at = fields.AwareDateTime()


class Can(Schema):
    reply = fields.Boolean()
    note = fields.Boolean()
    edit = fields.Boolean()
    finish = fields.Boolean()


class ReplyTo(Schema):
    channel = fields.String()
    from_address = fields.String()
    to_address = fields.String(allow_none=True)
    is_one_way = fields.Boolean()
    # A code of `contact/services/text_rules.py`; null where nothing speaks against a reply.
    refused = fields.String(allow_none=True)


class Draft(Schema):
    body = fields.String()
    updated_at = fields.AwareDateTime()


class Ticket(TicketRow):
    version = fields.Integer()
    last_seq = fields.Integer()
    citizen = fields.Nested(Citizen)
    interactions = fields.List(fields.Nested(Interaction))
    assignment = fields.Nested(LiveAssignment, allow_none=True)
    other_tickets = fields.List(fields.Nested(OtherTicket))
    reply_channel = fields.String(allow_none=True)
    reply_to = fields.Nested(ReplyTo, allow_none=True)
    can = fields.Nested(Can)
    draft = fields.Nested(Draft, allow_none=True)


class NewTicket(Strict):
    campaign_id = fields.UUID(required=True)
    topic_id = fields.UUID(required=True)
    subject = Text(200, required=True)
    citizen_name = Text(200)
    language = language(load_default="fr")
    note = Text(REPLY_CHARACTERS, required=True)


class TicketChange(Strict):
    version = whole_number(1, 2**31 - 1, required=True)
    state = fields.String(validate=one_of(_SETTABLE))
    priority = whole_number(0, 20)
    topic_id = fields.UUID()
    subject = Text(200)


class Since(Strict):
    since = fields.Integer(load_default=0, validate=between(0, 2**31 - 1))
    limit = fields.Integer(load_default=200, validate=between(1, 500))


class Attachment(Schema):
    id = fields.UUID()
    file_name = fields.String()
    content_type = fields.String()
    size_bytes = fields.Integer()


class Awaited(Schema):
    # The sender's word for it.
    content_type = fields.String()
    failure = fields.String(allow_none=True)


class Message(Schema):
    id = fields.UUID()
    seq = fields.Integer()
    kind = fields.String()
    code = fields.String(allow_none=True)
    body = fields.String()
    author = named(allow_none=True)
    channel = fields.String(allow_none=True)
    interaction_id = fields.UUID(allow_none=True)
    created_at = fields.AwareDateTime()
    state = fields.String(allow_none=True)
    failure = fields.String(allow_none=True)
    attachments = fields.List(fields.Nested(Attachment))
    # What came with a text and is not here: yet, or, with a failure, at all.
    media = fields.List(fields.Nested(Awaited))
    # The key it was created with: a page drops its own unacknowledged copy by it.
    key = fields.String(allow_none=True)
    revision = fields.Integer()


class MessageList(Schema):
    items = fields.List(fields.Nested(Message))
    last_seq = fields.Integer()


class Body(Strict):
    body = Text(REPLY_CHARACTERS, required=True)


class DraftBody(Strict):
    body = Text(REPLY_CHARACTERS, required=True, words=False)


class ReadMark(Strict):
    seq = whole_number(0, 2**31 - 1, required=True)


class Actor(Schema):
    name = fields.String()


class HistoryRow(Schema):
    at = fields.AwareDateTime()
    action = fields.String()
    actor = fields.Nested(Actor, allow_none=True)
    actor_kind = fields.String()
    version = fields.Integer(allow_none=True)
    changed = fields.List(fields.String())


class History(Schema):
    items = fields.List(fields.Nested(HistoryRow))
    next_cursor = fields.String(allow_none=True)


class HistoryQuery(Strict):
    cursor = fields.UUID()
    limit = fields.Integer(load_default=50, validate=between(1, 100))
