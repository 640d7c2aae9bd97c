"""`python -m bench.torture`: kill everything at random under load, count exactly; non-zero where a promise broke."""

import sys

import click

from bench.torture.kinds import KINDS
from bench.torture.run import Outcome, Plan, torture

VIOLATIONS_SHOWN = 40


@click.command(help=__doc__)
@click.option("--only", type=click.Choice([*KINDS]), help="One kind of contact; without it all of them.")
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(min=1),
    default=120.0,
    show_default=True,
    help="How many seconds people live and things die.",
)
@click.option("--seed", default=1, show_default=True, help="Of every random choice.")
@click.option("--port", default=8100, show_default=True, envvar="PORT", help="The first of a block of ten ports.")
def main(only: str | None, seconds: float, seed: int, port: int) -> None:
    """Run one torture and tell what came of it."""
    kinds = (only,) if only else tuple(KINDS)
    outcome = torture(Plan(kinds=kinds, seconds=seconds, seed=seed, port=port), say)
    show(outcome)
    sys.exit(1 if outcome.violations else 0)


def say(text: str) -> None:
    print(text, flush=True)


def show(outcome: Outcome) -> None:
    """The violations by name, and one last line of totals."""
    for one in outcome.violations[:VIOLATIONS_SHOWN]:
        say(f"BROKEN {one.promise}: {one.id}: {one.what}")
    if (more := len(outcome.violations) - VIOLATIONS_SHOWN) > 0:
        say(f"… and {more} more in {outcome.folder / 'violations.tsv'}")
    if outcome.violations:
        say(f"evidence kept in {outcome.folder}")
    say(", ".join(f"{name} {value}" for name, value in outcome.totals.items()))


if __name__ == "__main__":
    main()
