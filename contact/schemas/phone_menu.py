"""Phone menus on the wire."""

from marshmallow import Schema, fields

from contact.domain.menu import RETRIES_MAX, TURNS_MAX
from contact.domain.menu_document import KEYS, LEADS_TO, OPTIONS_MAX
from contact.domain.vocabulary import LANGUAGES
from contact.schemas.base import Strict, Text, language, named, one_of, some, whole_number, yes_or_no
from contact.schemas.openings import DATE, WeekOpening
from contact.schemas.routing import PlanVersion


class SpokenTexts(Strict):
    """The same in each language; those of the campaign must be there."""

    fr = Text(300, words=False)
    en = Text(300, words=False)


class SpokenWords(Strict):
    """What callers say, beside the name, when they mean the option."""

    fr = some(Text(40), 0, 10, load_default=list)
    en = some(Text(40), 0, 10, load_default=list)


class MenuOption(Strict):
    """`topic` is the id of one of the campaign's, when the option leads to a topic."""

    key = fields.String(required=True, validate=one_of(KEYS))
    name = fields.Nested(SpokenTexts, required=True)
    words = fields.Nested(SpokenWords, required=True)
    leads_to = fields.String(required=True, validate=one_of(LEADS_TO))
    topic = Text(40, load_default=None, allow_none=True)


class MenuDocument(Strict):
    """All that callers hear before they wait. `otherwise`: the topic of whoever chooses none."""

    welcome = fields.Nested(SpokenTexts, required=True)
    options = some(fields.Nested(MenuOption), 1, OPTIONS_MAX, required=True)
    otherwise = Text(40, required=True)
    closed = fields.Nested(SpokenTexts, required=True)
    voicemail = fields.Nested(SpokenTexts, required=True)
    takes_messages = yes_or_no(required=True)
    openings = some(fields.Nested(WeekOpening), 0, 28, required=True)
    closed_on = some(fields.String(validate=DATE), 0, 100, required=True)
    timeout_seconds = whole_number(2, 15, required=True)


class MenuCheck(Strict):
    document = fields.Nested(MenuDocument, required=True)


class MenuPublication(MenuCheck):
    """`base_number` is the version that was edited."""

    base_number = whole_number(0, 1_000_000, required=True)
    reason = Text(500, required=True)


class MenuState(Strict):
    """What a step gave, to be sent back with the next."""

    language = language(required=True)
    misses = whole_number(0, RETRIES_MAX, required=True)
    turns = whole_number(0, TURNS_MAX, required=True)


class MenuWalk(MenuCheck):
    """One step of trying a draft: without `state` the first, else what follows on the keys or on what was said."""

    state = fields.Nested(MenuState, load_default=None, allow_none=True)
    language = language(load_default=LANGUAGES[0])
    is_open = yes_or_no(load_default=True)
    digits = Text(3, words=False, load_default="")
    speech = Text(200, words=False, load_default="")


class MenuSaid(Schema):
    language = fields.String()
    text = fields.String()


class MenuAsked(Schema):
    keys = fields.List(fields.String())
    language = fields.String()
    timeout_seconds = fields.Integer()


class MenuEnding(Schema):
    kind = fields.String()
    topic_id = fields.UUID(allow_none=True)


class MenuStep(Schema):
    """What a caller hears, and then what they are asked or where they are put through."""

    says = fields.List(fields.Nested(MenuSaid))
    state = fields.Nested(MenuState)
    asks = fields.Nested(MenuAsked, allow_none=True)
    ends = fields.Nested(MenuEnding, allow_none=True)


class MenuLength(Schema):
    """How long the whole menu takes to say, in each language."""

    seconds = fields.Dict(keys=fields.String(), values=fields.Integer())


class MenuRead(PlanVersion):
    document = fields.Nested(MenuDocument)


class PhoneMenu(MenuRead):
    """`numbers`: those that callers hear it on; `phone_page`: where to call them from, on a machine without Twilio."""

    languages = fields.List(fields.String())
    topics = fields.List(named())
    numbers = fields.List(fields.String())
    phone_page = fields.String(allow_none=True)
