"""The newest migration under the code that was there before it, then the new code after that: nobody notices."""

import io
import os
import secrets
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from alembic.script import ScriptDirectory

from config.migrate import SCRIPTS
from config.roles import bootstrap
from tests.conftest import url_as
from tests.load import four_citizens
from tests.product import ROOT, Product

HEAD = ScriptDirectory(str(SCRIPTS)).get_current_head()
VERSIONS = SCRIPTS / "versions"


def git(*arguments: str) -> bytes:
    """What git answers, whoever owns the folder."""
    command = ["git", "-c", f"safe.directory={ROOT}", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout


def migrations_in(commit: str) -> set[str]:
    """The names of those that a commit has."""
    listed = git("ls-tree", "--name-only", commit, f"{VERSIONS.relative_to(ROOT)}/").decode().split()
    return {Path(name).name for name in listed} - {"__init__.py"}


@pytest.fixture
def old_code() -> Iterator[Path]:
    """The newest code that knew less than today's migrations, with today's pages, which it does not look at."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("here without its history, or without git: there is no code from before")
    ours = {path.name for path in VERSIONS.glob("[0-9]*.py")}
    # On a branch that was rebased a migration may have had another number: such a commit's schema was never ours.
    commits = git("rev-list", "HEAD").decode().split()
    found = next((commit for commit in commits if set() < migrations_in(commit) < ours), None)
    assert found is not None, "no commit here has only some of our migrations: is this the whole history?"
    with TemporaryDirectory(prefix="guichet-old-") as folder:
        with tarfile.open(fileobj=io.BytesIO(git("archive", found))) as packed:
            packed.extractall(folder, filter="data")
        yield Path(folder)


@pytest.fixture
def urls(servers: dict[str, str]) -> Iterator[dict[str, str]]:
    """An empty database, as the settings that name it."""
    name = f"guichet_{secrets.token_hex(6)}"
    bootstrap(servers["admin_url"], name)
    users = {"database_url": "app_rw", "database_owner_url": "app_owner", "database_engine_url": "app_engine"}
    yield {setting: url_as(servers["admin_url"], name, user) for setting, user in users.items()}
    with psycopg.connect(servers["admin_url"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def run(urls: dict[str, str], tmp_path: Path) -> Iterator[Callable[[Path], Product]]:
    """`run(folder of the code)`, on one database and one data folder."""
    running: list[Product] = []

    def start(root: Path) -> Product:
        running.append(Product(tmp_path / "data", root, has_limits="false", **urls))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.stop()


def test_a_migration_under_the_old_code(
    old_code: Path, run: Callable[[Path], Product], urls: dict[str, str], leaving: ExitStack
):
    """Citizens write to the old code while the new code migrates; later the new code, started, has all they wrote."""
    old = run(old_code)
    assert revision(urls) != HEAD
    citizens = four_citizens(old.base, leaving)

    env = os.environ | {name.upper(): url for name, url in urls.items()}
    told = subprocess.run(
        [sys.executable, "app.py", "migrate"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    written = [len(citizen.accepted) for citizen in citizens]

    assert told.returncode == 0, told.stdout + told.stderr
    assert revision(urls) == HEAD
    for citizen, before in zip(citizens, written, strict=True):
        citizen.await_more(before + 5)
    assert [fault for citizen in citizens for fault in citizen.work.stop()] == []
    assert old.stop() == 0, "".join(old.lines)

    new = run(ROOT)
    for citizen in citizens:
        citizen.move(new.base)
        citizen.write()
        assert [words for _, words in citizen.stored()] == citizen.accepted
    leaving.close()
    assert new.stop() == 0, "".join(new.lines)


def revision(urls: dict[str, str]) -> str:
    """Where the database is."""
    with psycopg.connect(urls["database_owner_url"].replace("+psycopg", "")) as connection:
        (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return found
