"""A caller who is not let in: a ticket and a place at once, what they can have instead, and what they take of it."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain import deflection
from contact.domain.call_flow import Happened, Outcome
from contact.domain.deflection import Offers
from contact.domain.line_words import day, phrase, said
from contact.domain.menu import Said
from contact.domain.phones import spoken
from contact.domain.vocabulary import Channel, Purpose
from contact.models import Administration, Admission, Call, Campaign, ContactPoint, Endpoint, Interaction, Ticket
from contact.services import (
    admissions,
    call_menu,
    calls,
    chat,
    matters,
    messages,
    places,
    policies,
    text_choices,
    text_rules,
)
from routing.admission import Mode, Rule

# What the text says that follows a promised call.
PROMISED = {
    "fr": "{name} vous rappellera à votre tour, du {number}. Votre dossier : {ticket}.",
    "en": "{name} will call you back when it is your turn, from {number}. Your matter: {ticket}.",
}


def begin(session: Session, call: Call, kept: Admission) -> None:
    """Tell the locked *call*, which was not let in, why, and what it can have instead."""
    ticket = calls.attach(session, call, kept.topic_id)
    places.find_or_open(session, ticket)
    calls.happen(session, call, Happened.REFUSED)
    messages.say(session, session.get_one(Interaction, call.interaction_id), "call_deflected", ticket.language)
    stands = (said("place_stands", call.language),) if calls.is_promised(session, ticket) else ()
    _ask(session, call, kept, *stands, misses=0, turns=0)


def answered(session: Session, call: Call, digits: str, words: str) -> None:
    """The caller, to whom it was offered, pressed or said something, or nothing."""
    kept = admissions.of_call(session, call)
    assert kept is not None
    asked = call.menu or {}
    misses, turns = int(asked["misses"]), int(asked["turns"]) + 1
    found = deflection.answer(kept.offered, call.language, digits, words, misses=misses, turns=turns)
    if found.way is not None:
        _take(session, call, found.way)
    elif found.is_over:
        call_menu.say(call, said("nothing_chosen", call.language))
        calls.happen(session, call, Happened.SAID_GOODBYE)
    else:
        before = () if found.before is None else (found.before,)
        _ask(session, call, kept, *before, misses=misses + found.is_miss, turns=turns)


def _ask(session: Session, call: Call, kept: Admission, *before: Said, misses: int, turns: int) -> None:
    texts = _texts(session, call, kept)
    offers = Offers(call.language, _why(kept, texts, call.language), tuple(kept.offered), texts)
    call_menu.say(call, *offers.says(*before), asked=offers.asks(), misses=misses, turns=turns)


def _texts(session: Session, call: Call, kept: Admission) -> dict[str, str]:
    """The policy's own words in the caller's language, filled in."""
    version = policies.numbered(session, kept.campaign_id, kept.policy_number)
    document = version.document
    now = policies.local(session, session.get_one(Campaign, kept.campaign_id))
    answer_by = now + timedelta(hours=document["limits"]["text_answer_hours"])
    by = day(answer_by.date(), call.language)
    facts = {"number": _our_number(session, call), "answer_by": by if call.language == "en" else f"le {by}"}
    told = {name: texts[call.language] for name, texts in document["texts"].items() if call.language in texts}
    return {name: text.format_map(facts) if name in kept.offered else text for name, text in told.items()}


def _why(kept: Admission, texts: dict[str, str], language: str) -> str:
    """What the mode says where the line is full; by a supervisor's hand it is closed for another reason."""
    if kept.rule == Rule.OVERRIDE:
        return phrase("not_now", language)
    essential = kept.inputs["inputs"]["mode"] == Mode.ESSENTIAL_ONLY
    return texts["essential_only" if essential else "throttle"]


def _take(session: Session, call: Call, way: str) -> None:
    if way == "voicemail":
        # Taken once something was said.
        tone = "after_the_tone" if call.number is not None else "after_the_tone_number"
        call_menu.say(call, said(tone, call.language))
        calls.happen(session, call, Happened.WANTS_MESSAGE)
        return
    admissions.took(session, call, way)
    call.outcome = Outcome.DEFLECTED
    ticket = session.get_one(Ticket, call.ticket_id)
    if way == "callback":
        call_menu.say(call, said("callback_taken", call.language, _our_number(session, call)))
        if not calls.is_promised(session, ticket):
            calls.promise(session, ticket, call)
            _text(session, call, ticket)
    calls.happen(session, call, Happened.TOOK_ALTERNATIVE)


def _text(session: Session, call: Call, ticket: Ticket) -> None:
    """The number that will call them, where their line can read it and nothing speaks against a text."""
    tried = session.get_one(Interaction, call.interaction_id)
    point = session.get_one(ContactPoint, tried.contact_point_id)
    endpoint = session.scalar(
        select(Endpoint)
        .where(
            Endpoint.campaign_id == ticket.campaign_id,
            Endpoint.channel == Channel.SMS,
            Endpoint.account_id.is_not(None),
            Endpoint.disabled_at.is_(None),
        )
        .order_by(Endpoint.created_at, Endpoint.id)
        .limit(1)
    )
    if endpoint is None:
        return
    if text_rules.why_not(session, endpoint.id, point, Purpose.TRANSACTIONAL, is_push=True) is not None:
        return
    interaction = matters.converse(session, ticket, endpoint.id, point.id, Channel.SMS)
    name = session.get_one(Administration, ticket.tenant_id).name
    words = PROMISED.get(call.language, PROMISED["fr"])
    body = words.format(name=name, number=_our_number(session, call), ticket=ticket.number)
    text_choices.push(session, ticket, interaction, "sms_callback", body)
    # Nobody waits in it; whoever answers comes back to it.
    chat.end_interaction(session, interaction)


def _our_number(session: Session, call: Call) -> str:
    """The number that was called, which calls them back."""
    return spoken(session.get_one(Endpoint, call.endpoint_id).address)
