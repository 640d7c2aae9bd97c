"""How every benchmark says what it measured, and where that is kept."""

import json
import operator
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"
_COMPARE: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Row:
    """One check as it came out."""

    name: str
    value: float
    unit: str
    bound: str
    is_met: bool


rows: list[Row] = []
"""Every check of this run, in order."""


def check(name: str, value: float, bound: str, unit: str = "") -> bool:
    """Print one line, `name value bound ok|SHORT`, and keep it; *bound* is like "<= 1.5". True when it holds."""
    sign, limit = bound.split()
    holds = _COMPARE[sign](value, float(limit))
    rows.append(Row(name, value, unit, bound, holds))
    print(f"{name:<56} {value:>12,.3f} {unit:<6} {bound:<10} {'ok' if holds else 'SHORT'}", flush=True)
    return holds


def note(line: str) -> None:
    """Print what helps to read the checks: the sides of a ratio, counts."""
    print(f"  {line}", flush=True)


def progress(what: str, done: int, of: int) -> None:
    """Say how far a long step is: in place on a terminal, a line at each tenth elsewhere."""
    if sys.stdout.isatty():
        print(f"\r  {what}: {done:,} of {of:,}", end="\n" if done >= of else "", flush=True)
    elif done * 10 // of != (done - 1) * 10 // of:
        note(f"{what}: {done:,} of {of:,}")


def is_long() -> bool:
    """LONG=1: measure also what takes long."""
    return os.environ.get("LONG", "") not in ("", "0")


def keep(name: str, checks: Sequence[Row]) -> None:
    """Write a measurement's rows into the results file, beside those of measurements that were not run now."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept[name] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count(),
        "long": is_long(),
        "checks": [asdict(row) for row in checks],
    }
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")
