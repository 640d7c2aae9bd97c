"""How long two processes took together, less the time they stood in line for a processor: the kernel counts both."""

import threading
import time
from collections.abc import Callable
from pathlib import Path


def milliseconds(work: Callable[[], object], other_pid: int) -> tuple[float, float]:
    """What *work* took (by the clock, and as on a machine of its own), this thread and process *other_pid* in turns."""
    lines = [Path(f"/proc/{threading.get_native_id()}/schedstat"), Path(f"/proc/{other_pid}/schedstat")]
    stood, began = _stood(lines), time.perf_counter_ns()
    work()
    taken = time.perf_counter_ns() - began
    return taken / 1e6, (taken - (_stood(lines) - stood)) / 1e6


def _stood(lines: list[Path]) -> int:
    """Nanoseconds in the queue for a processor, until now; where no kernel tells (not Linux), none."""
    return sum(int(line.read_text().split()[1]) for line in lines if line.exists())
