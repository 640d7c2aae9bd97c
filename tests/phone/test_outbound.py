"""Calls of ours: from a ticket, one attempt at a time, each proven; and what must never be dialled."""

from urllib.parse import urlencode
from uuid import UUID

import pytest

from config.settings import Settings
from contact.models import Call, Contact, ContactPoint, Outbox
from contact.scope import Scope
from tests.carrier.company import eventually
from tests.people import Staff, refused, told
from tests.phone.telephony import Office


@pytest.fixture
def ticket(office: Office) -> tuple[str, str, str]:
    """Somebody called and hung up in the queue: their ticket, contact point and number."""
    citizen = office.waits()
    citizen.do("hangup")
    citizen.event("ended")
    office.settle()
    call = office.call()
    point = office.rows(ContactPoint, value=citizen.number)[0]
    return str(call.ticket_id), str(point.id), citizen.number


def begin(office: Office, person: Staff, ticket: tuple[str, str, str]):
    """The agent asks for the call and dials in: the browser."""
    call = told(person.send("POST", f"/tickets/{ticket[0]}/calls", {"contact_point_id": ticket[1]}), 201)
    assert (call["direction"], call["state"]) == ("outbound", "promised")
    return call, office.comes_to_call(person, call["interaction_id"])


def test_an_agent_calls_a_citizen(office: Office, amelie: Staff, ticket: tuple[str, str, str]):
    """The agent's line first; then the phone rings with a number of ours, and hears who calls before anybody speaks."""
    call, browser = begin(office, amelie, ticket)
    phone = office.phone(ticket[2])
    phone.look()
    phone.events.clear()

    office.work_off()
    ringing = phone.event("ringing")
    phone.do("answer")
    phone.hears("Bonjour, ici")
    office.hear_each_other(browser, phone)
    told(amelie.send("POST", f"/interactions/{call['interaction_id']}/call/hang-up"), 204)
    office.settle()

    assert ringing["other"] == office.number
    phone.event("ended")
    browser.event("ended")
    assert (office.call().outcome, str(office.call().ticket_id)) == ("talked", ticket[0])
    assert amelie.get("/me/work")["assignments"][0]["state"] == "wrapping"
    ours, missed = amelie.get(f"/tickets/{ticket[0]}/calls")["items"]
    assert (ours["agent_name"], missed["agent_name"]) == ("Amélie Roche", None)


@pytest.mark.parametrize(("manner", "state"), [("busy", "busy"), ("failed", "failed")])
def test_who_cannot_be_reached(office: Office, amelie: Staff, ticket: tuple[str, str, str], manner: str, state: str):
    """Busy or failed: the agent is told, their line ends, they wrap up; the ticket says so."""
    office.company.admin("subscriber", sid=ticket[2], ring=manner)
    _, browser = begin(office, amelie, ticket)

    office.settle()
    browser.event("ended")

    call = office.call()
    assert (call.stage, call.state, call.outcome) == ("ended", state, "not_reached")
    assert office.said(UUID(ticket[0]))[-1] == "call_not_reached"
    assert amelie.get("/me/work")["assignments"][0]["state"] == "wrapping"


@pytest.mark.parametrize("fault", ["drop", "error_500"])
def test_an_attempt_without_an_answer_is_not_made_twice(
    office: Office, amelie: Staff, ticket: tuple[str, str, str], fault: str
):
    """Its answer was lost: its own callback, or a look at the provider's list, says whether the phone rings."""
    _, browser = begin(office, amelie, ticket)
    phone = office.phone(ticket[2])
    office.company.admin("faults", rest={"next": [fault]})

    office.work_off()
    eventually(lambda: office.rows(Outbox, topic="voice.dial")[-1].state != "sending", "its outcome is known")
    if fault == "drop":
        phone.event("ringing")
        office.settle()
        assert office.call().provider_id is not None
        phone.do("decline")
    office.settle()

    assert sum(one["type"] == "ringing" for one in office.phone(ticket[2]).look()) == (fault == "drop")
    assert office.call().outcome == "not_reached"
    browser.event("ended")


def test_a_refused_moment_is_tried_again(office: Office, amelie: Staff, ticket: tuple[str, str, str]):
    """429 was certainly not processed: the phone rings a little later, once."""
    begin(office, amelie, ticket)
    office.company.admin("faults", rest={"next": ["error_429"]})

    office.work_off()
    office.hurry("voice.dial")
    office.work_off()

    phone = office.phone(ticket[2])
    phone.event("ringing")
    phone.do("decline")
    office.settle()
    assert office.call().outcome == "not_reached"


@pytest.mark.parametrize(
    ("number", "reason"), [("+3315", "emergency"), ("112", "emergency"), ("+33000", "not_dialable")]
)
def test_what_is_never_dialled(office: Office, amelie: Staff, ticket: tuple[str, str, str], number: str, reason: str):
    """Numbers of rescue, and what is no subscriber's number: refused, nothing is made."""
    office.database.run(
        Scope(action="test", tenant_id=office.tenant_id),
        lambda session: setattr(session.get_one(ContactPoint, UUID(ticket[1])), "value", number),
    )

    answer = amelie.send("POST", f"/tickets/{ticket[0]}/calls", {"contact_point_id": ticket[1]})

    assert refused(answer, 409, "cannot_call")["facts"] == {"reason": reason}
    assert len(office.rows(Call)) == 1


def test_somebody_elses_number(office: Office, amelie: Staff, ticket: tuple[str, str, str]):
    """Only a number of this ticket's citizen can be called."""
    other = office.waits()
    point = eventually(lambda: office.rows(ContactPoint, value=other.number))[0]

    answer = amelie.send("POST", f"/tickets/{ticket[0]}/calls", {"contact_point_id": str(point.id)})

    assert refused(answer, 409, "cannot_call")["facts"] == {"reason": "no_number"}
    other.do("hangup")


def test_no_room_for_a_second_call(office: Office, amelie: Staff, ticket: tuple[str, str, str]):
    """Whoever is in a call, or about to be, cannot begin another."""
    begin(office, amelie, ticket)

    answer = amelie.send("POST", f"/tickets/{ticket[0]}/calls", {"contact_point_id": ticket[1]})

    assert answer.status_code == 409
    office.settle()
    office.phone(ticket[2]).do("decline")
    office.settle()


def test_a_lost_agent_while_it_rings(office: Office, amelie: Staff, ticket: tuple[str, str, str]):
    """Nobody is left with a phone that rings for nobody: it stops; an agent's own call is not given to others."""
    _, browser = begin(office, amelie, ticket)
    office.work_off()
    phone = office.phone(ticket[2])
    phone.event("ringing")

    browser.do("hangup")
    office.settle()

    phone.event("ended")
    call = office.call()
    assert (call.stage, call.outcome) == ("ended", "not_reached")
    assert office.rows(Contact, interaction_id=call.interaction_id)[0].state == "done"
    assert amelie.get("/me/work")["assignments"] == []


def leaving(tab: str, until: str) -> str:
    """What a page that had it until then says as it goes."""
    return f"/softphone/token?{urlencode({'tab': tab, 'until': until})}"


def test_one_telephone_a_person(office: Office, amelie: Staff, settings: Settings):
    """The second tab is told where it is open, and may take it; the first is then told the same, until the second is
    left. What a page says as it goes counts for what it had: not for another tab, nor for the page after a reload."""
    wish = {"tab": "one"}
    first = told(amelie.send("POST", "/softphone/token", wish))
    assert (first["provider"], first["identity"]) == ("carrier", f"agent_{amelie.id.hex}")
    assert first["url"] == f"{office.company.url}/carrier/client"

    told(amelie.send("POST", "/softphone/token", wish))
    assert (
        "until" in refused(amelie.send("POST", "/softphone/token", {"tab": "two"}), 409, "softphone_elsewhere")["facts"]
    )
    taken = told(amelie.send("POST", "/softphone/token", {"tab": "two", "take": True}))
    reloaded = told(amelie.send("POST", "/softphone/token", {"tab": "two"}))
    for tab, until in (("one", reloaded["leased_until"]), ("two", taken["leased_until"])):
        assert amelie.send("DELETE", leaving(tab, until)).status_code == 204
        refused(amelie.send("POST", "/softphone/token", wish), 409, "softphone_elsewhere")
    assert amelie.send("DELETE", leaving("two", reloaded["leased_until"])).status_code == 204
    told(amelie.send("POST", "/softphone/token", wish))
