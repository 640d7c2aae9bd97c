"""Calls that the customer makes: by REST, or by <Dial> from a call that came in."""

from typing import Any

from tests.carrier.company import Customer, eventually
from tests.carrier.test_calls import dial


def call_out(customer: Customer, to: str, **facts: object) -> Any:
    """A call made by REST, which says hello."""
    events = ["initiated", "ringing", "answered", "completed"]
    return customer.client.calls.create(
        to=to,
        from_=customer.number,
        **{
            "twiml": "<Response><Say>Ici la mairie</Say><Pause length='1000'/></Response>",
            "status_callback": f"{customer.site.url}/events",
            "status_callback_event": events,
            **facts,
        },
    )


def test_called(customer: Customer):
    """A call made by REST rings, is answered and ends; each event has its number, from 0."""
    phone = customer.phone()
    phone.look()
    call = call_out(customer, phone.path.rpartition("/")[2])
    assert call.status == "queued"
    assert phone.event("ringing")["other"] == customer.number
    phone.do("answer")
    phone.hears("Ici la mairie")
    phone.do("hangup")

    customer.site.wait("events", CallStatus="completed")
    told = [(one["CallStatus"], one["SequenceNumber"]) for one in customer.site.told("events")]
    assert told == [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]


def test_not_answered(customer: Customer):
    """Busy, no answer, failed and declined end the call as such; only `completed` is told by default."""
    for manner, status in (("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed")):
        call = call_out(customer, customer.subscriber(ring=manner), timeout=5, status_callback_event=["completed"])
        customer.site.wait("events", CallSid=call.sid, CallStatus=status)
        assert call.fetch().status == status
    phone = customer.phone()
    call = call_out(customer, phone.path.rpartition("/")[2])
    phone.event("ringing")
    phone.do("decline")
    eventually(lambda: call.fetch().status == "busy")


def test_canceled(customer: Customer):
    """A call that still rings can be canceled."""
    phone = customer.phone()
    call = call_out(customer, phone.path.rpartition("/")[2])
    phone.event("ringing")
    assert call.update(status="canceled").status == "canceled"
    assert phone.event("ended")["status"] == "canceled"


def test_machine(customer: Customer):
    """An answering machine is known where detection is asked for, and only there."""
    to = customer.subscriber(ring="machine")
    asked, unasked = (
        call_out(customer, to, machine_detection="Enable"),
        call_out(customer, customer.subscriber(ring="answer")),
    )
    for call, by in ((asked, "machine_start"), (unasked, None)):
        eventually(lambda call=call: call.fetch().status == "in-progress")
        assert call.fetch().answered_by == by
        call.update(status="completed")


def test_one_call_at_a_time(customer: Customer):
    """Calls made by REST begin at the account's rate; those before their time are queued, and can be canceled."""
    customer.company.admin("account", sid=customer.sid, calls_per_second=0.001)
    first, second = (call_out(customer, customer.subscriber(ring="answer")) for _ in range(2))

    eventually(lambda: first.fetch().status == "in-progress")

    assert second.fetch().status == "queued"
    assert not customer.site.told("events", CallSid=second.sid)
    assert second.update(status="canceled").status == "canceled"
    first.update(status="completed")


def test_dialled_number(customer: Customer):
    """<Dial><Number>: both hear each other; the end is told to the action, the child's events to its callback."""
    other = customer.phone()
    other.look()
    number = other.path.rpartition("/")[2]
    document = (
        f"<Response><Dial action='after' callerId='{customer.number}'><Number url='whisper' statusCallback='child'"
        f" statusCallbackEvent='initiated ringing answered completed'>{number}</Number></Dial></Response>"
    )
    customer.site.on("whisper", "<Response><Say>Un appel pour vous</Say></Response>")
    customer.site.on("after", "<Response><Say>Fini</Say></Response>")
    phone, sid = dial(customer, document)
    assert other.event("ringing")["other"] == customer.number
    other.do("answer")
    other.hears("Un appel pour vous")

    def talks() -> bool:
        phone.do("say", text="Bonjour")
        return any(event.get("text") == "Bonjour" and event["kind"] == "speech" for event in other.look())

    eventually(talks)
    other.do("say", text="Oui ?")
    phone.hears("Oui ?")
    other.do("hangup")
    phone.hears("Fini")

    told = customer.site.wait("after")
    assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", "true")
    customer.site.wait("child", CallStatus="completed")
    assert [one["CallStatus"] for one in customer.site.told("child")] == [
        "initiated",
        "ringing",
        "in-progress",
        "completed",
    ]
    assert customer.site.told("child")[0]["ParentCallSid"] == sid


def test_dialled_in_vain(customer: Customer):
    """Nobody there: the action says so, and the call goes on."""
    busy = customer.subscriber(ring="busy")
    customer.site.on("after", "<Response><Say>Personne</Say></Response>")
    phone, _ = dial(customer, f"<Response><Dial action='after' callerId='{customer.number}'>{busy}</Dial></Response>")
    phone.hears("Personne")
    assert customer.site.wait("after")["DialCallStatus"] == "busy"

    phone, _ = dial(customer, "<Response><Dial callerId='+33199999999'>+33611111111</Dial><Say>Refusé</Say></Response>")
    phone.hears("Refusé")


def test_caller_gone_while_it_rings(customer: Customer):
    """Who hangs up stops the ringing at the other end, and the action is told."""
    other = customer.phone()
    other.look()
    document = f"<Response><Dial action='after'>{other.path.rpartition('/')[2]}</Dial></Response>"
    phone, _ = dial(customer, document)
    other.event("ringing")
    phone.do("hangup")
    assert other.event("ended")["status"] == "canceled"
    assert customer.site.wait("after")["CallStatus"] == "completed"


def test_first_of_several(customer: Customer):
    """Several phones ring together; the first to answer is connected, the others stop; `*` ends it; it is recorded."""
    phones = [customer.phone() for _ in range(2)]
    for one in phones:
        one.look()
    nouns = "".join(f"<Number>{one.path.rpartition('/')[2]}</Number>" for one in phones)
    attributes = "hangupOnStar='true' record='record-from-answer-dual' recordingStatusCallback='ready' action='after'"
    customer.site.on("after", "<Response><Say>Fini</Say></Response>")
    phone, _ = dial(customer, f"<Response><Dial {attributes}>{nouns}</Dial></Response>")
    for one in phones:
        one.event("ringing")
    phones[1].do("answer")
    assert phones[0].event("ended")["status"] == "canceled"

    def talks() -> bool:
        phones[1].do("say", text="Bonjour")
        return any(event.get("by") for event in phone.look())

    eventually(talks)
    phone.do("press", digits="*")
    phone.hears("Fini")
    assert phones[1].event("ended")["status"] == "completed"
    ready = customer.site.wait("ready")
    assert (ready["RecordingSource"], ready["RecordingChannels"]) == ("DialVerb", "2")
    assert customer.site.wait("after")["RecordingUrl"] == ready["RecordingUrl"]
