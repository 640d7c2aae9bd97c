"""The process behind the console adapter: appends each message to a ledger, synced before it answers.

On a terminal it prints them too. The ledger is the carrier's side, not our log.
"""

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import structlog

from channels.ledger_faults import Faults

BODY_BYTES_MAX = 262_144
log = structlog.get_logger()


class Book:
    """An append-only file of JSON lines, one an accepted message, and what it says by attempt."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()
        self.by_attempt: dict[str, list[str]] = {}
        self.entries = 0
        self.file = path.open("a+b")
        self.file.seek(0)
        whole, _, _torn = self.file.read().rpartition(b"\n")
        for line in whole.splitlines():
            self._note(json.loads(line))
        # A line that was cut short by a kill was never answered for.
        self.file.truncate(len(whole) + 1 if whole else 0)

    def write(self, entry: dict[str, Any]) -> str:
        """Append *entry* and sync it; its id. Never deduplicates: what is sent twice stands here twice."""
        with self.lock:
            entry = {"id": f"L{self.entries + 1:08d}-{os.urandom(3).hex()}", **entry}
            self.file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            self.file.flush()
            os.fsync(self.file.fileno())
            return self._note(entry)

    def _note(self, entry: dict[str, Any]) -> str:
        found: str = entry["id"]
        self.by_attempt.setdefault(entry["attempt"], []).append(found)
        self.entries += 1
        return found


class Handler(BaseHTTPRequestHandler):
    """`POST /messages` takes one, `GET /messages/<attempt>` looks one up."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    book: Book
    faults: Faults

    def do_POST(self) -> None:
        """Take a message: 201 with its id, unless a fault was asked for."""
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/messages" or not 0 < length <= BODY_BYTES_MAX:
            self._answer(400, {"code": "bad_request"})
            return
        try:
            told = json.loads(self.rfile.read(length))
            entry = {name: str(told[name]) for name in ("attempt", "channel", "from", "to", "body")}
        except (ValueError, KeyError, TypeError):
            self._answer(400, {"code": "bad_request"})
            return
        fault = self.faults.of(entry["attempt"])
        if fault in ("429", "500"):
            self._answer(int(fault), {"code": "fault"})
            return
        if fault == "delay":
            time.sleep(self.faults.delay_seconds)
        entry_id = self.book.write(entry)
        log.info("message_taken", attempt=entry["attempt"], channel=entry["channel"], ledger_id=entry_id)
        if sys.stdout.isatty():
            # For a developer who looks on; a log keeps no message.
            print(f"{entry['channel']} {entry['from']} -> {entry['to']}: {entry['body']}", flush=True)
        if fault == "drop":
            self.close_connection = True
        elif fault == "500-taken":
            self._answer(500, {"code": "fault"})
        else:
            self._answer(201, {"id": entry_id})

    def do_GET(self) -> None:
        """Look an attempt up: 200 with its ids, oldest first, or 404."""
        found = self.book.by_attempt.get(self.path.removeprefix("/messages/"))
        self._answer(200 if found else 404, {"ids": found})

    def _answer(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """The messages themselves are the log."""


def serve(port: int, path: Path, faults: Faults) -> None:
    """Listen on loopback until SIGTERM."""
    Handler.book, Handler.faults = Book(path), faults
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: sys.exit(0))
    server.serve_forever()
