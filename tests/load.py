"""Citizens and agents who go on working while something happens to the product, and write down what became of it."""

import contextlib
import random
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import requests
import socketio

from tests.people import TAXES
from tests.sockets import Socket

PAUSE_SECONDS = 0.3


class Worker:
    """A thread that does *turn* again and again until it is stopped. A fault is kept, and ends nothing."""

    def __init__(self, turn: Callable[[], None]) -> None:
        self.turn = turn
        self.faults: list[str] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> list[str]:
        """After the turn in hand; the faults."""
        self._is_over.set()
        self._thread.join(60)
        return self.faults

    def _run(self) -> None:
        while not self._is_over.wait(random.uniform(0, PAUSE_SECONDS)):
            try:
                self.turn()
            except Exception as fault:
                self.faults.append(repr(fault))


class Citizen:
    """Writes without end, and never again what failed. Every second one makes a new connection for each message."""

    def __init__(self, base: str, *, keeps_connection: bool) -> None:
        self.http = requests.Session()
        if not keeps_connection:
            self.http.headers["Connection"] = "close"
        self.base = f"{base}/api/v1/chat/{TAXES}"
        self.accepted: list[str] = []
        self.shown: list[tuple[int, str]] = []
        self.ask("POST", "/visitor")
        topic = self.ask("GET", "")["topics"][0]["id"]
        self.write("/conversation", topic_id=topic, language="fr")
        self.work = Worker(self.write)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer, which must be a good one."""
        headers = {"Idempotency-Key": uuid4().hex}
        answer = self.http.request(method, self.base + path, json=body, headers=headers, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def stored(self, since: int = 0) -> list[tuple[int, str]]:
        """What they wrote, as the product has it: number in the conversation, words."""
        items: list[tuple[int, str]] = []
        while page := self.ask("GET", f"/messages?since={since}")["items"]:
            items += [(one["seq"], one["body"]) for one in page if one["kind"] == "citizen"]
            since = page[-1]["seq"]
        return items

    def open_page(self, base: str) -> "Page":
        """With its live connection; `shown` is what it has read by REST, each message when it came."""
        reading = threading.Lock()

        def read() -> None:
            with reading:
                self.shown += self.stored(self.shown[-1][0] if self.shown else 0)

        room = f"conversation:{self.ask('GET', '/conversation')['id']}"
        return Page(base, lambda: self.ask("POST", "/socket-token")["token"], read, room)

    def await_more(self, count: int) -> None:
        """Until *count* messages were accepted."""
        deadline = time.monotonic() + 60
        while len(self.accepted) < count:
            assert time.monotonic() < deadline, self.work.faults
            time.sleep(0.1)

    def move(self, base: str) -> None:
        """The same browser, at another address."""
        self.base = f"{base}/api/v1/chat/{TAXES}"

    def close(self) -> None:
        """Write no more."""
        self.work.stop()
        self.http.close()

    def write(self, path: str = "/messages", **more: str) -> None:
        """Something nobody else writes."""
        words = uuid4().hex
        self.ask("POST", path, {"body": words} | more)
        self.accepted.append(words)


def four_citizens(base: str, leaving: contextlib.ExitStack) -> list[Citizen]:
    """They write until *leaving*, which is when the test is over, however it ends."""
    found = []
    for number in range(4):
        found.append(Citizen(base, keeps_connection=number % 2 == 0))
        leaving.callback(found[-1].close)
    return found


class Page:
    """The live connection of a page: told to move, it leaves after a random delay; lost, it comes back and reads.

    *token* is asked for each connection, *read* after each hint and each return.
    """

    def __init__(self, base: str, token: Callable[[], str], read: Callable[[], None], room: str | None = None) -> None:
        self.base, self.token, self.read, self.room = base, token, read, room
        self.faults: list[str] = []
        self.moves = 0
        self._is_closed = False
        self._lost_ones: set[Socket] = set()
        self._connect()

    def is_online(self) -> bool:
        return self.socket.connected

    def close(self) -> None:
        self._is_closed = True
        self.socket.disconnect()

    def _connect(self) -> None:
        if self._is_closed:
            return
        # While no process stands behind the listening socket, one waits; only a refusal is a fault.
        self.socket = opened = Socket(request_timeout=60)
        try:
            self._open()
        except Exception as fault:
            self.faults.append(repr(fault))
            self._lost(opened)
        if self._is_closed:
            opened.disconnect()

    def _open(self) -> None:
        opened = self.socket
        self.socket.on("move", self._move)
        self.socket.on("changed", lambda _told: self._read())
        self.socket.on("beat?", lambda _told: self._beat())
        self.socket.on("disconnect", lambda *_: self._lost(opened))
        self.socket.connect(self.base, auth={"token": self.token()}, wait_timeout=60)
        if self.room is not None:
            assert self.socket.call("join", {"room": self.room}, timeout=30)["ok"]
        self._read()

    def _read(self) -> None:
        try:
            self.read()
        except Exception as fault:
            self.faults.append(repr(fault))

    def _beat(self) -> None:
        # It may be asked in the moment that it leaves.
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            self.socket.emit("beat", {})

    def _move(self, told: dict[str, float]) -> None:
        self.moves += 1
        self.socket.sleep(random.random() * told["within_seconds"])
        self.socket.disconnect()

    def _lost(self, lost: Socket) -> None:
        lost.let_go()
        # An attempt that fails is told twice; one comes back once.
        if not self._is_closed and lost not in self._lost_ones:
            self._lost_ones.add(lost)
            threading.Timer(random.uniform(0.5, 1.5), self._connect).start()
