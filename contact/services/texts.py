"""Texts as citizens send them: to their matter, or to a new one; STOP; a question where it is not clear which."""

from datetime import timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contact.domain.carrier import Account
from contact.domain.incoming import Text
from contact.domain.phones import is_withheld
from contact.domain.vocabulary import Channel, TicketState
from contact.domain.words_of_texts import choice, wish
from contact.models import ContactPoint, Endpoint, Interaction, Message, TextChoice, Ticket
from contact.models.base import LOCK
from contact.services import callers, clock, text_choices, text_rules, text_threads
from contact.services.text_threads import Thread

# A text belongs to the matter that was last written about, if that was not longer ago.
THREAD_AGE = timedelta(hours=72)
_OVER = (TicketState.CLOSED, TicketState.MERGED)
log = structlog.get_logger()


def receive(session: Session, account: Account, text: Text) -> None:
    """Take in one text, once: it is in a ticket, or held until its writer says in which."""
    endpoint = session.scalar(
        select(Endpoint).where(
            Endpoint.channel == Channel.SMS, Endpoint.address == text.to, Endpoint.account_id == account.id
        )
    )
    if endpoint is None:
        # Kept as it came; somebody entered a number at the provider and not here.
        log.error("text_to_unknown_number", account_id=str(account.id), provider_id=text.provider_id)
        return
    point = _point(session, endpoint, text.sender)
    text_rules.is_alive(session, point)
    wanted = None if text.media else wish(text.body)
    threads = [] if point.disabled_at else _threads(session, endpoint, point)
    if wanted is not None:
        (text_rules.stop if wanted == "stop" else text_rules.start)(session, point)
        if threads:
            text_threads.note_wish(session, threads[0], text, wanted)
        return
    asked = text_choices.open_choice(session, endpoint, point)
    if asked is not None:
        _answer(session, asked, text)
    elif len(opened := [one for one in threads if one.ticket_state != TicketState.RESOLVED]) > 1:
        if not text_choices.ask(session, endpoint, point, opened, text):
            text_threads.go_on(session, opened[0], text)
    elif threads:
        text_threads.go_on(session, (opened or threads)[0], text)
    else:
        text_threads.begin(session, endpoint, point, text)


def _answer(session: Session, asked: TextChoice, text: Text) -> None:
    """Another text while the question is open: its answer, or more to hold."""
    number = None if text.media else choice(text.body, len(asked.ticket_ids))
    if number is None:
        asked.held = [*asked.held, text.kept()]
    else:
        text_choices.settle(session, asked, asked.ticket_ids[number - 1])


def _point(session: Session, endpoint: Endpoint, sender: str) -> ContactPoint:
    """The number it came from, locked: texts of one phone come in one after another."""
    point = callers.phone(session, endpoint.tenant_id, sender)
    session.refresh(point, with_for_update=LOCK)
    if point.disabled_at is None and is_withheld(sender):
        # Of nobody, and of many: it is never written to, and no matter is found by it.
        point.disabled_at = clock.now(session)
    return point


def _threads(session: Session, endpoint: Endpoint, point: ContactPoint) -> list[Thread]:
    """The matters this number wrote about of late, by this number of ours; the last first."""
    last_at = func.max(Message.created_at)
    rows = session.execute(
        select(Ticket.id, Ticket.state, last_at.label("last_at"))
        .join(Interaction, Interaction.ticket_id == Ticket.id)
        .join(Message, Message.interaction_id == Interaction.id)
        .where(
            Interaction.contact_point_id == point.id,
            Interaction.endpoint_id == endpoint.id,
            Ticket.state.not_in(_OVER),
        )
        .group_by(Ticket.id, Ticket.state)
        .having(last_at > clock.now(session) - THREAD_AGE)
        .order_by(last_at.desc(), Ticket.id.desc())
    )
    return [Thread(row.id, TicketState(row.state), endpoint.id, point.id) for row in rows]
