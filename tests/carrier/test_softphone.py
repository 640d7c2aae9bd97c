"""A browser's telephone: an access token registers it; it is rung, it dials out, it speaks."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import pytest
import requests
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VideoGrant, VoiceGrant

from tests.carrier.company import Customer, Phone, digits, eventually
from tests.carrier.test_calls import dial


def apart(talk: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run *talk* in a thread: the browser's tests keep an event loop in theirs."""
    with ThreadPoolExecutor(1) as threads:
        threads.submit(lambda: asyncio.run(talk())).result()


def token(customer: Customer, identity: str = "agent_x", incoming: bool = True, **facts: object) -> str:
    """A token by Twilio's own class."""
    application = "AP" + customer.sid[2:]
    customer.company.admin(
        "application", sid=application, account_sid=customer.sid, voice_url=f"{customer.site.url}/out"
    )
    grant = VoiceGrant(outgoing_application_sid=application, incoming_allow=incoming)
    made = {"secret": customer.secret, "grants": [grant], "identity": identity, **facts}
    return AccessToken(customer.sid, customer.key, made.pop("secret"), **made).to_jwt()


def browser(customer: Customer, **facts: object) -> Phone:
    """A registered browser."""
    made = Phone(customer.company, "", token(customer, **facts))
    made.look()
    return made


def test_rung(customer: Customer):
    """<Dial><Client> rings the browser, with its parameters; both hear each other."""
    agent = browser(customer)
    noun = "<Client><Identity>agent_x</Identity><Parameter name='ticket' value='7KQ2'/></Client>"
    phone, _ = dial(customer, f"<Response><Dial>{noun}</Dial></Response>")

    ringing = agent.event("ringing")

    assert ringing["parameters"] == {"ticket": "7KQ2"}
    agent.do("answer")

    def talks() -> bool:
        agent.do("say", text="Guichet, bonjour")
        return any(one.get("by") == "client:agent_x" for one in phone.look())

    eventually(talks)
    agent.do("mute", on=True)
    agent.do("say", text="en privé")
    agent.do("mute", on=False)
    agent.do("say", text="je reviens")
    phone.hears("je reviens")
    assert not [one for one in phone.events if one.get("text") == "en privé"]
    agent.do("hangup")
    phone.event("ended")


def test_dials_out(customer: Customer):
    """`connect` asks the grant's application with the page's parameters; the browser is in a conference then."""
    customer.site.on("out", "<Response><Dial><Conference>I-9</Conference></Dial></Response>")
    citizen, _ = dial(customer, "<Response><Dial><Conference>I-9</Conference></Dial></Response>")
    agent = browser(customer)

    sid = agent.do("connect", params={"offer": "42", "CallSid": "forged", "From": "+33100000000"})["call"]

    told = customer.site.wait("out")
    assert (told["offer"], told["From"], told["CallSid"]) == ("42", "client:agent_x", sid)
    assert (told["ApplicationSid"], told["Direction"]) == ("AP" + customer.sid[2:], "inbound")

    def talks() -> bool:
        agent.do("say", text="Bonjour")
        return any(one.get("text") == "Bonjour" for one in citizen.look())

    eventually(talks)
    agent.do("press", digits="5")
    citizen.event("heard", '"digits"')
    citizen.do("hangup")
    agent.do("hangup")


def test_nobody_there(customer: Customer):
    """A browser that is not registered, or that may not be rung, does not answer; the call goes on at once."""
    browser(customer, identity="agent_deaf", incoming=False)
    for identity in ("agent_away", "agent_deaf"):
        document = f"<Response><Dial action='after'><Client>{identity}</Client></Dial></Response>"
        customer.site.on("after", "<Response><Say>Personne</Say></Response>")
        phone, sid = dial(customer, document)
        phone.hears("Personne")
        assert customer.site.wait("after", CallSid=sid)["DialCallStatus"] == "no-answer"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"secret": "x" * 32}, 20101),
        ({"ttl": -60}, 20104),
        ({"grants": [VideoGrant()]}, 20106),
        ({"ttl": 90_000}, 20157),
        ({"identity": ""}, 20106),
    ],
)
def test_bad_tokens(customer: Customer, facts: dict[str, object], code: int):
    """A token that is forged, over, too long or without a voice grant registers nobody."""
    query = {"token": token(customer, **facts)}
    answer = requests.get(f"{customer.company.url}/carrier/client/events", params=query, timeout=30)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_another_customers_key(customer: Customer):
    """A key opens its own account only, and identities are known to one account only."""
    query = {"token": AccessToken("AC" + digits(32), customer.key, customer.secret, identity="a").to_jwt()}
    answer = requests.get(f"{customer.company.url}/carrier/client/events", params=query, timeout=30)
    assert answer.json()["code"] == 20103
    mine, other = browser(customer), Customer(customer.company)
    other.site.close()
    theirs = browser(other)
    dial(customer, "<Response><Dial><Client>agent_x</Client></Dial></Response>")[0]
    mine.event("ringing")
    assert theirs.look() == []


def test_over_a_socket(customer: Customer):
    """The socket says who registered, rings again for a page that comes late, warns before its token ends, renews."""
    url = f"{customer.company.url}/carrier/client?token="
    tokens = [token(customer), token(customer)]

    async def talk() -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(url + tokens[0]) as first:
            assert (await first.receive_json(timeout=20))["identity"] == "agent_x"
            document = "<Response><Dial timeout='1000'><Client>agent_x</Client></Dial></Response>"
            phone, _ = await asyncio.to_thread(dial, customer, document)
            assert (await first.receive_json(timeout=20))["type"] == "ringing"
            short = await asyncio.to_thread(token, customer, ttl=15)
            async with session.ws_connect(url + short) as second:
                told = [(await second.receive_json(timeout=20))["type"] for _ in range(3)]
                assert told == ["registered", "ringing", "token_will_expire"]
                await second.send_json({"do": "refresh", "token": tokens[1]})
                await second.send_json({"do": "answer"})
                assert (await second.receive_json(timeout=20))["type"] == "answered"
                await second.send_str("not json")
                assert (await second.receive_json(timeout=20))["type"] == "refused"
            assert (await first.receive_json(timeout=20))["type"] == "answered"
            await asyncio.to_thread(phone.do, "hangup")
            assert (await first.receive_json(timeout=20))["type"] == "ended"

    apart(talk)


def test_a_token_that_is_none(customer: Customer):
    """A socket with a bad token hears why, and is closed."""

    async def talk() -> None:
        url = f"{customer.company.url}/carrier/client?token=x"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            assert await socket.receive_json(timeout=20) == {"type": "error", "code": 20101}
            assert (await socket.receive(timeout=20)).type is aiohttp.WSMsgType.CLOSE

    apart(talk)


def test_the_whole_way(customer: Customer):
    """Menu, queue, taken by REST into a conference, the agent's browser in: one talks with the other."""
    gather = "<Gather numDigits='1' action='menu'><Say>Tapez 1</Say></Gather>"
    customer.site.on("menu", "<Response><Enqueue waitUrl='wait' action='left'>salle</Enqueue></Response>")
    customer.site.on("wait", "<Response><Say>Deux personnes avant vous</Say><Pause length='5'/></Response>")
    conference = "<Response><Dial><Conference endConferenceOnExit='{}'>I-7</Conference></Dial></Response>"
    customer.site.on("out", conference.format("false"))
    citizen, sid = dial(customer, f"<Response>{gather}</Response>")
    citizen.hears("Tapez 1")
    citizen.do("press", digits="1")
    citizen.hears("avant vous")
    agent = browser(customer)
    agent.do("connect", params={"offer": "1"})

    customer.client.calls(sid).update(twiml=conference.format("true"))

    def talks() -> bool:
        agent.do("say", text="Bonjour")
        return any(one.get("by") == "client:agent_x" for one in citizen.look())

    eventually(talks)
    assert customer.site.wait("left")["QueueResult"] == "redirected"
    citizen.do("hangup")
    agent.event("ended")
