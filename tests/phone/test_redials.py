"""Who calls again: the same answer inside the window, their place, and nobody refused twice for our own fault."""

from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.engine import make_url

from contact.models import Admission, Call, Contact, Place
from tests.carrier.company import Phone
from tests.people import Staff, told
from tests.phone.doors import Door, called_back, refused
from tests.phone.telephony import Office


@pytest.fixture
def door(office: Office) -> Door:
    return Door(office)


def again(office: Office, door: Door, citizen: Phone, hears: str) -> Admission:
    """The same citizen calls once more, and hears this; what they were answered."""
    citizen.events.clear()
    office.calls_in(citizen)
    citizen.hears("tapez 1")
    door.tell()
    citizen.do("press", digits="1")
    citizen.hears(hears)
    return office.rows(Admission)[-1]


def took_a_call_back(office: Office, door: Door) -> Phone:
    """Somebody was refused, and is to be called back."""
    citizen = refused(office, door)
    citizen.do("press", digits="1")
    citizen.event("ended")
    office.settle()
    return citizen


def ages(servers: dict[str, str], office: Office, by: timedelta) -> None:
    """All answers so far were given so much earlier."""
    name = make_url(office.settings.database_url or "").database
    with psycopg.connect(servers["admin_url"], dbname=name) as connection:
        connection.execute("UPDATE admission SET decided_at = decided_at - %s, arrived_at = arrived_at - %s", [by, by])


def test_the_same_answer_inside_the_window(office: Office, door: Door):
    """A redial is told that it stands already, has the same way first, one place and one call back."""
    citizen = took_a_call_back(office, door)

    kept = again(office, door, citizen, "déjà enregistrée")
    citizen.do("press", digits="1")
    citizen.event("ended")
    office.settle()

    first, _ = office.rows(Admission)
    assert (kept.rule, kept.is_admitted, kept.offered[0]) == ("sticky", False, "callback")
    assert kept.arrived_at == first.arrived_at
    assert len(office.rows(Place)) == len(office.rows(Contact, channel="voice", state="waiting")) == 1
    assert len(office.rows(Call, direction="outbound")) == 1
    assert len({one.ticket_id for one in office.rows(Call)}) == 1


@pytest.mark.parametrize(("share", "is_admitted"), [(1.0, True), (0.0, False)])
def test_after_the_window(office: Office, door: Door, servers: dict[str, str], share: float, is_admitted: bool):
    """Refused half an hour ago: let in while the share for those lasts, else the same way with the first arrival."""
    citizen = took_a_call_back(office, door)
    ages(servers, office, timedelta(minutes=31))
    (first,) = office.rows(Admission)
    door.shares = share

    kept = again(office, door, citizen, "votre place")

    assert (kept.rule, kept.is_admitted) == ("returning", is_admitted)
    assert is_admitted or kept.arrived_at == first.arrived_at


def test_a_call_back_that_was_not_reached(office: Office, door: Door, amelie: Staff):
    """Who missed our call is let in at once: the way came to nothing, and they return our call."""
    citizen = took_a_call_back(office, door)
    called_back(office, amelie, citizen)
    citizen.do("decline")
    office.settle()
    assert office.call(direction="outbound").outcome == "not_reached"

    kept = again(office, door, citizen, "file")

    assert (kept.rule, kept.is_admitted) == ("exempt", True)
    assert kept.inputs["inputs"]["reasons"] == ["returns_our_call", "alternative_failed"]


def test_who_was_let_in_and_cut_off(office: Office, door: Door):
    """Passes again inside the window, to the place they had."""
    citizen = office.waits()
    citizen.do("hangup")
    office.settle()

    kept = again(office, door, citizen, "retrouvez votre place")

    assert (kept.rule, kept.is_admitted) == ("sticky", True)


def test_somebody_in_danger(office: Office, door: Door):
    """Is told of 112 and let in, whatever the load and the policy."""
    citizen = office.calls_in()
    citizen.hears("tapez 1")
    door.tell()
    citizen.do("say", text="C'est une urgence")
    citizen.hears("composez le 112")
    citizen.hears("file")

    (kept,) = office.rows(Admission)
    assert (kept.rule, kept.inputs["inputs"]["reasons"]) == ("exempt", ["rescue"])


def test_a_supervisors_hand(office: Office, door: Door, servers: dict[str, str]):
    """Closed: told so, not that many call. Lifted, whoever calls again is not held to that answer."""
    chief = Staff(office.app, "sophie@accueil.example")
    path = f"/campaigns/{door.campaign_id}/valve/override"
    order = {"state": "closed", "reason": "Alerte incendie", "minutes": 30}
    standing = told(chief.send("PUT", path, order))
    citizen = office.calls_in()
    citizen.hears("tapez 1")
    citizen.do("press", digits="1")
    citizen.hears("ne pouvons pas prendre votre appel")
    citizen.do("hangup")
    office.settle()
    told(chief.send("DELETE", f"{path}?override_id={standing['id']}"), 204)
    door.shares = 1.0

    kept = again(office, door, citizen, "retrouvez votre place")

    assert (kept.rule, kept.is_admitted) == ("returning", True)
