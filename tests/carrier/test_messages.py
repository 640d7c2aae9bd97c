"""SMS: sent by the official client, received at the customer's site, refused and reported as Twilio does."""

import base64

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.carrier.company import Customer, eventually


def code(customer: Customer, **form: object) -> int:
    """The code with which a message is refused."""
    with pytest.raises(TwilioRestException) as refused:
        customer.client.messages.create(**{"from_": customer.number, "to": "+33612345678", "body": "x", **form})
    return refused.value.code


def test_sent_and_delivered(customer: Customer):
    """Queued, then sent, then delivered, each told once and in order; the phone has it; REST tells the same."""
    phone = customer.phone()
    to = phone.path.rpartition("/")[2]
    phone.look()
    url = f"{customer.site.url}/status"

    sent = customer.client.messages.create(to=to, from_=customer.number, body="Votre reçu", status_callback=url)

    assert sent.status == "queued"
    assert sent.num_segments == "1"
    assert phone.event("sms")["body"] == "Votre reçu"
    done = customer.site.wait("status", MessageStatus="delivered")
    assert [one["MessageStatus"] for one in customer.site.told("status")] == ["sent", "delivered"]
    assert done["MessageSid"] == sent.sid
    assert len(done["RawDlrDoneDate"]) == 10
    assert sent.fetch().status == "delivered"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"to": "12"}, 21211),
        ({"to": "+99"}, 21211),
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"from_": "+33188888888"}, 21606),
        ({"to": "+33140000000"}, 21635),
        ({"status_callback": "nowhere"}, 21609),
        ({"media_url": ["nowhere"]}, 21620),
        ({"media_url": ["http://127.0.0.1/a"] * 11}, 21623),
    ],
)
def test_refused(customer: Customer, form: dict[str, object], expected: int):
    """Each refusal has Twilio's code."""
    assert code(customer, **form) == expected


def test_only_who_knows_the_secret(customer: Customer):
    """Either token and an API key open the account; anything else is 401 with 20003."""
    path = f"{customer.company.url}/2010-04-01/Accounts/{customer.sid}/Messages.json"
    for user, password in ((customer.sid, customer.token), (customer.key, customer.secret)):
        assert requests.get(path, auth=(user, password), timeout=30).status_code == 200
    refused = requests.get(path, auth=(customer.sid, "wrong"), timeout=30)
    assert (refused.status_code, refused.json()["code"]) == (401, 20003)
    assert requests.get(path, timeout=30).json()["code"] == 20003


def test_rotation(customer: Customer):
    """Both tokens work while it lasts; requests are signed with the first until the second is promoted."""
    second = customer.client.accounts.v1.secondary_auth_token().create().secondary_auth_token
    path = f"{customer.company.url}/2010-04-01/Accounts/{customer.sid}/Messages.json"
    assert requests.get(path, auth=(customer.sid, second), timeout=30).status_code == 200
    customer.phone().do("text", to=customer.number, body="un")
    customer.site.wait("sms", Body="un")

    customer.client.accounts.v1.auth_token_promotion().update()
    customer.site.token = second
    customer.phone().do("text", to=customer.number, body="deux")

    customer.site.wait("sms", Body="deux")
    assert requests.get(path, auth=(customer.sid, customer.token), timeout=30).status_code == 401


@pytest.mark.parametrize("error", ["30003", "30005", "30006", "30007", "30008"])
def test_undelivered(customer: Customer, error: str):
    """A phone that cannot be reached says why, to the callback and to REST."""
    to = customer.subscriber(sms=f"undelivered:{error}")

    sent = customer.client.messages.create(
        to=to, from_=customer.number, body="x", status_callback=f"{customer.site.url}/status"
    )

    told = customer.site.wait("status", MessageStatus="undelivered")
    assert told["ErrorCode"] == error
    assert sent.fetch().error_code == int(error)


def test_failed_and_silent(customer: Customer):
    """A message may fail before it is sent, or be sent and never heard of again."""
    url = f"{customer.site.url}/status"
    for manner in ("failed:30007", "silent"):
        to = customer.subscriber(sms=manner)
        customer.client.messages.create(to=to, from_=customer.number, body=manner, status_callback=url)

    customer.site.wait("status", MessageStatus="failed", ErrorCode="30007")
    customer.site.wait("status", MessageStatus="sent")
    assert not customer.site.told("status", MessageStatus="delivered")


def test_received(customer: Customer):
    """An SMS brings Twilio's parameters; the answer's <Message> goes back to the phone."""
    customer.site.on("sms", "<Response><Message>Bien reçu &amp; noté</Message></Response>")
    phone = customer.phone()
    phone.look()

    sid = phone.do("text", to=customer.number, body="Bonjour, où en est mon dossier ?")["sid"]

    told = customer.site.wait("sms")
    assert told["Body"] == "Bonjour, où en est mon dossier ?"
    assert told["MessageSid"] == told["SmsSid"] == told["SmsMessageSid"] == sid
    assert (told["NumMedia"], told["NumSegments"], told["FromCountry"]) == ("0", "1", "FR")
    assert phone.event("sms", "Bien reçu & noté")["way"] == "in"
    assert customer.client.messages(sid).fetch().direction == "inbound"


def test_pictures(customer: Customer):
    """A picture without words has no Body at all; its bytes are for who has the password; it can be deleted."""
    picture = b"\x89PNG\r\n\x1a\n" + bytes(100)
    customer.phone().do("text", to=customer.number, media=[["image/png", base64.b64encode(picture).decode()]])

    told = customer.site.wait("sms", NumMedia="1")
    assert "Body" not in told
    assert told["MediaContentType0"] == "image/png"
    assert told["MessageSid"].startswith("MM")
    assert requests.get(told["MediaUrl0"], timeout=30).status_code == 401
    assert requests.get(told["MediaUrl0"], auth=(customer.sid, customer.token), timeout=30).content == picture
    media = customer.client.messages(told["MessageSid"]).media.list()
    assert [one.content_type for one in media] == ["image/png"]
    assert media[0].delete()
    assert requests.get(told["MediaUrl0"], auth=(customer.sid, customer.token), timeout=30).status_code == 404


def test_stop(customer: Customer):
    """STOP is told to the site, answered by the company, and blocks with 21610 until START."""
    phone = customer.phone()
    number = phone.path.rpartition("/")[2]
    phone.look()

    phone.do("text", to=customer.number, body="Stop")

    customer.site.wait("sms", Body="Stop")
    phone.event("sms", "unsubscribed")
    assert code(customer, to=number) == 21610
    phone.do("text", to=customer.number, body="START")
    phone.event("sms", "re-subscribed")
    assert customer.client.messages.create(to=number, from_=customer.number, body="x").status == "queued"


def test_stop_inside_a_sentence(customer: Customer):
    """Only the word alone unsubscribes, and French words only where a service has them."""
    phone = customer.phone()
    for words in ("stop, je ne comprends pas", "ARRET"):
        phone.do("text", to=customer.number, body=words)
        customer.site.wait("sms", Body=words)
    number = phone.path.rpartition("/")[2]
    customer.client.messages.create(to=number, from_=customer.number, body="x")

    customer.company.admin(
        "service",
        sid="MG" + customer.sid[2:],
        account_sid=customer.sid,
        senders=[customer.number],
        advanced_opt_out=True,
    )
    phone.do("text", to=customer.number, body="Arrêt")

    assert customer.site.wait("sms", Body="Arrêt")["OptOutType"] == "STOP"
    assert code(customer, to=number) == 21610


def test_service(customer: Customer):
    """A messaging service accepts first, without a sender or segments, and then chooses."""
    service = "MG" + customer.sid[2:]
    customer.company.admin("service", sid=service, account_sid=customer.sid, senders=[customer.number])

    sent = customer.client.messages.create(to="+33612345678", messaging_service_sid=service, body="x")

    assert (sent.status, sent.from_, sent.num_segments) == ("accepted", None, "0")
    done = eventually(lambda: (one := sent.fetch()).status == "delivered" and one)
    assert (done.from_, done.num_segments) == (customer.number, "1")


def test_words_as_senders(customer: Customer):
    """A word sends and receives nothing; a short code does both."""
    customer.add("MAIRIE")
    customer.add("36123")
    phone = customer.phone()
    number = phone.path.rpartition("/")[2]
    phone.look()

    customer.client.messages.create(to=number, from_="MAIRIE", body="Mairie")
    assert phone.event("sms", "Mairie")["other"] == "MAIRIE"
    phone.do("text", to="36123", body="au court")

    assert customer.site.wait("sms", To="36123")["Body"] == "au court"
    with pytest.raises(AssertionError, match="bad_number"):
        phone.do("text", to="MAIRIE", body="x")


def test_pages_and_filters(customer: Customer):
    """The client walks all pages, newest first, and finds by To, From and the day it was sent."""
    phones = [f"+3361000000{n}" for n in range(5)]
    sent = [customer.client.messages.create(to=to, from_=customer.number, body="x") for to in phones]
    eventually(lambda: sent[-1].fetch().date_sent)

    assert [one.to for one in customer.client.messages.list(page_size=2)] == phones[::-1]
    assert [one.to for one in customer.client.messages.list(to=phones[1])] == [phones[1]]
    assert customer.client.messages.list(from_="+33100000009") == []
    day = sent[0].fetch().date_sent
    assert len(customer.client.messages.list(date_sent=day.date())) == 5
    assert len(customer.client.messages.list(date_sent_after=day)) == 5
    assert customer.client.messages.list(date_sent_before=day.replace(year=2001)) == []


def test_deleted_and_blanked(customer: Customer):
    """The text of a message can be blanked; the message deleted, and is 20404 then."""
    sent = customer.client.messages.create(to="+33612345678", from_=customer.number, body="secret")
    eventually(lambda: sent.fetch().status == "delivered")

    assert sent.update(body="").body == ""
    assert sent.delete()

    with pytest.raises(TwilioRestException) as refused:
        sent.fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_another_account_sees_nothing(customer: Customer):
    """One customer's message is not there for another, by its own account or by the other's."""
    other = Customer(customer.company)
    other.site.close()
    sent = customer.client.messages.create(to="+33612345678", from_=customer.number, body="x")
    for path in (other.sid, customer.sid):
        url = f"{customer.company.url}/2010-04-01/Accounts/{path}/Messages/{sent.sid}.json"
        assert requests.get(url, auth=(other.sid, other.token), timeout=30).status_code in (401, 404)
    assert other.client.messages.list() == []


def test_nonsense_is_refused(customer: Customer):
    """Whatever is sent, the answer says what is wrong with it, and is never a fault of the company's own."""
    base, auth = f"{customer.company.url}/2010-04-01/Accounts/{customer.sid}", (customer.sid, customer.token)
    for query in ("PageSize=²", "Page=--1", "DateSent=tomorrow", "DateSent%3E=2026-13-45T00:00:00Z"):
        answer = requests.get(f"{base}/Messages.json?{query}", auth=auth, timeout=30)
        assert (answer.status_code, answer.json()["code"]) == (400, 20001), query
    for path, form in (
        ("Messages", b"\xff=%ff%00"),
        ("Calls", b"To=%00&From=x"),
        ("Queues", b"MaxSize=many&FriendlyName=q"),
    ):
        answer = requests.post(f"{base}/{path}.json", data=form, auth=auth, timeout=30)
        assert answer.status_code == 400, path
    assert requests.get(f"{base}/Nothing.json", auth=auth, timeout=30).json()["code"] == 20404
    assert requests.put(f"{base}/Messages.json", auth=auth, timeout=30).json()["code"] == 20004
    url = customer.company.url
    assert requests.get(f"{url}/carrier/phones/+33612345678/events?since=x", timeout=30).status_code == 400
    assert requests.get(f"{url}/carrier/phones/12/events", timeout=30).status_code == 404
    kind = {"Content-Type": "application/json"}
    for told in (b"[]", b"{", b"3"):
        for path in ("phones/+33612345678", "admin/webhook"):
            answer = requests.post(f"{url}/carrier/{path}", data=told, headers=kind, timeout=30)
            assert answer.status_code == 400, (path, told)
        for path in ("faults", "clock", "number"):
            answer = requests.put(f"{url}/carrier/admin/{path}", data=told, timeout=30)
            assert answer.status_code == 400, (path, told)
    assert requests.post(f"{url}/carrier/phones/+33612345678", data=b"{}", timeout=30).status_code == 415
