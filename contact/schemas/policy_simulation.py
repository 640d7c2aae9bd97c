"""Simulations of campaign policies on the wire. What is tried and assumed: docs/decisions/0029."""

from marshmallow import Schema, fields, validate

from contact.domain.alternatives import ALTERNATIVES
from contact.schemas.base import named
from routing.admission import MODES
from routing.simulation.comparison import BOOKS
from routing.simulation.rehearsal import SIDES
from routing.simulation.season import DAYS, OTHER


def _counts(*names: str) -> dict[str, fields.Field]:
    return {name: fields.Integer() for name in names}


def _shares(*names: str) -> dict[str, fields.Field]:
    return {name: fields.Float(allow_none=True) for name in names}


SimulatedOffers = Schema.from_dict(_counts(*ALTERNATIVES), name="SimulatedOffers")

# Each call ends in one of BOOKS, so they add up to what arrived; `offered` are the deflected, by alternative.
_FIGURES = {
    **_counts("arrived", "admitted", "exempt", *BOOKS, "staff_needed"),
    "offered": fields.Nested(SimulatedOffers),
    **_shares("wait_p50_seconds", "wait_p90_seconds", "abandon_share", "refused_share"),
}
SimulatedHour = Schema.from_dict({"hour": fields.Integer(), **_FIGURES}, name="SimulatedHour")
SimulatedTotals = Schema.from_dict(
    {
        **_FIGURES,
        **_counts("citizens", "citizens_answered", "citizens_helped", "citizens_unserved"),
        **_shares("unserved_share"),
    },
    name="SimulatedTotals",
)


class SimulatedAlternative(Schema):
    name = fields.String(validate=validate.OneOf(ALTERNATIVES))
    offered = fields.Integer()
    taken = fields.Integer()


class SimulatedChannelHour(Schema):
    hour = fields.Integer()
    contacts = fields.Integer()


class SimulatedChannel(Schema):
    """What alternatives come back as. `work_hours`: what answering them takes."""

    name = fields.String(validate=validate.OneOf(OTHER))
    contacts = fields.Integer()
    answered = fields.Integer()
    abandoned = fields.Integer()
    waiting = fields.Integer()
    wait_p50_seconds = fields.Float(allow_none=True)
    wait_p90_seconds = fields.Float(allow_none=True)
    work_hours = fields.Float()
    hours = fields.List(fields.Nested(SimulatedChannelHour))


class SimulatedGroup(Schema):
    """Of callers who have something in common, while the line was open."""

    name = fields.String()
    asked = fields.Integer()
    refused = fields.Integer()
    refused_share = fields.Float(allow_none=True)


SimulatedLosers = Schema.from_dict(
    {group: fields.List(fields.Nested(SimulatedGroup)) for group in ("line", "topic", "hour", "habit")},
    name="SimulatedLosers",
)


class SimulatedMode(Schema):
    """From that second of the day on."""

    at_seconds = fields.Float()
    mode = fields.String(validate=validate.OneOf([mode.value for mode in MODES]))


class SimulatedSide(Schema):
    totals = fields.Nested(SimulatedTotals)
    hours = fields.List(fields.Nested(SimulatedHour))
    alternatives = fields.List(fields.Nested(SimulatedAlternative))
    channels = fields.List(fields.Nested(SimulatedChannel))
    losers = fields.Nested(SimulatedLosers)
    modes = fields.List(fields.Nested(SimulatedMode))


_JUDGED = ("abandon_share", "wait_p90_seconds", "refused_share", "unserved_share")
SimulatedBetter = Schema.from_dict(
    {name: fields.String(validate=validate.OneOf([*SIDES, "same"])) for name in _JUDGED}, name="SimulatedBetter"
)


class SimulatedDay(Schema):
    """`before` is the policy that was in force, `after` the version; `better`: which has less of each."""

    name = fields.String(validate=validate.OneOf(DAYS))
    date = fields.String()
    calls_factor = fields.Float()
    before = fields.Nested(SimulatedSide)
    after = fields.Nested(SimulatedSide)
    better = fields.Nested(SimulatedBetter)


class SimulationReport(Schema):
    days = fields.List(fields.Nested(SimulatedDay))


_SOURCE = validate.OneOf(("recorded", "default"))


class SimulationSettings(Schema):
    """What was known and what was assumed. `scale`: of the campaign's size; counts are those of the simulation."""

    seed = fields.Integer()
    scale = fields.Float()
    calls_from = fields.String(validate=_SOURCE)
    recorded_days = fields.Integer()
    handling_from = fields.String(validate=_SOURCE)
    handling_seconds = fields.Float()
    calls_per_day = fields.Float()
    agents = fields.Integer()
    patience_seconds = fields.Float()
    redial_share = fields.Float()


class PolicySimulation(Schema):
    """`standing`: the number of the version it is compared with, 0 for none: everybody is let in.

    `done` of `steps`. `report` once all are. `is_stale`: the version was changed since.
    """

    number = fields.Integer()
    standing = fields.Integer()
    asked_by = named()
    asked_at = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)
    has_failed = fields.Boolean()
    steps = fields.Integer()
    done = fields.Integer()
    is_stale = fields.Boolean()
    digest = fields.String()
    settings = fields.Nested(SimulationSettings)
    report = fields.Nested(SimulationReport, allow_none=True)


class PolicySimulated(Schema):
    simulation = fields.Nested(PolicySimulation, allow_none=True)
