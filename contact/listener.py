"""Wait for a PostgreSQL notification."""

import time

import psycopg

from contact.unit_of_work import Database


class Listener:
    """A connection of its own that only listens; when it breaks, the sweep once a second carries on."""

    def __init__(self, database: Database, channel: str) -> None:
        self.channel = channel
        self.url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self.connection: psycopg.Connection | None = None

    def wait(self, seconds: float) -> None:
        """Return at a notification, or after *seconds*."""
        try:
            if self.connection is None:
                self.connection = psycopg.connect(self.url, autocommit=True, connect_timeout=5)
                self.connection.execute(f"LISTEN {self.channel}")
                return
            for _ in self.connection.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error:
            self.close()
            time.sleep(min(seconds, 0.2))

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None
