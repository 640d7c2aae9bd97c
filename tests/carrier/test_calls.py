"""Calls: a person dials, hears, presses, speaks, waits, is taken; the site is asked as Twilio asks it."""

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.carrier.company import Customer, Phone


def dial(customer: Customer, document: object, **facts: object) -> tuple[Phone, str]:
    """A phone that calls the customer, whose /voice answers *document*; and the call's sid."""
    customer.site.on("voice", document)
    phone = customer.phone()
    phone.look()
    return phone, phone.do("call", to=customer.number, **facts)["call"]


def test_answered_and_hung_up(customer: Customer):
    """The first request says ringing; the phone hears what is said; the end is told with its length."""
    customer.add(customer.number, status_callback=f"{customer.site.url}/status")
    phone, sid = dial(
        customer, "<Response><Say language='fr-FR'>Bienvenue à la mairie.</Say><Pause length='60'/></Response>"
    )

    heard = phone.hears("Bienvenue")
    assert (heard["kind"], heard["language"]) == ("say", "fr-FR")
    first = customer.site.wait("voice")
    assert (first["CallStatus"], first["Direction"], first["CallSid"]) == ("ringing", "inbound", sid)
    assert first["From"] == first["Caller"] == phone.path.rpartition("/")[2]
    phone.do("hangup")

    told = customer.site.wait("status")
    assert (told["CallStatus"], told["CallbackSource"]) == ("completed", "call-progress-events")
    assert int(told["CallDuration"]) >= 0
    assert phone.event("ended")["status"] == "completed"
    assert customer.client.calls(sid).fetch().status == "completed"


def test_document_ends_the_call(customer: Customer):
    """When nothing is left to run, the company hangs up."""
    phone, _ = dial(customer, "<Response><Say>Au revoir</Say></Response>")
    phone.hears("Au revoir")
    assert phone.event("ended")["status"] == "completed"


def test_keys_while_it_speaks(customer: Customer):
    """A key cuts the prompt short and goes to the action with what was pressed."""
    document = (
        "<Response><Gather numDigits='1' action='menu?a=é&amp;b=%20'><Say>Pour les impôts, tapez 1</Say>"
        "<Pause length='100'/></Gather></Response>"
    )
    customer.site.on("menu", "<Response><Say>Impôts</Say><Hangup/></Response>")
    phone, _ = dial(customer, document)
    phone.hears("tapez 1")
    phone.do("press", digits="1")
    phone.hears("Impôts")
    told = customer.site.wait("menu")
    assert (told["Digits"], told["CallStatus"], told["msg"]) == ("1", "in-progress", "Gather End")


def test_spoken(customer: Customer):
    """Typed speech comes capitalised and with a full stop, as recognition writes it."""
    document = (
        "<Response><Gather input='dtmf speech' language='fr-FR' action='menu'><Say>Dites</Say></Gather></Response>"
    )
    phone, _ = dial(customer, document)
    phone.hears("Dites")
    phone.do("say", text="ma déclaration")
    told = customer.site.wait("menu")
    assert (told["SpeechResult"], told["Language"]) == ("Ma déclaration.", "fr-FR")
    assert 0 < float(told["Confidence"]) <= 1


def test_silence(customer: Customer):
    """Silence falls through to the next verb, or goes to the action where that is asked for; # ends the digits."""
    phone, _ = dial(customer, "<Response><Gather timeout='1'/><Say>Rien</Say></Response>")
    phone.hears("Rien")

    customer.site.on("empty", "<Response><Say>Vide</Say></Response>")
    phone, _ = dial(
        customer, "<Response><Gather timeout='1' actionOnEmptyResult='true' action='empty'/><Say>Rien</Say></Response>"
    )
    phone.hears("Vide")
    assert customer.site.wait("empty")["Digits"] == ""

    phone, _ = dial(customer, "<Response><Gather action='code'><Say>Code</Say></Gather></Response>")
    phone.hears("Code")
    phone.do("press", digits="42#")
    told = customer.site.wait("code")
    assert (told["Digits"], told["FinishedOnKey"]) == ("42", "#")


def test_withheld(customer: Customer):
    """Who hides the number is the word on a keypad, as it is in life; nobody's number is told."""
    phone, sid = dial(customer, "<Response><Say>Oui</Say></Response>", withheld="anonymous")
    phone.hears("Oui")
    told = customer.site.wait("voice", CallSid=sid)
    assert told["From"] == "+266696687"
    assert phone.path.rpartition("/")[2] not in told.values()


def test_rejected(customer: Customer):
    """<Reject> ends a call that was never answered."""
    for reason, status in (("busy", "busy"), ("rejected", "no-answer")):
        phone, sid = dial(customer, f"<Response><Reject reason='{reason}'/></Response>")
        assert phone.event("ended")["status"] == status
        assert customer.client.calls(sid).fetch().start_time is None


def test_redirected_by_rest(customer: Customer):
    """A live call runs what REST gives it; one that is over answers 21220."""
    phone, sid = dial(customer, "<Response><Say>Un</Say><Pause length='1000'/></Response>")
    phone.hears("Un")

    customer.client.calls(sid).update(twiml="<Response><Say>Deux</Say><Pause length='1000'/></Response>")
    phone.hears("Deux")
    customer.client.calls(sid).update(url=customer.site.on("three", "<Response><Say>Trois</Say></Response>"))
    phone.hears("Trois")

    phone.event("ended")
    with pytest.raises(TwilioRestException) as refused:
        customer.client.calls(sid).update(twiml="<Response/>")
    assert refused.value.code == 21220
    assert customer.client.calls(sid).update(status="completed").status == "completed"


def test_completed_by_rest(customer: Customer):
    """REST hangs up."""
    phone, sid = dial(customer, "<Response><Say>Un</Say><Pause length='1000'/></Response>")
    phone.hears("Un")
    assert customer.client.calls(sid).update(status="completed").status == "completed"
    phone.event("ended")


def test_fallback(customer: Customer):
    """When the site fails, the fallback is asked, and told why; without one, the caller hears an apology."""
    customer.site.on("voice", ("broken", 500))
    phone = customer.phone()
    phone.do("call", to=customer.number)
    phone.hears("application error")

    fallback = customer.site.on("fallback", "<Response><Say>Un instant</Say></Response>")
    customer.add(customer.number, voice_fallback_url=fallback)
    phone, _ = dial(customer, "<Response><Say>not closed</Response>")
    phone.hears("Un instant")
    told = customer.site.wait("fallback")
    assert (told["ErrorCode"], told["ErrorUrl"]) == ("12100", f"{customer.site.url}/voice")


def test_voicemail(customer: Customer):
    """What is said after the beep is a recording: told, kept for who has the password, with its words, deletable."""
    document = (
        "<Response><Record maxLength='60' timeout='5' finishOnKey='#' action='after' recordingStatusCallback='ready'"
        " transcribe='true' transcribeCallback='words'/></Response>"
    )
    customer.site.on("after", "<Response><Say>Merci</Say></Response>")
    phone, sid = dial(customer, document)
    phone.hears("beep")
    phone.do("say", text="Rappelez-moi demain")
    phone.do("press", digits="#")
    phone.hears("Merci")

    told = customer.site.wait("ready")
    assert (told["RecordingStatus"], told["CallSid"], told["RecordingChannels"]) == ("completed", sid, "1")
    assert "From" not in told
    assert customer.site.wait("after")["Digits"] == "#"
    assert customer.site.wait("words")["TranscriptionText"] == "Rappelez-moi demain"
    sound = customer.company.session.get(told["RecordingUrl"] + ".wav", auth=(customer.sid, customer.token), timeout=30)
    assert sound.content.startswith(b"RIFF")
    assert b"Rappelez-moi demain" in sound.content
    assert customer.client.recordings.list(call_sid=sid)[0].delete()


def test_voicemail_cut_off(customer: Customer):
    """Who hangs up while recording has left a message; who says nothing has left none."""
    document = "<Response><Record action='after' recordingStatusCallback='ready'/><Say>Silence</Say></Response>"
    phone, _ = dial(customer, document)
    phone.hears("beep")
    phone.do("say", text="Allô")
    phone.do("hangup")
    assert customer.site.wait("after")["Digits"] == "hangup"

    phone, _ = dial(customer, document)
    phone.hears("Silence")
    assert len(customer.site.told("after")) == 1


def test_sent_from_a_call(customer: Customer):
    """<Sms> in a call texts the caller."""
    phone, _ = dial(customer, "<Response><Sms>Le lien</Sms><Say>Envoyé</Say></Response>")
    assert phone.event("sms")["body"] == "Le lien"
