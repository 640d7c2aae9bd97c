"""The running product's logs: each citizen's word is a canary, and no output or log file holds one."""

import json
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import requests

from tests.figures import Figures
from tests.journeys.test_running import Person, eventually
from tests.people import PASSWORD, TAXES
from tests.product import Product
from tests.sockets import Socket

CANARY = "zqcanaryqz"
# Refusals of the database that quote the whole row, as a bug in a query of ours could provoke them.
REFUSALS = """
    ALTER TABLE message ADD CONSTRAINT never_stored CHECK (body NOT LIKE 'never stored%') NOT VALID;
    ALTER TABLE message ADD CONSTRAINT never_sent
        CHECK (body NOT LIKE 'never sent%' OR state IS NULL OR state = 'queued') NOT VALID;
"""


class Logs:
    """What the whole product printed and wrote to log files, and the ids that must be found there."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.request_ids: list[str] = []
        self.figures = Figures("")

    def text(self) -> str:
        files = [path for path in self.product.data_folder.rglob("*.log") if path.is_file()]
        assert {path.name for path in files} >= {"postgres.log", "redis.log"}
        return "".join([*self.product.lines, *(path.read_text(errors="replace") for path in files)])

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = [line for line in list(self.product.lines) if line.startswith("{")]
        return [told for told in map(json.loads, lines) if told["event"] == name]

    def scrape(self) -> Figures:
        self.figures = Figures(requests.get(f"{self.product.base}/metrics", timeout=30).text)
        return self.figures

    def remember(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        self.request_ids.append(answer.headers["X-Request-Id"])


@pytest.fixture(scope="module")
def logs() -> Iterator[Logs]:
    """After a journey on which every word of a citizen, every login, password, search and path is a canary."""
    with tempfile.TemporaryDirectory(prefix="guichet-logs-") as folder:
        product = Product(Path(folder) / "data", web_processes=2)
        told = Logs(product)
        try:
            _tell_the_database(product)
            _talk(product, told)
            _ask_wrongly(product, told)
            eventually(lambda: any(one["job"] == "deliver" for one in told.events("job_failed")), "a failed job")
            eventually(lambda: any(one["job"] == "deliver" for one in told.events("job_done")), "a delivery")
            eventually(lambda: told.scrape().sum("guichet_sockets_open") == 0, "sockets closed")
            eventually(lambda: told.scrape().sum("guichet_jobs_total", outcome="failed") == 1, "the failed job counted")
            told.scrape()
        finally:
            code = product.stop()
        assert code == 0, "".join(product.lines)
        yield told


def test_no_word_of_a_citizen(logs: Logs):
    """Not through failed requests, refused rows, lost jobs, bad requests, the servers' own logs or the ledger."""
    found = [line for line in logs.text().splitlines() if CANARY in line]

    assert found == []
    ledger = (logs.product.data_folder / "ledger.jsonl").read_text()
    assert CANARY in ledger  # the journey went all the way; the ledger is the carrier's


def test_every_request_is_told(logs: Logs):
    """One line an answer, under the id that the answer carries, with the rule of the route and who asked."""
    lines = {one["request_id"]: one for one in logs.events("request")}

    assert logs.request_ids
    assert set(logs.request_ids) <= set(lines)
    routes = {one["route"]: one for one in lines.values()}
    assert routes["/api/v1/tickets/<uuid:ticket_id>/messages"]["tenant_id"]
    assert routes["/api/v1/tickets/<uuid:ticket_id>/messages"]["account_id"]
    assert routes["/api/v1/chat/<string:address>/conversation"]["tenant_id"]
    assert all(one["milliseconds"] > 0 and one["status"] >= 200 for one in lines.values())


def test_failures_are_told_with_their_ids(logs: Logs):
    """A failed request and a failed job name the rule that refused, the request or the job, and the administration."""
    (failed,) = logs.events("request_failed")
    job = next(one for one in logs.events("job_failed") if one["job"] == "deliver")

    assert "constraint_name=never_stored" in failed["exception"]
    assert failed["request_id"] in logs.request_ids
    assert "constraint_name=never_sent" in job["exception"]
    assert job["job_id"]
    assert job["outbox_id"]
    assert job["tenant_id"]


def test_every_process_tells(logs: Logs):
    """Web, dispatcher, relay, workers and ledger each say what they do, the dispatcher with its pool and epoch."""
    batch = logs.events("batch_committed")[0]

    assert batch["process"] == "dispatcher"
    assert batch["pool_id"]
    assert batch["epoch"] >= 1
    assert {one["process"] for one in logs.events("rows_handed_on")} == {"relay"}
    assert {one["process"] for one in logs.events("message_taken")} == {"ledger"}
    assert {one["process"] for one in logs.events("job_done")} >= {"worker:delivery"}
    assert {one["process"] for one in logs.events("socket_opened")} == {"web"}


def test_what_a_process_prints_is_json(logs: Logs):
    """After the supervisor's welcome nothing but JSON, until its goodbye."""
    lines = logs.product.lines
    begun = next(number for number, line in enumerate(lines) if line.startswith("Ctrl-C stops"))
    ended = next(number for number, line in enumerate(lines) if line.startswith("stopping"))

    assert [line for line in lines[begun + 1 : ended] if not line.startswith("{")] == []


def test_figures_say_what_the_lines_say(logs: Logs):
    """Counted by several processes, scraped from whichever web process answers: every one is there."""
    figures, lines = logs.figures, logs.events("request")

    for kind in {(one["method"], one["route"], str(one["status"])) for one in lines}:
        told = [one for one in lines if (one["method"], one["route"], str(one["status"])) == kind]
        named = dict(zip(("method", "route", "status"), kind, strict=True))
        assert figures.sum("guichet_http_requests_total", **named) == len(told), kind
    assert figures.sum("guichet_http_request_seconds_count", route="none") >= 1
    assert figures.sum("guichet_sign_in_failures_total") == 2
    assert figures.sum("guichet_http_refusals_total", code="bad_credentials", status="401") == 2
    assert figures.sum("guichet_http_refusals_total", code="internal", status="500") == 1
    done = [one for one in logs.events("job_done") if one["process"] == "worker:delivery"]
    assert figures.sum("guichet_jobs_total", queue="delivery", outcome="done") == len(done)
    assert figures.sum("guichet_dispatcher_decisions_total", kind="offer") == 1
    assert figures.sum("guichet_relay_rows_total") == sum(one["rows"] for one in logs.events("rows_handed_on"))
    assert figures.sum("guichet_database_connections_max") == 2 * 20
    assert figures.sum("guichet_outbox_rows", topic="sms.deliver", state="sending") == 1
    assert figures.sum("guichet_jobs_in_queue", queue="delivery", state="failed") == 1


def _tell_the_database(product: Product) -> None:
    folder = (product.data_folder / "postgres" / "postmaster.pid").read_text().splitlines()[4]
    with psycopg.connect(f"postgresql://app_owner@/guichet?host={folder}", autocommit=True) as connection:
        connection.execute(REFUSALS)


def _talk(product: Product, logs: Logs) -> None:
    """A whole conversation, a note, a search, and replies by SMS: one that leaves, one whose job fails."""
    agent, sender = Person(product, "amelie@accueil.example"), Person(product, "chloe@accueil.example")
    for person in (agent, sender):
        person.http.hooks["response"].append(logs.remember)
    agent.connect(beats=True)
    agent.socket.emit("join", {"room": f"ticket:{CANARY}"})
    agent.socket.emit("typing", {"room": CANARY})
    agent.ask("PUT", "/me/state", {"state": "ready"})
    citizen = requests.Session()
    citizen.hooks["response"].append(logs.remember)
    base = f"{product.base}/api/v1/chat/{TAXES}"
    citizen.post(f"{base}/visitor", timeout=30)
    topic = citizen.get(base, timeout=30).json()["topics"][0]["id"]
    body = {"topic_id": topic, "language": "fr", "body": f"je m'appelle {CANARY}", "name": CANARY}
    assert citizen.post(f"{base}/conversation", json=body, headers=_keyed(), timeout=30).status_code == 201
    offer = eventually(lambda: agent.ask("GET", "/me/work")["offers"], "an offer")[0]
    accepted = agent.ask("POST", f"/offers/{offer['id']}/accept")
    ticket = f"/tickets/{accepted['ticket_id']}"
    agent.ask("POST", f"{ticket}/messages", {"body": f"Bonjour {CANARY}"})
    agent.ask("POST", f"{ticket}/notes", {"body": CANARY})
    assert citizen.post(f"{base}/messages", json={"body": CANARY}, headers=_keyed(), timeout=30).ok
    refused = citizen.post(f"{base}/messages", json={"body": f"never stored {CANARY}"}, headers=_keyed(), timeout=30)
    assert refused.status_code == 500
    agent.ask("GET", f"/tickets?q={CANARY}")
    texts = [one for one in sender.ask("GET", "/tickets?limit=100")["items"] if one["channel"] == "sms"]
    first, second = [one["id"] for one in texts if one["state"] in ("open", "waiting_citizen")][:2]
    sender.ask("POST", f"/tickets/{first}/messages", {"body": f"par SMS {CANARY}"})
    sender.ask("POST", f"/tickets/{second}/messages", {"body": f"never sent {CANARY}"})
    citizen.close()
    for person in (agent, sender):
        person.close()


def _ask_wrongly(product: Product, logs: Logs) -> None:
    """Bad logins, paths, queries, cookies, bodies, sockets, and bytes that are no HTTP."""
    http = requests.Session()
    http.hooks["response"].append(logs.remember)
    base = f"{product.base}/api/v1"
    for login in ("amelie@accueil.example", f"{CANARY}@x.example"):
        http.post(f"{base}/session", json={"login": login, "password": CANARY}, timeout=30)
    http.post(f"{base}/session", json={"login": CANARY, CANARY: PASSWORD}, timeout=30)
    http.post(f"{base}/session", data=f"{{{CANARY}", headers={"Content-Type": "application/json"}, timeout=30)
    headers = {"X-Request-Id": CANARY, "Cookie": f"guichet_session={CANARY}"}
    for path in (f"/api/v1/chat/{CANARY}", f"/{CANARY}?{CANARY}", f"/api/v1/tickets/{CANARY}", f"/assets/{CANARY}"):
        http.get(product.base + path, headers=headers, timeout=30)
    stranger = Socket()
    stranger.connect(product.base, auth={"token": CANARY})
    stranger.disconnect()
    requests.get(f"{product.base}/socket.io/?EIO=4&transport=polling&{CANARY}", timeout=30).close()
    for wrong in (
        f"GET /{CANARY} HTTP/9.9",
        f"{CANARY}",
        f"GET / HTTP/1.1\r\nX {CANARY}: 1",
        f"GET /{CANARY * 900} HTTP/1.1",
    ):
        with socket.create_connection(("127.0.0.1", product.port), timeout=30) as plain:
            plain.sendall(f"{wrong}\r\nHost: localhost\r\n\r\n".encode())
            plain.recv(4096)
    http.close()


def _keyed() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}
