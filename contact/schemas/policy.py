"""Campaign policies on the wire. What the document means, field by field: docs/policy/README.md."""

from marshmallow import fields, validate

from contact.domain.alternatives import LINES
from contact.domain.holidays import TERRITORIES
from contact.domain.policy import ATTENDED, MODES, OFFERS, WINDOW_MINUTES
from contact.domain.policy_texts import PLACEHOLDERS
from contact.domain.vocabulary import Channel
from contact.schemas.base import Strict, Text, one_of, some, whole_number, yes_or_no
from contact.schemas.openings import DATE, DayOpening, WeekOpening

_SECONDS_MAX = 7_200


class PolicyTexts(Strict):
    """The same in each language; those of the campaign must be there."""

    fr = Text(400, words=False)
    en = Text(400, words=False)


class SpecialDay(Strict):
    """Goes before holidays and weekly hours; without openings all is closed."""

    date = fields.String(required=True, validate=DATE)
    name = fields.Nested(PolicyTexts, required=True)
    openings = some(fields.Nested(DayOpening), 0, 4, required=True)


class Peak(Strict):
    begins_on = fields.String(required=True, validate=DATE)
    ends_on = fields.String(required=True, validate=DATE)
    name = fields.Nested(PolicyTexts, required=True)
    target_wait_seconds = whole_number(10, _SECONDS_MAX, required=True)
    floor_percent = whole_number(1, 90, required=True)


class Cohort(Strict):
    zone = Text(40, required=True)
    name = fields.Nested(PolicyTexts, required=True)
    deadline = fields.String(required=True, validate=DATE)


class Season(Strict):
    begins_on = fields.String(required=True, validate=DATE)
    ends_on = fields.String(required=True, validate=DATE)
    peaks = some(fields.Nested(Peak), 0, 20, required=True)
    cohorts = some(fields.Nested(Cohort), 0, 110, required=True)


class Pace(Strict):
    target_wait_seconds = whole_number(10, _SECONDS_MAX, required=True)
    floor_percent = whole_number(1, 90, required=True)
    returning_percent = whole_number(0, 90, required=True)
    sticky_minutes = whole_number(1, 240, required=True)
    dwell_minutes = whole_number(1, 120, required=True)
    wait_cap_seconds = whole_number(10, _SECONDS_MAX, required=True, allow_none=True)


Alternatives = Strict.from_dict(
    {line: some(fields.String(validate=one_of(OFFERS)), 0, len(OFFERS), required=True) for line in LINES},
    name="Alternatives",
)


class PolicyMode(Strict):
    """`alternatives`: what each kind of line is offered, in this order."""

    enter_seconds = whole_number(1, _SECONDS_MAX, required=True)
    exit_seconds = whole_number(0, _SECONDS_MAX, required=True)
    alternatives = fields.Nested(Alternatives, required=True)


class Exemptions(Strict):
    deadline_days = whole_number(0, 60, required=True, allow_none=True)
    promise_broken = yes_or_no(required=True)
    returns_our_call = yes_or_no(required=True)
    declared_need = yes_or_no(required=True)
    declared_need_percent_max = whole_number(1, 100, required=True)
    safety_topics = some(Text(80), 0, 50, required=True)


class Callbacks(Strict):
    openings = some(fields.Nested(WeekOpening), 0, 42, required=True)
    window_minutes = fields.Integer(
        strict=True,
        required=True,
        validate=validate.OneOf(list(WINDOW_MINUTES), error="not_a_choice|{choices}"),
    )
    per_quarter = whole_number(0, 10_000, required=True)
    no_show_percent = whole_number(0, 90, required=True)
    overbooking_percent_max = whole_number(0, 100, required=True)
    attempts = whole_number(1, 5, required=True)
    retry_minutes = whole_number(5, 1_440, required=True)
    days_ahead = whole_number(0, 30, required=True)


class PolicyLimits(Strict):
    chats_waiting_max = whole_number(1, 10_000, required=True)
    chat_answer_hours = whole_number(1, 720, required=True)
    links_per_hour = whole_number(1, 100_000, required=True)
    links_per_caller_day = whole_number(1, 10, required=True)
    text_answer_hours = whole_number(1, 720, required=True)


class FollowUp(Strict):
    link_hours = whole_number(1, 240, required=True)
    recontact_days = whole_number(1, 60, required=True)


class PolicyDocument(Strict):
    """All that a campaign's administration decides of how it is reached. A change to it is a new version."""

    needs_second_person = yes_or_no(required=True)
    channels = fields.Nested(
        Strict.from_dict({str(one): yes_or_no(required=True) for one in Channel}, name="ChannelsOn"), required=True
    )
    hours = fields.Nested(
        Strict.from_dict(
            {one: some(fields.Nested(WeekOpening), 0, 42, required=True) for one in ATTENDED}, name="PolicyHours"
        ),
        required=True,
    )
    territory = fields.String(required=True, validate=one_of(TERRITORIES))
    special_days = some(fields.Nested(SpecialDay), 0, 100, required=True)
    season = fields.Nested(Season, required=True, allow_none=True)
    pace = fields.Nested(Pace, required=True)
    modes = fields.Nested(
        Strict.from_dict({one: fields.Nested(PolicyMode, required=True) for one in MODES}, name="PolicyModes"),
        required=True,
    )
    exemptions = fields.Nested(Exemptions, required=True)
    callbacks = fields.Nested(Callbacks, required=True)
    limits = fields.Nested(PolicyLimits, required=True)
    follow_up = fields.Nested(FollowUp, required=True)
    texts = fields.Nested(
        Strict.from_dict(
            {one: fields.Nested(PolicyTexts, required=True) for one in PLACEHOLDERS}, name="PolicySentences"
        ),
        required=True,
    )
