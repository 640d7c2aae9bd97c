"""The campaigns of a scenario, and the door of its contacts, from their tables."""

from dataclasses import fields
from typing import Any

from routing.admission import MODES, AdmissionPolicy
from routing.simulation.arrivals import DAY_SECONDS
from routing.simulation.campaign import Campaign, Door, Way
from routing.simulation.chance import Distribution
from routing.simulation.values import Place, ScenarioError, Table, distribution, known, number, share, text, time_of_day
from routing.throttle import Band, ThrottlePolicy

DOOR = {"campaign", "menu", "hang_up_share", "lines", "exempt"}
_PACE = {one.name for one in fields(ThrottlePolicy)} - {"bands", "dwell_seconds", "prior_until"}
_CAMPAIGN = {
    *("name", "share", "planned_handling_seconds", "from", "to", "modes", "dwell_minutes", "alternatives"),
    *("exemptions", "sticky_minutes", "wait_cap_seconds", *_PACE),
}
_WAY = {"name", "contacts", "taken_share", "failing_share", "after", "per_quarter_max"}


def read_campaign(table: Table) -> Campaign:
    """One campaign's policy, as far as a simulation knows it."""
    name = text(table, "name", "a campaign")
    with Place(f"campaigns {name!r}"):
        known(table, _CAMPAIGN, "it")
        ways = tuple(_way(one) for one in table.get("alternatives", ()))
        policy = AdmissionPolicy(
            alternatives=tuple(way.alternative for way in ways),
            exemptions=frozenset(table.get("exemptions", AdmissionPolicy().exemptions)),
            sticky_seconds=number(table, "sticky_minutes", 30) * 60,
            wait_cap_seconds=number(table, "wait_cap_seconds", 0) or None,
        )
        return Campaign(
            name=name,
            planned_handling_seconds=number(table, "planned_handling_seconds", None),
            share=number(table, "share", 1),
            openings=(
                (
                    time_of_day(table, "from") if "from" in table else 0.0,
                    time_of_day(table, "to") if "to" in table else DAY_SECONDS,
                ),
            ),
            throttle=_throttle(table),
            admission=policy,
            ways=ways,
        )


def read_door(table: Table) -> Door | None:
    """How the contacts come in: None when no campaign throttles them."""
    if "campaign" not in table:
        if told := sorted(DOOR & set(table)):
            raise ScenarioError(f"{', '.join(told)} means nothing without a campaign")
        return None
    found: dict[str, Any] = {
        name: {str(one): share(table[name], one) for one in table[name]}
        for name in ("lines", "exempt")
        if name in table
    }
    return Door(str(table["campaign"]), distribution(table, "menu"), share(table, "hang_up_share"), **found)


def _throttle(table: Table) -> ThrottlePolicy:
    told: dict[str, Any] = {name: number(table, name, None) for name in _PACE if name in table}
    if "dwell_minutes" in table:
        told["dwell_seconds"] = number(table, "dwell_minutes", None) * 60
    if "modes" in table:
        modes = table["modes"]
        known(modes, {mode.value for mode in MODES[1:]}, "modes")
        told["bands"] = tuple(_band(modes, mode.value) for mode in MODES[1:])
    return ThrottlePolicy(**told)


def _band(modes: Table, name: str) -> Band:
    if name not in modes:
        raise ScenarioError(f"modes needs {name}")
    with Place(name):
        known(modes[name], {"enter", "exit"}, "it")
        return Band(number(modes[name], "enter", None), number(modes[name], "exit", None))


def _way(table: Table) -> Way:
    name = text(table, "name", "an alternative")
    with Place(f"alternatives {name!r}"):
        known(table, _WAY, "it")
        return Way(
            alternative=name,
            contacts=text(table, "contacts", "it") if "contacts" in table else None,
            taken_share=share(table, "taken_share") if "taken_share" in table else 1.0,
            failing_share=share(table, "failing_share"),
            after=distribution(table, "after") or Distribution("deterministic", 0.0),
            per_quarter_max=int(number(table, "per_quarter_max", None)) if "per_quarter_max" in table else None,
        )
