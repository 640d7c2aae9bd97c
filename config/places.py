"""What one run on this machine has for itself: its data folder, its block of ports; and how others reach it there."""

import errno
import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config.guard import STOP_SECONDS, guard, is_running
from config.processes import JOURNAL, RESTART_FAILED, RESTARTED, ProcessError, Say

BLOCK = 10


class NotRunning(ProcessError):
    """Nothing runs there that could be restarted."""

    code = "not_running"


class RestartFailed(ProcessError):
    """A restart ended before all were replaced; what ran goes on."""

    code = "restart_failed"


class PortBusy(ProcessError):
    """Another program listens on a port of our block."""

    code = "port_busy"


class AlreadyRunning(ProcessError):
    """Another supervisor works on the same data."""

    code = "already_running"


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


def restart(folder: Path, say: Say = print) -> None:
    """Have the supervisor that works on *folder* replace its processes; tells its steps, returns when it is done.

    Raises:
        NotRunning: there is none, or it is still starting.
        RestartFailed: it did not replace them all.
    """
    journal = folder / JOURNAL
    if not journal.exists() or not _is_held(folder):
        raise NotRunning(f"Nothing runs on {folder} that could be restarted (or it is still starting).")
    told = len(journal.read_text().splitlines())
    os.kill(int((folder / "lock").read_text()), signal.SIGUSR1)
    while journal.exists():
        for line in journal.read_text().splitlines()[told:]:
            told += 1
            say(line)
            if line == RESTARTED:
                return
            if line.startswith(RESTART_FAILED):
                raise RestartFailed(line)
        time.sleep(0.1)
    raise RestartFailed("It stopped meanwhile.")


def _is_held(folder: Path) -> bool:
    """Whether somebody works on *folder* now."""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


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
