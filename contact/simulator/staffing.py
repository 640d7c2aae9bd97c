"""How many agents are needed, from a forecast in the command line or in a CSV file."""

import csv
from pathlib import Path

from contact.simulator.table import Table
from contact.simulator.words import number, seconds, share, word
from routing.erlang import Queue, Target
from routing.staffing import Demand, Staffing, pooled, staff

EVERYONE = "*"
_HEAD = (
    *("interval", "skill", "per_hour", "load", "agents", "rostered"),
    *("service_level", "mean_wait", "abandon_share", "occupancy"),
)
_COLUMNS = {"interval", "skill", "calls", "handling_seconds"}


class ForecastError(ValueError):
    """The forecast cannot be read; the message names the row."""


def read_forecast(path: Path, interval_minutes: float, patience_seconds: float | None) -> list[Demand]:
    """CSV with `interval` (a label), `skill`, `calls` (in the interval), `handling_seconds`, and, if known for a row,
    `patience_seconds`.

    Raises:
        ForecastError: not such a file.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as wrong:
        raise ForecastError(f"{path}: {wrong}") from wrong
    if not rows or not rows[0].keys() >= _COLUMNS:
        raise ForecastError(f"{path} needs a header with {', '.join(sorted(_COLUMNS))}, and rows")
    return [_demand(row, number, interval_minutes, patience_seconds) for number, row in enumerate(rows, 2)]


def plan(demands: list[Demand], target: Target, shrinkage: float) -> list[Staffing]:
    """Each skill on its own and, where an interval has several, all together as if everybody knew everything."""
    found = staff(demands, target, shrinkage)
    together = staff(pooled(demands, EVERYONE), target, shrinkage)
    skills = {one.demand.interval: 0 for one in found}
    for one in found:
        skills[one.demand.interval] += 1
    return found + [one for one in together if skills[one.demand.interval] > 1]


def as_table(found: list[Staffing], target: Target, language: str) -> Table:
    """The plan, by interval and skill."""
    goal = f"{share(target.share, language, 0)} {word('within', language)} {seconds(target.within_seconds, language)}"
    return Table(
        "staffing",
        f"{word('needed', language)} {goal}",
        tuple(word(name, language) for name in _HEAD),
        tuple(
            (
                one.demand.interval,
                word("everyone", language) if one.demand.skill == EVERYONE else one.demand.skill,
                number(one.demand.queue.per_hour, language),
                number(one.demand.queue.load, language, 1),
                number(one.agents, language),
                number(one.rostered, language),
                share(one.service_level, language),
                seconds(one.performance.mean_wait_seconds, language),
                share(one.performance.abandon_share, language),
                share(one.performance.occupancy, language),
            )
            for one in found
        ),
    )


def _demand(row: dict[str, str], number: int, interval_minutes: float, patience_seconds: float | None) -> Demand:
    try:
        patience = float(row["patience_seconds"]) if row.get("patience_seconds") else patience_seconds
        queue = Queue(float(row["calls"]) * 60 / interval_minutes, float(row["handling_seconds"]), patience)
    except (TypeError, ValueError) as wrong:
        raise ForecastError(f"row {number}: {wrong}") from wrong
    return Demand(row["interval"], row["skill"], queue)
