"""The telephone company as a process, a customer's web site to call back, and phones to use it with."""

import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask, Response, request
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.datastructures import MultiDict
from werkzeug.serving import make_server

ROOT = Path(__file__).parent.parent.parent
SPEED = 20
PATIENCE_SECONDS = 30.0


def eventually(look: Callable[[], Any], what: str = "") -> Any:
    """What *look* gives once it is true."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not in time: {what or look}; last: {look()}")


def digits(count: int) -> str:
    """Hexadecimal, at random."""
    return "".join(random.choices("0123456789abcdef", k=count))


def figures(count: int) -> str:
    """Of a telephone number, at random."""
    return "1" + "".join(random.choices("0123456789", k=count - 1))


def free_port() -> int:
    """A port nobody listens at, looked for from a random place."""
    for port in random.sample(range(17_000, 17_990), 990):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port")


class Company:
    """The process."""

    def __init__(self, folder: Path | None = None, **options: object) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.options = {"speed": SPEED, **options}
        self.session = requests.Session()
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        told = [f"--{name.replace('_', '-')}={value}" for name, value in self.options.items()]
        told += [f"--data-folder={self.folder}"] if self.folder else []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "channels.carrier", f"--port={self.port}", *told],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if "ready" not in line:
            raise AssertionError(line + self.process.communicate(timeout=30)[0])

    def stop(self, number: int = signal.SIGTERM) -> str:
        """End it; what it printed."""
        self.process.send_signal(number)
        printed, _ = self.process.communicate(timeout=30)
        return printed

    def admin(self, what: str, **facts: Any) -> Any:
        """Set something."""
        answer = self.session.put(f"{self.url}/carrier/admin/{what}", json=facts, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def is_quiet(self) -> bool:
        """No message is on its way, no request of its own unanswered."""
        state = self.session.get(f"{self.url}/carrier/admin/state", timeout=30).json()
        moving = [told for told in state["messages"] if told.endswith((" queued", " accepted", " sent"))]
        return not moving and not state["untold_messages"] and not state["webhooks_under_way"]

    def ledger(self) -> list[dict[str, Any]]:
        """Its lines."""
        assert self.folder is not None
        return [json.loads(line) for line in (self.folder / "ledger.jsonl").read_text().splitlines()]


class Phone:
    """Somebody's phone, or with *token* a browser."""

    def __init__(self, company: Company, number: str, token: str | None = None) -> None:
        self.company = company
        self.number = number
        self.path = f"{company.url}/carrier/client" if token else f"{company.url}/carrier/phones/{number}"
        self.query = {"token": token} if token else {}
        self.events: list[dict[str, Any]] = []
        self.seen = 0

    def do(self, wish: str, **facts: Any) -> Any:
        """Do something at it."""
        answer = self.company.session.post(self.path, params=self.query, json={"do": wish, **facts}, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self) -> list[dict[str, Any]]:
        """All events so far."""
        query = {**self.query, "since": self.seen, "wait": 1 if self.seen else 0}
        answer = self.company.session.get(f"{self.path}/events", params=query, timeout=30)
        assert answer.status_code == 200, answer.text
        for event in answer.json()["events"]:
            self.seen = event["seq"]
            self.events.append(event)
        return self.events

    def event(self, kind: str, text: str = "") -> dict[str, Any]:
        """The first event of *kind* that has *text*; it and those before it are then used up."""

        def found() -> dict[str, Any] | None:
            for position, one in enumerate(self.look()):
                if one["type"] == kind and text in json.dumps(one, ensure_ascii=False):
                    del self.events[: position + 1]
                    return one
            return None

        return eventually(found, f"{kind} {text} in {self.events}")

    def hears(self, text: str) -> dict[str, Any]:
        """Wait until *text* is heard."""
        return self.event("heard", text)


class Asked:
    """One request of the company to the customer."""

    def __init__(self, path: str, form: MultiDict[str, str], headers: Any, is_genuine: bool) -> None:
        self.path = path
        self.form = form
        self.token = headers.get("I-Twilio-Idempotency-Token")
        self.is_genuine = is_genuine


class Site:
    """A customer's web site: answers as `on` says, remembers what it was asked, checks every signature."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.asked: list[Asked] = []
        self.answers: dict[str, Any] = {}
        self.app = Flask("site")
        self.app.add_url_rule("/", view_func=self.answer, defaults={"path": ""}, methods=["GET", "POST"])
        self.app.add_url_rule("/<path:path>", view_func=self.answer, methods=["GET", "POST"])
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()

    def on(self, path: str, answer: Any) -> str:
        """Answer *path* with a document, a (body, status), or what a function of the form gives; its URL."""
        self.answers[path] = answer
        return f"{self.url}/{path}"

    def answer(self, path: str) -> Response:
        """Answer a request."""
        raw = f"{self.url}{request.environ['RAW_URI']}"
        form = request.form if request.method == "POST" else MultiDict()
        is_genuine = RequestValidator(self.token).validate(raw, form, request.headers.get("X-Twilio-Signature", ""))
        told = request.form if request.method == "POST" else request.args
        self.asked.append(Asked(path, MultiDict(told), request.headers, is_genuine))
        found = self.answers.get(path, "<Response/>")
        found = found(told) if callable(found) else found
        body, status = found if isinstance(found, tuple) else (found, 200)
        return Response(body, status, content_type="text/xml; charset=utf-8")

    def told(self, path: str, **facts: str) -> list[dict[str, str]]:
        """The forms that came to *path* and say *facts*."""
        forms = [dict(one.form) for one in self.asked if one.path == path]
        return [form for form in forms if facts.items() <= form.items()]

    def wait(self, path: str, **facts: str) -> dict[str, str]:
        """The first form that comes to *path* and says *facts*."""
        return eventually(lambda: self.told(path, **facts), f"{path} {facts} among {self.told(path)}")[0]


class BaseUrl(TwilioHttpClient):
    """The official client's own way to another address: an HTTP client that replaces Twilio's host."""

    def __init__(self, url: str) -> None:
        super().__init__(timeout=30)
        self.url = url
        self.seen: list[tuple[str, str, Any, Any]] = []

    def request(self, method: str, url: str, *rest: Any, **named: Any) -> Any:
        """Ask the company instead."""
        parts = urlsplit(url)
        target = f"{self.url}{parts.path}{'?' + parts.query if parts.query else ''}"
        answer = super().request(method, target, *rest, **named)
        self.seen.append((method, parts.path, named.get("data"), answer))
        return answer


class Customer:
    """An account with numbers of its own, the official client, and a site."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.token = digits(32)
        self.sid = "AC" + digits(32)
        self.key, self.secret = "SK" + digits(32), digits(32)
        company.admin("account", sid=self.sid, auth_token=self.token, keys={self.key: self.secret})
        self.site = Site(self.token)
        self.http = BaseUrl(company.url)
        self.client = Client(self.sid, self.token, http_client=self.http)
        self.number = self.add("+3318" + figures(7))

    def add(self, phone_number: str, **facts: Any) -> str:
        """A number, whose calls go to /voice and messages to /sms."""
        urls = {"voice_url": f"{self.site.url}/voice", "sms_url": f"{self.site.url}/sms"}
        self.company.admin("number", account_sid=self.sid, phone_number=phone_number, **{**urls, **facts})
        return phone_number

    def phone(self, number: str | None = None) -> Phone:
        """Anybody's phone."""
        return Phone(self.company, number or "+336" + figures(8))

    def subscriber(self, **manner: str) -> str:
        """A number whose phone acts by itself."""
        number = "+337" + figures(8)
        self.company.admin("subscriber", sid=number, **manner)
        return number
