"""Run the measurements, all or those named, and keep what they said in bench/results.json."""

import importlib
import platform
import signal
import sys
import time
import traceback

import click

from bench import report

# By name, the modules that run one after another: each has a `main` that calls `report.check` for each of its lines.
# To add one, put its module here.
MEASUREMENTS: dict[str, tuple[str, ...]] = {
    "routing": (
        "bench.routing_engine",
        "bench.routing_dispatcher",
        "bench.routing_offers",
        "bench.routing_matcher",
        "bench.simulate_queueing",
    ),
    "throttle": ("bench.throttle",),
    "live": ("bench.live",),
    "api": ("bench.api",),
    "search": ("bench.search",),
    "voice": ("bench.voice",),
}


@click.command(help=__doc__)
@click.argument("names", nargs=-1)
def main(names: tuple[str, ...]) -> None:
    """NAMES, by comma or space: routing… (none: all). LONG=1 in the environment adds what takes long.

    One line per check: name, value, bound, ok or SHORT. Exit code 1 when one falls short or a measurement breaks,
    2 for an unknown name.
    """
    wanted = [name for argument in names for name in argument.replace(",", " ").split()] or list(MEASUREMENTS)
    if unknown := sorted(set(wanted) - set(MEASUREMENTS)):
        raise click.UsageError(f"unknown: {', '.join(unknown)}; there are: {', '.join(MEASUREMENTS)}")
    # Ended from outside, it still stops the servers it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    broken = [name for name in dict.fromkeys(wanted) if not _run(name)]
    short = [row for row in report.rows if not row.is_met]
    click.echo(
        f"{len(report.rows)} checks, {len(short)} short, {len(broken)} measurements broken,"
        f" {time.monotonic() - began:,.0f} s; kept in {report.RESULTS.relative_to(report.RESULTS.parent.parent)}"
    )
    sys.exit(1 if short or broken else 0)


def _run(name: str) -> bool:
    """Run one measurement and keep its lines. False when it broke: the others still run."""
    click.echo(f"{name} (Python {platform.python_version()}, {platform.machine()})")
    first = len(report.rows)
    try:
        for module in MEASUREMENTS[name]:
            importlib.import_module(module).main()
    except Exception:
        traceback.print_exc()
        return False
    finally:
        report.keep(name, report.rows[first:])
    return True


if __name__ == "__main__":
    main()
