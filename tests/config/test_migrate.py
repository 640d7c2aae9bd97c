"""Migrations on a database that is in use: nobody is kept waiting, nothing is done twice."""

import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from config import migrate
from config.roles import bootstrap
from config.settings import Settings
from contact.health import expected_revisions
from tests.config.conftest import ROOT, eventually
from tests.conftest import url_as

STEP = '''
"""A step to try."""
from alembic import op
from migrations.online import index_concurrently

revision, down_revision, branch_labels, depends_on = "9999", "{head}", None, None


def upgrade() -> None:
    {body}
'''

RUN = "import pathlib, sys; from config import migrate; migrate.upgrade(sys.argv[1], print, pathlib.Path(sys.argv[2]))"


def test_a_file_is_named_by_its_revision():
    """By these names every process knows, as it starts, which schema it needs: they are the chain of migrations."""
    chain = [one.revision for one in ScriptDirectory(str(migrate.SCRIPTS)).walk_revisions()]

    assert list(expected_revisions()) == chain[::-1]


def test_every_constraint_holds_for_all_rows(settings: Settings):
    """One that is added while others write holds for what they write; it is looked at the rows of before as well."""
    with psycopg.connect(libpq(settings.database_owner_url)) as connection:
        found = connection.execute("SELECT conname FROM pg_constraint WHERE NOT convalidated").fetchall()

    assert found == []


@pytest.fixture
def fresh(servers: dict[str, str]) -> Iterator[str]:
    """An empty database, as its owner."""
    name = f"guichet_{secrets.token_hex(6)}"
    bootstrap(servers["admin_url"], name)
    yield url_as(servers["admin_url"], name, "app_owner")
    with psycopg.connect(servers["admin_url"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def scripts_with(folder: Path, body: str) -> Path:
    """Our migrations and one more, which runs *body*."""
    scripts = Path(shutil.copytree(migrate.SCRIPTS, folder / "migrations"))
    head = ScriptDirectory(str(migrate.SCRIPTS)).get_current_head()
    (scripts / "versions" / "9999_try.py").write_text(STEP.format(head=head, body=body))
    return scripts


class Migration:
    """One run, in a process of its own."""

    def __init__(self, owner_url: str, scripts: Path, output: Path) -> None:
        self.output = output
        command = [sys.executable, "-u", "-c", RUN, owner_url, str(scripts)]
        with output.open("w") as said:
            self.process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)

    def said(self) -> str:
        return self.output.read_text()

    def finish(self) -> str:
        assert self.process.wait(120) == 0, self.said()
        return self.said()


def libpq(owner_url: str) -> str:
    return owner_url.replace("postgresql+psycopg", "postgresql")


def test_a_step_behind_a_long_reader_lets_others_by(settings: object, tmp_path: Path):
    """It gives up its place in the queue for the lock after a second and tries again; meanwhile everybody reads."""
    owner_url = settings.database_owner_url
    scripts = scripts_with(tmp_path, 'op.execute("ALTER TABLE visitor ADD COLUMN tried text")')
    with psycopg.connect(libpq(owner_url)) as reader, psycopg.connect(libpq(owner_url)) as other:
        reader.execute("SELECT count(*) FROM visitor")
        running = Migration(owner_url, scripts, tmp_path / "said")
        eventually(lambda: "in use: tried 1 of" in running.said(), "gives up")
        other.execute("SET statement_timeout = '20s'")
        other.execute("SELECT count(*) FROM visitor")
        other.rollback()
        eventually(lambda: "in use: tried 2 of" in running.said(), "tries again")
        assert running.process.poll() is None
        reader.rollback()

        assert "9999 A step to try." in running.finish()
        assert other.execute("SELECT count(tried) FROM visitor").fetchone() == (0,)


def test_two_at_once(fresh: str, tmp_path: Path):
    """From an empty database, with an index made concurrently at the end: one does it all, the other waits for it."""
    scripts = scripts_with(tmp_path, 'index_concurrently("ix_try", "visitor", ["seen_at"])')
    both = [Migration(fresh, scripts, tmp_path / name) for name in ("one", "two")]

    said = [[line for line in one.finish().splitlines() if "another migration" not in line] for one in both]

    assert [lines[-1] for lines in said] == ["  at 9999"] * 2
    assert sorted(map(len, said)) == [1, 1 + len(list((scripts / "versions").glob("*.py")))]
    with psycopg.connect(libpq(fresh)) as connection:
        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_try'::regclass"
        assert connection.execute(valid).fetchone() == (True,)


def test_an_index_that_was_cut_short_is_made_again(settings: object, tmp_path: Path):
    """A first try leaves an invalid index of that name; the next one does not take it for done."""
    owner_url = settings.database_owner_url
    with psycopg.connect(libpq(owner_url), autocommit=True) as connection:
        connection.execute("CREATE TABLE twice AS SELECT 1 AS same FROM generate_series(1, 2)")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY ix_try ON twice (same)")
        scripts = scripts_with(tmp_path, 'index_concurrently("ix_try", "twice", ["same"])')

        Migration(owner_url, scripts, tmp_path / "said").finish()

        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_try'::regclass"
        assert connection.execute(valid).fetchone() == (True,)
