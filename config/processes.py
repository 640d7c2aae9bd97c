"""The supervisor of `make run`: starts processes in order, keeps them running, and leaves none behind."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config.guard import guard

READY_SECONDS = 60.0
BACKOFF_SECONDS = (0.5, 1, 2, 5, 10)
# A process that ran this long before it ended is not in a loop of crashes.
STEADY_SECONDS = 30.0
JOURNAL = "restarts"
RESTARTED = "restarted"
RESTART_FAILED = "restart failed"
Say = Callable[[str], None]


class ProcessError(Exception):
    """A process does not become ready; the message says which."""

    code = "process_not_ready"


class ServerError(Exception):
    """A server could not be started; the message says what to do."""


class Server(Protocol):
    """What is started and stopped elsewhere, but started again here should it end by itself."""

    name: str

    def is_running(self) -> bool: ...

    def start(self) -> object: ...


@dataclass(frozen=True, slots=True)
class Process:
    """One child. *ready* is asked, with its number, until it says yes; without it, it is ready at once.

    *stop_seconds* after SIGTERM it is killed. It inherits *pass_fds*. A rolling restart leaves one that *stays* alone.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[int], bool] | None = None
    stop_seconds: float = 20.0
    pass_fds: tuple[int, ...] = ()
    stays: bool = False


@dataclass(slots=True)
class _Child:
    """A process as it goes now. The two moments are of the monotonic clock, in seconds."""

    process: Process
    running: subprocess.Popen[bytes] | None = None
    start_moment: float = 0.0
    due_moment: float = 0.0
    crashes: int = 0


@dataclass(slots=True)
class _Kept:
    """A server as it goes now; the moment is of the monotonic clock, in seconds."""

    server: Server
    due_moment: float = 0.0
    failures: int = 0


class Supervisor:
    """Starts *processes* in their order, starts again what ends, stops them in reverse order on SIGINT or SIGTERM.

    A second signal kills at once. SIGUSR1 replaces them all, one after the other (`restart`): not SIGHUP, which comes
    when the terminal closes. *servers*, started before, are only kept running. Children write to our output.
    """

    def __init__(
        self,
        processes: Sequence[Process],
        on_step: Say = print,
        servers: Sequence[Server] = (),
        journal: Path | None = None,
        before_restart: Callable[[], None] = lambda: None,
    ) -> None:
        """*journal*, once it is there, says that restarts can be asked for; in it whoever asked reads how they go."""
        self._children = [_Child(process) for process in processes]
        self._servers = [_Kept(server) for server in servers]
        self._on_step = on_step
        self._journal = journal
        self._before_restart = before_restart
        self._signals = 0
        self._is_restart_asked = False

    def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Until a signal. *on_ready* is called once, when every process has said that it is ready.

        Raises:
            ProcessError: a process did not become ready; everything was stopped.
        """
        # Set although SIGINT may have come to us ignored, as it does to what a script starts in the background.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGUSR1, self._on_restart)
        try:
            for child in self._children:
                self._start(child)
            for child in self._children:
                self._await(child)
            if not self._signals:
                on_ready()
                if self._journal is not None:
                    self._journal.write_text("")
            while not self._signals:
                if self._is_restart_asked:
                    self._restart()
                self._mind()
                time.sleep(0.1)
        finally:
            if self._journal is not None:
                self._journal.unlink(missing_ok=True)
            self._stop()

    def _on_restart(self, _number: int, _frame: object) -> None:
        self._is_restart_asked = True

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
        child.running = guard.spawn(
            child.process.argv, env=dict(child.process.env), stdin=subprocess.DEVNULL, pass_fds=child.process.pass_fds
        )

    def _await(self, child: _Child, while_waiting: Callable[[], object] = lambda: None) -> None:
        name, ready = child.process.name, child.process.ready
        assert child.running is not None or self._signals
        while not self._signals and ready is not None and child.running is not None and not ready(child.running.pid):
            if child.running.poll() is not None:
                raise ProcessError(f"{name} ended before it was ready (exit code {child.running.returncode}).")
            if time.monotonic() - child.start_moment > READY_SECONDS:
                raise ProcessError(f"{name} was not ready after {READY_SECONDS:.0f} s.")
            while_waiting()
            time.sleep(0.1)
        if not self._signals:
            self._say(f"{name}: {time.monotonic() - child.start_moment:.1f} s")

    def _restart(self) -> None:
        """Replace each process by one of the code that is there now. One that does not become ready ends it there."""
        self._is_restart_asked = False
        try:
            self._journalled("restarting, one after the other")
            self._before_restart()
            for number, child in enumerate(self._children):
                if not child.process.stays and not self._signals:
                    self._replace(number)
        except ProcessError as fault:
            self._journalled(f"{RESTART_FAILED}: {fault} What runs goes on.")
        else:
            self._journalled(RESTARTED if not self._signals else f"{RESTART_FAILED}: stopping.")

    def _replace(self, number: int) -> None:
        """The successor first: they work side by side until it is ready, so nobody finds the place empty."""
        old = self._children[number]
        new = _Child(old.process)
        self._start(new)
        try:
            self._await(new, while_waiting=self._mind)
        except ProcessError:
            assert new.running is not None
            guard.end(new.running, seconds=0)
            raise
        # Whichever of the two is in the list is minded, and stopped with the rest.
        self._children[number] = new
        if old.running is not None:
            self._end(old, while_waiting=self._mind)
        self._journalled(f"{old.process.name} replaced")

    def _journalled(self, text: str) -> None:
        self._say(text)
        if self._journal is not None:
            with self._journal.open("a") as journal:
                journal.write(f"{text}\n")

    def _mind(self) -> None:
        """Start again what has ended, ever later while it goes on ending."""
        for kept in self._servers:
            if not kept.server.is_running() and time.monotonic() >= kept.due_moment:
                self._start_again(kept)
        for child in self._children:
            if child.running is None:
                if time.monotonic() >= child.due_moment:
                    self._start(child)
            elif child.running.poll() is not None:
                self._put_off(child, child.running)

    def _start_again(self, kept: _Kept) -> None:
        name = kept.server.name
        self._say(f"{name} ended; starting again")
        try:
            kept.server.start()
        except ServerError as fault:
            # It may have been killed while it came up. Nothing here can work without it, and nothing is lost.
            kept.failures += 1
            pause_seconds = _pause_seconds(kept.failures)
            kept.due_moment = time.monotonic() + pause_seconds
            said = str(fault).partition("\n")[0] or "it did not start."
            self._say(f"{name}: {said} Once more in {pause_seconds} s.")
        else:
            kept.failures = 0

    def _put_off(self, child: _Child, ended: subprocess.Popen[bytes]) -> None:
        # What it forked would hold its port, or do its work beside its successor.
        guard.end(ended, seconds=0)
        now = time.monotonic()
        child.crashes = 1 if now - child.start_moment > STEADY_SECONDS else child.crashes + 1
        pause_seconds = _pause_seconds(child.crashes)
        child.running, child.due_moment = None, now + pause_seconds
        self._say(f"{child.process.name} ended (exit code {ended.returncode}); starting again in {pause_seconds} s")

    def _stop(self) -> None:
        if self._signals:
            self._say("stopping (a second Ctrl-C kills)")
        for child in reversed(self._children):
            if child.running is not None:
                self._end(child)
                self._say(f"{child.process.name} stopped")

    def _end(self, child: _Child, while_waiting: Callable[[], object] = lambda: None) -> None:
        def is_hurried() -> bool:
            while_waiting()
            return self._signals > 1

        assert child.running is not None
        guard.end(child.running, seconds=child.process.stop_seconds, is_hurried=is_hurried)


def _pause_seconds(failures: int) -> float:
    """Before the next start, after so many in a row."""
    return BACKOFF_SECONDS[min(failures, len(BACKOFF_SECONDS)) - 1]
