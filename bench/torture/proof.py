"""`python -m bench.torture.proof`: the torture can fail. Each broken variant is caught, the product itself is not.

Non-zero when a variant goes unnoticed, or when the unbroken product breaks a promise in the same form.
"""

import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from bench.torture.__main__ import say, show
from bench.torture.broken import VARIANTS
from bench.torture.run import Outcome, Plan, torture
from bench.torture.stage import make_database

UNBROKEN = "product"
QUIET_SECONDS = 20.0


@click.command(help=__doc__)
@click.option("--only", type=click.Choice([UNBROKEN, *VARIANTS]), help="One of them; all without it.")
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(min=1),
    default=25.0,
    show_default=True,
    help="How many seconds each is tortured.",
)
@click.option("--seed", default=1, show_default=True, help="Of every random choice.")
@click.option("--port", default=8100, show_default=True, envvar="PORT", help="The first of a block of ten ports.")
def main(only: str | None, seconds: float, seed: int, port: int) -> None:
    """Torture each in turn."""
    verdicts = {}
    with tempfile.TemporaryDirectory(prefix="guichet-torture-", dir="/tmp") as folder:
        database = make_database(Path(folder), port)
        for name in (only,) if only else (UNBROKEN, *VARIANTS):
            say(f"--- {name}: {VARIANTS[name].what if name in VARIANTS else 'nothing broken'}")
            plan = replace(_plan(name), seconds=seconds, seed=seed, port=port, database=database)
            outcome = torture(plan, say)
            verdicts[name] = _verdict(name, outcome)
            if name != UNBROKEN and verdicts[name][0]:
                # Of a fault made on purpose and found there is nothing to look into.
                shutil.rmtree(outcome.folder)
    for name, (is_right, told) in verdicts.items():
        say(f"{name:<18} {'ok' if is_right else 'WRONG':<6} {told}")
    sys.exit(0 if all(is_right for is_right, _ in verdicts.values()) else 1)


def _plan(name: str) -> Plan:
    # Each variant breaks what chats show already: more kinds would only make it slower.
    if name == UNBROKEN:
        return Plan(kinds=("chat",))
    variant = VARIANTS[name]
    return Plan(
        kinds=("chat",),
        deeds=variant.deeds,
        every_seconds=variant.every_seconds,
        faults=variant.faults,
        quiet_seconds=QUIET_SECONDS,
        broken=name,
    )


def _verdict(name: str, outcome: Outcome) -> tuple[bool, str]:
    """Whether it came out as it must, and what the torture found."""
    found = Counter(one.promise for one in outcome.violations)
    told = ", ".join(f"{promise} ({count})" for promise, count in found.most_common()) or "every promise kept"
    if name == UNBROKEN:
        show(outcome)
        return not found, told
    wanted = VARIANTS[name].caught_by
    if found["torture"]:
        faults = [f"{one.id} {one.what}".strip() for one in outcome.violations if one.promise == "torture"]
        return False, f"the torture itself went wrong: {'; '.join(faults)}"
    first = next((one for one in outcome.violations if one.promise == wanted), None)
    if first is None:
        return False, f"not caught: '{wanted}' should have broken; found: {told}"
    say(f"caught: {first.promise}: {first.id}: {first.what}")
    return True, f"caught by '{wanted}' ({found[wanted]})"


if __name__ == "__main__":
    main()
