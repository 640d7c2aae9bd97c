"""What came of the throttle, as tables: who was let in by which rule, other ways taken, modes through the run."""

from typing import Any

from contact.simulator.table import Table
from contact.simulator.words import clock, number, seconds, share, word
from routing.simulation.arrivals import DAY_SECONDS

_COUNTS = ("arrived", "admitted", "exempt", "returning", "deflected", "hung_up", "answered", "abandoned")
_SHARES = ("abandon_share", "admitted_share", "first_admitted_share")


def admission(results: dict[str, Any], language: str) -> Table:
    """A column for each campaign."""
    campaigns = results["admission"]
    rows = [(word(name, language), *(number(one[name], language) for one in campaigns)) for name in _COUNTS]
    rows += [(word(name, language), *(share(one[name], language) for one in campaigns)) for name in _SHARES]
    rows.append((word("mode_changes", language), *(number(len(one["modes"]), language) for one in campaigns)))
    for key in ("admitted_by", "deflected_by"):
        for rule in campaigns[0][key]:
            if any(one[key][rule] for one in campaigns):
                told = word(key, language).format(word(f"rule_{rule}", language))
                rows.append((told, *(number(one[key][rule], language) for one in campaigns)))
    return Table(
        "admission",
        word("admission", language),
        (word("figure", language), *(one["name"] for one in campaigns)),
        tuple(rows),
        word("admission_note", language),
    )


def ways(results: dict[str, Any], language: str) -> Table:
    """What was offered to those who were not let in, and what they took."""
    head = ("campaign", "way", "offered", "taken", "served", "mean_wait")
    return Table(
        "ways",
        word("ways", language),
        tuple(word(name, language) for name in head),
        tuple(
            (
                one["name"],
                word(f"way_{way['name']}", language),
                *(number(way[name], language) for name in ("offered", "taken", "served")),
                seconds(way["mean_wait_seconds"], language),
            )
            for one in results["admission"]
            for way in one["alternatives"]
        ),
        word("ways_note", language),
    )


def modes(results: dict[str, Any], language: str) -> Table:
    """Each change, in order."""
    return Table(
        "modes",
        word("modes", language),
        tuple(word(name, language) for name in ("campaign", "day", "time_of_day", "mode")),
        tuple(
            (
                one["name"],
                str(int(change["at"] // DAY_SECONDS) + 1),
                clock(change["at"] % DAY_SECONDS),
                word(f"mode_{change['mode']}", language),
            )
            for one in results["admission"]
            for change in one["modes"]
        ),
    )
