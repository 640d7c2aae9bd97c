"""Queues: waiting with what the site says, and each of the nine ways out, told to the action when it is due."""

from tests.carrier.company import Customer, Phone, eventually
from tests.carrier.test_calls import dial

WAIT = "<Response><Say>Vous attendez</Say><Pause length='5'/></Response>"


def enqueue(customer: Customer, more: str = "", after: str = "<Say>Sorti</Say><Pause length='1000'/>") -> str:
    """A document that waits in the queue `mairie`."""
    customer.site.answers.setdefault("wait", WAIT)
    customer.site.on("left", f"<Response>{after}</Response>")
    return f"<Response><Enqueue waitUrl='wait' action='left' {more}>mairie</Enqueue></Response>"


def waits(customer: Customer, more: str = "") -> tuple[Phone, str]:
    """Somebody who waits."""
    phone, sid = dial(customer, enqueue(customer, more))
    phone.hears("Vous attendez")
    return phone, sid


def dequeue(customer: Customer, noun: str = "<Queue>mairie</Queue>") -> Phone:
    """An agent's phone that takes the first."""
    customer.site.on("agent", f"<Response><Dial action='agent-after'>{noun}</Dial></Response>")
    number = customer.add("+33187" + customer.number[6:], voice_url=f"{customer.site.url}/agent")
    agent = customer.phone()
    agent.do("call", to=number)
    return agent


def test_waiting(customer: Customer):
    """The waitUrl is asked again and again, and knows the place, the size and the times."""
    phone, sid = waits(customer)
    other, _ = waits(customer)
    told = customer.site.wait("wait", QueuePosition="2")
    assert (told["CurrentQueueSize"], told["QueueSid"][:2]) == ("2", "QU")
    assert int(told["AvgQueueTime"]) >= 0
    eventually(lambda: len(customer.site.told("wait", CallSid=sid)) > 2)
    queue = customer.client.queues.list()[0]
    assert (queue.friendly_name, queue.current_size) == ("mairie", 2)
    assert queue.members.list()[0].call_sid == sid
    assert queue.members("Front").fetch().position == 1
    for one in (phone, other):
        one.do("hangup")


def test_hangup(customer: Customer):
    """Who hangs up while waiting is told as `hangup`, when the call is already over; the answer is not run."""
    phone, _ = waits(customer)
    phone.do("hangup")
    told = customer.site.wait("left")
    assert (told["QueueResult"], told["CallStatus"]) == ("hangup", "completed")
    assert told["QueueSid"].startswith("QU")


def test_leave(customer: Customer):
    """<Leave> is told at once, and the answer is run."""
    customer.site.on(
        "wait", "<Response><Gather numDigits='1' action='out'><Say>Vous attendez</Say></Gather></Response>"
    )
    customer.site.on("out", "<Response><Leave/></Response>")
    phone, _ = waits(customer)
    phone.do("press", digits="1")
    phone.hears("Sorti")
    assert customer.site.wait("left")["QueueResult"] == "leave"
    phone.do("hangup")


def test_redirected(customer: Customer):
    """A REST update takes a call out: `redirected` is told, and the new document is run."""
    phone, sid = waits(customer)
    customer.client.calls(sid).update(twiml="<Response><Say>Ailleurs</Say></Response>")
    phone.hears("Ailleurs")
    assert customer.site.wait("left")["QueueResult"] == "redirected"


def test_member_taken_by_rest(customer: Customer):
    """So does an update of the queue's first member."""
    phone, sid = waits(customer)
    there = customer.site.on("there", "<Response><Say>Pris</Say></Response>")
    queue = customer.client.queues.list()[0]
    assert queue.members("Front").update(url=there).call_sid == sid
    phone.hears("Pris")
    assert customer.site.wait("left")["QueueResult"] == "redirected"


def test_full(customer: Customer):
    """No room: told at once, with no queue's sid."""
    waits(customer)[0]
    phone, sid = dial(customer, enqueue(customer, "maxQueueSize='1'"))
    phone.hears("Sorti")
    told = customer.site.wait("left", CallSid=sid)
    assert told["QueueResult"] == "queue-full"
    assert "QueueSid" not in told


def test_broken_music(customer: Customer):
    """A waitUrl that fails ends the wait with `error`."""
    customer.site.on("wait", ("broken", 500))
    phone, _ = dial(customer, enqueue(customer))
    phone.hears("Sorti")
    assert customer.site.wait("left")["QueueResult"] == "error"


def test_bridged(customer: Customer):
    """An agent's <Dial><Queue> takes the first; the action is asked only when they part."""
    phone, _ = waits(customer)
    agent = dequeue(customer, "<Queue url='whisper'>mairie</Queue>")
    customer.site.on("whisper", "<Response><Say>On vous répond</Say></Response>")
    phone.hears("On vous répond")
    assert customer.site.wait("whisper")["DequeingCallSid"].startswith("CA")

    def talks() -> bool:
        agent.do("say", text="Bonjour")
        return any(one.get("by") for one in phone.look())

    eventually(talks)
    assert not customer.site.told("left")
    agent.do("hangup")
    phone.hears("Sorti")
    told = customer.site.wait("left")
    assert told["QueueResult"] == "bridged"
    assert customer.site.wait("agent-after")["CallStatus"] == "completed"


def test_redirected_from_bridged(customer: Customer):
    """One who is taken away from a talk is told as such, and the agent's call goes on."""
    phone, sid = waits(customer)
    agent = dequeue(customer)
    eventually(lambda: customer.client.queues.list()[0].current_size == 0)

    def talks() -> bool:
        agent.do("say", text="Bonjour")
        return any(one.get("by") for one in phone.look())

    eventually(talks)
    customer.client.calls(sid).update(twiml="<Response><Say>Ailleurs</Say></Response>")
    phone.hears("Ailleurs")
    assert customer.site.wait("left")["QueueResult"] == "redirected-from-bridged"
    assert customer.site.wait("agent-after")["DialCallStatus"] == "answered"


def test_gone_while_being_bridged(customer: Customer):
    """Who hangs up during the agent's announcement is told as `bridging-in-process`."""
    phone, _ = waits(customer)
    customer.site.on("whisper", "<Response><Say>Un instant</Say><Pause length='1000'/></Response>")
    dequeue(customer, "<Queue url='whisper'>mairie</Queue>")
    phone.hears("Un instant")
    phone.do("hangup")
    assert customer.site.wait("left")["QueueResult"] == "bridging-in-process"
    assert customer.site.wait("agent-after")["DialCallStatus"] == "failed"


def test_queues_by_rest(customer: Customer):
    """Queues are made, renamed, resized and deleted by REST."""
    queue = customer.client.queues.create(friendly_name="permanence", max_size=2)
    assert queue.update(friendly_name="accueil", max_size=3).max_size == 3
    assert [one.friendly_name for one in customer.client.queues.list()] == ["accueil"]
    assert queue.delete()
    assert customer.client.queues.list() == []
