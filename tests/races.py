"""Two at the same moment: a call in a thread of its own, and the moment in which somebody waits for a lock."""

import threading
import time
from typing import Any

import psycopg


class Meanwhile:
    """A call in a thread of its own; `result()` waits for it and passes its fault on."""

    def __init__(self, work: Any) -> None:
        self.found: list[Any] = []
        self.thread = threading.Thread(target=self._run, args=(work,))
        self.thread.start()

    def _run(self, work: Any) -> None:
        try:
            self.found.append(work())
        except BaseException as fault:
            self.found.append(fault)

    def result(self) -> Any:
        self.thread.join(30)
        (found,) = self.found
        if isinstance(found, BaseException):
            raise found
        return found


def blocked(root: psycopg.Connection) -> bool:
    """Somebody waits for a lock in this database."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    # Within one transaction the server would tell what it told first.
    root.execute("SELECT pg_stat_clear_snapshot()")
    return root.execute(query).fetchone() != (0,)


def until_blocked(root: psycopg.Connection) -> None:
    deadline = time.monotonic() + 20
    while not blocked(root):
        assert time.monotonic() < deadline
        time.sleep(0.01)
