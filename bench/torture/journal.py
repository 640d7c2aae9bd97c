"""What citizens and agents know for themselves: each line is on the disk before anything is made of it."""

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Journal:
    """One person's own file of JSON lines, each synced before `write` returns."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._lock = threading.Lock()

    def write(self, what: str, **facts: Any) -> None:
        line = json.dumps({"what": what, "at": time.time(), **facts}, ensure_ascii=False)
        with self._lock:
            os.write(self._file, line.encode() + b"\n")
            os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    """Every line of every journal in *folder*, a person's in order; `who` is the file's name."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text().splitlines():
            yield {"who": path.stem, **json.loads(line)}
