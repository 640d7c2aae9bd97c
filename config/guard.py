"""The guard: a second process that ends what this one started, should this one die without doing so (kill -9)."""

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

STOP_SECONDS = 20.0


class Guard:
    """Starts processes and ends them; a watcher does the ending when we cannot.

    Every process leads a session of its own: Ctrl-C in the terminal reaches us alone, and whatever it forks is found
    by that session although it changed its group or lost its parent, as RQ's work horses do.

    The watcher is told over a pipe who is ours, and acts when the pipe closes. Unlike the kernel's parent-death
    signal it exists on every system, reaches grandchildren, and insists where SIGTERM is ignored.
    """

    def __init__(self) -> None:
        self._watcher: subprocess.Popen[bytes] | None = None

    def watch(self, *held: int) -> None:
        """Start the watcher, once. It keeps the file descriptors *held* open until what it watches has ended."""
        if self._watcher is None:
            # -P: this file's folder is not to be searched, its logging.py would stand before the library's.
            command = [sys.executable, "-P", __file__]
            self._watcher = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                bufsize=0,
                pass_fds=held,
                start_new_session=True,
            )
            atexit.register(self._close)

    def spawn(
        self, command: Sequence[str], stop: signal.Signals = signal.SIGTERM, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start *command* as a `subprocess.Popen` with *options*; *stop* is what asks it to end."""
        self.watch()
        process: subprocess.Popen[bytes] = subprocess.Popen(command, start_new_session=True, **options)
        self._tell(process.pid, stop)
        return process

    def end(
        self,
        process: subprocess.Popen[bytes],
        stop: signal.Signals = signal.SIGTERM,
        seconds: float = STOP_SECONDS,
        is_hurried: Callable[[], bool] = lambda: False,
    ) -> None:
        """Send *stop*; after *seconds*, or once *is_hurried*, kill what is left of its session. Then all have ended."""
        end({process.pid: stop}, seconds, is_hurried)
        process.wait()
        self._tell(process.pid, 0)

    def _tell(self, pid: int, stop: int) -> None:
        assert self._watcher is not None
        assert self._watcher.stdin is not None
        # Should somebody have killed the watcher, we still end everything ourselves.
        with contextlib.suppress(BrokenPipeError):
            self._watcher.stdin.write(f"{pid} {int(stop)}\n".encode())

    def _close(self) -> None:
        assert self._watcher is not None
        assert self._watcher.stdin is not None
        self._watcher.stdin.close()
        self._watcher.wait()


guard = Guard()


def end(stops: Mapping[int, int], seconds: float, is_hurried: Callable[[], bool] = lambda: False) -> None:
    """Send each leader of a session its signal (0: none), wait up to *seconds*, kill what the sessions still hold."""
    for leader, stop in stops.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(leader, stop)
    deadline = time.monotonic() + seconds
    while any(map(is_running, stops)) and time.monotonic() < deadline and not is_hurried():
        time.sleep(0.05)
    # Again and again: what is killed may just have forked.
    while left := _members(stops):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """False too for a zombie, which only waits for its parent to ask how it ended."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def working_in(folder: Path, program: str) -> list[int]:
    """The processes named *program* whose working directory is *folder*."""
    found = []
    for process in psutil.process_iter():
        # Of other users' processes one may not ask where they work.
        with contextlib.suppress(psutil.Error):
            if process.name() == program and Path(process.cwd()) == folder.resolve():
                found.append(process.pid)
    return found


def _members(leaders: Collection[int]) -> list[int]:
    """Who runs in the sessions of *leaders*, which may themselves have ended."""
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(pid) in leaders and is_running(pid):
                found.append(pid)
    return found


def _serve() -> None:
    """The watcher itself: a line is a process and its signal, 0 when it has ended in peace."""
    watched: dict[int, int] = {}
    for line in sys.stdin:
        pid, stop = map(int, line.split())
        if stop:
            watched[pid] = stop
        else:
            watched.pop(pid, None)
    end(watched, STOP_SECONDS)


if __name__ == "__main__":
    _serve()
