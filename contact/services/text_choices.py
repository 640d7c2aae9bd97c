"""Several open matters on one number: its next text is held, and a question asked; no answer counts as the last one."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.incoming import Text
from contact.domain.vocabulary import Channel, MessageKind, MessageState, Purpose, TicketState
from contact.models import ContactPoint, Endpoint, Interaction, Message, TextChoice, Ticket
from contact.models.base import LOCK
from contact.outbox import defer
from contact.services import clock, messages, text_rules, text_threads
from contact.services.replies import DELIVER
from contact.services.text_threads import Thread

TOPIC = "sms.choice"
# So long a text is held: then the matter that was last written about has it.
ANSWER_PAUSE = timedelta(minutes=10)
CHOICES_MAX = 3
# In letters of the short alphabet: none of them halves the text.
QUESTION = {
    "fr": ("Vous avez plusieurs dossiers. Lequel concerne votre message ?", "{n} : dossier {number} du {day}"),
    "en": ("You have several open matters. Which one is your message about?", "{n}: matter {number} of {day}"),
}
ASK = {"fr": "Répondez par un chiffre.", "en": "Answer with one figure."}


def open_choice(session: Session, endpoint: Endpoint, point: ContactPoint) -> TextChoice | None:
    """The question that is open between these numbers, locked."""
    return session.scalar(
        select(TextChoice)
        .where(
            TextChoice.endpoint_id == endpoint.id,
            TextChoice.contact_point_id == point.id,
            TextChoice.settled_at.is_(None),
        )
        .with_for_update()
    )


def ask(session: Session, endpoint: Endpoint, point: ContactPoint, threads: list[Thread], text: Text) -> bool:
    """Hold *text* and ask; False where no question may be sent."""
    if text_rules.why_not(session, endpoint.id, point, Purpose.TRANSACTIONAL, is_push=True) is not None:
        return False
    threads = threads[:CHOICES_MAX]
    asked = TextChoice(
        tenant_id=endpoint.tenant_id,
        endpoint_id=endpoint.id,
        contact_point_id=point.id,
        ticket_ids=[one.ticket_id for one in threads],
        held=[text.kept()],
    )
    session.add(asked)
    session.flush()
    ticket, interaction = text_threads.locked(session, threads[0])
    push(session, ticket, interaction, "sms_choice", _question(session, ticket.language, asked.ticket_ids))
    defer(session, TOPIC, due_at=clock.now(session) + ANSWER_PAUSE, choice_id=asked.id)
    return True


def push(session: Session, ticket: Ticket, interaction: Interaction, code: str, body: str) -> Message:
    """A text that no person wrote, seen in the ticket as what it is; ask `text_rules.why_not` before."""
    message, _ = messages.append(
        session,
        ticket.id,
        MessageKind.SYSTEM,
        language=ticket.language,
        body=body,
        code=code,
        interaction=interaction,
        state=MessageState.QUEUED,
    )
    order = f"{interaction.channel}:{interaction.contact_point_id}"
    defer(session, DELIVER[Channel(interaction.channel)], order_key=order, message_id=message.id)
    return message


def settle(session: Session, asked: TextChoice, ticket_id: UUID) -> None:
    """What was held goes on where it belongs, in the order in which it came."""
    asked.settled_at = clock.now(session)
    thread = Thread(ticket_id, TicketState.OPEN, asked.endpoint_id, asked.contact_point_id)
    for kept in asked.held:
        text_threads.go_on(session, thread, Text.of(kept))


def settle_unanswered(session: Session, choice_id: UUID) -> None:
    """Nobody answered in time."""
    asked = session.get(TextChoice, choice_id)
    if asked is None:
        return
    # The number first, as whoever receives from it does.
    session.get_one(ContactPoint, asked.contact_point_id, with_for_update=LOCK)
    session.refresh(asked, with_for_update=True)
    if asked.settled_at is None:
        settle(session, asked, asked.ticket_ids[0])


def _question(session: Session, language: str, ticket_ids: list[UUID]) -> str:
    known = {one.id: one for one in session.scalars(select(Ticket).where(Ticket.id.in_(ticket_ids)))}
    language = language if language in QUESTION else "fr"
    first, line = QUESTION[language]
    days = [(n, known[id]) for n, id in enumerate(ticket_ids, start=1)]
    lines = [line.format(n=n, number=one.number, day=f"{one.created_at:%d/%m}") for n, one in days]
    return "\n".join([first, *lines, ASK[language]])
