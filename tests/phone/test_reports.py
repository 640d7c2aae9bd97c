"""What a telephone company tells may come twice, late, overtaken, forged, or not at all: each call stays one matter."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from structlog.testing import capture_logs

from channels import catching_up
from channels.twilio import voice
from channels.twilio.client import connect
from channels.twilio.twiml import Places, document
from contact import relay
from contact.domain.call_flow import DOCUMENT, MOVES, RANK, CallStage, CallState, Happened, Told, forward, move
from contact.domain.callers import is_dialable, is_emergency, shown_number
from contact.domain.carrier import Event
from contact.domain.line_words import expected_wait
from contact.domain.lines import Again, Desk, Line, Music, Noted, Wait
from contact.domain.menu import Asked, Said
from contact.models import Call, CarrierAccount, Contact, Endpoint, Outbox
from contact.scope import Scope
from tests.carrier.company import eventually, figures
from tests.carrier.judge import DESCRIPTIONS, described
from tests.people import Staff
from tests.phone.telephony import Office

PLACES = Places("https://guichet.example/in/1/voice", "https://guichet.example")
SAYS = (Said("fr", "Impôts & <crédits>"), Said("en", "Hello"))
ANSWERS = [
    *(Line(told, 3, "fr", SAYS, interaction_id="0f" * 16) for told in Told),
    Line(Told.MENU, 0, "fr", SAYS, Asked(("1", "0"), ("impôts", "mairie"), "fr", 5)),
    Line(Told.MENU, 0, "en", (), Asked(("1",), (), "en", 5)),
    Wait("fr", 1, 0, 120),
    Wait("en", 12, 300, 3600),
    Wait("fr"),
    Desk("fr", "0f" * 16),
    Desk("fr"),
    Again(),
    Music(),
    Noted(),
]


def judged(element: ElementTree.Element, schema: dict[str, Any], inside: str | None = None) -> list[str]:
    """What is wrong with an element, by Twilio's own description of its language."""
    faults = []
    if inside is not None and element.tag not in schema["nesting"][inside]:
        faults.append(f"{element.tag} in {inside}")
    known = schema["attributes"].get(element.tag, {})
    for name, value in element.attrib.items():
        rule = known.get(name)
        if rule is None:
            faults.append(f"{element.tag}.{name} unknown")
            continue
        words = value.split() if rule["type"] == "enum-list" else [value]
        if rule["type"] == "boolean" and value not in ("true", "false"):
            faults.append(f"{element.tag}.{name}={value}")
        if rule["type"] == "number" and not value.isdecimal():
            faults.append(f"{element.tag}.{name}={value}")
        if "enum" in rule and not set(words) <= set(rule["enum"]):
            faults.append(f"{element.tag}.{name}={value}")
    return faults + [fault for one in element for fault in judged(one, schema, element.tag)]


@described
@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{type(answer).__name__}-{getattr(answer, 'told', '')}")
def test_every_document_is_valid(answer: Any):
    """By Twilio's schema: no attribute is misspelt, nothing nested where it must not be; and the same each time."""
    schema = json.loads((DESCRIPTIONS / "twiml_schema.json").read_text())["voice"]
    written = document(answer, PLACES)

    assert judged(ElementTree.fromstring(written), schema) == []
    assert document(answer, PLACES) == written


@described
def test_the_fallback_is_valid():
    """What callers hear while we are away."""
    schema = json.loads((DESCRIPTIONS / "twiml_schema.json").read_text())["voice"]
    root = ElementTree.fromstring(Path("config/deploy/fallback.xml").read_text())

    assert judged(root, schema) == []
    assert "112" in "".join(root.itertext())


def test_every_stage_has_a_way_to_its_end():
    """From each stage a hang-up or the agent's goodbye ends the call; nothing leads out of the end."""
    for stage in CallStage:
        ways = {happened: move(stage, happened) for happened in Happened}
        ends = {found[0] for found in ways.values() if found}
        if stage is CallStage.ENDED:
            assert ends <= {CallStage.ENDED}
        else:
            assert CallStage.ENDED in ends, stage
    assert set(DOCUMENT) | {CallStage.PROMISED} == set(CallStage)
    assert {stage for stage, _ in MOVES} == set(CallStage)


def test_states_go_by_rank():
    """In whatever order they are told, the highest stands, and the first end is the end."""
    states = list(CallState)
    chance = random.Random(1)
    for _ in range(200):
        told = chance.sample(states, k=chance.randint(1, len(states)))
        state = CallState.PLANNED
        for one in told:
            state = forward(state, one)
        assert RANK[state] == max(RANK[one] for one in [*told, CallState.PLANNED])
        ended = [one for one in told if RANK[one] == max(RANK.values())]
        assert not ended or state is ended[0]


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("+33612345678", "+33612345678"),
        ("+262692123456", "+262692123456"),
        ("+687751234", "+687751234"),
        ("+266696687", None),
        ("+7378742833", None),
        ("+2562533", None),
        ("+8656696", None),
        ("+86282452253", None),
        ("Anonymous", None),
        ("RESTRICTED", None),
        ("", None),
        ("client:agent_x", None),
        ("1234", None),
    ],
)
def test_withheld_numbers_are_no_numbers(told: str, shown: str | None):
    """What carriers spell on a keypad is nobody's number in Lesotho; overseas numbers of few digits are somebody's."""
    assert shown_number(told) == shown


@pytest.mark.parametrize("told", ["", "x", "Mon, 99 Jan 2026", "1 Jan 99999999999999999999 00:00:00 +0000"])
def test_an_odd_time_says_nothing(told: str):
    """Whatever is written there; what is a time is one of UTC."""
    form = {"CallSid": "CA1", "Timestamp": told}

    assert voice.report(Event("voice", "line_state", "CA1", "k", form)).at is None
    form["Timestamp"] = "Tue, 24 Nov 2026 15:04:05 -0000"
    assert voice.report(Event("voice", "line_state", "CA1", "k", form)).at == datetime(
        2026, 11, 24, 15, 4, 5, tzinfo=UTC
    )


def test_rescue_is_never_dialled():
    """Nor behind our country's code, nor as it is typed; numbers that only begin so are people's."""
    assert all(is_emergency(one) for one in ("15", "17", "18", "112", "1 1 2", "+3315", "0033 18", "119", "+262112"))
    assert not any(is_dialable(one) for one in ("15", "+33112", "+3317", "112"))
    assert all(is_dialable(one) for one in ("+33172345678", "+33186123456", "+33612345678", "+262692123456"))


@pytest.mark.parametrize(
    ("range_seconds", "language", "words"),
    [
        ((0, 120), "fr", "moins de 2 minutes"),
        ((300, 900), "fr", "entre 5 minutes et 15 minutes"),
        ((60, 3600), "en", "between 1 minute and 1 hour"),
    ],
)
def test_waits_are_round(range_seconds: tuple[int, int], language: str, words: str):
    """A range on round minutes, for the ear."""
    assert words in expected_wait(*range_seconds, language)


def test_duplicates_and_overtaken_reports(office: Office, amelie: Staff):
    """All of a call twice, and many late: one call, one ticket, one contact, one talk."""
    office.company.admin("faults", delay_seconds=1, webhook={"duplicate": 1.0, "reorder": 0.3})
    citizen = office.waits()
    _, browser = office.talks(amelie, citizen)
    citizen.do("hangup")
    office.settle()
    browser.event("ended")

    (call,) = office.rows(Call)
    assert (call.stage, call.outcome) == ("ended", "talked")
    contacts = office.rows(Contact, ticket_id=call.ticket_id)
    assert [one.state for one in contacts] == ["done"]
    assert office.said(call.ticket_id) == ["call_began", "agent_joined", "call_ended"]


def test_late_and_forged_reports(office: Office):
    """After the end an early state changes nothing; a wrong signature, or another account's, is not believed."""
    citizen = office.waits()
    call = office.call()
    line = {"CallSid": call.provider_id, "To": office.number}
    told = {**line, "CallStatus": "completed", "SequenceNumber": "9"}

    assert office.is_told("state", told, signature="forged") == 403
    assert office.is_told("state", told, signature="") == 403
    assert office.is_told("state", told, sign_url=f"{office.base}/menu/1") == 403
    assert office.call().stage == "waiting"
    citizen.do("hangup")
    eventually(lambda: office.call().stage == "ended", "it is over")
    assert office.is_told("state", {**line, "CallStatus": "ringing", "SequenceNumber": "0"}) == 200
    assert office.is_told("menu/0", {"CallSid": call.provider_id, "Digits": "2"}) == 200
    assert office.is_told("wait", {"CallSid": "CA" + "0" * 32}) == 200
    assert office.is_told("state", {}) == 404
    assert office.call().state == "completed"
    assert office.said(office.call().ticket_id) == ["call_began", "call_abandoned"]


def catch_up(office: Office, since: datetime | None = None) -> int:
    """Look through the company's list of calls."""
    return catching_up.look(office.database, office.settings, office.tenant_id, office.account.id, since)


def test_a_call_that_cannot_be_taken_in(office: Office):
    """One of an outage that fails leaves the others, and what is behind them; a job tries it again until it is in."""
    one, other = office.phone(), office.phone()
    is_away = {"voice_url": "http://127.0.0.1:9/", "status_callback": ""}
    office.company.admin("number", account_sid=office.sid, phone_number=office.number, **is_away)
    for phone in (one, other):
        office.calls_in(phone)
        phone.event("ended")
    mend = office.breaks("call", f"NEW.number = '{one.number}'")
    since = datetime.now(UTC) - timedelta(hours=1)

    assert [catch_up(office, since) for _ in range(2)] == [1, 0]

    assert office.rows(CarrierAccount)[0].calls_seen_until is not None
    mend()
    office.hurry("carrier.event")
    office.settle()
    missed = office.rows(Call, outcome="missed")
    assert {call.number for call in missed} == {one.number, other.number}
    # Whenever it was taken in: each at its own time.
    listed = {call.sid: call.date_created for call in connect(office.account, office.company.url).calls.list()}
    assert {call.provider_id: call.created_at for call in missed} == listed
    assert [call.ended_at for call in missed] == [call.created_at for call in missed]
    assert catch_up(office, since) == 0


def test_a_number_that_is_nobodys(office: Office):
    """Entered at the company and not here: callers hear a goodbye, and whoever runs the house is told."""
    office.change(Endpoint, disabled_at=datetime.now(UTC))

    with capture_logs() as logged:
        office.calls_in().hears("Au revoir")

    (told,) = [one for one in logged if one["event"] == "call_to_unknown_number"]
    assert (told["log_level"], told["account_id"]) == ("error", str(office.account.id))
    assert office.rows(Call) == []


def test_who_called_while_we_were_away(office: Office, amelie: Staff):
    """Found in the provider's own list: a ticket each, and a call back that an agent is offered; twice is once."""
    away = office.phone()
    hidden = office.phone()
    office.company.admin(
        "number",
        account_sid=office.sid,
        phone_number=office.number,
        voice_url="http://127.0.0.1:9/",
        status_callback="",
    )
    for phone, how in ((away, {}), (away, {}), (hidden, {"withheld": "anonymous"})):
        office.calls_in(phone, **how)
        phone.event("ended")
        phone.events.clear()
    assert office.rows(Call) == []

    since = datetime.now(UTC) - timedelta(hours=1)
    found = [catch_up(office, since) for _ in range(2)]

    assert found == [3, 0]
    missed = [call for call in office.rows(Call) if call.outcome == "missed"]
    assert [call.number for call in missed] == [away.number, away.number, None]
    assert missed[0].ticket_id == missed[1].ticket_id != missed[2].ticket_id
    (promised,) = [call for call in office.rows(Call) if call.stage == "promised"]
    assert office.said(promised.ticket_id).count("call_promised") == 1

    office.router.step()
    assignment = amelie.accept()
    browser = office.comes_to_call(amelie, assignment["interaction_id"])
    office.work_off()
    away.event("ringing")
    away.do("answer")
    office.hear_each_other(browser, away)
    away.do("hangup")
    office.settle()
    assert office.call(id=promised.id).outcome == "talked"


def test_an_end_that_never_came_through(office: Office):
    """The provider's list ends a call whose own callback was lost: nobody is offered a line that is dead."""
    office.company.admin("number", account_sid=office.sid, phone_number=office.number, status_callback="")
    citizen = office.waits()
    office.company.admin("faults", delay_seconds=40, webhook={"delay": 1.0})
    citizen.do("hangup")
    citizen.event("ended")
    assert office.call().stage == "waiting"

    assert catch_up(office) == 0

    assert (office.call().stage, office.call().outcome) == ("ended", "abandoned")
    office.settle()
    assert office.said(office.call().ticket_id) == ["call_began", "call_abandoned"]


def test_the_relay_has_calls_looked_at(office: Office, engine_database: Any):
    """Each account once, however often it is asked; the job is done and leaves its bookmark."""
    for _ in range(2):
        engine_database.run(Scope(action="test"), relay.look_at_calls)
    rows = [one for one in office.rows(Outbox, topic="voice.catch_up") if one.tenant_id == office.tenant_id]
    assert len(rows) == 1

    office.settle()

    assert office.rows(Outbox, id=rows[0].id)[0].state == "done"


def test_a_call_that_only_its_end_told(office: Office):
    """The first request never came through and the fallback was heard: the end tells of it, and it is not lost."""
    fields = {"CallSid": "CA" + figures(32), "CallStatus": "completed", "SequenceNumber": "0"}
    fields |= {"To": office.number, "From": "+33612345678", "CallDuration": "12"}
    for _ in range(2):
        office.is_told("state", fields)

    missed, promised = office.rows(Call)
    assert (missed.outcome, promised.stage) == ("missed", "promised")
    assert missed.ticket_id == promised.ticket_id
