"""What citizens and agents have in common: a browser, a journal, and the patience of our pages."""

import threading
import time
from random import Random
from typing import Any
from uuid import UUID

import requests

from bench.torture.journal import Journal

ANSWER_SECONDS = 12.0
PAUSE_SECONDS_MAX = 6.0
# The share of requests that are sent twice at the same time.
TWINS = 0.06


class Moments:
    """How far the torture is: *over*, nobody begins anything new; *gone*, everybody leaves."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.gone = threading.Event()


class Person(threading.Thread):
    """A thread with a browser. Retries as the page's outbox does: the same key, until there is an answer.

    *left* is how much of a script is still to do; whoever lives by none has nothing.
    """

    left = 0

    def __init__(self, name: str, base: str, seed: int, journal: Journal, moments: Moments) -> None:
        super().__init__(name=name, daemon=True)
        self.base = base
        self.random = Random(f"{seed}:{name}")
        self.journal = journal
        self.moments = moments
        self.http = requests.Session()
        self.headers: dict[str, str] = {}
        self.faults: list[str] = []
        self.accepted = 0
        self.is_asking = False

    def run(self) -> None:
        """Live until everybody goes; what was not foreseen is told at the end."""
        try:
            self.live()
        except Exception as fault:
            self.faults.append(f"{self.name}: {type(fault).__name__}: {fault}")
        finally:
            self.http.close()
            self.journal.close()

    def live(self) -> None:
        raise NotImplementedError

    def new_key(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def ask(self, method: str, path: str, body: Any = None, key: str | None = None) -> requests.Response | None:
        """One request; None when nobody answered, or something passing was in the way."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        try:
            answer = self.http.request(method, self.base + path, json=body, headers=headers, timeout=ANSWER_SECONDS)
        except requests.RequestException:
            return None
        return None if answer.status_code in (408, 429) or answer.status_code >= 500 else answer

    def insist(self, method: str, path: str, body: Any = None, key: str | None = None) -> requests.Response | None:
        """Ask until there is an answer; None when everybody left before there was one."""
        attempt = 0
        while not self.moments.gone.is_set():
            answer = self.ask(method, path, body, key)
            if answer is not None:
                return answer
            attempt += 1
            self.moments.gone.wait(min(PAUSE_SECONDS_MAX, 0.1 * 2**attempt) * self.random.uniform(0.75, 1.25))
        return None

    def put(self, what: str, path: str, body: dict[str, Any], **facts: Any) -> requests.Response | None:
        """Send words that must not be lost: written down, sent until answered, the answer written down."""
        key = self.new_key()
        body = {**body, "body": f"{body['body']} [{key}]"}
        has_twin = self.random.random() < TWINS
        self.journal.write("intent", kind=what, key=key, body=body["body"], twin=has_twin, **facts)
        if has_twin:
            self._send_twin("POST", path, body, key)
        self.is_asking = True
        answer = self.insist("POST", path, body, key)
        self.is_asking = False
        if answer is None:
            self.journal.write("unanswered", key=key)
        elif answer.status_code == 201:
            told = answer.json()
            self.journal.write("accepted", key=key, id=told["id"], seq=told.get("seq"))
            self.accepted += 1
        else:
            self.journal.write("refused", key=key, status=answer.status_code, code=_code(answer))
        return answer

    def wait(self, low: float, high: float) -> None:
        """A moment of one's own; cut short when it is over."""
        self.moments.over.wait(self.random.uniform(low, high))

    def _send_twin(self, method: str, path: str, body: Any, key: str) -> None:
        """The same request at the same time from elsewhere: a second tab, a proxy that sends again."""
        headers, cookies = self.headers | {"Idempotency-Key": key}, self.http.cookies.copy()

        def send() -> None:
            try:
                requests.request(
                    method, self.base + path, json=body, headers=headers, cookies=cookies, timeout=ANSWER_SECONDS
                )
            except requests.RequestException:
                return

        threading.Thread(target=send, daemon=True).start()


def _code(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"]["code"])
    except (ValueError, KeyError):
        return "?"


def join_all(people: list[Person], seconds: float) -> None:
    """Wait for *people*; whoever does not leave has a fault."""
    deadline = time.monotonic() + seconds
    for one in people:
        one.join(max(0.0, deadline - time.monotonic()))
        if one.is_alive():
            one.faults.append(f"{one.name} does not leave")
