"""The ledger: JSON lines, only ever appended, on disk before anybody outside hears of what they say."""

import asyncio
import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Ledger:
    """`note` adds a line, `synced` waits until every line noted so far is on disk. Without a *path* it forgets."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._pending: list[str] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._flusher: asyncio.Task[None] | None = None
        self._file = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            _cut_torn_line(path)
            self._file = path.open("a", encoding="utf-8")

    def read(self) -> Iterator[dict[str, Any]]:
        """Every line, oldest first."""
        if self.path is None:
            return
        with self.path.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)

    def note(self, kind: str, **facts: Any) -> None:
        """Add a line; it is on disk once `synced` has returned."""
        if self._file is not None:
            self._pending.append(json.dumps({"kind": kind, **facts}, ensure_ascii=False, separators=(",", ":")) + "\n")

    async def synced(self) -> None:
        """Wait for the disk. Lines noted meanwhile by others share one sync."""
        if not self._pending and self._flusher is None:
            return
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(done)
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        # A caller that is cancelled must not cancel the others' wait.
        await asyncio.shield(done)

    async def _flush(self) -> None:
        try:
            while self._waiting:
                lines, self._pending = self._pending, []
                waiting, self._waiting = self._waiting, []
                fault: OSError | None = None
                try:
                    await asyncio.to_thread(self._write, lines)
                except OSError as full:
                    fault = full
                for done in waiting:
                    with contextlib.suppress(asyncio.InvalidStateError):
                        done.set_result(None) if fault is None else done.set_exception(fault)
        finally:
            self._flusher = None

    def _write(self, lines: list[str]) -> None:
        if self._file is None or not lines:
            return
        self._file.writelines(lines)
        self._file.flush()
        os.fsync(self._file.fileno())

    async def close(self) -> None:
        """Sync what is left and let go of the file."""
        await self.synced()
        if self._file is not None:
            self._file.close()


def _cut_torn_line(path: Path) -> None:
    """A process killed while it wrote leaves half a line, of which nobody was told: drop it."""
    if not path.exists():
        return
    content = path.read_bytes()
    end = content.rfind(b"\n") + 1
    if end != len(content):
        with path.open("r+b") as file:
            file.truncate(end)
