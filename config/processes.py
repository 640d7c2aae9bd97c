"""The supervisor of `make run`: starts processes in order, keeps them running, and leaves none behind."""

import contextlib
import errno
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from config.guard import STOP_SECONDS, guard, is_running

BLOCK = 10
READY_SECONDS = 60.0
BACKOFF_SECONDS = (0.5, 1, 2, 5, 10)
# A process that ran this long before it ended is not in a loop of crashes.
STEADY_SECONDS = 30.0
Say = Callable[[str], None]


class ProcessError(Exception):
    """A process does not become ready; the message says which."""

    code = "process_not_ready"


class PortBusy(ProcessError):
    """Another program listens on a port of our block."""

    code = "port_busy"


class AlreadyRunning(ProcessError):
    """Another supervisor works on the same data."""

    code = "already_running"


class Server(Protocol):
    """What is started and stopped elsewhere, but started again here should it end by itself."""

    name: str

    def is_running(self) -> bool: ...

    def start(self) -> object: ...


@dataclass(frozen=True, slots=True)
class Process:
    """One child. *ready* is asked until it says yes; without it, it is ready at once.

    *stop_seconds* after SIGTERM it is killed.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool] | None = None
    stop_seconds: float = 20.0


@dataclass(slots=True)
class _Child:
    """A process as it goes now. The two moments are of the monotonic clock, in seconds."""

    process: Process
    running: subprocess.Popen[bytes] | None = None
    start_moment: float = 0.0
    due_moment: float = 0.0
    crashes: int = 0


def port_block(port: int) -> range:
    """The ten ports from *port* on.

    Raises:
        PortBusy: naming the ones that another program holds.
    """
    block = range(port, port + BLOCK)
    if busy := [one for one in block if not _is_free(one)]:
        named = f"Port {busy[0]} is" if len(busy) == 1 else f"Ports {', '.join(map(str, busy))} are"
        raise PortBusy(f"{named} in use. Choose another block of {BLOCK}: PORT={port + BLOCK} make run")
    return block


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep *folder* for this process. After a supervisor that was killed, wait until what it started has ended.

    Raises:
        AlreadyRunning: another process holds it.
    """
    with _locked(folder) as lock:
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        # The lock is let go when its last holder ends: we, or the watcher that clears up after us.
        guard.watch(lock.fileno())
        try:
            yield
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)


def _locked(folder: Path) -> IO[str]:
    begin = time.monotonic()
    while True:
        # Made and opened anew each time: the one we wait for may be a `make reset`.
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with lock:
                lock.seek(0)
                owner = lock.read()
        else:
            return lock
        waited_seconds = time.monotonic() - begin
        # One that was killed this very moment still runs.
        is_owned = waited_seconds > 1 and (not owner or is_running(int(owner)))
        if is_owned or waited_seconds > 2 * STOP_SECONDS:
            raise AlreadyRunning(f"Already running on {folder}: stop it first, or choose another PORT.")
        time.sleep(0.1)


class Supervisor:
    """Starts *processes* in their order, starts again what ends, stops them in reverse order on SIGINT or SIGTERM.

    A second signal kills at once. *servers*, started before, are only kept running. Children write to our output.
    """

    def __init__(self, processes: Sequence[Process], on_step: Say = print, servers: Sequence[Server] = ()) -> None:
        self._children = [_Child(process) for process in processes]
        self._servers = servers
        self._on_step = on_step
        self._signals = 0

    def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Until a signal. *on_ready* is called once, when every process has said that it is ready.

        Raises:
            ProcessError: a process did not become ready; everything was stopped.
        """
        # Set although SIGINT may have come to us ignored, as it does to what a script starts in the background.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        try:
            for child in self._children:
                self._start(child)
            for child in self._children:
                self._await(child)
            if not self._signals:
                on_ready()
            while not self._signals:
                self._mind()
                time.sleep(0.1)
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._signals += 1

    def _say(self, text: str) -> None:
        # In `make run | tee log`, Ctrl-C ends tee first: that nobody reads must not keep us from stopping the rest.
        with contextlib.suppress(BrokenPipeError):
            self._on_step(text)

    def _start(self, child: _Child) -> None:
        if self._signals:
            return
        child.start_moment = time.monotonic()
        child.running = guard.spawn(child.process.argv, env=dict(child.process.env), stdin=subprocess.DEVNULL)

    def _await(self, child: _Child) -> None:
        name, ready = child.process.name, child.process.ready
        while not self._signals and ready is not None and not ready():
            assert child.running is not None
            if child.running.poll() is not None:
                raise ProcessError(f"{name} ended before it was ready (exit code {child.running.returncode}).")
            if time.monotonic() - child.start_moment > READY_SECONDS:
                raise ProcessError(f"{name} was not ready after {READY_SECONDS:.0f} s.")
            time.sleep(0.1)
        if not self._signals:
            self._say(f"{name}: {time.monotonic() - child.start_moment:.1f} s")

    def _mind(self) -> None:
        """Start again what has ended, ever later while it goes on ending."""
        for server in self._servers:
            if not server.is_running():
                self._say(f"{server.name} ended; starting again")
                server.start()
        for child in self._children:
            if child.running is None:
                if time.monotonic() >= child.due_moment:
                    self._start(child)
            elif child.running.poll() is not None:
                self._put_off(child, child.running)

    def _put_off(self, child: _Child, ended: subprocess.Popen[bytes]) -> None:
        # What it forked would hold its port, or do its work beside its successor.
        guard.end(ended, seconds=0)
        now = time.monotonic()
        child.crashes = 1 if now - child.start_moment > STEADY_SECONDS else child.crashes + 1
        pause_seconds = BACKOFF_SECONDS[min(child.crashes, len(BACKOFF_SECONDS)) - 1]
        child.running, child.due_moment = None, now + pause_seconds
        self._say(f"{child.process.name} ended (exit code {ended.returncode}); starting again in {pause_seconds} s")

    def _stop(self) -> None:
        if self._signals:
            self._say("stopping (a second Ctrl-C kills)")
        for child in reversed(self._children):
            if child.running is not None:
                guard.end(child.running, seconds=child.process.stop_seconds, is_hurried=lambda: self._signals > 1)
                self._say(f"{child.process.name} stopped")


def _is_free(port: int) -> bool:
    """Nobody listens on the loopback, of IPv6 neither: browsers try that first for `localhost`."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((address, port))
        except OSError as fault:
            if fault.errno == errno.EADDRINUSE:
                return False
    return True
