"""What the tables of a scenario may hold: each reader says what is wrong, and where."""

from collections.abc import Mapping
from typing import Any, TypeAlias

from routing.simulation.arrivals import DAY_SECONDS
from routing.simulation.chance import KINDS, Distribution

Table: TypeAlias = Mapping[str, Any]
HOUR_SECONDS = 3_600.0


class ScenarioError(ValueError):
    """The file does not say a scenario; the message names the place."""


def known(table: Table, words: set[str], place: str) -> None:
    """Nothing but these words."""
    if not isinstance(table, Mapping):
        raise ScenarioError(f"{place} must be a table")
    if unknown := set(table) - words:
        raise ScenarioError(f"{place} may not say {', '.join(sorted(unknown))}; may say: {', '.join(sorted(words))}")


def text(table: Table, key: str, place: str) -> str:
    """Words, never left out."""
    if not isinstance(table.get(key), str):
        raise ScenarioError(f"{place} needs a {key}")
    return str(table[key])


def number(table: Table, key: str, default: float | None) -> float:
    """From 0 on; a default of None is a number that may not be left out."""
    value = table.get(key, default)
    if value is None:
        raise ScenarioError(f"{key} is missing")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise ScenarioError(f"{key} must be a number from 0 on, not {value!r}")
    return float(value)


def share(table: Table, key: str) -> float:
    """From 0, which is the default, to 1."""
    value = number(table, key, 0)
    if value > 1:
        raise ScenarioError(f"{key} is a share, from 0 to 1")
    return value


def time_of_day(table: Table, key: str) -> float:
    """ "09:30" in seconds."""
    hours, _, minutes = str(table.get(key, "")).partition(":")
    if not (hours.isdigit() and minutes.isdigit() and len(minutes) == 2):
        raise ScenarioError(f"{key} is a time of day like 09:30, not {table.get(key)!r}")
    seconds = int(hours) * HOUR_SECONDS + int(minutes) * 60
    if int(minutes) > 59 or seconds > DAY_SECONDS:
        raise ScenarioError(f"{key} is a time of day from 00:00 to 24:00, not {table.get(key)!r}")
    return seconds


class Place:
    """Names where in the file something is wrong."""

    def __init__(self, place: str) -> None:
        self._place = place

    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: object, wrong: BaseException | None, _trace: object) -> None:
        if isinstance(wrong, ValueError | TypeError | AttributeError):
            raise ScenarioError(f"{self._place}: {wrong}") from wrong


def distribution(table: Table, key: str) -> Distribution | None:
    """`{ lognormal = 300, cv = 1.2 }`: the kind with its mean in seconds, or its values."""
    told = table.get(key)
    if told is None:
        return None
    with Place(key):
        kinds = [kind for kind in KINDS if isinstance(told, Mapping) and kind in told]
        if len(kinds) != 1 or set(told) - {kinds[0], "cv"}:
            raise ScenarioError(
                f"a distribution is like {{ lognormal = 300, cv = 1.2 }}; there are: {', '.join(KINDS)}"
            )
        value = told[kinds[0]]
        if isinstance(value, list):
            return Distribution(kinds[0], values=tuple(float(one) for one in value))
        return Distribution(kinds[0], float(value), float(told.get("cv", 1.0)))
