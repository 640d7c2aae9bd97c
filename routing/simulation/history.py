"""Recorded contacts, from CSV or JSON text: counts by interval, or one by one with what is known of each."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from routing.simulation.arrivals import Arrivals, Span
from routing.simulation.chance import Distribution


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one kind: when they came and, if recorded for each, how long they took and would wait."""

    arrivals: Arrivals
    handling: Distribution | None = None
    patience: Distribution | None = None


def read_history(text: str, interval_seconds: float) -> dict[str, History]:
    """By the name of the kind. CSV with a header, or a JSON list of objects, with these columns:

    `contact` (the kind's name), `time` (seconds from the start, or ISO 8601: then the first day is the run's first),
    and either `count` (of the *interval_seconds* that begin then) or, for single contacts and optional,
    `handling_seconds` and `patience_seconds`.

    Raises:
        ValueError: says which row is wrong, and why.
    """
    rows = json.loads(text) if text.lstrip().startswith("[") else list(csv.DictReader(text.splitlines()))
    if not rows or not all(isinstance(row, dict) and {"contact", "time"} <= row.keys() for row in rows):
        raise ValueError("a history has rows with contact and time, and count or single contacts")
    times = _times([str(row["time"]) for row in rows])
    by_kind: dict[str, list[tuple[float, Mapping[str, Any], int]]] = {}
    for number, (at, row) in enumerate(zip(times, rows, strict=True), 1):
        by_kind.setdefault(str(row["contact"]), []).append((at, row, number))
    return {name: _history(sorted(found, key=lambda one: one[0]), interval_seconds) for name, found in by_kind.items()}


def _history(rows: list[tuple[float, Mapping[str, Any], int]], interval_seconds: float) -> History:
    if any(row.get("count") not in (None, "") for _, row, _ in rows):
        spans = [Span(at, at + interval_seconds, _number(row, "count", number)) for at, row, number in rows]
        return History(Arrivals(counts=tuple(spans)))
    return History(
        Arrivals(times=tuple(at for at, _, _ in rows)),
        _column(rows, "handling_seconds"),
        _column(rows, "patience_seconds"),
    )


def _column(rows: list[tuple[float, Mapping[str, Any], int]], name: str) -> Distribution | None:
    """The recorded values in order, if every row has one."""
    if any(row.get(name) in (None, "") for _, row, _ in rows):
        return None
    return Distribution("recorded", values=tuple(_number(row, name, number) for _, row, number in rows))


def _number(row: Mapping[str, Any], name: str, number: int) -> float:
    try:
        value = float(row[name])
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"row {number}: {name} must be a number, not {row.get(name)!r}") from None
    if not (isfinite(value) and value >= 0):
        raise ValueError(f"row {number}: {name} must be from 0 on, not {value}")
    return value


def _times(told: list[str]) -> list[float]:
    """Seconds from the start; dates count from the midnight before the first of them."""
    try:
        seconds = [float(one) for one in told]
    except ValueError:
        moments = []
        for number, one in enumerate(told, 1):
            try:
                moments.append(datetime.fromisoformat(one))
            except ValueError:
                raise ValueError(f"row {number}: time must be seconds or ISO 8601, not {one!r}") from None
        if len({moment.tzinfo is None for moment in moments}) > 1:
            raise ValueError("times are all with an offset, or all without") from None
        midnight = min(moments).replace(hour=0, minute=0, second=0, microsecond=0)
        return [(moment - midnight).total_seconds() for moment in moments]
    if not all(isfinite(one) and one >= 0 for one in seconds):
        raise ValueError("times are numbers from 0 on")
    return seconds
