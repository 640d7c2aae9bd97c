"""The supervisor of `make run`: starts processes in order, keeps them running, and leaves none behind."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.embedded import die_with_parent

BLOCK = 10
READY_SECONDS = 60.0
BACKOFF_SECONDS = (0.5, 1, 2, 5, 10)
# A process that ran this long before it ended is not in a loop of crashes.
STEADY_SECONDS = 30.0
Say = Callable[[str], None]


class ProcessError(Exception):
    """A process does not become ready, or may not start; the message says what to do."""

    code = "process"


class PortBusy(ProcessError):
    """Another program listens on a port of our block."""

    code = "port_busy"


@dataclass(frozen=True, slots=True)
class Process:
    """One child. *ready* is asked until it says yes; None is ready at once. *stop_seconds* after SIGTERM it is killed."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool] | None = None
    stop_seconds: float = 20.0


@dataclass(slots=True)
class _Child:
    process: Process
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    crashes: int = 0
    due_at: float = field(default=0.0)


def port_block(port: int) -> range:
    """The ten ports from *port* on.

    Raises:
        PortBusy: naming the ones that another program holds.
    """
    block = range(port, port + BLOCK)
    if busy := [one for one in block if not _is_free(one)]:
        listed = ", ".join(map(str, busy))
        raise PortBusy(f"Port {listed} is in use. Choose another block of ten: PORT={port + BLOCK} make run")
    return block


def hold(folder: Path) -> IO[str]:
    """Lock *folder* for this process while the file stays open; a process that dies lets go by dying.

    Raises:
        ProcessError: another `make run` works on it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        lock.close()
        raise ProcessError(f"Already running on {folder}: stop it first, or choose another PORT.") from fault
    return lock


class Supervisor:
    """Starts *processes* in their order, restarts what ends, and stops them in reverse order on SIGINT or SIGTERM."""

    def __init__(self, processes: Sequence[Process], on_step: Say = print) -> None:
        self.children = [_Child(process) for process in processes]
        self.say = on_step
        self.signals = 0

    def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Until a signal. *on_ready* is called once, when every process has said that it is ready.

        Raises:
            ProcessError: a process did not become ready; everything was stopped.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            for child in self.children:
                self._start(child)
                self._await(child)
                if self.signals:
                    return
            on_ready()
            while not self.signals:
                self._mind()
                time.sleep(0.1)
        finally:
            self._stop_all()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.signals += 1

    def _start(self, child: _Child) -> None:
        """In a session of its own (Ctrl-C in the terminal reaches only us), ending with us however we end."""
        child.started_at = time.monotonic()
        child.running = subprocess.Popen(
            [*die_with_parent(signal.SIGTERM), *child.process.argv],
            env=dict(child.process.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=_copy, args=(child.process.name, child.running.stdout), daemon=True).start()

    def _await(self, child: _Child) -> None:
        name, began = child.process.name, time.monotonic()
        while child.process.ready is not None and not child.process.ready():
            assert child.running is not None
            if child.running.poll() is not None:
                raise ProcessError(f"{name} ended before it was ready (exit code {child.running.returncode}).")
            if time.monotonic() - began > READY_SECONDS:
                raise ProcessError(f"{name} was not ready after {READY_SECONDS:.0f} s.")
            if self.signals:
                return
            time.sleep(0.1)
        self.say(f"{name}: {time.monotonic() - began:.1f} s")

    def _mind(self) -> None:
        """Start again what has ended, ever later while it goes on ending."""
        now = time.monotonic()
        for child in self.children:
            if child.running is None:
                if now >= child.due_at:
                    self._start(child)
            elif child.running.poll() is not None:
                steady = now - child.started_at > STEADY_SECONDS
                child.crashes = 1 if steady else child.crashes + 1
                pause = BACKOFF_SECONDS[min(child.crashes, len(BACKOFF_SECONDS)) - 1]
                self.say(f"{child.process.name} ended ({child.running.returncode}); starting again in {pause} s")
                child.running, child.due_at = None, now + pause

    def _stop_all(self) -> None:
        """SIGTERM in reverse order, all at once; SIGKILL when time is up, or at a second signal."""
        running = [child for child in reversed(self.children) if child.running is not None]
        for child in running:
            _signal_group(child, signal.SIGTERM)
        asked_at, signals = time.monotonic(), self.signals
        for child in running:
            assert child.running is not None
            while child.running.poll() is None:
                is_late = time.monotonic() - asked_at > child.process.stop_seconds
                if is_late or self.signals > max(signals, 1):
                    _signal_group(child, signal.SIGKILL)
                time.sleep(0.05)
            # Whatever a child has left of its own group goes with it.
            _signal_group(child, signal.SIGKILL)
            self.say(f"{child.process.name} stopped")


def _signal_group(child: _Child, number: signal.Signals) -> None:
    assert child.running is not None
    try:
        if number is signal.SIGTERM:
            child.running.send_signal(number)
        else:
            os.killpg(child.running.pid, number)
    except ProcessLookupError:
        pass


def _copy(name: str, output: IO[bytes] | None) -> None:
    """Print a child's lines behind its name."""
    assert output is not None
    for line in output:
        sys.stdout.write(f"{name:<12} {line.decode(errors='replace')}")
        sys.stdout.flush()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
