"""PostgreSQL and Redis of our own: they start everywhere, keep what they were given, and touch nothing else."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.embedded import EmbeddedError, EmbeddedPostgres, EmbeddedRedis
from config.guard import guard, is_running, working_in
from tests.config.conftest import ROOT, eventually

QUICK = {"fsync": "off"}
ABANDON = """
import os, signal, sys
from pathlib import Path
from config.embedded import EmbeddedPostgres, EmbeddedRedis
postgres, store = EmbeddedPostgres(Path(sys.argv[1], "postgres")), EmbeddedRedis(Path(sys.argv[1], "redis"))
postgres.start(), store.start()
print(postgres.process.pid, store.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server, running, with its data under a path that has a space and is too long for a socket."""
    made = EmbeddedPostgres(tmp_path_factory.mktemp("with space") / ("long" * 30) / "postgres", QUICK)
    made.start()
    yield made
    made.stop()


def _ask(server: EmbeddedPostgres, query: str) -> object:
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as connection:
        found = connection.execute(query)
        return found.fetchone()[0] if found.description else None


def test_what_it_is(postgres: EmbeddedPostgres):
    """UTF-8, one sort order on every machine, UTC, and no way in over the network."""
    told = [_ask(postgres, f"SHOW {name}") for name in ("server_encoding", "TimeZone", "listen_addresses")]
    assert told == ["UTF8", "UTC", ""]
    assert _ask(postgres, "SELECT datlocale FROM pg_database WHERE datname = 'template1'") == "C.UTF-8"
    assert Path(postgres.socket_folder).stat().st_mode & 0o077 == 0


def test_data_survives_a_kill(postgres: EmbeddedPostgres):
    """Killed with -9 and started again at once, it has what was committed, at the address it had."""
    address = postgres.url("postgres", "postgres")
    _ask(postgres, "CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS number")
    postgres.process.kill()

    eventually(lambda: not postgres.is_running(), "the end")
    postgres.start()

    assert postgres.url("postgres", "postgres") == address
    assert _ask(postgres, "SELECT number FROM kept") == 7


def test_a_start_that_fails_keeps_the_address(postgres: EmbeddedPostgres):
    """Who was told where it is finds it there, once it comes up after all."""
    address = postgres.url("postgres", "postgres")
    settings = postgres.data_folder / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("no setting")
    postgres.process.kill()
    with pytest.raises(EmbeddedError, match="did not start"):
        postgres.start()
    assert not postgres.is_running()
    settings.write_text(before)

    postgres.start()

    assert postgres.url("postgres", "postgres") == address
    assert _ask(postgres, "SELECT 1") == 1


def test_a_server_left_behind_is_ended(postgres: EmbeddedPostgres):
    """A server that a killed run left on the data makes way for the next."""
    left = postgres.process.pid
    again = EmbeddedPostgres(postgres.data_folder, QUICK)
    again.start()

    assert not is_running(left)
    assert _ask(again, "SELECT 1") == 1
    again.stop()
    postgres.start()


def test_a_number_taken_by_another_program(postgres: EmbeddedPostgres):
    """A mark with the process number of another program, as after a reboot, stops no start and harms no program."""
    mark = (postgres.data_folder / "postmaster.pid").read_text()
    postgres.stop()
    other = guard.spawn([sys.executable, "-c", "import time; time.sleep(600)"])
    (postgres.data_folder / "postmaster.pid").write_text("\n".join([str(other.pid), *mark.splitlines()[1:]]))

    postgres.start()

    assert _ask(postgres, "SELECT 1") == 1
    assert other.poll() is None
    guard.end(other)


def test_both_end_with_a_killed_owner(tmp_path: Path):
    """After kill -9 of the process that started them, both servers end."""
    command = [sys.executable, "-c", ABANDON, str(tmp_path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=_environment())

    assert said.returncode == -signal.SIGKILL, said.stderr
    eventually(lambda: not any(is_running(int(pid)) for pid in said.stdout.split()), "both gone")
    assert working_in(tmp_path / "postgres", "postgres") == []


@pytest.mark.skipif(sys.platform != "linux" or os.getuid() != 0, reason="only root must become somebody else")
def test_root_without_user_namespaces(tmp_path: Path):
    """As root where `unshare` is refused, as in many containers: it runs as nobody, in a folder closed to nobody."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("setpriv", "true", "sh"):
        (tools / name).symlink_to(shutil.which(name))
    (tmp_path / "closed").mkdir(mode=0o700)
    script = "\n".join(
        [
            "import sys; from pathlib import Path; from config.embedded import EmbeddedPostgres",
            "import psutil, psycopg",
            "server = EmbeddedPostgres(Path(sys.argv[1], 'data'), {'fsync': 'off'}); server.start()",
            "with psycopg.connect(server.url('postgres', 'postgres')) as connection:",
            "    print(connection.execute('SELECT 7').fetchone()[0], psutil.Process(server.process.pid).uids().real)",
            "server.stop()",
        ]
    )
    command = [sys.executable, "-c", script, str(tmp_path / "closed")]
    said = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(tools), "PYTHONPATH": str(ROOT)},
    )

    assert said.stdout == "7 65534\n", said.stderr


def test_another_major_version_is_refused(tmp_path: Path):
    """Data of another PostgreSQL is not touched, and the way out is told."""
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("15\n")

    with pytest.raises(EmbeddedError, match=r"holds data of PostgreSQL 15.*pg_dumpall") as refused:
        EmbeddedPostgres(tmp_path / "postgres").start()

    assert refused.value.code == "embedded_server"


def test_files_that_are_not_ours_stay(tmp_path: Path):
    """A folder with something else in it is refused, not cleared."""
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letter").write_text("dear")

    with pytest.raises(EmbeddedError, match="not empty"):
        EmbeddedPostgres(tmp_path / "postgres").start()

    assert (tmp_path / "postgres" / "letter").read_text() == "dear"


def test_a_wrong_setting_is_told(postgres: EmbeddedPostgres):
    """When PostgreSQL does not come up, the end of its own log says why; no process and no socket stay."""
    postgres.stop()
    wrong = EmbeddedPostgres(postgres.data_folder, {"max_connections": "many"})

    with pytest.raises(EmbeddedError, match="max_connections"):
        wrong.start()

    assert not wrong.is_running()
    assert wrong.socket_folder is None
    postgres.start()


def test_redis_asks_for_its_password(tmp_path: Path):
    """Nobody on the machine reads the queues without the password, which no list of processes shows."""
    store = EmbeddedRedis(tmp_path / "a redis")
    store.start()

    with (
        redis.Redis(port=store.port, retry=Retry(NoBackoff(), 0)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.keys()

    assert store.password not in str(store.process.args)
    store.stop()


def test_redis_keeps_what_it_was_given(tmp_path: Path):
    """With *append_only* the data survives a stop, and a new password opens it."""
    store = EmbeddedRedis(tmp_path / "a redis", append_only=True)
    store.start()
    with redis.Redis.from_url(store.url) as client:
        client.set("kept", "7")
    store.stop()

    again = EmbeddedRedis(tmp_path / "a redis", append_only=True)
    again.start()

    with redis.Redis.from_url(again.url) as client:
        assert client.get("kept") == b"7"
    again.stop()


def test_redis_tells_of_a_taken_port(tmp_path: Path):
    """On a port that another program has, the end of Redis's log says so."""
    first = EmbeddedRedis(tmp_path / "first")
    first.start()

    with pytest.raises(EmbeddedError, match="in use"):
        EmbeddedRedis(tmp_path / "second", port=first.port).start()

    first.stop()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
