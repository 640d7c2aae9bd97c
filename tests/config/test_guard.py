"""The guard: asks to end, insists, and leaves other people's processes alone."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil

from config.guard import end, guard, is_running, working_in
from tests.config.conftest import eventually
from tests.config.supervised import CHILD


def _start(tmp_path: Path, *kinds: str) -> subprocess.Popen[bytes]:
    process = guard.spawn([sys.executable, "-c", CHILD, str(tmp_path / "pid"), *kinds], cwd=tmp_path)
    eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "started")
    return process


def test_insists(tmp_path: Path):
    """What ignores SIGTERM is killed, and what it forked although that left its group."""
    process = _start(tmp_path, "stubborn", "forking")
    eventually(lambda: (tmp_path / "pid.forked").exists() and (tmp_path / "pid.forked").read_text(), "forked")

    guard.end(process, seconds=0.1)

    assert process.returncode == -signal.SIGKILL
    assert not is_running(int((tmp_path / "pid.forked").read_text()))


def test_lets_finish(tmp_path: Path):
    """What ends by itself after SIGTERM is given the time to."""
    process = _start(tmp_path, "slow")

    guard.end(process, seconds=600)

    assert process.returncode == 0


def test_signal_zero_only_waits(tmp_path: Path):
    """With no signal to send, the end of a process is awaited, and forced when time is up."""
    process = _start(tmp_path)

    end({process.pid: 0}, seconds=0.1)

    assert process.wait() == -signal.SIGKILL
    guard.end(process)


def test_finds_by_folder_and_name(tmp_path: Path):
    """A program is found by where it works; another program in the same folder is not taken for it."""
    process = _start(tmp_path)
    name = psutil.Process(process.pid).name()

    assert working_in(tmp_path, name) == [process.pid]
    assert working_in(tmp_path, "postgres") == []
    assert working_in(tmp_path.parent, name) == []
    guard.end(process)
