"""The running product that these journeys share, and the people in it."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import socketio

from tests.people import PASSWORD, TAXES
from tests.product import Product
from tests.sockets import Socket

PATIENCE_SECONDS = 60.0


def eventually(ask: Callable[[], Any], what: str) -> Any:
    """The first true answer; how fast it comes is not promised here."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.1)
    return answer


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """With times short enough to be waited for."""
    with tempfile.TemporaryDirectory(prefix="guichet-running-") as folder:
        running = Product(
            Path(folder) / "data",
            has_limits="false",
            beat_seconds=0.5,
            silence_seconds=4,
            gone_seconds=15,
            visitor_still_there_seconds=1,
            visitor_paused_seconds=3,
        )
        yield running
        assert running.stop() == 0, "".join(running.lines)


@pytest.fixture
def leaving() -> Iterator[contextlib.ExitStack]:
    """What is to be done when the test is over, however it ends: last come, first gone."""
    with contextlib.ExitStack() as found:
        yield found


class Person:
    """A signed-in person with a browser's cookies, and a socket when asked."""

    def __init__(self, product: Product, login: str) -> None:
        self.http = requests.Session()
        self.base = f"{product.base}/api/v1"
        answer = self.http.post(f"{self.base}/session", json={"login": login, "password": PASSWORD}, timeout=30).json()
        self.id = answer["account"]["id"]
        self.http.headers["X-CSRF-Token"] = answer["csrf_token"]
        self.heard: list[str] = []
        self.socket = Socket()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Idempotency-Key": uuid4().hex}
        answer = self.http.request(method, self.base + path, json=body, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def connect(self, *, beats: bool) -> None:
        """Open the socket as a page does; a page that is alive answers `beat?`."""
        for event in ("changed", "signed_out", "typing"):
            self.socket.on(event, lambda _told, event=event: self.heard.append(event))
        if beats:
            self.socket.on("beat?", lambda _told: self._beat())
        token = self.ask("POST", "/session/socket-token")["token"]
        self.socket.connect(self.base.removesuffix("/api/v1"), auth={"token": token})

    def _beat(self) -> None:
        # The server may have closed the socket between the question and the answer.
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            self.socket.emit("beat", {})

    def presence(self) -> tuple[str, str | None]:
        held = self.ask("GET", "/me/work")["presence"]
        return held["state"], held["reason"]

    def close(self) -> None:
        self.socket.disconnect()
        self.http.close()


@pytest.fixture
def person(product: Product) -> Iterator[Callable[[str], Person]]:
    """`person("amelie@accueil.example")`."""
    known: list[Person] = []

    def made(login: str) -> Person:
        known.append(Person(product, login))
        return known[-1]

    yield made
    for one in known:
        one.close()


@pytest.fixture
def visitor(product: Product) -> Iterator[Callable[[str], requests.Session]]:
    """`visitor("hello")` begins a chat with the tax service."""
    browsers: list[requests.Session] = []

    def made(words: str) -> requests.Session:
        http = requests.Session()
        browsers.append(http)
        base = f"{product.base}/api/v1/chat/{TAXES}"
        http.post(f"{base}/visitor", timeout=30)
        topic = http.get(base, timeout=30).json()["topics"][0]["id"]
        body = {"topic_id": topic, "language": "fr", "body": words}
        answer = http.post(f"{base}/conversation", json=body, headers={"Idempotency-Key": uuid4().hex}, timeout=30)
        assert answer.status_code == 201, answer.text
        return http

    yield made
    for http in browsers:
        http.close()
