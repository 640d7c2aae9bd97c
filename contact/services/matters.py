"""Begin a matter, whatever channel it comes by: its ticket, and a conversation of it."""

from uuid import UUID

from sqlalchemy.orm import Session

from contact.domain.numbers import new_ticket_number
from contact.domain.vocabulary import Channel
from contact.models import Interaction, Ticket, Topic

SUBJECT_CHARACTERS = 80


def open_ticket(
    session: Session, topic: Topic, citizen_id: UUID, *, subject: str, language: str, channel: Channel, client_key: str
) -> Ticket:
    """A ticket that a citizen began, with so much of *subject* as a list shows; *client_key* makes it one."""
    ticket = Ticket(
        tenant_id=topic.tenant_id,
        campaign_id=topic.campaign_id,
        topic_id=topic.id,
        citizen_id=citizen_id,
        number=new_ticket_number(),
        subject=" ".join(subject.split())[:SUBJECT_CHARACTERS],
        priority=topic.priority,
        language=language,
        channel=channel,
        client_key=client_key,
    )
    session.add(ticket)
    session.flush()
    return ticket


def converse(
    session: Session, ticket: Ticket, endpoint_id: UUID, contact_point_id: UUID, channel: Channel
) -> Interaction:
    """A call, chat or thread of the ticket, between an address of ours and one of the citizen's."""
    interaction = Interaction(
        tenant_id=ticket.tenant_id,
        ticket_id=ticket.id,
        endpoint_id=endpoint_id,
        contact_point_id=contact_point_id,
        channel=channel,
    )
    session.add(interaction)
    session.flush()
    return interaction
