"""The supervisor and the servers of our own: what starts also ends, whatever happens."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import EmbeddedError, EmbeddedPostgres, EmbeddedRedis
from config.processes import PortBusy, ProcessError, hold, port_block

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 30.0

SUPERVISED = """
import os, sys
sys.path.insert(0, {root!r})
from config.processes import Process, Supervisor
from pathlib import Path
env = dict(os.environ)
sleeper = "import os, subprocess, sys, time; "
sleeper += "open(sys.argv[1], 'a').write(str(os.getpid()) + chr(10)); "
sleeper += "time.sleep(600)"
children = [Process(name, [sys.executable, "-c", sleeper, {folder!r} + "/" + name], env) for name in ("one", "two")]
Supervisor(children).run(on_ready=lambda: Path({folder!r}, "ready").touch())
"""


def eventually(is_true: Callable[[], bool], what: str) -> None:
    """Wait for *what*, generously: how fast it is, is not promised here."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.05)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def supervised(tmp_path: Path):
    """A supervisor with two children, in a folder with a space; `pids()` are the children it ever started."""
    folder = tmp_path / "a folder"
    folder.mkdir()

    class Supervised:
        # As a script starts a background job: SIGINT is inherited as ignored.
        process = subprocess.Popen(
            [
                "sh",
                "-c",
                'trap "" INT; exec "$0" -c "$1"',
                sys.executable,
                textwrap.dedent(SUPERVISED).format(root=str(ROOT), folder=str(folder)),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

        @staticmethod
        def pids(name: str) -> list[int]:
            path = folder / name
            return [int(line) for line in path.read_text().splitlines()] if path.exists() else []

    found = Supervised()
    eventually((folder / "ready").exists, "ready")
    eventually(lambda: bool(found.pids("one") and found.pids("two")), "children")
    yield found
    found.process.kill()
    found.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(supervised, number: signal.Signals):
    """Ctrl-C and SIGTERM end every child and then the supervisor, even where SIGINT was inherited as ignored."""
    supervised.process.send_signal(number)

    supervised.process.wait(PATIENCE_SECONDS)
    assert not any(lives(pid) for name in ("one", "two") for pid in supervised.pids(name))


@pytest.mark.skipif(sys.platform != "linux", reason="children follow a killed parent on Linux only")
def test_killed_supervisor_leaves_nothing(supervised):
    """After kill -9 of the supervisor no child is left."""
    supervised.process.kill()

    eventually(lambda: not any(lives(pid) for name in ("one", "two") for pid in supervised.pids(name)), "children gone")


def test_a_crash_is_started_again(supervised):
    """A child that dies is replaced; the others are left alone."""
    os.kill(supervised.pids("one")[0], signal.SIGKILL)

    eventually(lambda: len(supervised.pids("one")) == 2, "a second one")
    assert len(supervised.pids("two")) == 1


def test_a_busy_port_is_named():
    """The block of ten is refused with the number of the port that is taken."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        busy = other.getsockname()[1]

        with pytest.raises(PortBusy, match=str(busy)):
            port_block(busy - 3)


def test_one_run_per_folder(tmp_path: Path):
    """A second run on the same data is refused; the folder is free again once the first has let go."""
    with hold(tmp_path), pytest.raises(ProcessError, match="Already running"):
        hold(tmp_path)

    hold(tmp_path).close()


def test_data_survives_a_kill(tmp_path: Path):
    """PostgreSQL of our own: killed with -9 and started again at once, it still has what was committed."""
    server = EmbeddedPostgres(tmp_path / "with space" / "pg")
    server.start()
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    server.process.kill()
    server.process.wait()

    again = EmbeddedPostgres(tmp_path / "with space" / "pg")
    again.start()
    with psycopg.connect(again.url("postgres", "postgres")) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    again.stop()
    server.stop()


def test_another_major_version_is_refused(tmp_path: Path):
    """Data of another PostgreSQL is not touched, and the way out is told."""
    server = EmbeddedPostgres(tmp_path / "pg", {"fsync": "off"})
    server.start()
    server.stop()
    (tmp_path / "pg" / "PG_VERSION").write_text("15\n")

    with pytest.raises(EmbeddedError, match="pg_dumpall"):
        EmbeddedPostgres(tmp_path / "pg").start()


def test_redis_asks_for_its_password(tmp_path: Path):
    """Nobody on the machine reads the queues without the password; with append_only the data survives a restart."""
    store = EmbeddedRedis(tmp_path / "redis", append_only=True)
    store.start()
    client = redis.Redis.from_url(store.url)
    client.set("kept", "7")
    client.close()
    with redis.Redis(port=store.port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    store.stop()

    again = EmbeddedRedis(tmp_path / "redis", append_only=True)
    again.start()
    with redis.Redis.from_url(again.url) as client:
        assert client.get("kept") == b"7"
    again.stop()
