"""A rolling restart of everything, while people work: nobody is refused, nothing is lost, nothing comes twice."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from tests.journeys.conftest import Person, eventually
from tests.load import Citizen, Page, Worker
from tests.product import ROOT, Product

pytestmark = pytest.mark.xdist_group("running")


def restart(product: Product) -> str:
    """What an operator does, and what they are told."""
    env = os.environ | {"PORT": str(product.port), "DATA_FOLDER": str(product.data_folder)}
    command = [sys.executable, "app.py", "restart"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_nobody_notices_a_restart(product: Product, person: Callable[[str], Person]):
    """Citizens write, an agent replies by SMS, pages stay open; every process is replaced meanwhile."""
    citizens = [Citizen(product.base, keeps_connection=number % 2 == 0) for number in range(4)]
    amelie, chloe = person("amelie@accueil.example"), person("chloe@accueil.example")
    pages = [
        Page(product.base, lambda: amelie.ask("POST", "/session/socket-token")["token"], lambda: None),
        *(citizen.open_page(product.base) for citizen in citizens),
    ]
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
    told = restart(product)
    faults = [fault for worker in (agent, *(one.work for one in citizens)) for fault in worker.stop()]

    assert faults + [fault for page in pages for fault in page.faults] == []
    assert told.splitlines()[-1] == "restarted"
    assert [line.split()[0] for line in told.splitlines() if line.endswith("replaced")] == [
        "web",
        "dispatcher",
        "relay",
        "worker-default-1",
        "worker-delivery-2",
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
    for one in (*pages, *citizens):
        one.close()
