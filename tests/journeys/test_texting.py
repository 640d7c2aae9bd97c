"""Texts through every real process: phones at a telephone company, a proxy before the house, and an agent's answers.

The scenarios are every provider's: one that is registered and not staged here fails by name.
"""

import http.client
import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import requests
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from channels.registry import PROVIDERS
from tests.carrier.company import Phone
from tests.journeys.conftest import Person, eventually
from tests.product import Product

NUMBER = "36101"
FORM = "application/x-www-form-urlencoded"
# Each provider by the company that stands for it here.
STAGED = {"twilio"}
AGENT = "amelie@accueil.example"


class Proxy(BaseHTTPRequestHandler):
    """As one in front of production: another host and port inside, the target untouched, headers of its own."""

    port = 0
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        headers |= {"Host": "inside:81", "X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "https"}
        inside = http.client.HTTPConnection("127.0.0.1", Proxy.port, timeout=30)
        inside.request("POST", self.path, body, headers)
        answer = inside.getresponse()
        told = answer.read()
        inside.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Stage:
    """The running house with its telephone company."""

    def __init__(self, folder: Path) -> None:
        self.proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        threading.Thread(target=self.proxy.serve_forever, args=(0.05,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self.proxy.server_port}"
        self.product = Product(
            folder / "data",
            has_carrier="true",
            has_limits="false",
            public_base_url=self.base,
            unknown_outcome_seconds=2,
            look_up_seconds=1,
        )
        Proxy.port = self.product.port
        self.company = SimpleNamespace(url=f"http://127.0.0.1:{self.product.port + 3}", session=requests.Session())
        self.config = json.loads((folder / "data" / "carrier.json").read_text())
        self.number = next(one for one in self.config["number"] if one["phone_number"] == NUMBER)
        sid = self.number["account_sid"]
        self.account = next(one for one in self.config["account"] if one["sid"] == sid)
        self.other = next(one for one in self.config["account"] if one["sid"] != sid)
        self.door = self.number["sms_url"].partition("#")[0].removesuffix("/in").removeprefix(self.base)

    def close(self) -> None:
        self.company.session.close()
        assert self.product.stop() == 0, "".join(self.product.lines)
        self.proxy.shutdown()
        self.proxy.server_close()

    def faults(self, **told: object) -> None:
        answer = self.company.session.put(f"{self.company.url}/carrier/admin/faults", json=told, timeout=30)
        assert answer.ok, answer.text

    def sent(self) -> list[dict[str, str]]:
        """The messages that the company took from us."""
        found = self.company.session.get(f"{self.company.url}/carrier/admin/message", timeout=30).json()
        return [one for one in found if one["direction"] == "outbound-api"]

    def ask(self, path: str, body: bytes, *, content_type: str = FORM, signature: str | None = None) -> int:
        headers = {"Content-Type": content_type}
        if signature is not None:
            headers["X-Twilio-Signature"] = signature
        # Prepared by hand: requests would quote the target anew.
        connection = http.client.HTTPConnection("127.0.0.1", self.proxy.server_port, timeout=30)
        connection.putrequest("POST", path, skip_accept_encoding=True)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    def ask_raw(self, target: str) -> int:
        """Past the proxy and every library: a request line that none of them would write."""
        head = f"POST {target} HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: x\r\nContent-Length: 0\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.product.port), timeout=30) as line:
            line.sendall(head.encode("latin-1"))
            return int(line.recv(4096).split()[1])


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="guichet-texting-") as folder:
        made = Stage(Path(folder))
        yield made
        made.close()


@pytest.fixture
def agent(stage: Stage) -> Iterator[Person]:
    found = Person(stage.product, AGENT)
    yield found
    found.close()


def ticket_of(agent: Person, words: str) -> str:
    """The ticket in which these words are the last."""

    def found() -> str | None:
        rows = agent.ask("GET", "/tickets?limit=100")["items"]
        return next((one["id"] for one in rows if one["excerpt"] == words), None)

    return eventually(found, words)


def states(agent: Person, ticket_id: str) -> list[str]:
    items = agent.ask("GET", f"/tickets/{ticket_id}/messages")["items"]
    return [one["state"] for one in items if one["kind"] == "agent"]


def test_every_provider_is_staged():
    """An adapter that is registered passes these scenarios, or is missing here by name."""
    assert set(PROVIDERS) == STAGED


def test_a_citizen_texts_and_is_answered(stage: Stage, agent: Person):
    """In by the signed door, out by the outbox and the provider's API, its state back by the door."""
    phone = Phone(stage.company, "+33612340001")
    phone.do("text", to=NUMBER, body="Où est mon reçu ?")
    ticket_id = ticket_of(agent, "Où est mon reçu ?")

    agent.ask("POST", f"/tickets/{ticket_id}/messages", {"body": "Il est dans votre espace."})

    assert phone.event("sms", "dans votre espace")["way"] == "in"
    eventually(lambda: states(agent, ticket_id) == ["delivered"], "delivered")


def test_a_number_that_takes_none(stage: Stage, agent: Person):
    """Undelivered with its reason; a landline is not written to again."""
    number = "+33612340002"
    told = {"sid": number, "sms": "undelivered:30006"}
    assert stage.company.session.put(f"{stage.company.url}/carrier/admin/subscriber", json=told, timeout=30).ok
    Phone(stage.company, number).do("text", to=NUMBER, body="Appelez-moi")
    ticket_id = ticket_of(agent, "Appelez-moi")

    agent.ask("POST", f"/tickets/{ticket_id}/messages", {"body": "Nous vous appelons."})

    eventually(lambda: states(agent, ticket_id) == ["undelivered"], "undelivered")
    assert agent.ask("GET", f"/tickets/{ticket_id}")["reply_to"]["refused"] == "landline"


def test_whatever_the_company_does(stage: Stage, agent: Person):
    """Late, twice, in the wrong order, accepted without an answer, refused for a moment: each text is in one ticket
    once, each reply reaches its phone once, and what the company took is what we say was sent."""
    # By name: drawn by chance, a text may well meet four in a row, and then it waits for minutes or for a person.
    refusals = ["drop", "error_429", "late_500", "error_429", "error_500", "drop", "error_429", "late_500", "error_500"]
    stage.faults(delay_seconds=0.5, webhook={"duplicate": 0.4, "reorder": 0.4}, rest={"next": refusals})
    phones = [Phone(stage.company, f"+336123411{number:02}") for number in range(15)]
    for number, phone in enumerate(phones):
        phone.do("text", to=NUMBER, body=f"Question {number:02}")
    tickets = [ticket_of(agent, f"Question {number:02}") for number in range(len(phones))]

    for number, ticket_id in enumerate(tickets):
        agent.ask("POST", f"/tickets/{ticket_id}/messages", {"body": f"Réponse {number:02}"})

    for ticket_id in tickets:
        eventually(lambda ticket_id=ticket_id: states(agent, ticket_id) == ["delivered"], f"{states(agent, ticket_id)}")
    stage.faults(rest={}, webhook={})
    taken = [one["body"] for one in stage.sent() if one["body"].startswith("Réponse")]
    assert sorted(taken) == [f"Réponse {number:02}" for number in range(len(phones))]
    for number, ticket_id in enumerate(tickets):
        bodies = [one["body"] for one in agent.ask("GET", f"/tickets/{ticket_id}/messages")["items"]]
        assert bodies == [f"Question {number:02}", f"Réponse {number:02}"]


def sign(stage: Stage, path: str, fields: list[tuple[str, str]], token: str | None = None, base: str = "") -> str:
    signer = RequestValidator(token or stage.account["auth_token"])
    return signer.compute_signature((base or stage.base) + path, MultiDict(fields))


def test_signatures_through_the_real_stack(stage: Stage):
    """Genuine or not, behind a proxy with another host inside: accepted or 403 as due, and never 500."""
    path, fields = f"{stage.door}/state/none", [("MessageSid", "SM1"), ("MessageStatus", "sent"), ("Body", "é %25 +")]
    body = urlencode(fields).encode()
    odd = f"{stage.door}/state/d%C3%A9j%C3%A0%20%25%2F?a=%2F&empty=&b=1&b=0"
    twice = [*fields, ("X", "b"), ("X", "a"), ("X", "b"), ("Nothing", "")]
    data = b'{"MessageSid": "SM1"}'
    vouched = f"{path}?bodySHA256={sha256(data).hexdigest()}"
    port = stage.base.rpartition(":")[2]

    accepted = {
        "plain": stage.ask(path, body, signature=sign(stage, path, fields)),
        "accents and % in the address": stage.ask(odd, body, signature=sign(stage, odd, fields)),
        "repeated and empty": stage.ask(path, urlencode(twice).encode(), signature=sign(stage, path, twice)),
    }
    refused = {
        "missing": stage.ask(path, body),
        "empty": stage.ask(path, body, signature=""),
        "wrong": stage.ask(path, body, signature="x" * 28),
        "not ASCII": stage.ask(path, body, signature="\xe9" * 28),
        "another administration's": stage.ask(
            path, body, signature=sign(stage, path, fields, stage.other["auth_token"])
        ),
        "another address": stage.ask(odd, body, signature=sign(stage, path, fields)),
        "another form": stage.ask(path, body + b"&a=1", signature=sign(stage, path, fields)),
        "the proxy's own host": stage.ask(path, body, signature=sign(stage, path, fields, base="http://inside:81")),
        "another port": stage.ask(
            path, body, signature=sign(stage, path, fields, base=stage.base.replace(port, "8443"))
        ),
        "JSON that nothing vouches for": stage.ask(
            path, data, content_type="application/json", signature=sign(stage, path, [])
        ),
        "other JSON than was vouched for": stage.ask(
            vouched, data + b" ", content_type="application/json", signature=sign(stage, vouched, [])
        ),
        "no text at all": stage.ask(path, b"\xff\xfe", content_type="application/json", signature="x"),
        "a broken form": stage.ask(path, b"%ff=%00&&&=", signature="x"),
        "raw bytes in the address": stage.ask_raw(f"{path}?\xe9"),
        "a proxy's form of the address": stage.ask_raw(f"http://[{stage.door}:x/{path}"),
        "no account": stage.ask(f"/in/{stage.account['sid']}/sms/in", body, signature="x"),
    }
    vouched_for = stage.ask(vouched, data, content_type="application/json", signature=sign(stage, vouched, []))

    assert set(accepted.values()) == {200}, accepted
    # No account has such a name; and gunicorn itself refuses what is no address.
    assert {name: status for name, status in refused.items() if status != 403} == {
        "no account": 404,
        "raw bytes in the address": 400,
        "a proxy's form of the address": 400,
    }
    # Genuine, and of a kind that texts never have.
    assert vouched_for == 404
