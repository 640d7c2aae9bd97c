"""Conferences: who hears whom, each event and its number, and what REST does to those inside."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.carrier.company import Customer, Phone, eventually
from tests.carrier.test_calls import dial

EVENTS = "start end join leave mute hold modify speaker announcement"


def attend(customer: Customer, more: str = "", name: str = "I-1") -> tuple[Phone, str]:
    """A phone that enters a conference."""
    noun = f"<Conference statusCallback='conf' statusCallbackEvent='{EVENTS}' {more}>{name}</Conference>"
    return dial(customer, f"<Response><Dial action='after'>{noun}</Dial><Say>Suite</Say></Response>")


def told(customer: Customer, **facts: str) -> list[str]:
    """The events, in the order of their numbers."""
    forms = customer.site.told("conf", **facts)
    numbers = [int(one["SequenceNumber"]) for one in forms]
    assert numbers == sorted(numbers)
    names = [one["StatusCallbackEvent"].removeprefix("participant-") for one in forms]
    return [one for one in names if not one.startswith("speech")]


def together(customer: Customer, first: str = "", second: str = "") -> tuple[Phone, str, Phone, str]:
    """Two phones in one conference that has begun."""
    one, one_sid = attend(customer, first)
    customer.site.wait("conf", StatusCallbackEvent="participant-join", CallSid=one_sid)
    other, other_sid = attend(customer, second)
    customer.site.wait("conf", StatusCallbackEvent="conference-start")
    return one, one_sid, other, other_sid


def test_a_talk(customer: Customer):
    """The first waits with music; with the second it begins; they hear each other; the events say who did what."""
    customer.site.on("music", "<Response><Say>Patientez</Say></Response>")
    citizen, citizen_sid = attend(customer, "waitUrl='music' endConferenceOnExit='true' participantLabel='citoyen'")
    citizen.hears("Patientez")
    agent, agent_sid = attend(customer)
    customer.site.wait("conf", StatusCallbackEvent="conference-start")
    agent.do("say", text="Bonjour, que puis-je faire ?")
    assert citizen.hears("que puis-je")["kind"] == "speech"
    citizen.do("say", text="Mon dossier")
    agent.hears("Mon dossier")

    citizen.do("hangup")

    end = customer.site.wait("conf", StatusCallbackEvent="conference-end")
    assert told(customer) == ["join", "join", "conference-start", "leave", "leave", "conference-end"]
    assert end["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert (end["CallSidEndingConference"], end["ParticipantLabelEndingConference"]) == (citizen_sid, "citoyen")
    first, second = customer.site.told("conf", StatusCallbackEvent="participant-leave")
    assert (first["ReasonParticipantLeft"], first["ParticipantCallStatus"]) == ("participant_hung_up", "completed")
    assert (second["ReasonParticipantLeft"], second["CallSid"]) == ("moderator_ended_conference", agent_sid)
    assert customer.site.wait("after", CallSid=agent_sid)["DialCallStatus"] == "answered"


def test_agent_leaves(customer: Customer):
    """Without endConferenceOnExit the conference goes on; the last to leave ends it."""
    citizen, _, agent, _ = together(customer)
    agent.do("hangup")
    customer.site.wait("conf", StatusCallbackEvent="participant-leave")
    assert customer.client.conferences.list(friendly_name="I-1", status="in-progress")
    citizen.do("hangup")
    end = customer.site.wait("conf", StatusCallbackEvent="conference-end")
    assert end["ReasonConferenceEnded"] == "last-participant-left"
    assert customer.client.conferences.list(friendly_name="I-1")[0].reason_conference_ended == "last-participant-left"


def test_callback_of_the_first(customer: Customer):
    """Who joins first says what is told and where; what later ones say is ignored."""
    noun = "<Conference statusCallback='first' statusCallbackEvent='join'>I-2</Conference>"
    one, _ = dial(customer, f"<Response><Dial>{noun}</Dial></Response>")
    customer.site.wait("first")
    two, sid = attend(customer, name="I-2")
    assert customer.site.wait("first", CallSid=sid)["StatusCallbackEvent"] == "participant-join"
    one.do("hangup")
    two.do("hangup")
    eventually(lambda: customer.client.conferences.list(friendly_name="I-2", status="completed"))
    assert not customer.site.told("conf")
    assert len(customer.site.told("first")) == 2


def test_mute_and_hold(customer: Customer):
    """REST mutes and holds: unheard; and music instead of the others."""
    citizen, citizen_sid, agent, agent_sid = together(customer)
    room = customer.client.conferences.list(status="in-progress")[0]
    customer.site.on("hold", "<Response><Say>En attente</Say><Pause length='1000'/></Response>")

    assert room.participants(agent_sid).update(muted=True).muted
    agent.do("say", text="inaudible")
    assert room.participants(citizen_sid).update(hold=True, hold_url=f"{customer.site.url}/hold").hold
    citizen.hears("En attente")
    room.participants(agent_sid).update(muted=False)
    agent.do("say", text="pendant l'attente")
    room.participants(citizen_sid).update(hold=False)
    agent.do("say", text="de retour")
    citizen.hears("de retour")

    assert not [one for one in citizen.look() if one.get("text") in ("inaudible", "pendant l'attente")]
    customer.site.wait("conf", StatusCallbackEvent="participant-unhold")
    assert told(customer)[3:] == ["mute", "hold", "unmute", "unhold"]
    assert [one.call_sid for one in room.participants.list(hold=False)] == [citizen_sid, agent_sid]
    assert room.participants.list(muted=True) == []
    citizen.do("hangup")
    agent.do("hangup")


def test_coach(customer: Customer):
    """A coach is heard by one alone."""
    citizen, _, agent, agent_sid = together(customer)
    coach, coach_sid = attend(customer, f"coach='{agent_sid}'")
    customer.site.wait("conf", CallSid=coach_sid, Coaching="true")
    coach.do("say", text="Dites-lui lundi")
    agent.hears("Dites-lui lundi")
    citizen.do("say", text="Alors ?")
    coach.hears("Alors ?")
    assert not [one for one in citizen.look() if one.get("text") == "Dites-lui lundi"]
    room = customer.client.conferences.list(status="in-progress")[0]
    assert room.participants(coach_sid).fetch().call_sid_to_coach == agent_sid
    assert not room.participants(coach_sid).update(coaching=False).coaching
    coach.do("say", text="Je suis là")
    citizen.hears("Je suis là")
    room.update(status="completed")
    customer.site.wait("conf", StatusCallbackEvent="conference-end")


def test_announced_and_ended_by_rest(customer: Customer):
    """An announcement is heard by all; REST ends the conference, and each call goes on with its document."""
    citizen, citizen_sid, agent, _ = together(customer)
    room = customer.client.conferences.list(status="in-progress")[0]
    room.update(announce_url=customer.site.on("announce", "<Response><Say>Dans cinq minutes</Say></Response>"))
    for one in (citizen, agent):
        one.hears("Dans cinq minutes")
    customer.site.wait("conf", StatusCallbackEvent="announcement-end")
    room.update(status="completed")
    assert customer.site.wait("conf", StatusCallbackEvent="conference-end")["ReasonConferenceEnded"] == (
        "conference-ended-via-api"
    )
    leaves = customer.site.told("conf", StatusCallbackEvent="participant-leave")
    assert {one["ReasonParticipantLeft"] for one in leaves} == {"conference_ended_via_api"}
    customer.site.wait("after", CallSid=citizen_sid)
    assert room.participants.list() == []


def test_called_in_by_rest(customer: Customer):
    """REST calls somebody into a conference by its name; the label finds them; DELETE puts them out."""
    citizen, _ = attend(customer)
    customer.site.wait("conf", StatusCallbackEvent="participant-join")
    phone = customer.phone()
    phone.look()
    made = customer.client.conferences("I-1").participants.create(
        from_=customer.number, to=phone.path.rpartition("/")[2], label="expert", early_media=True, beep="false"
    )
    assert made.status in ("queued", "connecting", "ringing")
    phone.event("ringing")
    phone.do("answer")
    customer.site.wait("conf", StatusCallbackEvent="participant-join", ParticipantLabel="expert")
    phone.do("say", text="Je suis l'expert")
    citizen.hears("expert")
    room = customer.client.conferences.list(status="in-progress")[0]
    assert room.participants("expert").fetch().status == "connected"
    assert room.participants("expert").delete()
    phone.event("ended")
    left = customer.site.wait("conf", StatusCallbackEvent="participant-leave", ParticipantLabel="expert")
    assert left["ReasonParticipantLeft"] == "participant_updated_via_api"
    with pytest.raises(TwilioRestException):
        room.participants("expert").fetch()
    citizen.do("hangup")


def test_called_in_vain(customer: Customer):
    """Who does not answer leaves with the status of the call, as not added."""
    citizen, _ = attend(customer)
    customer.site.wait("conf", StatusCallbackEvent="participant-join")
    customer.client.conferences("I-1").participants.create(
        from_=customer.number, to=customer.subscriber(ring="busy"), label="absent"
    )
    left = customer.site.wait("conf", StatusCallbackEvent="participant-leave", ParticipantLabel="absent")
    assert (left["ReasonParticipantLeft"], left["ParticipantCallStatus"]) == ("participant_add_failed", "busy")
    citizen.do("hangup")


def test_redirected_out(customer: Customer):
    """A transfer by REST: one leaves as updated by the API, the other stays."""
    citizen, citizen_sid, agent, _ = together(customer)
    customer.client.calls(citizen_sid).update(twiml="<Response><Say>Transfert</Say><Pause length='1000'/></Response>")
    citizen.hears("Transfert")
    left = customer.site.wait("conf", StatusCallbackEvent="participant-leave")
    assert (left["ReasonParticipantLeft"], left["ParticipantCallStatus"]) == (
        "participant_updated_via_api",
        "in-progress",
    )
    agent.do("hangup")
    citizen.do("hangup")
    customer.site.wait("conf", StatusCallbackEvent="conference-end")


def test_recorded(customer: Customer):
    """A recorded conference tells of one recording, mono, joined on the conference."""
    citizen, _, agent, _ = together(customer, "record='record-from-start' recordingStatusCallback='ready'")
    agent.do("say", text="Bonjour")
    citizen.hears("Bonjour")
    citizen.do("hangup")
    agent.do("hangup")
    ready = customer.site.wait("ready", RecordingStatus="completed")
    assert (ready["RecordingChannels"], ready["RecordingSource"]) == ("1", "Conference")
    assert "CallSid" not in ready
    assert customer.client.recordings.list(conference_sid=ready["ConferenceSid"])
