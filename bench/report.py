"""How every benchmark says what it measured."""

import operator
from collections.abc import Callable

_COMPARE: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}


def check(name: str, value: float, bound: str, unit: str = "") -> bool:
    """Print one line, `name value bound ok|SHORT`; *bound* is like "<= 1.5". True when it holds."""
    sign, limit = bound.split()
    holds = _COMPARE[sign](value, float(limit))
    print(f"{name:<48} {value:>12,.3f} {unit:<6} {bound:<10} {'ok' if holds else 'SHORT'}", flush=True)
    return holds
