"""Who calls a campaign and who answers: what was recorded of it, else stated defaults; JSON, so that it can be kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Profile: TypeAlias = Mapping[str, Any]
"""`calls_by_hour` (24, of a calm day), `topics`, `lines`, `handling`, `teams`, `language`, `scale`, `sources`."""

# A day as the design has it: shares of the calls by hour, from 07:00 on.
_FROM_HOUR = 7
_HOURLY = (3.1, 5.9, 9.9, 10.5, 10.1, 9.6, 9.2, 9.0, 8.6, 7.6, 5.7, 4.4, 3.5, 2.9)
# In the busiest hour of a calm day agents are 80 % busy with calls alone.
_BUSY_SHARE = 0.8
LINES = {"mobile": 0.66, "fixed": 0.25, "withheld": 0.05, "overseas": 0.03, "relay": 0.01}
HANDLING = {"mean_seconds": 300.0, "cv": 1.2}
# Of those who hold a grant so many are at their desk at the same time: the others are off, ill or in training.
PRESENT_SHARE = 0.7
# What a run may take: a larger campaign is simulated at a smaller scale, calls and agents alike.
_CALLS_MAX = 8_000


def profile(
    topics: Sequence[Mapping[str, Any]],
    agents: Sequence[Mapping[str, Any]],
    *,
    language: str,
    recorded: Mapping[str, Any] | None = None,
    handling: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """*topics*: `slug`, `steps`, `priority`, `target_seconds`. *agents*: what they can do, and their `weight`.

    *recorded*: `calls_by_hour`, `topics` and `lines` as counts, and the `days` they are of. *handling*: `mean_seconds`
    and `cv`, as measured.

    Raises:
        ValueError: nobody comes, or nobody answers.
    """
    if not topics or not agents:
        raise ValueError("a season needs topics and agents")
    handled = handling or HANDLING
    staff = max(1.0, PRESENT_SHARE * sum(one["weight"] for one in agents))
    by_hour = recorded["calls_by_hour"] if recorded else _by_hour(staff, handled["mean_seconds"])
    scale = min(1.0, _CALLS_MAX / max(sum(by_hour), 1.0))
    count = max(1, round(staff * scale))
    # Calls follow the agents, who are whole people.
    scale = scale if scale == 1.0 else count / staff
    shares = _shares(recorded["topics"] if recorded else {}, [one["slug"] for one in topics])
    return {
        "calls_by_hour": [scale * calls for calls in by_hour],
        "topics": [{**one, "share": shares[one["slug"]]} for one in topics],
        "lines": _shares(recorded["lines"], list(LINES)) if recorded else LINES,
        "handling": dict(handled),
        "teams": _teams(agents, count),
        "language": language,
        "scale": scale,
        "sources": {
            "calls": "recorded" if recorded else "default",
            "days": recorded["days"] if recorded else 0,
            "handling": "recorded" if handling else "default",
        },
    }


def _by_hour(staff: float, handling_seconds: float) -> list[float]:
    busiest = _BUSY_SHARE * staff * 3_600 / handling_seconds
    found = [0.0] * 24
    for number, share in enumerate(_HOURLY):
        found[_FROM_HOUR + number] = busiest * share / max(_HOURLY)
    return found


def _shares(counts: Mapping[str, float], names: Sequence[str]) -> dict[str, float]:
    """Of each name; alike where nothing was counted of any."""
    told = {name: float(counts.get(name, 0)) for name in names}
    total = sum(told.values())
    return {name: count / total if total else 1 / len(names) for name, count in told.items()}


def _teams(agents: Sequence[Mapping[str, Any]], count: int) -> list[dict[str, Any]]:
    """*count* of the agents, spread evenly over all kinds of them; alike together."""
    ordered = sorted(agents, key=_ability)
    total = sum(one["weight"] for one in ordered)
    chosen: Counter[int] = Counter()
    number, passed = 0, ordered[0]["weight"]
    for place in range(count):
        while passed < (place + 0.5) * total / count and number < len(ordered) - 1:
            number += 1
            passed += ordered[number]["weight"]
        chosen[number] += 1
    alike: Counter[str] = Counter()
    facts: dict[str, Mapping[str, Any]] = {}
    for number, times in chosen.items():
        ability = _ability(ordered[number])
        alike[ability] += times
        facts[ability] = ordered[number]
    return [
        {**{name: facts[one][name] for name in ("skills", "languages", "capacity", "shares")}, "count": times}
        for one, times in alike.items()
    ]


def _ability(agent: Mapping[str, Any]) -> str:
    parts = (sorted(agent["skills"].items()), agent["languages"], agent["capacity"], agent["shares"])
    return repr([sorted(part.items()) if isinstance(part, Mapping) else part for part in parts])
