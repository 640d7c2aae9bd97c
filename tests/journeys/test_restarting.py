"""A rolling restart of everything, while people work: nobody is refused, nothing is lost, nothing comes twice."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from config.settings import Settings
from contact.local import environment
from tests.journeys.conftest import Person, eventually
from tests.load import Page, Worker, four_citizens
from tests.product import ROOT, Product


def restart(product: Product) -> str:
    """What an operator does, and what they are told."""
    env = os.environ | {"PORT": str(product.port), "DATA_FOLDER": str(product.data_folder)}
    command = [sys.executable, "app.py", "restart"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# What systemd does for a service with a socket: the socket is file 3, and the variables say so to this process alone.
AS_SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execv(sys.executable, [sys.executable, "app.py", "web"])
"""
StartWeb = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A listening socket that stays open when the process behind it has gone."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as found:
        yield found


@pytest.fixture
def web(settings: Settings, door: socket.socket) -> Iterator[StartWeb]:
    """`web(DRAIN_SECONDS="1")` starts a web process behind the door."""
    started: list[subprocess.Popen[bytes]] = []
    own = {"HAS_LIMITS": "false", "PUBLIC_BASE_URL": f"http://127.0.0.1:{door.getsockname()[1]}"}

    def start(**more: str) -> subprocess.Popen[bytes]:
        env = os.environ | environment(settings) | own | more
        command = [sys.executable, "-c", AS_SYSTEMD, str(door.fileno())]
        started.append(subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[door.fileno()]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_stop_and_a_start_on_one_socket(web: StartWeb, door: socket.socket, leaving: ExitStack):
    """Between the old web process and the new one there is none for a while: who comes then waits, is not refused."""
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    old = web()
    citizens = four_citizens(base, leaving)
    pages = [citizen.open_page(base) for citizen in citizens]
    for page in pages:
        leaving.callback(page.close)

    old.terminate()
    assert old.wait(60) == 0
    before = [len(citizen.accepted) for citizen in citizens]
    new = web()
    for citizen, count in zip(citizens, before, strict=True):
        citizen.await_more(count + 5)

    faults = [fault for citizen in citizens for fault in citizen.work.stop()]
    assert faults + [fault for page in pages for fault in page.faults] == []
    for citizen, page in zip(citizens, pages, strict=True):
        assert [words for _, words in citizen.stored()] == citizen.accepted
        eventually(page.is_online, "the page is back")
    leaving.close()
    new.terminate()
    assert new.wait(60) == 0


def test_a_quiet_connection_does_not_keep_the_process(web: StartWeb, door: socket.socket):
    """On its way down it fails readiness, answers what still comes on open connections, and closes the quiet ones."""
    base = f"http://127.0.0.1:{door.getsockname()[1]}"
    process = web(DRAIN_SECONDS="1", STATEMENT_TIMEOUT_SECONDS="500")
    with requests.Session() as quiet, requests.Session() as asking:
        assert quiet.get(f"{base}/livez", timeout=60).headers["Connection"] == "keep-alive"

        process.terminate()
        reasons = eventually(lambda: asking.get(f"{base}/readyz", timeout=60).json()["reasons"], "readiness fails")

        assert reasons == ["leaving"]
        assert quiet.get(f"{base}/livez", timeout=60).status_code == 200
        # By itself: requests in hand might take 500 s.
        assert process.wait(60) == 0


def test_nobody_notices_a_restart(product: Product, person: Callable[[str], Person], leaving: ExitStack):
    """Citizens write, an agent replies by SMS, pages stay open; every process is replaced meanwhile."""
    citizens = four_citizens(product.base, leaving)
    for citizen in citizens:
        # Who waits here would be in front of the next test's. First they write no more.
        leaving.callback(citizen.ask, "POST", "/end")
        leaving.callback(citizen.work.stop)
    amelie, chloe = person("amelie@accueil.example"), person("chloe@accueil.example")
    pages = [
        Page(product.base, lambda: amelie.ask("POST", "/session/socket-token")["token"], lambda: None),
        *(citizen.open_page(product.base) for citizen in citizens),
    ]
    for page in pages:
        leaving.callback(page.close)
    sms = next(
        one
        for one in chloe.ask("GET", "/tickets?limit=100")["items"]
        if one["channel"] == "sms" and one["state"] in ("open", "waiting_citizen")
    )
    replies: list[str] = []

    def reply() -> None:
        words = uuid4().hex
        chloe.ask("POST", f"/tickets/{sms['id']}/messages", {"body": words})
        replies.append(words)

    agent = Worker(reply)
    leaving.callback(agent.stop)
    told = restart(product)
    faults = [fault for worker in (agent, *(one.work for one in citizens)) for fault in worker.stop()]

    assert faults + [fault for page in pages for fault in page.faults] == []
    assert told.splitlines()[-1] == "restarted"
    assert [line.split()[0] for line in told.splitlines() if line.endswith("replaced")] == [
        "web",
        "dispatcher",
        "relay",
        "worker-calls-1",
        "worker-default-2",
        "worker-delivery-3",
        "worker-simulation-4",
    ]
    for citizen in citizens:
        assert len(citizen.accepted) > 10
        assert [words for _, words in citizen.stored()] == citizen.accepted
    eventually(lambda: all(page.is_online() for page in pages), "every page has moved")
    assert [page.moves for page in pages] == [1] * len(pages)
    for citizen in citizens:
        # Its hint comes over the new connection; what came while there was none was read on return.
        citizen.write()
        eventually(lambda citizen=citizen: len(citizen.shown) == len(citizen.accepted), "the page shows all of it")
        assert [words for _, words in citizen.shown] == citizen.accepted
    ledger = Path(product.data_folder, "ledger.jsonl")
    eventually(lambda: replies[-1] in ledger.read_text(), "the last reply has left")
    sent = ledger.read_text()
    assert [sent.count(words) for words in replies] == [1] * len(replies)
    assert sorted(replies, key=sent.index) == replies
