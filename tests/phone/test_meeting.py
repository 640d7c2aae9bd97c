"""Whoever accepts a call and whoever called meet, in whatever order lines move; where they do not, it is noticed."""

from typing import Any

from sqlalchemy import text

from channels.twilio import calling as twilio
from contact.models import Call, Contact, Outbox
from tests.carrier.company import Phone, eventually
from tests.people import Staff, told
from tests.phone.telephony import Office


def passes_on(office: Office, person: Staff, assignment: dict[str, Any]) -> Staff:
    """The call is given to a colleague, and nothing has been asked of the company yet."""
    colleague = Staff(office.app, "chloe@accueil.example")
    colleague.ready()
    told(
        person.send("POST", f"/assignments/{assignment['id']}/transfer", {"agent_id": str(colleague.id)}),
        204,
    )
    return colleague


def answers(office: Office, person: Staff) -> Phone:
    """The agent is offered the call, accepts, and comes to the line."""
    office.router.step()
    browser = office.browser(person)
    office.connect(browser, person.accept()["interaction_id"])
    eventually(lambda: office.call().agent_id == person.id, "the agent is on the line")
    return browser


def test_a_colleague_comes_before_the_first_has_gone(office: Office, amelie: Staff):
    """The colleague is faster than we take the first agent's leg and the citizen's out of the room: they talk."""
    citizen = office.waits()
    assignment, first = office.talks(amelie, citizen)
    chloe = passes_on(office, amelie, assignment)

    second = answers(office, chloe)
    office.settle()

    office.hear_each_other(second, citizen)
    assert first.event("ended")["status"] == "completed"
    assert (office.call().stage, office.call().agent_id) == ("talking", chloe.id)
    citizen.do("hangup")
    office.settle()
    second.event("ended")


def test_a_colleague_comes_while_the_citizen_is_taken_out(office: Office, amelie: Staff):
    """The citizen's line leaves the room, and with it the room ends, when the colleague is in it: they meet again."""
    citizen = office.waits()
    assignment, first = office.talks(amelie, citizen)
    call = office.call()
    chloe = passes_on(office, amelie, assignment)
    office.change(Outbox, due_at=text("CASE WHEN topic = 'voice.steer' THEN now() + interval '1 hour' ELSE due_at END"))
    office.work_off()
    first.event("ended")
    second = answers(office, chloe)
    office.hear_each_other(second, citizen)

    # What was asked before the colleague came reaches the company now.
    twilio.steer(office.settings, office.account, str(call.provider_id))
    office.settle()

    office.hear_each_other(second, citizen)
    assert (office.call().stage, office.call().agent_id) == ("talking", chloe.id)
    assert [one.state for one in office.rows(Contact, interaction_id=call.interaction_id)] == ["assigned"]
    citizen.do("hangup")
    office.settle()
    second.event("ended")


def test_a_line_that_is_not_where_we_think_is_brought_there(office: Office, amelie: Staff):
    """The citizen still hears music, and nothing told us so: we look, and bring them to the agent."""
    citizen = office.waits()
    office.change(Call, told="conference")
    browser = answers(office, amelie)
    office.settle()
    browser.do("say", text="Il y a quelqu'un ?")

    office.hurry("voice.meet")
    office.settle()

    office.hear_each_other(browser, citizen)
    assert not [one for one in citizen.events if one.get("text") == "Il y a quelqu'un ?"]
    office.hurry("voice.meet")
    office.settle()
    assert {one.state for one in office.rows(Outbox, topic="voice.meet")} == {"done"}
    assert office.call().stage == "talking"
    citizen.do("hangup")


def test_an_agent_whom_nothing_brings_to_the_citizen(office: Office, amelie: Staff):
    """Their leg is gone, and its end has not been told: the citizen waits on with their place, the agent is free."""
    citizen = office.waits()
    browser = answers(office, amelie)
    office.settle()
    citizen.events.clear()
    office.company.admin("faults", delay_seconds=60, webhook={"delay": 1.0})
    browser.do("hangup")
    browser.event("ended")
    office.company.admin("faults", webhook={})

    def is_noticed() -> bool:
        office.hurry("voice.meet")
        office.work_off()
        return office.call().stage == "waiting"

    eventually(is_noticed, "it is noticed")
    office.settle()
    citizen.hears("prochaine")
    assert office.rows(Contact)[-1].state == "waiting"
    assert amelie.get("/me/work")["assignments"] == []
    assert office.said(office.call().ticket_id).count("agent_left") == 1
    citizen.do("hangup")
