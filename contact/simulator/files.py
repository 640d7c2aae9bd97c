"""What the simulator reads and writes: scenarios, event logs, results."""

import gzip
import json
import tomllib
from pathlib import Path
from random import Random
from typing import Any

from routing.simulation.chance import Streams
from routing.simulation.log import Log
from routing.simulation.read import read_scenario
from routing.simulation.scenario import Scenario
from routing.simulation.values import ScenarioError

SHIPPED = Path(__file__).parent.parent.parent / "routing" / "scenarios"
LOG = "events.csv.gz"
_COLUMNS = "microseconds,what,call,who,value\n"


class LogError(ValueError):
    """The file is not an event log."""


def shipped() -> dict[str, Scenario]:
    """The scenarios that come with the product, by name."""
    return {path.stem: load(str(path)) for path in sorted(SHIPPED.glob("*.toml"))}


def load(named: str) -> Scenario:
    """A shipped scenario by its name, or any by its path; a history is looked for beside the file.

    Raises:
        ScenarioError: there is none, or it is not one.
    """
    path = SHIPPED / f"{named}.toml"
    if "/" in named or named.endswith(".toml") or not path.exists():
        path = Path(named)
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return read_scenario(table, path.stem, lambda name: (path.parent / name).read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        names = ", ".join(one.stem for one in sorted(SHIPPED.glob("*.toml")))
        raise ScenarioError(f"there is no file {missing.filename}; scenarios that come along: {names}") from missing
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise ScenarioError(f"{path}: {wrong}") from wrong


def streams(seed: int) -> Streams:
    """A generator for each name, from one seed; the same on every machine."""
    return lambda name: Random(f"{seed}/{name}")


def write_log(log: Log, path: Path) -> None:
    """Compressed CSV: a line of what it is about, in JSON, then the events. The same log is the same file."""
    with path.open("wb") as raw, gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=5, mtime=0) as packed:
        packed.write(f"# {json.dumps(log.about, ensure_ascii=False)}\n{_COLUMNS}".encode())
        for line in log.lines():
            packed.write(line.encode())


def read_log(path: Path) -> Log:
    """The log that `write_log` wrote.

    Raises:
        LogError: it is something else.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            about, columns = next(lines), next(lines)
            if not about.startswith("# ") or columns != _COLUMNS:
                raise LogError(f"{path} is not an event log of this simulator")
            return Log.read(json.loads(about[2:]), lines)
    except (OSError, EOFError, StopIteration, KeyError, ValueError) as wrong:
        raise LogError(f"{path} is not an event log of this simulator: {wrong}") from wrong


def write_results(results: dict[str, Any], path: Path) -> None:
    """JSON, for whoever wants to go on with it."""
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
