"""A text and a call through everything that `make run` starts: one ticket holds both; a killed worker loses no call."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tests.carrier.company import Phone, digits, eventually, figures
from tests.journeys.conftest import Person
from tests.product import Product


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """With its telephone company."""
    with tempfile.TemporaryDirectory(prefix="guichet-phone-") as folder:
        running = Product(Path(folder) / "data", has_limits="false", has_carrier="true")
        yield running
        assert running.stop() == 0, "".join(running.lines)


@pytest.fixture
def company(product: Product) -> Iterator[Any]:
    """Its company, ten times as fast as life."""
    session = requests.Session()
    found = SimpleNamespace(url=f"http://127.0.0.1:{product.port + 3}", session=session)
    session.put(f"{found.url}/carrier/admin/clock", json={"speed": 10}, timeout=30)
    yield found
    session.close()


@pytest.fixture
def amelie(product: Product) -> Iterator[Person]:
    """Ready, with a page that is alive."""
    person = Person(product, "amelie@accueil.example")
    person.connect(beats=True)
    person.ask("PUT", "/me/state", {"state": "ready"})
    yield person
    person.close()


def number(product: Product, company: Any, kind: str) -> str:
    """The tax service's number for calls or texts, as the company knows it."""
    rows = company.session.get(f"{company.url}/carrier/admin/number", timeout=30).json()
    door = f"{kind}_url"
    owned = next(one["account_sid"] for one in rows if "impôts" in one["friendly_name"].casefold())
    return next(one["phone_number"] for one in rows if one["account_sid"] == owned and one.get(door))


def answer(company: Any, person: Person) -> tuple[dict[str, Any], Phone]:
    """The agent accepts the call that is offered, and dials in."""
    offers = eventually(
        lambda: [one for one in person.ask("GET", "/me/work")["offers"] if one["channel"] == "voice"], "an offer"
    )
    held = person.ask("POST", f"/offers/{offers[0]['id']}/accept")
    wish = {"tab": "one", "take": True, "interaction_id": held["interaction_id"]}
    browser = Phone(company, "", person.ask("POST", "/softphone/token", wish)["token"])
    browser.look()
    browser.do("connect", params={"interaction": held["interaction_id"]})
    return held, browser


def hear_each_other(browser: Phone, phone: Phone) -> None:
    words = f"Bonjour {digits(8)}"

    def talks() -> bool:
        if any(one["type"] == "answered" for one in browser.look()):
            browser.do("say", text=words)
        return any(one.get("text") == words and one["type"] == "heard" for one in phone.look())

    eventually(talks, "they hear each other")


def test_a_call_while_the_workers_are_killed(product: Product, company: Any, amelie: Person):
    """Menu, queue, offer, talk, hang-up: with the workers of calls killed in the middle, it only takes longer."""
    phone = Phone(company, "+336" + figures(8))
    phone.do("call", to=number(product, company, "voice"))
    phone.hears("tapez 1")
    phone.do("press", digits="1")
    phone.hears("file")
    for pid in worker_pids(product):
        os.kill(pid, signal.SIGKILL)

    held, browser = answer(company, amelie)
    hear_each_other(browser, phone)
    phone.do("hangup")

    def is_over() -> bool:
        return [one["state"] for one in amelie.ask("GET", "/me/work")["assignments"]] == ["wrapping"]

    eventually(is_over, "the agent wraps up")
    (call,) = amelie.ask("GET", f"/tickets/{held['ticket_id']}/calls")["items"]
    assert (call["outcome"], call["number"]) == ("talked", phone.number)
    browser.event("ended")
    # There is room for the next call.
    ending = {"wrap_up_code": "answered", "ticket_state": "resolved"}
    amelie.ask("POST", f"/assignments/{held['id']}/finish", ending)


def test_one_ticket_holds_a_text_and_a_call(product: Product, company: Any, amelie: Person):
    """Somebody texts, then calls about it: the agent who answers has both before them."""
    phone = Phone(company, "+336" + figures(8))
    words = f"Bonjour, ma déclaration {digits(8)}"
    phone.do("text", to=number(product, company, "sms"), body=words)

    def is_read() -> bool:
        return bool(amelie.ask("GET", f"/tickets?scope=queues&q={words.rpartition(' ')[2]}")["items"])

    eventually(is_read, "the text is in a ticket")
    phone.do("call", to=number(product, company, "voice"))
    phone.hears("tapez 1")
    phone.do("press", digits="1")

    held, browser = answer(company, amelie)

    said = [one["body"] or one["code"] for one in amelie.ask("GET", f"/tickets/{held['ticket_id']}/messages")["items"]]
    assert said[:2] == [words, "call_began"]
    hear_each_other(browser, phone)
    phone.do("hangup")
    browser.event("ended")


def worker_pids(product: Product) -> list[int]:
    """The workers of the queue of calls of this product alone."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(product.process.pid)], capture_output=True, text=True, check=True
    ).stdout
    found = [int(line.split()[0]) for line in listed.splitlines() if line.endswith("worker calls")]
    assert found, listed
    return found
