"""An attempt of ours to ring somebody: proven, looked up, given up, made again; and one live attempt a number."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text

from channels import calling
from contact import jobs
from contact.models import Call, CarrierAccount, ContactPoint, Outbox
from contact.scope import Scope
from contact.services import dialling
from contact.services.work_rows import Claim
from tests.carrier.company import Phone, digits
from tests.people import Staff, told
from tests.phone.telephony import Office
from tests.races import Meanwhile, until_blocked


@pytest.fixture
def patient(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An outcome that nobody knows is waited for, as in life."""
    monkeypatch.setenv("UNKNOWN_OUTCOME_SECONDS", "90")
    jobs._house.cache_clear()
    yield
    jobs.house().database.engine.dispose()


def missed(office: Office, phone: Phone) -> Call:
    """Somebody called whom only the end of their call told of: the call back that they were promised."""
    told_of = {"CallSid": "CA" + digits(32), "CallStatus": "completed", "SequenceNumber": "0", "CallDuration": "12"}
    office.is_told("state", {"To": office.number, "From": phone.number, **told_of})
    return office.call(stage="promised", number=phone.number)


def takes(office: Office, person: Staff, call: Call) -> Phone:
    """The agent is offered the promised call and comes to the line: the browser."""
    office.router.step()
    assert person.accept()["interaction_id"] == str(call.interaction_id)
    return office.comes_to_call(person, call.interaction_id)


def begins(office: Office, person: Staff, phone: Phone) -> Call:
    """The agent calls from the ticket of somebody who had hung up in the queue."""
    office.waits(phone)
    phone.do("hangup")
    phone.event("ended")
    office.settle()
    return calls_back(office, person, phone)


def calls_back(office: Office, person: Staff, phone: Phone) -> Call:
    """The agent calls from the ticket of somebody who has called."""
    point = office.rows(ContactPoint, value=phone.number)[0]
    ticket_id = office.call(number=phone.number).ticket_id
    made = told(person.send("POST", f"/tickets/{ticket_id}/calls", {"contact_point_id": str(point.id)}), 201)
    return office.call(id=UUID(made["id"]))


def dial(office: Office) -> Outbox:
    """The last row that dials."""
    return office.rows(Outbox, topic="voice.dial")[-1]


def test_a_promise_is_dialled_again(office: Office, amelie: Staff):
    """The agent is lost while it rings: the next attempt is a new one, and what is told of the old one is not its."""
    phone = office.phone()
    call = missed(office, phone)
    browser = takes(office, amelie, call)
    office.work_off()
    phone.event("ringing")
    browser.do("hangup")
    office.settle()
    phone.event("ended")
    assert office.call(id=call.id).stage == "promised"

    browser = takes(office, amelie, call)
    office.work_off()
    phone.event("ringing")
    office.settle()
    assert (office.call(id=call.id).stage, office.call(id=call.id).state) == ("calling", "ringing")
    phone.do("answer")
    office.hear_each_other(browser, phone)
    phone.do("hangup")
    office.settle()

    assert office.call(id=call.id).outcome == "talked"


def test_the_leg_of_an_earlier_attempt_is_not_adopted(office: Office, amelie: Staff):
    """A second attempt that was never made is not taken for the first one, which was hung up."""
    phone = office.phone()
    call = missed(office, phone)
    browser = takes(office, amelie, call)
    office.work_off()
    phone.event("ringing")
    browser.do("hangup")
    office.settle()
    phone.event("ended")

    takes(office, amelie, call)
    office.company.admin("faults", rest={"next": ["error_500"]})
    office.settle()

    assert (office.call(id=call.id).provider_id, office.call(id=call.id).outcome) == (None, "not_reached")


@pytest.mark.usefixtures("patient")
def test_a_proven_attempt_holds_nothing_back(office: Office, amelie: Staff):
    """Its answer was lost, its own report tells of it: what is asked of the line next is done at once."""
    phone = office.phone()
    call = begins(office, amelie, phone)
    office.comes_to_call(amelie, call.interaction_id)
    office.company.admin("faults", rest={"next": ["drop"]})
    office.work_off()
    phone.event("ringing")
    phone.do("answer")
    phone.hears("Bonjour, ici")

    told(amelie.send("POST", f"/interactions/{call.interaction_id}/call/hang-up"), 204)
    office.settle()

    assert dial(office).state == "done"
    assert office.rows(Outbox, topic="voice.steer")[-1].state == "done"
    phone.event("ended")


@pytest.mark.usefixtures("patient")
def test_a_leg_that_is_heard_of_too_late_stops_ringing(office: Office, amelie: Staff):
    """The answer was lost and the agent gave up: as soon as its report names the leg, it is hung up."""
    phone = office.phone()
    call = begins(office, amelie, phone)
    office.comes_to_call(amelie, call.interaction_id)
    office.company.admin("faults", rest={"next": ["drop"]}, delay_seconds=40, webhook={"delay": 1.0})
    office.work_off()
    leg = phone.event("ringing")["call"]
    assert office.call(id=call.id).provider_id is None
    told(amelie.send("POST", f"/interactions/{call.interaction_id}/call/hang-up"), 204)
    assert office.call(id=call.id).stage == "ended"

    for _ in range(2):
        office.is_told(f"state/{call.id.hex}-1", {"CallSid": leg, "CallStatus": "ringing", "SequenceNumber": "1"})
    office.settle()

    dropped = [(one.ids["leg"], one.state) for one in office.rows(Outbox, topic="voice.drop")]
    assert dropped.count((leg, "done")) == 1
    assert dial(office).state == "done"
    assert phone.event("ended")["call"] == leg


def test_a_look_up_that_cannot_be_asked_is_no_new_attempt(office: Office, amelie: Staff):
    """Nobody knows whether it was made, and the list cannot be read: it is looked at again, nobody is rung blindly."""
    phone = office.phone()
    call = begins(office, amelie, phone)
    office.comes_to_call(amelie, call.interaction_id)
    office.company.admin("faults", rest={"error_500": 1.0})

    for _ in range(2):
        office.work_off()
    assert (dial(office).state, dial(office).empty_look_ups) == ("looking_up", 1)
    office.settle()

    assert (dial(office).state, dial(office).attempt) == ("outcome_unknown", 1)
    assert office.call(id=call.id).outcome == "not_reached"
    assert not [one for one in phone.look() if one["type"] == "ringing"]


def test_a_look_up_begins_where_the_attempt_did(office: Office, amelie: Staff):
    """However late it is: from when the row was claimed."""
    call = begins(office, amelie, office.phone())
    office.comes_to_call(amelie, call.interaction_id)
    office.change(Outbox, claimed_at=text("now() - interval '10 minutes'"))

    _, plan = planned(office)

    assert plan.since == dial(office).claimed_at


def planned(office: Office) -> tuple[Claim, dialling.Plan]:
    """What the last row dials."""
    row = dial(office)
    claim = Claim(row.id, row.topic, row.tenant_id, row.attempt, row.ids)
    plan = office.database.run(
        Scope(action="test", tenant_id=office.tenant_id), lambda session: dialling.plan(session, claim)
    )
    assert plan is not None
    return claim, plan


def test_who_looks_in_vain_stands_in_nobodys_way(office: Office, amelie: Staff, root: psycopg.Connection):
    """Whoever hears of the call meanwhile holds it and settles its row next: the last look takes both in this order."""
    call = begins(office, amelie, office.phone())
    office.comes_to_call(amelie, call.interaction_id)
    office.change(Outbox, state="looking_up", claimed_at=text("now()"))
    claim, plan = planned(office)
    root.execute("SELECT id FROM call WHERE id = %s FOR NO KEY UPDATE", [call.id])

    gives_up = Meanwhile(lambda: calling._not_found(jobs.house(), claim, plan, "not_found", 1))

    until_blocked(root)
    root.execute("SELECT id FROM outbox WHERE id = %s FOR NO KEY UPDATE NOWAIT", [claim.outbox_id])
    root.rollback()
    gives_up.result()
    assert (dial(office).state, office.call(id=call.id).outcome) == ("outcome_unknown", "not_reached")


def test_an_account_that_is_switched_off(office: Office, amelie: Staff):
    """Nothing can be dialled any more: after a few tries the agent is told, and no row goes on for ever."""
    phone = office.phone()
    call = begins(office, amelie, phone)
    office.comes_to_call(amelie, call.interaction_id)
    office.change(CarrierAccount, disabled_at=text("now()"))

    for _ in range(3):
        office.hurry("voice.dial")
        office.work_off()

    assert (dial(office).state, dial(office).failure) == ("failed", "account_off")
    assert (office.call(id=call.id).stage, office.call(id=call.id).outcome) == ("ended", "not_reached")
    office.change(CarrierAccount, disabled_at=None)


def never_dialled(office: Office, call: Call) -> dict[str, Any]:
    """What stands of a call whose number was in a call with us."""
    found = office.call(id=call.id)
    return {"stage": found.stage, "state": found.state, "outcome": found.outcome, "leg": found.provider_id}


BUSY = {"stage": "ended", "state": "busy", "outcome": "not_reached", "leg": None}


def test_who_calls_us_is_not_rung(office: Office, amelie: Staff):
    """Between the agent's wish and our dialling the citizen called: their line is busy, with us."""
    phone = office.phone()
    call = begins(office, amelie, phone)
    office.comes_to_call(amelie, call.interaction_id)
    office.calls_in(phone)
    phone.hears("tapez 1")

    office.settle()

    assert never_dialled(office, call) == BUSY
    phone.do("hangup")


def test_one_attempt_a_number(office: Office, amelie: Staff):
    """A promised call and an agent's own, both to be dialled now: one rings, the other hears that it is busy."""
    chloe = Staff(office.app, "chloe@accueil.example")
    phone = office.phone()
    browser = takes(office, amelie, missed(office, phone))
    own = calls_back(office, chloe, phone)
    office.comes_to_call(chloe, own.interaction_id)

    office.work_off()
    phone.event("ringing")
    office.settle()

    assert never_dialled(office, own) == BUSY
    phone.do("answer")
    office.hear_each_other(browser, phone)
    phone.do("hangup")
    office.settle()


def test_a_missed_call_has_its_end(office: Office):
    """As every call that is over."""
    missed(office, office.phone())

    assert [call.ended_at is not None for call in office.rows(Call, outcome="missed")] == [True]
