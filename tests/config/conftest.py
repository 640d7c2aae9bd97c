"""A supervisor in a process of its own, for the tests to treat badly."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.guard import is_running

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 30.0


def eventually(is_true: Callable[[], object], what: str) -> None:
    """Wait for *what*, generously: how fast it comes is not promised here."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


class Supervised:
    """The supervisor of `supervised.py`, started as a script starts a background job: SIGINT comes to it ignored."""

    def __init__(self, folder: Path, scene: str) -> None:
        self.folder = folder
        command = [sys.executable, "-u", "-m", "tests.config.supervised", str(folder), scene]
        self.process = subprocess.Popen(
            ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def pids(self, name: str) -> list[int]:
        """The numbers of all that ever ran as *name*, the oldest first."""
        path = self.folder / name
        return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    def running(self) -> list[int]:
        """Who still runs of all that it ever started."""
        names = ("one", "one.forked", "two")
        return [pid for name in names for pid in self.pids(name) if is_running(pid)]

    def await_ready(self) -> None:
        """Until every process runs."""
        eventually((self.folder / "ready").exists, "ready")

    def output(self) -> str:
        """What it printed, once it has ended."""
        return self.process.communicate(timeout=PATIENCE_SECONDS)[0]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[[str], Supervised]]:
    """Start a scene in a folder with a space in its name."""
    started = []

    def start(scene: str) -> Supervised:
        folder = tmp_path / "a folder"
        folder.mkdir(exist_ok=True)
        started.append(Supervised(folder, scene))
        return started[-1]

    yield start
    for one in started:
        with one.process as process:
            process.kill()
