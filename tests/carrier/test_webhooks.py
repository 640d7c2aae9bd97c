"""Requests to a customer's site: signed whatever the URL, within limits, retried as the URL asks."""

import json
import socket
import threading
from contextlib import closing

import pytest
import requests
from twilio.request_validator import RequestValidator

from channels.carrier.webhooks import overrides, signature
from tests.carrier.company import Customer, Site, eventually


def text(customer: Customer, words: str = "x") -> None:
    customer.phone().do("text", to=customer.number, body=words)


def test_signature_of_any_url(customer: Customer):
    """Accents, escapes, empty parameters and a query: what arrives validates as it arrived."""
    url = f"{customer.site.url}/entrée%20du%20public/a+b?nom=é&vide=&pct=%2F&x=1&x=2"
    customer.add(customer.number, sms_url=url + "#rc=2")
    text(customer, "à ç € +&=")

    asked = eventually(lambda: customer.site.asked)[0]

    assert asked.path == "entrée du public/a+b"
    assert asked.is_genuine
    assert asked.form["Body"] == "à ç € +&="
    assert asked.form["FromCity"] == ""


def test_get(customer: Customer):
    """With GET the parameters are in the query, and signed with it."""
    customer.add(customer.number, sms_url=f"{customer.site.url}/got?a=1", sms_method="GET")
    text(customer, "par ici")
    told = customer.site.wait("got")
    assert (told["Body"], told["a"]) == ("par ici", "1")


def test_overrides():
    """The fragment never leaves the house; its values are held within Twilio's."""
    url, limits = overrides("https://x.example/a?b=1#ct=2000&rt=4000&tt=99999&rc=9&rp=4xx,rt")
    assert url == "https://x.example/a?b=1"
    assert (limits.connect, limits.read, limits.total, limits.retries) == (2.0, 4.0, 15.0, 5)
    assert limits.retries_on("4xx")
    assert not limits.retries_on("5xx")
    assert overrides("https://x.example/#rc=²&ct=x&rt=-5")[1].retries == 1
    _, usual = overrides("https://x.example/")
    assert (usual.connect, usual.read, usual.total, usual.retries, set(usual.policy)) == (5.0, 15.0, 15.0, 1, {"ct"})


def test_ports_in_signatures():
    """The port is signed in http and left out in https; repeated parameters are signed sorted."""
    token = "1" * 32
    validator = RequestValidator(token)
    assert signature(token, "https://x.example:8443/a", {}) == validator.compute_signature("https://x.example/a", {})
    assert signature(token, "http://x.example:8000/a", {}) == validator.compute_signature("http://x.example:8000/a", {})


def test_tried_again_as_the_url_asks(customer: Customer):
    """A failing site is asked once more where the policy covers it, with the same token; not otherwise."""
    answers = iter([("no", 503), ("no", 404), "<Response/>"])
    customer.site.on("sms", lambda form: next(answers))
    customer.add(customer.number, sms_url=f"{customer.site.url}/sms#rc=3&rp=all")
    text(customer)
    eventually(lambda: len(customer.site.asked) == 3)
    assert len({one.token for one in customer.site.asked}) == 1

    customer.site.on("once", ("no", 503))
    customer.site.on("fallback", "<Response/>")
    urls = {"sms_url": f"{customer.site.url}/once", "sms_fallback_url": f"{customer.site.url}/fallback"}
    customer.add(customer.number, **urls)
    text(customer)
    told = customer.site.wait("fallback")
    assert (told["ErrorCode"], told["ErrorUrl"]) == ("11200", f"{customer.site.url}/once")
    assert len(customer.site.told("once")) == 1


def test_a_site_that_is_away_or_asleep(customer: Customer):
    """No connection and no answer in time both lead to the fallback, each with its code."""
    fallback = customer.site.on("fallback", "<Response/>")
    with closing(socket.socket()) as closed:
        closed.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{closed.getsockname()[1]}/sms"
    customer.add(customer.number, sms_url=away, sms_fallback_url=fallback)
    text(customer)
    assert customer.site.wait("fallback", ErrorUrl=away)["ErrorCode"] == "11205"

    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        asleep = f"http://127.0.0.1:{silent.getsockname()[1]}/sms"
        customer.add(customer.number, sms_url=f"{asleep}#rt=200", sms_fallback_url=fallback)
        text(customer)
        assert customer.site.wait("fallback", ErrorUrl=asleep)["ErrorCode"] == "11200"


@pytest.mark.parametrize(
    ("how", "is_genuine"),
    [
        ({}, True),
        ({"signature": "wrong"}, False),
        ({"signature": ""}, False),
        ({"sign_url": "http://x.example/"}, False),
    ],
)
def test_requests_to_try_a_site_with(customer: Customer, how: dict[str, str], is_genuine: bool):
    """The operator sends one request as told: well signed, ill signed or not at all, its parameters repeated."""
    site = Site(customer.token)
    told = {"account_sid": customer.sid, "url": f"{site.url}/try", "params": [["a", "2"], ["a", "1"], ["b", ""]], **how}

    answer = requests.post(f"{customer.company.url}/carrier/admin/webhook", json=told, timeout=30)

    site.close()
    assert answer.json()["status"] == 200
    assert site.asked[0].form.getlist("a") == ["2", "1"]
    assert site.asked[0].is_genuine == is_genuine


def test_json(customer: Customer):
    """A JSON request carries the digest of its body in the query, which is what is signed."""
    seen = {}
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        url = f"http://127.0.0.1:{door.getsockname()[1]}/json?a=1"

        def serve() -> None:
            with closing(door.accept()[0]) as connection:
                head, _, body = connection.recv(65_536).partition(b"\r\n\r\n")
                length = int(next(one for one in head.split(b"\r\n") if one.lower().startswith(b"content-length"))[15:])
                while len(body) < length:
                    body += connection.recv(65_536)
                seen["head"], seen["body"] = head.decode(), body.decode()
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        told = {"account_sid": customer.sid, "url": url, "json": {"nom": "Élise"}}
        requests.post(f"{customer.company.url}/carrier/admin/webhook", json=told, timeout=30)
        thread.join(10)
    target = seen["head"].split(" ")[1]
    header = next(line for line in seen["head"].split("\r\n") if line.lower().startswith("x-twilio-signature"))
    full = url.partition("/json")[0] + target
    assert "bodySHA256=" in target
    assert json.loads(seen["body"]) == {"nom": "Élise"}
    assert RequestValidator(customer.token).validate(full, seen["body"], header.partition(": ")[2])
