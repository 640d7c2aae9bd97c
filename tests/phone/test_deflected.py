"""Callers who are not let in: told why, offered another way, and never lost."""

import pytest

from contact.domain.phones import spoken
from contact.models import Admission, Call, Contact, Interaction, Message, Place
from routing.admission import Limits
from tests.carrier.company import eventually
from tests.people import Staff
from tests.phone.doors import Door, called_back, refused
from tests.phone.telephony import Office


@pytest.fixture
def door(office: Office) -> Door:
    return Door(office)


def test_a_call_back_in_their_place(office: Office, door: Door, amelie: Staff):
    """Who may not come in takes a call back: a ticket, a place, and a call of ours that waits from their arrival."""
    citizen = refused(office, door)
    citizen.hears("vous rappeler à votre tour, du 01 8")
    citizen.do("press", digits="1")
    citizen.hears("nous vous rappellerons à votre tour")
    citizen.event("ended")
    office.settle()

    call, promised = office.call(direction="inbound"), office.call(direction="outbound")
    (kept,) = office.rows(Admission)
    assert (call.stage, call.outcome, call.ticket_id) == ("ended", "deflected", promised.ticket_id)
    assert (kept.is_admitted, kept.rule, kept.taken, kept.policy_number) == (False, "bucket", "callback", 1)
    assert kept.offered == ["callback", "voicemail"]
    (place,) = office.rows(Place)
    (contact,) = office.rows(Contact, ticket_id=call.ticket_id)
    assert (contact.interaction_id, contact.place_id) == (promised.interaction_id, place.id)
    assert [one.state for one in office.rows(Interaction, id=call.interaction_id)] == ["ended"]
    assert office.said(call.ticket_id) == ["call_deflected", "call_promised", "place_kept"]


def test_the_number_is_sent_by_text(office: Office, door: Door):
    """A mobile is told which number will call, once; nobody waits in that thread."""
    office.takes_texts()
    citizen = refused(office, door)
    citizen.do("press", digits="1")
    citizen.event("ended")
    office.settle()

    call = office.call(direction="inbound")
    (sent,) = office.rows(Message, ticket_id=call.ticket_id, code="sms_callback")
    assert (sent.state, spoken(office.number) in sent.body) == ("sent", True)
    assert {one.state for one in office.rows(Interaction, ticket_id=call.ticket_id, channel="sms")} == {"ended"}
    assert office.rows(Contact, ticket_id=call.ticket_id, channel="sms") == []


def test_who_is_called_back(office: Office, door: Door, amelie: Staff):
    """The call back is offered like any other, rings at the citizen's, and they talk."""
    citizen = refused(office, door)
    citizen.do("press", digits="1")
    citizen.event("ended")
    office.settle()

    browser = called_back(office, amelie, citizen)
    citizen.do("answer")
    office.hear_each_other(browser, citizen)
    citizen.do("hangup")
    office.settle()

    assert office.call(direction="outbound").outcome == "talked"


def test_a_message_instead(office: Office, door: Door):
    """What is said after the tone is the way that was taken, in the ticket that there is already."""
    citizen = refused(office, door)
    citizen.do("press", digits="2")
    citizen.hears("beep")
    citizen.do("say", text="C'est au sujet de ma déclaration")
    citizen.do("press", digits="#")
    citizen.hears("votre message est enregistré")
    office.settle()

    call = office.call(direction="inbound")
    assert call.outcome == "voicemail"
    assert [one.taken for one in office.rows(Admission)] == ["voicemail"]
    assert office.said(call.ticket_id)[:2] == ["call_deflected", "voicemail"]
    assert len({one.ticket_id for one in office.rows(Call)}) == 1


@pytest.mark.parametrize("way", ["at the offer", "after the tone"])
def test_nobody_is_lost(office: Office, door: Door, way: str):
    """Who hangs up without taking anything has a ticket that says so, and nothing of it waits for anybody."""
    citizen = refused(office, door)
    if way == "after the tone":
        citizen.do("press", digits="2")
        citizen.hears("beep")
    citizen.do("hangup")
    office.settle()

    call = eventually(lambda: [one for one in office.rows(Call) if one.stage == "ended"])[0]
    assert call.outcome == "not_taken"
    assert office.ticket().state == "new"
    assert office.rows(Contact, ticket_id=call.ticket_id) == []
    assert [one.state for one in office.rows(Interaction, id=call.interaction_id)] == ["ended"]
    assert [one.taken for one in office.rows(Admission)] == [None]


def test_by_voice_and_again(office: Office, door: Door):
    """The offer can be heard again and answered in words; what is not understood is asked again."""
    citizen = refused(office, door)
    citizen.do("press", digits="*")
    citizen.hears("Beaucoup de personnes appellent")
    citizen.do("say", text="Bonjour")
    citizen.hears("Je n'ai pas compris")
    citizen.do("say", text="Il y a une urgence")
    citizen.hears("composez le 112")

    citizen.do("say", text="Rappelez-moi s'il vous plaît")

    citizen.hears("nous vous rappellerons à votre tour")


def test_silence_is_called_back(office: Office, door: Door):
    """Who says nothing at all is called back: nobody is lost for want of keys."""
    citizen = refused(office, door)

    citizen.hears("rien entendu")
    citizen.hears("nous vous rappellerons à votre tour")
    citizen.event("ended")

    assert [one.taken for one in office.rows(Admission)] == ["callback"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [({"number": "+33180112233"}, ["callback", "voicemail"]), ({"number": "+3222345678"}, ["voicemail"])],
)
def test_each_line_has_what_it_can_use(office: Office, door: Door, line: dict[str, str], offered: list[str]):
    """Nobody is called back abroad."""
    refused(office, door, office.phone(line["number"])).do("hangup")
    office.settle()

    assert [one.offered for one in office.rows(Admission)] == [offered]


def test_a_withheld_number(office: Office, door: Door):
    """Nobody can call it back: a message, and the number is asked for in it."""
    citizen = refused(office, door, withheld="anonymous")
    citizen.do("press", digits="1")
    citizen.hears("avec votre nom et votre numéro")
    citizen.hears("beep")
    citizen.do("hangup")
    office.settle()

    assert [one.offered for one in office.rows(Admission)] == [["voicemail"]]


def test_who_is_let_in(office: Office, door: Door):
    """A call within the pace waits as ever; the rule that let it in is kept, and nothing was offered."""
    citizen = office.calls_in()
    citizen.hears("tapez 1")
    door.tell(Limits(1.0, 5.0))
    citizen.do("press", digits="1")
    citizen.hears("file")

    (kept,) = office.rows(Admission)
    assert (kept.is_admitted, kept.rule, kept.offered, kept.taken) == (True, "floor", [], None)
    assert kept.inputs["inputs"]["bucket"]["source"] == "shared"
