"""Faults on demand, and what a restart brings back."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.carrier.company import Company, Customer, eventually
from tests.carrier.test_calls import dial


@pytest.fixture(scope="module")
def faulty() -> Iterator[Company]:
    """A company of these tests' own: its faults would hit others."""
    running = Company()
    yield running
    assert "Traceback" not in running.stop()


@pytest.fixture
def own(faulty: Company) -> Iterator[Company]:
    """That company, which does right again and is quiet afterwards: what is left would meet the next test's faults."""
    yield faulty
    eventually(faulty.is_quiet)
    faulty.admin("faults", delay_seconds=2, rest={}, webhook={}, queue={})


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Company]:
    """One with a ledger, which is killed."""
    running = Company(tmp_path)
    yield running
    assert "Traceback" not in running.stop()


@pytest.fixture
def customer(request: pytest.FixtureRequest) -> Iterator[Customer]:
    """A customer of the company that the test asks for."""
    made = Customer(request.getfixturevalue("mortal" if "mortal" in request.fixturenames else "own"))
    yield made
    made.site.close()


def send(customer: Customer, body: str = "x") -> str:
    to, url = customer.phone().path.rpartition("/")[2], f"{customer.site.url}/status"
    return customer.client.messages.create(to=to, from_=customer.number, body=body, status_callback=url).sid


def test_taken_but_not_answered(own: Company, customer: Customer):
    """`drop`: the connection breaks, and the message goes out all the same; REST finds it by its text."""
    own.admin("faults", rest={"next": ["drop"]})
    with pytest.raises(requests.ConnectionError):
        send(customer, "une fois")
    assert [one.body for one in customer.client.messages.list()] == ["une fois"]
    customer.site.wait("status", MessageStatus="delivered")


@pytest.mark.parametrize(
    ("fault", "status", "kept"), [("error_429", 429, 0), ("error_500", 500, 0), ("late_500", 500, 1)]
)
def test_refused_on_demand(own: Company, customer: Customer, fault: str, status: int, kept: int):
    """429 and 500 do nothing; the late 500 does it and then says it failed."""
    own.admin("faults", rest={"next": [fault]})
    with pytest.raises(TwilioRestException) as refused:
        send(customer)
    assert refused.value.status == status
    assert len(customer.client.messages.list()) == kept


def test_doubled(own: Company, customer: Customer):
    """A duplicate has the token of the first, in status callbacks and in what is asked."""
    own.admin("faults", webhook={"duplicate": 1})
    send(customer)
    customer.phone().do("text", to=customer.number, body="deux fois")
    for path, wanted in (("status", 4), ("sms", 2)):
        eventually(lambda path=path, wanted=wanted: len(customer.site.told(path)) == wanted, path)
    tokens = [one.token for one in customer.site.asked]
    assert all(tokens.count(one) == 2 for one in tokens)


def test_overtaken(own: Company, customer: Customer):
    """`reorder` lets later callbacks come first."""
    own.admin("faults", delay_seconds=60, webhook={"next": ["reorder"]})
    send(customer)
    customer.site.wait("status", MessageStatus="sent")
    assert [one["MessageStatus"] for one in customer.site.told("status")] == ["delivered", "sent"]


def test_nothing_is_lost_or_made_up(own: Company, customer: Customer):
    """Under faults by rate, each text reaches the site, some twice, and no other does; REST knows them all."""
    rates = {"duplicate": 0.3, "reorder": 0.3}
    own.admin("faults", seed=3, webhook=rates)
    sent = {customer.phone().do("text", to=customer.number, body=str(n))["sid"] for n in range(30)}

    def all_told() -> bool:
        return {one["MessageSid"] for one in customer.site.told("sms")} == sent

    eventually(all_told)
    eventually(lambda: len(customer.site.told("sms")) > len(sent))
    assert {one.sid for one in customer.client.messages.list()} == sent
    assert all(one.is_genuine for one in customer.site.asked)


def test_queue_that_malfunctions(own: Company, customer: Customer):
    """The ninth way out of a queue, on demand."""
    own.admin("faults", queue={"next": ["system_error"]})
    customer.site.on("left", "<Response><Say>Sorti</Say></Response>")
    phone, _ = dial(customer, "<Response><Enqueue action='left'>q</Enqueue></Response>")
    phone.hears("Sorti")
    assert customer.site.wait("left")["QueueResult"] == "system-error"


def test_the_same_seed_draws_the_same(own: Company):
    """Rates and names that make no sense are refused; what was set is shown."""
    shown = own.admin("faults", seed=7, rest={"drop": 0.02}, webhook={"duplicate": 0.05})
    assert shown["rest"] == {"drop": 0.02, "next": []}
    for wrong in ({"rest": {"drop": 2}}, {"rest": {"explode": 1}}, {"post": {}}, {"rest": {"next": ["explode"]}}):
        assert requests.put(f"{own.url}/carrier/admin/faults", json=wrong, timeout=30).status_code == 400


def test_killed_and_started_again(mortal: Company, customer: Customer):
    """After kill -9: numbers, messages and their texts are there; live calls have ended, and that is told."""
    customer.add(customer.number, status_callback=f"{customer.site.url}/call")
    phone, sid = dial(customer, "<Response><Say>Bonjour</Say><Pause length='1000'/></Response>")
    phone.hears("Bonjour")
    mortal.admin("clock", speed=0.01)
    sent = send(customer, "en route")
    mortal.stop(signal.SIGKILL)
    ledger = mortal.folder / "ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes() + b'{"kind":"message","si')

    mortal.start()

    assert customer.client.messages(sent).fetch().body == "en route"
    assert customer.site.wait("call", CallStatus="completed")["CallSid"] == sid
    assert customer.client.calls(sid).fetch().status == "completed"
    assert customer.site.wait("status", MessageStatus="delivered")["MessageSid"] == sent
    history = customer.phone(phone.path.rpartition("/")[2])
    assert history.look() == []
    kinds = {one["kind"] for one in mortal.ledger()}
    assert {"account", "number", "call", "message", "webhook"} <= kinds


def test_text_waits_for_a_restart(mortal: Company, customer: Customer):
    """A text taken from a phone, of which the site was not told before the kill, is brought afterwards, once."""
    mortal.admin("faults", delay_seconds=10_000, webhook={"next": ["delay"]})
    phone = customer.phone()
    phone.do("text", to=customer.number, body="avant la coupure")
    mortal.stop(signal.SIGKILL)
    assert not customer.site.told("sms")

    mortal.start()

    assert customer.site.wait("sms")["Body"] == "avant la coupure"
    assert customer.phone(phone.path.rpartition("/")[2]).event("sms")["way"] == "out"


def test_configured_by_a_file(tmp_path: Path):
    """Accounts and numbers come from a file; a mistake in it is told, and nothing is started."""
    account = {"sid": "AC" + "1" * 32, "auth_token": "2" * 32}
    number = {"account_sid": account["sid"], "phone_number": "+33184880001"}
    file = tmp_path / "config.json"
    file.write_text(
        f'{{"account": [{{"sid": "{account["sid"]}", "auth_token": "{account["auth_token"]}"}}], '
        f'"number": [{{"account_sid": "{number["account_sid"]}", "phone_number": "+33184880001"}}]}}'
    )
    running = Company(config=file)
    url = f"{running.url}/2010-04-01/Accounts/{account['sid']}/IncomingPhoneNumbers.json"
    found = requests.get(url, auth=(account["sid"], account["auth_token"]), timeout=30).json()
    running.stop()
    assert [one["phone_number"] for one in found["incoming_phone_numbers"]] == ["+33184880001"]

    file.write_text('{"number": [{"phone": 1}]}')
    with pytest.raises(AssertionError, match="not started: number has no phone"):
        Company(config=file)
