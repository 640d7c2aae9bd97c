"""Run a scenario, or read the log of one again: a table here, and a folder with results, log, charts and a page."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from contact.simulator import files
from contact.simulator.page import facts, page
from contact.simulator.tables import as_text, tables
from routing.simulate import simulate
from routing.simulation.log import Log
from routing.simulation.results import results as results_of
from routing.simulation.scenario import Scenario

_TERMINAL = ("outcome", "admission", "ways", "modes", "agents", "announced")


def scenarios(language: str) -> str:
    """The scenarios that come along, one a line."""
    return "\n".join(f"  {name:<16} {one.title.get(language, '')}" for name, one in files.shipped().items())


def run(scenario: Scenario, seed: int) -> Log:
    """The log of one run, with a progress bar."""
    began = time.perf_counter()
    with _progress("simulating") as progress:
        log = simulate(scenario, files.streams(seed), progress=progress)
    log.about["seed"] = seed
    click.echo(f"{len(log):,} events in {time.perf_counter() - began:.1f} s", err=True)
    return log


def tell(log: Log, folder: Path | None, language: str) -> dict[str, Any]:
    """Print the results of a log and, with a *folder*, leave everything in it."""
    found = results_of(log)
    told = tables(found, language)
    title = found["about"]["title"].get(language) or found["about"]["scenario"]
    click.echo(f"\n{title}\n{facts(found['about'], language)}")
    for table in told:
        if table.name in _TERMINAL:
            click.echo(f"\n{as_text(table)}")
    if folder is None:
        return found
    folder.mkdir(parents=True, exist_ok=True)
    files.write_results(found, folder / "results.json")
    drawn = _charts(found, language)
    for name, png in drawn.items():
        (folder / f"{name}.png").write_bytes(png)
    (folder / "index.html").write_text(page(found, told, drawn, language), encoding="utf-8")
    files.write_log(log, folder / files.LOG)
    click.echo(f"\n{folder}: index.html, results.json, {files.LOG}{''.join(f', {name}.png' for name in drawn)}")
    return found


def _charts(found: dict[str, Any], language: str) -> dict[str, bytes]:
    try:
        from contact.simulator.charts import charts
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "matplotlib":
            raise
        click.echo("no charts: matplotlib is not installed (the extra `local` has it)", err=True)
        return {}
    return charts(found, language)


@contextmanager
def _progress(label: str) -> Iterator[Callable[[float], None]]:
    with click.progressbar(length=100, label=label, file=sys.stderr) as bar:

        def progress(share: float) -> None:
            bar.update(int(100 * share) - bar.pos)

        yield progress
