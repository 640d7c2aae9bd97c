"""The results as tables of words: what the terminal prints and the page shows, from one place."""

from collections.abc import Callable
from typing import Any

from contact.simulator.admission_tables import admission, modes, ways
from contact.simulator.table import Table
from contact.simulator.words import clock, number, seconds, share, word

METHODS = ("expected", "by_length", "by_last_served")


def tables(results: dict[str, Any], language: str) -> list[Table]:
    """All tables that the results fill, in the order they are read."""
    made: list[Callable[[dict[str, Any], str], Table]] = [_outcome, _agents]
    if results["announced"]:
        made += [_announced, _calibration]
    if results["admission"]:
        made += [admission, ways, modes]
    made.append(intervals)
    if len(results["days"]) > 1:
        made.append(_days)
    return [one(results, language) for one in made]


def intervals(results: dict[str, Any], language: str) -> Table:
    """Through the day or the run."""
    caption = word("by_time" if results["about"]["is_steady"] else "by_day", language)
    names = ("from", "arrived", "answered", "abandoned", "deflected", "mean_wait", "service_level")
    return Table(
        "intervals",
        caption,
        tuple(word(name, language) for name in (*names, "queue", "present", "busy")),
        tuple(
            (
                clock(row["starts_at"]),
                *(number(row[name], language, 1) for name in ("arrived", "answered", "abandoned", "deflected")),
                seconds(row["mean_wait_seconds"], language),
                share(row["service_level"], language),
                *(number(row[name], language, 1) for name in ("queue", "agents", "busy")),
            )
            for row in results["intervals"]
        ),
        "" if all(kind["is_live"] for kind in results["about"]["kinds"]) else word("live_note", language),
    )


def _outcome(results: dict[str, Any], language: str) -> Table:
    names = ("arrived", "redials", "answered", "abandoned", "deflected", "waiting")
    within = {one["name"]: one["answer_within_seconds"] for one in results["about"]["kinds"]}

    def shares(figure: dict[str, float | None]) -> str:
        return _sure(share(figure["value"], language), share(figure["half_width"], language))

    def lengths(figure: dict[str, float | None]) -> str:
        told = seconds(figure["half_width"], language, like=figure["value"])
        return _sure(seconds(figure["value"], language), told)

    def row(name: str, found: dict[str, Any], in_time: str) -> tuple[str, ...]:
        waits = " / ".join(seconds(found["wait_percentiles_seconds"][key], language) for key in ("50%", "80%", "95%"))
        return (
            name,
            *(number(found[key], language) for key in names),
            shares(found["abandon_share"]),
            shares(found["wait_share"]),
            lengths(found["mean_wait_seconds"]),
            waits,
            shares(found["service_level"]) + in_time,
            lengths(found["mean_handling_seconds"]),
        )

    several = sum(kind["is_live"] for kind in results["about"]["kinds"]) > 1
    rows = [row(word("all", language), results["all"], "")] if several else []
    for kind in results["kinds"]:
        in_time = f" ({word('within', language)} {seconds(within[kind['name']], language)})"
        rows.append(row(kind["name"], kind, in_time))
    head = ("kind", *names, "abandon_share", "wait_share", "mean_wait", "percentiles", "service_level", "handling")
    return Table(
        "outcome",
        word("outcome", language),
        tuple(word(name, language) for name in head),
        tuple(rows),
        word("outcome_note", language),
    )


def _sure(told: str, half_width: str) -> str:
    return told if told == "–" else f"{told} ± {half_width}"


def _agents(results: dict[str, Any], language: str) -> Table:
    agents = results["agents"]
    rows = [(word("occupancy", language), share(agents["occupancy"], language))]
    rows += [
        (word(name, language), number(agents[name], language))
        for name in ("present_hours", "offers_missed", "offers_declined")
    ]
    return Table("agents", word("agents", language), (word("figure", language), word("value", language)), tuple(rows))


def _announced(results: dict[str, Any], language: str) -> Table:
    rows = []
    for name in METHODS:
        found = results["announced"][name]
        errors = (found[key] for key in ("mean_error", "mean_absolute_error", "root_mean_square_error"))
        ranges = (found[key] if name == "expected" else None for key in ("kept_share", "covered_share"))
        rows.append(
            (
                word(name, language),
                number(found["contacts"], language),
                *(number(one, language, 1, "s") for one in errors),
                *(share(one, language) for one in ranges),
            )
        )
    head = ("method", "contacts", "mean_error", "absolute_error", "square_error", "kept_share", "covered_share")
    return Table(
        "announced",
        word("announced", language),
        tuple(word(name, language) for name in head),
        tuple(rows),
        word("announced_note", language),
    )


def _calibration(results: dict[str, Any], language: str) -> Table:
    columns = [results["announced"][name]["calibration"] for name in METHODS]
    head = [word("tenth", language)]
    for name in METHODS:
        head += [
            f"{word(name, language)}{': ' if language == 'en' else ' : '}{word(one, language)}"
            for one in ("told", "lived")
        ]
    return Table(
        "calibration",
        word("calibration", language),
        tuple(head),
        tuple(
            (str(tenth), *(seconds(one, language) for pair in pairs for one in pair))
            for tenth, pairs in enumerate(zip(*columns, strict=False), 1)
        ),
    )


def _days(results: dict[str, Any], language: str) -> Table:
    names = ("arrived", "redials", "answered", "abandoned", "deflected")
    rows = []
    for day in results["days"]:
        admitted = day["answered"] + day["abandoned"]
        rows.append(
            (
                str(day["day"]),
                *(number(day[name], language) for name in names),
                share(day["abandoned"] / admitted if admitted else None, language),
                seconds(day["waited"] / admitted if admitted else None, language),
                share(day["in_time"] / admitted if admitted else None, language),
            )
        )
    head = ("day", *names, "abandon_share", "mean_wait", "service_level")
    return Table("days", word("each_day", language), tuple(word(name, language) for name in head), tuple(rows))


def as_text(table: Table) -> str:
    """For a terminal: columns aligned, the first to the left; a table of few rows stands upright."""
    rows = [table.head, *table.rows]
    if len(table.head) > 10 and len(table.rows) < 6:
        rows = list(zip(*rows, strict=True))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
    return "\n".join([table.caption, "-" * len(table.caption), *(line.rstrip() for line in lines)])
