"""Files outlive a power cut once they are kept, and what a kill cut short does not stay for ever."""

import os
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest

from contact.file_store import LEFT_SECONDS, FileStore
from tests.product import ROOT

WHOSE = UUID(int=7)
KILLED = """
import os, pathlib, sys, uuid
from contact.file_store import FileStore
os.fsync = lambda _: os.kill(os.getpid(), 9)
FileStore(pathlib.Path(sys.argv[1])).keep(uuid.UUID(int=7), b"half")
"""


def files(folder: Path) -> set[Path]:
    """All that lie there, in whatever folder."""
    return {one for one in folder.rglob("*") if one.is_file()}


def test_each_folder_of_a_file_outlives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The bytes before their name, then their folder, and the entry of every folder that was made for them."""
    synced: list[int] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    folder = tmp_path / "data" / "files"
    kept = FileStore(folder).keep(WHOSE, b"one")

    path = folder / kept.store_key
    assert path.read_bytes() == b"one"
    assert {one.stat().st_ino for one in (path, path.parent, folder, folder.parent, tmp_path)} <= set(synced)
    assert synced.index(path.stat().st_ino) < synced.index(path.parent.stat().st_ino)


def test_what_a_kill_left_is_removed(tmp_path: Path):
    """Not at once, for somebody may be writing it; whole files stay, however old they are."""
    store = FileStore(tmp_path)
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path], cwd=ROOT, check=False, timeout=60)
    assert killed.returncode == -9
    (left,) = files(tmp_path)
    one = tmp_path / store.keep(WHOSE, b"one").store_key
    assert files(tmp_path) == {left, one}

    for file in (left, one):
        os.utime(file, times=(time.time() - LEFT_SECONDS - 1,) * 2)
    other = tmp_path / store.keep(WHOSE, b"other").store_key

    assert files(tmp_path) == {one, other}
