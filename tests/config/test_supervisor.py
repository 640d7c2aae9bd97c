"""The supervisor: what it starts also ends, whatever happens to it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from config.places import AlreadyRunning, NotRunning, PortBusy, RestartFailed, hold, port_block, restart
from config.processes import JOURNAL
from tests.config.conftest import ROOT, Supervised, eventually

Supervise = Callable[[str], Supervised]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(supervise: Supervise, number: signal.Signals):
    """Ctrl-C and SIGTERM stop the children in reverse order, even where SIGINT was inherited as ignored."""
    supervised = supervise("plain")
    supervised.await_ready()

    supervised.process.send_signal(number)

    said = supervised.output()
    assert said.index("two stopped") < said.index("one stopped")
    assert supervised.process.returncode == 0
    assert supervised.running() == []


def test_the_terminal_reaches_only_the_supervisor(supervise: Supervise):
    """Each child leads a session of its own: Ctrl-C is the supervisor's to pass on."""
    supervised = supervise("plain")
    supervised.await_ready()

    assert [os.getsid(pid) for pid in supervised.running()] == supervised.running()


def test_a_second_signal_kills(supervise: Supervise):
    """A child that takes its time is not waited for after a second Ctrl-C."""
    supervised = supervise("stubborn")
    supervised.await_ready()

    supervised.process.send_signal(signal.SIGINT)
    said = iter(supervised.process.stdout.readline, "")
    assert any(line.startswith("stopping") for line in said)
    supervised.process.send_signal(signal.SIGINT)

    assert "one stopped" in supervised.output()
    assert supervised.running() == []


def test_time_is_limited(supervise: Supervise):
    """What ignores SIGTERM is killed when its time is up, and what it forked with it."""
    supervised = supervise("impatient")
    supervised.await_ready()

    supervised.process.terminate()

    assert "one stopped" in supervised.output()
    assert supervised.running() == []


def test_nobody_listens(supervise: Supervise):
    """Everything is stopped although what it prints goes nowhere, as when Ctrl-C ended `make run | tee` as a whole."""
    supervised = supervise("plain")
    supervised.await_ready()
    supervised.process.stdout.close()

    supervised.process.terminate()

    assert supervised.process.wait(60) == 0
    assert supervised.running() == []


def test_killed_supervisor_leaves_nothing(supervise: Supervise):
    """After kill -9 of the supervisor its children end, and a fork that left its group, as RQ's work horse does."""
    supervised = supervise("forking")
    supervised.await_ready()
    eventually(lambda: supervised.pids("one.forked"), "the fork")
    assert len(supervised.running()) == 3

    supervised.process.kill()

    eventually(lambda: not supervised.running(), "nobody left")


def test_next_run_waits_for_the_last_to_end(supervise: Supervise):
    """Started at once after kill -9, a run waits until the children of the killed one have ended."""
    supervised = supervise("forking")
    supervised.await_ready()
    supervised.process.kill()

    with hold(supervised.folder):
        assert supervised.running() == []


def test_a_crash_is_started_again(supervise: Supervise):
    """A child that dies is replaced together with what it forked; the others are left alone."""
    supervised = supervise("forking")
    supervised.await_ready()
    eventually(lambda: supervised.pids("one.forked"), "the fork")

    os.kill(supervised.pids("one")[0], signal.SIGKILL)

    eventually(lambda: len(supervised.pids("one")) == 2, "a second one")
    eventually(lambda: len(supervised.pids("one.forked")) == 2, "its fork")
    second = [supervised.pids(name)[1] for name in ("one", "one.forked")]
    assert supervised.running() == [*second, *supervised.pids("two")]
    supervised.process.terminate()
    assert "one ended (exit code -9); starting again in 0.5 s" in supervised.output()


def test_a_server_is_started_again(supervise: Supervise):
    """A server of our own that dies comes back at its address."""
    supervised = supervise("server")
    supervised.await_ready()
    with redis.Redis.from_url((supervised.folder / "url").read_text()) as client:
        first = client.info("server")["process_id"]
        os.kill(first, signal.SIGKILL)

        eventually(lambda: _process_id(client) not in (None, first), "a second server")

    supervised.process.terminate()
    assert "Redis ended; starting again" in supervised.output()


def test_a_server_that_does_not_come_up(supervise: Supervise):
    """One that fails to start again, as when it is killed on its way, is started ever later; the others go on.

    Those are the other servers too, each in its own time, and one that says nothing of its fault.
    """
    supervised = supervise("unwilling")
    supervised.await_ready()

    eventually((supervised.folder / "postgres").exists, "the server")

    assert len(supervised.running()) == 1
    supervised.process.terminate()
    said = supervised.output().splitlines()
    began = [line.partition(" ")[0] for line in said if line.endswith("ended; starting again")]
    assert began == ["postgres", "redis", "silent", "postgres", "silent", "postgres"]
    assert "postgres: killed while it came up. Once more in 0.5 s." in said
    assert "postgres: killed while it came up. Once more in 1 s." in said
    assert "silent: it did not start. Once more in 0.5 s." in said


def test_a_failed_start_stops_the_rest(supervise: Supervise):
    """A process that ends before it is ready is named with a stable code, and what already ran is stopped."""
    supervised = supervise("failing")

    assert "process_not_ready two ended before it was ready (exit code 3)." in supervised.output()
    assert len(supervised.pids("one")) == 1
    assert supervised.running() == []


def test_all_are_replaced_one_after_the_other(supervise: Supervise):
    """Asked to restart, each gets a successor, ends once that is ready, and whoever asked is told each step."""
    supervised = supervise("plain")
    supervised.await_ready()
    said: list[str] = []
    eventually(lambda: _has_restarted(supervised, said), "restarted")

    assert said == ["restarting, one after the other", "one replaced", "two replaced", "restarted"]
    assert supervised.running() == [supervised.pids("one")[1], supervised.pids("two")[1]]
    os.kill(supervised.pids("two")[1], signal.SIGKILL)
    eventually(lambda: len(supervised.pids("two")) == 3, "the successor is minded too")
    supervised.process.terminate()
    assert supervised.process.wait(60) == 0
    assert supervised.running() == []


def test_a_successor_that_fails_changes_nothing(supervise: Supervise):
    """When the new code does not come up, the old process goes on, and whoever asked is told."""
    supervised = supervise("once")
    supervised.await_ready()
    eventually((supervised.folder / JOURNAL).exists, "may be restarted")

    with pytest.raises(RestartFailed, match=r"two ended before it was ready \(exit code 3\)"):
        restart(supervised.folder, say=lambda _: None)

    assert supervised.running() == [supervised.pids("one")[1], supervised.pids("two")[0]]


def test_only_what_runs_can_be_restarted(supervise: Supervise, tmp_path: Path):
    """Nothing there, or only what a killed run left: said so, and no process is signalled."""
    with pytest.raises(NotRunning):
        restart(tmp_path)
    supervised = supervise("plain")
    supervised.await_ready()
    eventually((supervised.folder / JOURNAL).exists, "may be restarted")
    supervised.process.kill()
    eventually(lambda: not supervised.running(), "nobody left")

    with hold(supervised.folder):
        pass
    with pytest.raises(NotRunning):
        restart(supervised.folder)


def _has_restarted(supervised: Supervised, said: list[str]) -> bool:
    try:
        restart(supervised.folder, say=said.append)
    except NotRunning:
        return False
    return True


def test_one_run_per_folder(supervise: Supervise):
    """A second run on the same data is refused; the folder is free again once the first has ended."""
    supervised = supervise("plain")
    supervised.await_ready()
    with pytest.raises(AlreadyRunning, match="Already running"), hold(supervised.folder):
        pass

    supervised.process.terminate()
    supervised.process.wait()

    with hold(supervised.folder):
        assert supervised.running() == []


def test_a_folder_can_be_held_again(tmp_path: Path):
    """What was let go can be held once more by the same process, also when it was removed as `make reset` does."""
    script = """
import shutil, sys
from pathlib import Path
from config.places import hold
folder = Path(sys.argv[1])
with hold(folder):
    pass
with hold(folder):
    shutil.rmtree(folder)
with hold(folder):
    print((folder / "lock").exists())
"""
    command = [sys.executable, "-c", script, str(tmp_path / "data")]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert said.stdout == "True\n", said.stderr


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_busy_port_is_named(family: socket.AddressFamily, address: str):
    """The block of ten is refused with the number of the port that is taken, on IPv6 alone too."""
    with socket.socket(family) as other:
        try:
            other.bind((address, 0))
        except OSError:
            pytest.skip(f"no {address} on this machine")
        other.listen()
        busy = other.getsockname()[1]
        first = busy - busy % 10

        with pytest.raises(PortBusy, match=str(busy)) as refused:
            port_block(first)

    assert refused.value.code == "port_busy"


def _process_id(client: redis.Redis) -> int | None:
    try:
        return client.info("server")["process_id"]
    except redis.RedisError:
        return None
