"""Servers for the tests: PostgreSQL and Redis started once a run, a database of its own for each test that asks."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import redis
from argon2 import PasswordHasher
from flask import Flask
from hypothesis import settings as hypothesis_settings
from xdist.scheduler import LoadFileScheduling

from config import migrate
from config.embedded import EmbeddedPostgres, EmbeddedRedis
from config.logging import configure
from config.roles import bootstrap
from config.settings import Settings
from contact import demo
from contact.unit_of_work import Database, connect
from contact.web import create_app
from tests.people import PASSWORD

# A loaded machine is no fault: no example has a time limit.
hypothesis_settings.register_profile("guichet", deadline=None)
hypothesis_settings.load_profile("guichet")
TEMPLATE = "guichet_template"
TICKETS = 30
# What takes longest comes first, so that all workers end at about the same time.
DEAR = (
    "tests/browser/",
    "tests/journeys/test_restarting.py",
    "tests/journeys/test_running.py",
    "tests/isolation/test_sockets.py",
    "tests/journeys/",
    "tests/phone/",
    "tests/deploy/",
    "tests/config/",
    "tests/isolation/",
    "tests/routing/test_sim",
    "tests/bench/",
)
# Whose files share a running product, and so a worker.
TOGETHER = (("tests/browser/",), ("tests/journeys/test_restarting.py", "tests/journeys/test_running.py"))


class Scheduling(LoadFileScheduling):
    """A file's tests on one worker, and those of files that are together."""

    def _split_scope(self, nodeid: str) -> str:
        return next((one[0] for one in TOGETHER if nodeid.startswith(one)), super()._split_scope(nodeid))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: some worker always waits for a process to start or to stop."""
    return (os.cpu_count() or 1) + 1


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """Of `--dist loadfile`; the order is ours."""
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The dear ones first."""
    items.sort(key=lambda item: next((at for at, one in enumerate(DEAR) if item.nodeid.startswith(one)), len(DEAR)))


def pytest_configure(config: pytest.Config) -> None:
    """Once, in the process that starts the run: servers, and a template with migrations and the demo."""
    configure("test", "ERROR")
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="guichet-test-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    servers = []
    admin_url = os.environ.get("TEST_DATABASE_URL")
    if admin_url is None:
        fast = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}
        server = EmbeddedPostgres(folder / "postgres", fast)
        server.start()
        servers.append(server)
        admin_url = server.url("postgres", "postgres")
    store = EmbeddedRedis(folder / "redis")
    store.start()
    servers.append(store)
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
    bootstrap(admin_url, TEMPLATE)
    owner_url = url_as(admin_url, TEMPLATE, "app_owner")
    migrate.upgrade(owner_url)
    demo.load(owner_url, seed=1, tickets=TICKETS, say=lambda _: None)
    # Everybody signs in in nearly every test: what makes a password's check slow is its hash, and this one is not.
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with psycopg.connect(admin_url, dbname=TEMPLATE) as connection:
        connection.execute("UPDATE account SET password_hash = %s", [quick])
    config.guichet = {"admin_url": admin_url, "redis_url": store.url}
    config.guichet_cleanup = (servers, folder)


def pytest_configure_node(node: object) -> None:
    """xdist: each worker learns where the servers are."""
    node.workerinput["guichet"] = node.config.guichet


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    servers, folder = getattr(config, "guichet_cleanup", ((), None))
    for server in servers:
        server.stop()
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def url_as(admin_url: str, database: str, user: str) -> str:
    """The address of *database* for *user* on the server of *admin_url*, in SQLAlchemy's form."""
    told = psycopg.conninfo.conninfo_to_dict(admin_url)
    port = f"&port={told['port']}" if "port" in told else ""
    return f"postgresql+psycopg://{user}@/{database}?host={told['host']}{port}"


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> dict[str, str]:
    """`admin_url` and `redis_url` of this run."""
    config = request.config
    if not hasattr(config, "workerinput"):
        return config.guichet
    # The pool has the same id in all databases: each worker keeps its valve in a Redis database of its own.
    # The last two are for tests that want one to themselves.
    told, number = config.workerinput["guichet"], int(config.workerinput["workerid"].removeprefix("gw"))
    return told | {"redis_url": f"{told['redis_url'].removesuffix('/0')}/{number % 14}"}


@contextmanager
def fresh_database(servers: dict[str, str]) -> Iterator[str]:
    """The name of a new database with the demo in it, gone afterwards."""
    name = f"guichet_{secrets.token_hex(6)}"
    with psycopg.connect(servers["admin_url"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER app_owner STRATEGY file_copy")
    yield name
    with psycopg.connect(servers["admin_url"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    # The next one's pool has the same id, and begins at the same epoch.
    with redis.Redis.from_url(servers["redis_url"]) as store:
        for key in store.scan_iter("valve:*", count=1_000):
            store.delete(key)


@pytest.fixture
def database_name(servers: dict[str, str]) -> Iterator[str]:
    """A database of this test's own: real commits, real notifications."""
    with fresh_database(servers) as name:
        yield name


def product_settings(servers: dict[str, str], database_name: str, data_folder: Path) -> Settings:
    """Settings of a whole product on *database_name*, with short times and no rate limits."""
    admin = servers["admin_url"]
    return replace(
        Settings(),
        app_env="test",
        data_folder=data_folder,
        files_folder=data_folder / "files",
        database_url=url_as(admin, database_name, "app_rw"),
        database_owner_url=url_as(admin, database_name, "app_owner"),
        database_engine_url=url_as(admin, database_name, "app_engine"),
        redis_url=servers["redis_url"],
        public_base_url="http://localhost",
        secret_key="0123456789abcdef" * 4,
        has_limits=False,
        database_pool_size=5,
        lease_seconds=2.0,
    )


@pytest.fixture
def settings(servers: dict[str, str], database_name: str, tmp_path: Path) -> Settings:
    """Settings of a whole product on this test's database."""
    return product_settings(servers, database_name, tmp_path)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The web application, in this process."""
    made = create_app(settings, async_mode="threading")
    yield made
    made.extensions["guichet"].database.engine.dispose()


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Connections as `app_rw`."""
    found = connect(settings.database_url)
    yield found
    found.engine.dispose()


@pytest.fixture
def root(servers: dict[str, str], database_name: str) -> Iterator[psycopg.Connection]:
    """Sees every row and holds locks in the middle of others' transactions."""
    with psycopg.connect(servers["admin_url"], dbname=database_name) as connection:
        yield connection


@pytest.fixture
def engine_database(settings: Settings) -> Iterator[Database]:
    """Connections as `app_engine`."""
    found = connect(settings.database_engine_url)
    yield found
    found.engine.dispose()
