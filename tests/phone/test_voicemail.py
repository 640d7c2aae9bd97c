"""What is left after the tone is kept, can be listened to, and is answered by a call of ours."""

from contact.models import Call, Interaction, Queue
from tests.carrier.company import Phone, eventually
from tests.people import Staff
from tests.phone.telephony import Office


def finds_no_room(office: Office, **how: str) -> Phone:
    """Somebody calls, chooses, and hears that they may leave a message."""
    citizen = office.calls_in(**how)
    citizen.hears("tapez 1")
    office.company.admin("faults", queue={"next": ["system_error"] * 4})
    citizen.do("press", digits="1")
    citizen.hears("bip")
    return citizen


def leaves_message(office: Office, words: str = "Rappelez-moi", **how: str) -> Phone:
    """They speak after the tone, and hang up."""
    citizen = finds_no_room(office, **how)
    citizen.hears("beep")
    citizen.do("say", text=words)
    citizen.do("hangup")
    office.settle()
    return citizen


def test_the_waiting_room_is_full(office: Office):
    """Whoever finds no room leaves a message, which becomes a ticket that can be listened to."""
    citizen = finds_no_room(office)
    citizen.hears("beep")
    citizen.do("say", text="Rappelez-moi")
    citizen.do("press", digits="#")
    citizen.hears("votre message est enregistré")
    citizen.event("ended")
    office.settle()

    call = office.call(direction="inbound")
    assert (call.stage, call.outcome) == ("ended", "voicemail")
    assert office.said(call.ticket_id)[-3:] == ["voicemail", "call_promised", "place_kept"]
    assert [one.state for one in office.rows(Interaction, id=call.interaction_id)] == ["ended"]
    reader = Staff(office.app, "amelie@accueil.example")
    promised, past = reader.get(f"/tickets/{call.ticket_id}/calls")["items"]
    assert (promised["state"], promised["number"]) == ("promised", citizen.number)
    (recording,) = past["recordings"]
    assert recording["is_ready"]
    answer = reader.client.get(f"/api/v1/tickets/{call.ticket_id}/recordings/{recording['id']}")
    assert (answer.status_code, answer.data[:4]) == (200, b"RIFF")
    left = office.company.session.get(f"{office.company.url}/carrier/admin/recording", timeout=30).json()
    assert [one for one in left if one["account_sid"] == office.sid] == []


def test_a_message_that_the_hang_up_ends(office: Office):
    """Is kept as well: the recording is told when the call is over."""
    office.change(Queue, offer_seconds=20)
    citizen = leaves_message(office)

    call = eventually(lambda: [one for one in office.rows(Call) if one.outcome == "voicemail"])[0]
    assert office.said(call.ticket_id)[-3:] == ["voicemail", "call_promised", "place_kept"]
    assert [one.number for one in office.rows(Call, stage="promised")] == [citizen.number]


def test_a_message_is_answered_by_a_call(office: Office, amelie: Staff):
    """The line said that we call back: an agent is offered it, and is put through."""
    citizen = leaves_message(office)
    eventually(lambda: office.rows(Call, outcome="voicemail"))

    office.router.step()
    assignment = amelie.accept()
    browser = office.comes_to_call(amelie, assignment["interaction_id"])
    office.work_off()
    citizen.event("ringing")
    citizen.do("answer")
    office.hear_each_other(browser, citizen)
    citizen.do("hangup")
    office.settle()


def test_nothing_is_said_after_the_tone(office: Office):
    """No room, and no message either: the conversation is over, and nobody holds it open for ever."""
    citizen = finds_no_room(office)
    citizen.do("hangup")
    office.settle()

    call = eventually(lambda: office.rows(Call, stage="ended"))[0]
    assert call.outcome == "abandoned"
    assert [one.state for one in office.rows(Interaction, id=call.interaction_id)] == ["ended"]


def test_a_message_of_a_withheld_number(office: Office, amelie: Staff):
    """Nobody can be rung, and the line said that we call back: an agent has the ticket, to listen and to see to it."""
    leaves_message(office, "Rappelez-moi au 01 23 45 67 89", withheld="anonymous")
    kept = eventually(lambda: office.rows(Call, outcome="voicemail"))[0]

    office.router.step()
    assignment = amelie.accept()
    office.connect(office.browser(amelie), assignment["interaction_id"])
    office.settle()

    assert assignment["ticket_id"] == str(kept.ticket_id)
    assert amelie.get("/me/work")["assignments"][0]["state"] == "wrapping"
    assert office.call(direction="outbound").outcome == "not_reached"
