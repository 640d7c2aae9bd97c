"""The company held against Twilio's own descriptions of its API, its TwiML and its parameters."""

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.carrier.company import Customer, eventually
from tests.carrier.judge import DESCRIPTIONS, described, judge
from tests.carrier.test_calls import dial
from tests.carrier.test_calls_out import call_out


def parameters() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DESCRIPTIONS / "webhook_params.json").read_text())
    return found


@described
def test_the_judge_refuses():
    """An unknown field, a wrong type and a missing field are each refused."""
    path = "/2010-04-01/Accounts/AC1/Queues/QU1.json"
    good = {"date_updated": None, "current_size": 0, "friendly_name": "a", "uri": "u", "account_sid": "AC" + "0" * 32}
    good |= {"average_wait_time": 0, "sid": "QU" + "0" * 32, "date_created": None, "max_size": 1}
    judge("GET", path, None, SimpleNamespace(status_code=200, text=json.dumps(good)))
    for wrong in ({**good, "colour": "blue"}, {**good, "max_size": "1"}, {k: v for k, v in good.items() if k != "uri"}):
        with pytest.raises(AssertionError):
            judge("GET", path, None, SimpleNamespace(status_code=200, text=json.dumps(wrong)))
    with pytest.raises(AssertionError):
        judge("POST", path, {"Colour": "blue"}, SimpleNamespace(status_code=200, text=json.dumps(good)))


@described
def test_every_answer_is_described(customer: Customer):
    """Each resource, made, listed, fetched and changed by the official client, has the fields described, no others."""
    client, site = customer.client, customer.site
    noun = "<Conference record='record-from-start'>I-1</Conference>"
    phone, _ = dial(customer, f"<Response><Dial>{noun}</Dial></Response>")
    eventually(client.conferences.list)
    other, _ = dial(customer, "<Response><Dial><Conference>I-1</Conference></Dial></Response>")
    room = eventually(lambda: client.conferences.list(status="in-progress"))[0].fetch()
    room.participants.list()[0].fetch().update(muted=True)
    room.participants.create(from_=customer.number, to="+33612345678")
    phone.do("say", text="Bonjour")
    other.do("say", text="Bonjour")
    room.update(status="completed")
    recording = eventually(lambda: client.recordings.list(conference_sid=room.sid))[0]
    recording.fetch()
    call_out(customer, "+33612345678").fetch().update(status="completed")
    client.calls.list()
    queue = client.queues.create(friendly_name="q")
    queue.fetch().update(max_size=5)
    client.messages.create(to="+33612345678", from_=customer.number, body="x").fetch()
    client.messages.list()
    client.api.accounts(customer.sid).fetch()
    client.incoming_phone_numbers.list()[0].fetch().update(voice_url=f"{site.url}/voice")
    client.applications.create(friendly_name="a", voice_url=f"{site.url}/out").fetch().update(friendly_name="b")

    judged = {path for _, path, _, _ in customer.http.seen}
    assert len(judged) > 15
    for seen in customer.http.seen:
        judge(*seen)


@described
def test_every_parameter_is_told(customer: Customer):
    """A call's first request and a text's have every parameter that Twilio's have."""
    phone, _ = dial(customer, "<Response><Say>Bonjour</Say></Response>")
    phone.hears("Bonjour")
    phone.do("text", to=customer.number, body="Bonjour")

    assert set(parameters()["voice_incoming_params"]) - set(customer.site.wait("voice")) == set()
    expected = parse_qs(parameters()["sms_inbound_urlencoded"][0], keep_blank_values=True)
    assert set(expected) - set(customer.site.wait("sms")) == set()


@described
def test_verbs_are_those_described():
    """Every verb the company runs is one of TwiML's."""
    from channels.carrier.verbs import VERBS

    known = set(json.loads((DESCRIPTIONS / "twiml_schema.json").read_text())["voice"]["nesting"]["Response"])
    assert VERBS
    assert set(VERBS) <= known
