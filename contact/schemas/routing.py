"""Routing plans and agents' abilities on the wire."""

from itertools import pairwise
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from contact.domain.vocabulary import LANGUAGES, Channel
from contact.schemas.base import Strict, Text, language, named, one_of, some, whole_number, yes_or_no
from routing import rules

DAY_SECONDS = 86_400
_CODE = validate.Regexp(r"^[a-z][a-z0-9-]{1,39}$", error="not_a_skill_code")


def _levels(**rest: Any) -> fields.Dict:
    """`{skill code: level 1-5}`."""
    return fields.Dict(
        keys=fields.String(validate=_CODE),
        values=whole_number(1, 5),
        validate=validate.Length(max=50, error="too_many_items|{max}"),
        **rest,
    )


class Names(Strict):
    """The same name in each language; French is always there."""

    fr = Text(80, required=True)
    en = Text(80)


class Step(Strict):
    """From this age on, agents with these skills are asked too; `language`: they must speak the citizen's."""

    after_seconds = whole_number(0, DAY_SECONDS, required=True)
    skills = _levels(required=True)
    language = yes_or_no(required=True)


class Targets(Strict):
    """The wait promised on each channel, in seconds: it is part of a contact's key."""

    voice = whole_number(0, 7 * DAY_SECONDS)
    chat = whole_number(0, 7 * DAY_SECONDS)
    sms = whole_number(0, 7 * DAY_SECONDS)
    email = whole_number(0, 30 * DAY_SECONDS)


class PlannedSkill(Strict):
    code = fields.String(required=True, validate=_CODE)
    name = fields.Nested(Names, required=True)


_TEAM = validate.Regexp(r"^[\w -]{1,40}$", error="not_a_team")


class Delay(Strict):
    """Agents of this team see the queue's contacts only from that age on."""

    team = fields.String(required=True, validate=_TEAM)
    seconds = whole_number(1, DAY_SECONDS, required=True)


class Reserved(Strict):
    """So many in a hundred contacts are this outsourcer's by contract; from `spill_seconds` on they are everybody's."""

    outsourcer_id = fields.UUID(required=True)
    percent = whole_number(1, 100, required=True)
    spill_seconds = whole_number(1, DAY_SECONDS, required=True)


class Overflow(Strict):
    """From that age on, agents of another queue of the plan are asked too."""

    queue = Text(40, required=True)
    after_seconds = whole_number(1, DAY_SECONDS, required=True)


class PlannedQueue(Strict):
    """`id` of a queue that exists, or `new-` and anything for one that is to be made."""

    id = Text(40, required=True)
    name = fields.Nested(Names, required=True)
    offer_seconds = whole_number(5, 300, required=True)
    wrap_up_seconds = whole_number(0, 3600, required=True)
    place_seconds = whole_number(0, DAY_SECONDS, load_default=14_400)
    target_seconds = fields.Nested(Targets, required=True)
    teams = some(fields.String(validate=_TEAM), 0, 20, load_default=list)
    delays = some(fields.Nested(Delay), 0, 20, load_default=list)
    reserved = some(fields.Nested(Reserved), 0, 10, load_default=list)
    overflow = fields.Nested(Overflow, load_default=None, allow_none=True)


class PlannedTopic(Strict):
    """`id` as in a queue; `queue` is the id of one of the plan's queues."""

    id = Text(40, required=True)
    name = fields.Nested(Names, required=True)
    queue = Text(40, required=True)
    priority = whole_number(0, 20, required=True)
    affinity_seconds = whole_number(0, DAY_SECONDS, load_default=0)
    is_retired = yes_or_no(load_default=False)
    steps = some(fields.Nested(Step), 1, 8, required=True)

    @validates_schema
    def check_steps(self, data: dict[str, Any], **_: object) -> None:
        ages = [step["after_seconds"] for step in data["steps"]]
        if ages[0] != 0:
            raise ValidationError("first_step_at_zero", "steps")
        if any(later <= earlier for earlier, later in pairwise(ages)):
            raise ValidationError("steps_not_ascending", "steps")


class PlanDocument(Strict):
    """The whole routing of a campaign; topics stand in the order in which citizens see them."""

    skills = some(fields.Nested(PlannedSkill), 0, 200, required=True)
    queues = some(fields.Nested(PlannedQueue), 1, 50, required=True)
    topics = some(fields.Nested(PlannedTopic), 1, 100, required=True)


class PlanCheck(Strict):
    document = fields.Nested(PlanDocument, required=True)


class PlanPublication(PlanCheck):
    """`base_number` is the version that was edited. `accepts_unserved`: publish although some find nobody."""

    base_number = whole_number(0, 1_000_000, required=True)
    reason = Text(500, required=True)
    accepts_unserved = yes_or_no(load_default=False)


class Coverage(Schema):
    """How many agents could ever serve such contacts, at their first and at their last step."""

    topic = fields.String()
    language = fields.String()
    channel = fields.String()
    agents_first = fields.Integer()
    agents_last = fields.Integer()


class PlanCoverage(Schema):
    coverage = fields.List(fields.Nested(Coverage))


class PlanVersion(Schema):
    """`author` is None for the state that stood before the first publication."""

    number = fields.Integer()
    author = named(allow_none=True)
    reason = fields.String()
    published_at = fields.AwareDateTime(allow_none=True)


class PlanRead(PlanVersion):
    document = fields.Nested(PlanDocument)


class Plan(PlanRead):
    languages = fields.List(fields.String())
    channels = fields.List(fields.String())
    outsourcers = fields.List(named())
    coverage = fields.List(fields.Nested(Coverage))


class PlanVersions(Schema):
    items = fields.List(fields.Nested(PlanVersion))


class Capacities(Strict):
    """How many contacts of each channel at once; a call is always alone."""

    voice = whole_number(0, 1, required=True)
    chat = whole_number(0, 20, required=True)
    sms = whole_number(0, 20, required=True)
    email = whole_number(0, 20, required=True)


class Shares(Strict):
    """How much of an agent's time a group of channels may have at most, in percent; other work then comes first."""

    voice = whole_number(0, 100)
    chat = whole_number(0, 100)
    deferred = whole_number(0, 100)


class Abilities(Strict):
    """What an agent can do, as it is to stand from now on; `version` is the one that was edited."""

    version = whole_number(1, 2**31 - 1, required=True)
    languages = some(language(), 1, len(LANGUAGES), required=True)
    skills = _levels(required=True)
    capacity = fields.Nested(Capacities, required=True)
    team = fields.String(load_default=None, allow_none=True, validate=_TEAM)
    shares = fields.Nested(Shares, load_default=dict)

    @validates_schema
    def check_shares(self, data: dict[str, Any], **_: object) -> None:
        """Shares of everything an agent does make a whole: what they leave over would be nobody's."""
        groups = {rules.GROUPS[channel] for channel, most in data["capacity"].items() if most > 0}
        if groups and groups <= data["shares"].keys() and sum(data["shares"][group] for group in groups) < 100:
            raise ValidationError("less_than_all", "shares")


class AgentAbilities(Schema):
    id = fields.UUID()
    name = fields.String()
    version = fields.Integer()
    languages = fields.List(fields.String())
    skills = fields.Dict(keys=fields.String(), values=fields.Integer())
    capacity = fields.Dict(keys=fields.String(validate=one_of(Channel)), values=fields.Integer())
    team = fields.String(allow_none=True)
    shares = fields.Dict(keys=fields.String(), values=fields.Integer())


class KnownSkill(Schema):
    """`administrations` use the skill; without any, only agents still have it."""

    code = fields.String()
    name = fields.String()
    administrations = fields.List(fields.String())


class SkillMatrix(Schema):
    skills = fields.List(fields.Nested(KnownSkill))
    agents = fields.List(fields.Nested(AgentAbilities))
