"""The charts, with matplotlib, which only comes with the extra `local`: nobody else imports it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from contact.simulator.tables import METHODS
from contact.simulator.words import word
from routing.simulation.arrivals import DAY_SECONDS

# Told apart by dash and marker too, not by colour alone; each is 4.5:1 or more on white.
_BLUE, _RUST, _GREEN, _GREY = "#0b4f9c", "#a33b00", "#1f6b2b", "#595959"
_STYLES: tuple[dict[str, Any], ...] = (
    {"color": _BLUE, "ls": "-"},
    {"color": _GREEN, "ls": "--"},
    {"color": _RUST, "ls": ":"},
)
_MARKS = ("o", "s", "^")
_HOUR_SECONDS = 3_600.0


def charts(results: dict[str, Any], language: str) -> dict[str, bytes]:
    """PNG by name: contacts, agents, waits and, where waits were announced, announced."""
    drawn: dict[str, Callable[[Figure, dict[str, Any], str], None]] = {
        "contacts": _contacts,
        "agents": _agents,
        "waits": _waits,
    }
    if results["announced"]:
        drawn["announced"] = _announced
    return {name: _png(draw, results, language) for name, draw in drawn.items()}


def _png(draw: Callable[[Figure, dict[str, Any], str], None], results: dict[str, Any], language: str) -> bytes:
    figure = Figure(figsize=(9, 4.2), dpi=120, layout="constrained")
    draw(figure, results, language)
    kept = BytesIO()
    # Without the library's own mark: the same results are the same picture.
    figure.savefig(kept, format="png", metadata={"Software": None})
    return kept.getvalue()


def _contacts(figure: Figure, results: dict[str, Any], language: str) -> None:
    axes = _over_time(figure, results, language, word("contacts_an_interval", language))
    lost = [row["abandoned"] + row["deflected"] for row in results["intervals"]]
    for name, style, values in (
        ("arrived", _STYLES[0], _column(results, "arrived")),
        ("answered", _STYLES[1], _column(results, "answered")),
        ("lost", _STYLES[2], lost),
    ):
        _steps(axes, results, values, word(name, language), style)
    _legend(axes)


def _agents(figure: Figure, results: dict[str, Any], language: str) -> None:
    axes = _over_time(figure, results, language, word("people", language))
    for name, key, style in (
        ("present", "agents", _STYLES[0]),
        ("busy", "busy", _STYLES[1]),
        ("queue", "queue", _STYLES[2]),
    ):
        _steps(axes, results, _column(results, key), word(name, language), style)
    _legend(axes)


def _waits(figure: Figure, results: dict[str, Any], language: str) -> None:
    above, below = figure.subplots(2, 1, sharex=True)
    for axes, label in ((above, word("wait_seconds", language)), (below, word("service_level", language) + " (%)")):
        _dress(axes, results, language, label)
    above.set_xlabel("")
    _steps(above, results, _column(results, "mean_wait_seconds"), "", _STYLES[0])
    in_time = [None if row["service_level"] is None else 100 * row["service_level"] for row in results["intervals"]]
    _steps(below, results, in_time, "", _STYLES[1])
    below.set_ylim(0, 102)


def _announced(figure: Figure, results: dict[str, Any], language: str) -> None:
    axes = figure.subplots()
    pairs = {name: results["announced"][name]["calibration"] for name in METHODS}
    # What a rival promises far beyond anything lived would squeeze the rest into a corner.
    most = 1.4 * max(lived for found in pairs.values() for _, lived in found)
    axes.plot([0, most], [0, most], color=_GREY, lw=1, label=word("exact", language))
    for name, style, mark in zip(METHODS, _STYLES, _MARKS, strict=True):
        told, lived = zip(*pairs[name], strict=True)
        axes.plot(told, lived, marker=mark, ms=5, lw=1.4, label=word(name, language), clip_on=True, **style)
    axes.set_xlim(0, most)
    axes.set_ylim(0, most)
    axes.set_xlabel(word("told_seconds", language))
    axes.set_ylabel(word("lived_seconds", language))
    _clear(axes)
    _legend(axes)


def _over_time(figure: Figure, results: dict[str, Any], language: str, label: str) -> Axes:
    axes = figure.subplots()
    _dress(axes, results, language, label)
    return axes


def _dress(axes: Axes, results: dict[str, Any], language: str, label: str) -> None:
    axes.set_ylabel(label)
    axes.set_xlabel(word("run_hours" if results["about"]["is_steady"] else "time_of_day", language))
    if not results["about"]["is_steady"]:
        hours = sorted({int(row["starts_at"] // _HOUR_SECONDS) for row in results["intervals"]})
        shown = range(hours[0], hours[-1] + 2) if hours else range(0, 25, 2)
        axes.set_xticks(list(shown), [f"{hour:02d}" for hour in shown])
    _clear(axes)


def _clear(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#d9d9d9", lw=0.6)
    axes.set_axisbelow(True)
    axes.set_ylim(bottom=0)


def _legend(axes: Axes) -> None:
    axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4)


def _column(results: dict[str, Any], key: str) -> list[Any]:
    return [row[key] for row in results["intervals"]]


def _steps(axes: Axes, results: dict[str, Any], values: list[Any], label: str, style: dict[str, Any]) -> None:
    """A mean over an interval is drawn as long as the interval; where nothing was, nothing is drawn."""
    starts = [row["starts_at"] / _HOUR_SECONDS for row in results["intervals"]]
    about = results["about"]
    width = about["interval_seconds"] if not about["is_steady"] else about["seconds"] / max(len(starts), 1)
    end = min(starts[-1] + width / _HOUR_SECONDS, max(about["seconds"], DAY_SECONDS) / _HOUR_SECONDS) if starts else 0.0
    heights = [float("nan") if value is None else float(value) for value in values]
    axes.stairs(heights, [*starts, end], baseline=None, label=label or None, lw=1.8, **style)
    if heights:
        top = max((height for height in heights if height == height), default=0.0)
        axes.set_ylim(0, max(axes.get_ylim()[1], 1.08 * top, 1e-9))
