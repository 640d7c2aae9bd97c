"""Where files lie: a folder on this machine, each under a name of our own, written whole or not at all."""

import hashlib
import os
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from contact.domain.files import KeptFile

# What is half written for so long, nobody writes any more.
LEFT_SECONDS = 3600.0
_NEW = "new-"
_KEY = re.compile(r"[0-9a-f]{32}/[0-9a-f]{64}")


class FileGone(Exception):
    """There is no such file, or it is not what was kept."""

    code = "file_gone"


class FileStore:
    """Bytes by administration and digest: the same file kept twice is one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, tenant_id: UUID, content: bytes) -> KeptFile:
        """Once this returns the bytes outlive a power cut; a row may name them.

        Raises:
            OSError: the disk is full or gone.
        """
        digest = hashlib.sha256(content)
        key = f"{tenant_id.hex}/{digest.hexdigest()}"
        path = self.folder / key
        _make(self.folder)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._clear()
        descriptor, name = tempfile.mkstemp(dir=self.folder, prefix=_NEW)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        # Also where another process has just made the administration's folder.
        for folder in (path.parent, self.folder):
            _sync_folder(folder)
        return KeptFile(key, digest.digest(), len(content))

    def read(self, key: str, sha256: bytes) -> bytes:
        """
        Raises:
            FileGone: it is not there, or was changed.
        """
        if not _KEY.fullmatch(key):
            raise FileGone(key)
        try:
            content = (self.folder / key).read_bytes()
        except FileNotFoundError as fault:
            raise FileGone(key) from fault
        if hashlib.sha256(content).digest() != sha256:
            raise FileGone(key)
        return content

    def _clear(self) -> None:
        """What a kill cut short is removed."""
        for left in self.folder.glob(f"{_NEW}*"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < time.time() - LEFT_SECONDS:
                    left.unlink()


def _make(folder: Path) -> None:
    """Each folder that had to be made is there after a power cut too."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
