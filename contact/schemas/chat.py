"""The citizen's chat on the wire."""

from marshmallow import Schema, fields

from contact.schemas.base import ExpectedWait, Strict, Text, language

CHAT_CHARACTERS = 2000


class ChatTopic(Schema):
    id = fields.UUID()
    name = fields.Dict(keys=fields.String(), values=fields.String())


class ChatPage(Schema):
    name = fields.Dict(keys=fields.String(), values=fields.String())
    administration = fields.String()
    hue = fields.Integer()
    languages = fields.List(fields.String())
    welcome = fields.Dict(keys=fields.String(), values=fields.String())
    topics = fields.List(fields.Nested(ChatTopic))
    is_open = fields.Boolean()
    max_chars = fields.Constant(CHAT_CHARACTERS)


class Opening(Strict):
    topic_id = fields.UUID(required=True)
    language = language(required=True)
    name = Text(200)
    body = Text(CHAT_CHARACTERS, required=True)


class ChatBody(Strict):
    body = Text(CHAT_CHARACTERS, required=True)


class Conversation(Schema):
    id = fields.UUID()
    ticket_number = fields.String()
    state = fields.String()
    position = fields.Integer(allow_none=True)
    expected_wait = fields.Nested(ExpectedWait, allow_none=True)
    agents_available = fields.Boolean()
    agent_name = fields.String(allow_none=True)
    language = fields.String()
    topic_name = fields.String()
    last_seq = fields.Integer()
    read_seq = fields.Integer()
    other_read_seq = fields.Integer()
    server_time = fields.AwareDateTime()
    started_at = fields.AwareDateTime()


class ChatMessage(Schema):
    id = fields.UUID()
    seq = fields.Integer()
    kind = fields.String()
    code = fields.String(allow_none=True)
    body = fields.String()
    author_name = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    # The key it was created with: the page drops its own unacknowledged copy by it.
    key = fields.String(allow_none=True)
    state = fields.String(allow_none=True)


class ChatMessages(Schema):
    items = fields.List(fields.Nested(ChatMessage))
    last_seq = fields.Integer()
