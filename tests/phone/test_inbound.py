"""A call from the first ring to the wrap-up, through the company, the web application, the router and a browser."""

import pytest

from channels.twilio import calling as twilio
from config.topics import TOPICS
from contact.models import Call, Contact, Outbox
from contact.services import lines
from tests.carrier.company import eventually
from tests.people import Staff, refused, told
from tests.phone.telephony import Office


def test_a_whole_call_is_one_ticket(office: Office, amelie: Staff):
    """Menu, queue, offer, the browser dials in, talk, goodbye: one ticket, and the agent wraps up."""
    citizen = office.waits()

    assignment, browser = office.talks(amelie, citizen)
    citizen.do("say", text="J'ai une question")
    browser.hears("une question")
    citizen.do("hangup")
    office.settle()
    browser.event("ended")

    (held,) = amelie.get("/me/work")["assignments"]
    assert (held["id"], held["state"], held["channel"]) == (assignment["id"], "wrapping", "voice")
    call = office.call()
    assert (call.stage, call.state, call.outcome, call.number) == ("ended", "completed", "talked", citizen.number)
    assert office.said(call.ticket_id) == ["call_began", "agent_joined", "call_ended"]
    (past,) = amelie.get(f"/tickets/{call.ticket_id}/calls")["items"]
    assert (past["outcome"], past["number"]) == ("talked", citizen.number)


def test_the_agent_hangs_up(office: Office, amelie: Staff):
    """By the button: the citizen's line and the browser's end, the agent wraps up; asked twice, it is the same."""
    citizen = office.waits()
    assignment, browser = office.talks(amelie, citizen)

    for _ in range(2):
        told(amelie.send("POST", f"/interactions/{assignment['interaction_id']}/call/hang-up"), 204)
    office.settle()

    citizen.event("ended")
    browser.event("ended")
    assert office.call().outcome == "talked"
    assert amelie.get("/me/work")["assignments"][0]["state"] == "wrapping"


def test_hold(office: Office, amelie: Staff):
    """On hold the citizen hears music, not the agent; then they talk again. Nobody else may do it."""
    citizen = office.waits()
    assignment, browser = office.talks(amelie, citizen)
    path = f"/interactions/{assignment['interaction_id']}/call/hold"

    assert told(amelie.send("POST", path, {"is_held": True}))["is_held"]
    office.settle()
    citizen.hears("waiting.wav")
    browser.do("say", text="en privé")
    told(amelie.send("POST", path, {"is_held": False}))
    office.settle()
    browser.do("say", text="me revoici")
    citizen.hears("me revoici")

    assert not [one for one in citizen.events if one.get("text") == "en privé"]
    refused(Staff(office.app, "chloe@accueil.example").send("POST", path, {"is_held": True}), 404, "not_found")


def test_a_new_wish_has_tries_of_its_own(office: Office, amelie: Staff):
    """A hold has failed until its last try when the agent hangs up, and that fails once more: the line is hung up."""
    citizen = office.waits()
    assignment, _ = office.talks(amelie, citizen)
    path = f"/interactions/{assignment['interaction_id']}/call"
    office.company.admin("faults", rest={"error_500": 1.0})
    told(amelie.send("POST", f"{path}/hold", {"is_held": True}))
    for _ in range(TOPICS[lines.STEER].attempts - 1):
        office.hurry(lines.STEER)
        office.work_off()
    told(amelie.send("POST", f"{path}/hang-up"), 204)
    office.work_off()
    office.company.admin("faults", rest={})

    office.hurry(lines.STEER)
    office.settle()

    assert [one.state for one in office.rows(Outbox, topic=lines.STEER) if one.state != "done"] == []
    citizen.event("ended")


def test_a_hold_before_the_citizen_is_there(office: Office, amelie: Staff):
    """Asked while the citizen is still on their way into the room: they hear music as soon as they can be held."""
    citizen = office.waits()
    office.router.step()
    assignment = amelie.accept()
    browser = office.browser(amelie)
    office.connect(browser, assignment["interaction_id"])
    eventually(lambda: office.call().stage == "talking", "the agent is on the line")
    path = f"/interactions/{assignment['interaction_id']}/call/hold"
    told(amelie.send("POST", path, {"is_held": True}))
    citizen.events.clear()
    # Their line is told where to go a while after we have asked for it.
    office.company.admin("faults", delay_seconds=40, webhook={"delay": 1.0})

    eventually(lambda: not office.work_off(), "all is tried")
    assert not office.call().told_held
    office.company.admin("faults", webhook={})
    legs, room = (office.call().provider_id, office.call().agent_leg), f"I-{assignment['interaction_id']}"
    eventually(lambda: twilio.are_together(office.settings, office.account, room, legs), "they are in the room")
    office.hurry("voice.steer")
    office.settle()

    citizen.hears("waiting.wav")
    browser.do("say", text="en privé")
    told(amelie.send("POST", path, {"is_held": False}))
    office.settle()
    browser.do("say", text="me revoici")
    citizen.hears("me revoici")
    assert not [one for one in citizen.events if one.get("text") == "en privé"]


def test_speech_and_another_language(office: Office):
    """The topic may be said; with 9 the menu, the wait and the ticket go on in English."""
    citizen = office.calls_in()
    citizen.hears("press 9")
    citizen.do("press", digits="9")
    citizen.hears("press 1")

    citizen.do("say", text="income tax")

    citizen.hears("in line")
    assert (office.ticket().language, office.ticket().subject) == ("en", "Income declaration")


def test_silence_leads_to_a_person(office: Office):
    """Two retries, then a person: nobody stays in a menu for want of keys."""
    citizen = office.calls_in()

    citizen.hears("rien entendu")
    citizen.hears("rien entendu")
    citizen.hears("Un agent va vous répondre")
    citizen.hears("file")

    assert office.call().stage == "waiting"


@pytest.mark.parametrize("how", ["anonymous", "restricted", "blocked", "unknown"])
def test_withheld_numbers(office: Office, how: str):
    """Spelled numbers are no subscribers abroad: no number, no identity; each call is a matter of its own."""
    for _ in range(2):
        citizen = office.calls_in(withheld=how)
        citizen.hears("tapez 1")
        citizen.do("press", digits="1")
        citizen.hears("file")
        citizen.do("hangup")
        citizen.event("ended")

    office.settle()
    calls = office.rows(Call)
    assert [call.number for call in calls] == [None, None]
    assert len({call.ticket_id for call in calls}) == 2


def test_a_hang_up_in_the_menu(office: Office):
    """Is a call that ended there, and no ticket."""
    citizen = office.calls_in()
    citizen.hears("tapez 1")
    citizen.do("hangup")
    office.settle()

    call = eventually(lambda: [one for one in office.rows(Call) if one.stage == "ended"])[0]
    assert (call.outcome, call.ticket_id) == ("left_menu", None)


def test_who_is_cut_off_finds_the_same_place(office: Office):
    """A hang-up in the queue is a ticket that says so; calling again leads into it, and to the first arrival."""
    first = office.waits()
    other = office.waits()
    first.do("hangup")
    first.event("ended")
    office.settle()
    ticket = office.rows(Call, number=first.number)[0].ticket_id
    assert office.said(ticket) == ["call_began", "call_abandoned"]

    first.events.clear()
    again = office.calls_in(first)
    again.hears("tapez 1")
    again.do("press", digits="1")
    again.hears("retrouvez votre place")
    again.hears("prochaine")

    calls = office.rows(Call, number=first.number)
    assert [call.outcome for call in calls] == ["abandoned", None]
    assert {call.ticket_id for call in calls} == {ticket}
    contacts = {one.interaction_id: one for one in office.rows(Contact)}
    assert contacts[calls[0].interaction_id].enqueued_at == contacts[calls[1].interaction_id].enqueued_at
    other.do("hangup")


def test_an_agent_is_lost(office: Office, amelie: Staff):
    """The browser's leg breaks: the citizen waits on, with music and place, and is offered again."""
    citizen = office.waits()
    assignment, browser = office.talks(amelie, citizen)
    key = office.rows(Contact)[-1].key_at
    citizen.events.clear()

    browser.do("hangup")
    office.settle()

    citizen.hears("prochaine")
    contact = office.rows(Contact)[-1]
    assert (contact.state, contact.key_at) == ("waiting", key)
    _, browser = office.talks(amelie, citizen)
    citizen.do("hangup")
    office.settle()
    browser.event("ended")
    assert office.call().outcome == "talked"
    assert "agent_left" in office.said(office.call().ticket_id)
    assert assignment["id"] != amelie.get("/me/work")["assignments"][0]["id"]


def test_an_agent_who_does_not_come(office: Office, amelie: Staff):
    """Who accepts and is not on the line in time has missed the call; after two they rest, and it waits on."""
    citizen = office.waits()

    for _ in range(2):
        office.router.step()
        assert amelie.accept()["state"] == "connecting"
        office.hurry("voice.dial_in")
        office.settle()

    presence = amelie.get("/me/work")["presence"]
    assert (presence["state"], presence["reason"]) == ("resting", "unreachable")
    call = office.call()
    assert [one.state for one in office.rows(Contact, interaction_id=call.interaction_id)] == ["waiting"]
    assert call.stage == "waiting"
    citizen.do("hangup")


def test_a_transfer_to_a_colleague(office: Office, amelie: Staff):
    """Cold: the citizen hears music again, the first agent is free, and the colleague's conference is the next."""
    chloe = Staff(office.app, "chloe@accueil.example")
    citizen = office.waits()
    assignment, browser = office.talks(amelie, citizen)

    target = {"agent_id": str(chloe.id), "note": "À rappeler"}
    told(amelie.send("POST", f"/assignments/{assignment['id']}/transfer", target), 204)
    office.settle()
    browser.event("ended")
    citizen.hears("waiting.wav")
    chloe.ready()
    second, other = office.talks(chloe, citizen)

    assert second["ticket_id"] == assignment["ticket_id"]
    assert amelie.get("/me/work")["assignments"] == []
    citizen.do("hangup")
    office.settle()
    other.event("ended")


def test_two_answers_to_one_call(office: Office, amelie: Staff):
    """A second tab takes the conversation over: the first leg is dropped, the citizen stays."""
    citizen = office.waits()
    assignment, first = office.talks(amelie, citizen)

    before = office.call().agent_leg
    second = office.browser(amelie)
    leg = second.do("connect", params={"interaction": assignment["interaction_id"]})["call"]
    eventually(lambda: office.call().agent_leg == leg, "the second is on the line")
    office.settle()

    ended = first.event("ended")
    assert (ended["call"], ended["status"]) == (before, "completed")
    office.hear_each_other(second, citizen)
    assert (office.call().stage, office.call().agent_leg) == ("talking", leg)


def test_a_browser_gets_no_conversation_but_its_own(office: Office, amelie: Staff):
    """Whatever it asks for: a colleague's, none, another number; it is told so and hung up."""
    citizen = office.waits()
    assignment, _ = office.talks(amelie, citizen)
    chloe = office.browser(Staff(office.app, "chloe@accueil.example"))

    for asked in ({"interaction": assignment["interaction_id"]}, {}, {"To": office.number, "interaction": "x"}):
        chloe.do("connect", params=asked)
        chloe.hears("Aucune conversation")
        chloe.event("ended")

    assert office.call().agent_id == amelie.id
    assert office.call().stage == "talking"
