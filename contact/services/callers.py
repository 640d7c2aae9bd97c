"""Who calls, as far as a number can tell: the contact point and the citizen, and the matter they may call about."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contact.domain.vocabulary import Channel, ContactPointKind, TicketState
from contact.models import Citizen, CitizenContactPoint, ContactPoint, Interaction, Ticket

# A matter that nobody touched for so long is another one.
SAME_MATTER = timedelta(days=14)
UNRESOLVED = (TicketState.NEW, TicketState.OPEN, TicketState.WAITING_CITIZEN, TicketState.WAITING_THIRD_PARTY)


def phone(session: Session, tenant_id: UUID, number: str) -> ContactPoint:
    """The contact point of a number in E.164, made the first time."""
    wanted = select(ContactPoint).where(
        ContactPoint.tenant_id == tenant_id,
        ContactPoint.point_kind == ContactPointKind.PHONE,
        ContactPoint.value == number,
    )
    found = session.scalar(wanted)
    if found is None:
        # Two calls of one number may come at once: the second finds what the first has made.
        with suppress(IntegrityError), session.begin_nested():
            session.add(ContactPoint(tenant_id=tenant_id, point_kind=ContactPointKind.PHONE, value=number))
        found = session.execute(wanted).scalar_one()
    return found


def withheld(session: Session, tenant_id: UUID, call_id: UUID) -> ContactPoint:
    """The contact point of a line that hid its number: of this call alone, linked to nobody, leading back to nobody."""
    point = ContactPoint(tenant_id=tenant_id, point_kind=ContactPointKind.WITHHELD, value=str(call_id))
    session.add(point)
    session.flush()
    return point


def citizen(session: Session, point: ContactPoint, language: str) -> Citizen:
    """The one person who uses this number; a new one where nobody does yet, or several share it, as families do.

    A number that was withheld, or is not to be used, names nobody.
    """
    is_known = point.point_kind == ContactPointKind.PHONE and point.disabled_at is None
    known = session.scalars(
        select(Citizen)
        .join(CitizenContactPoint, CitizenContactPoint.citizen_id == Citizen.id)
        .where(CitizenContactPoint.contact_point_id == point.id)
        .limit(2)
    ).all()
    if len(known) == 1 and is_known:
        return known[0]
    found = Citizen(tenant_id=point.tenant_id, language=language)
    session.add(found)
    session.flush()
    if is_known:
        session.add(CitizenContactPoint(tenant_id=point.tenant_id, citizen_id=found.id, contact_point_id=point.id))
    return found


def matter(session: Session, point: ContactPoint, campaign_id: UUID, topic_id: UUID) -> Ticket | None:
    """The open ticket that a call from this point on this topic belongs to.

    The same topic, or one that began with a text: nobody had asked its writer for the topic.
    """
    return session.scalar(
        select(Ticket)
        .join(Interaction, Interaction.ticket_id == Ticket.id)
        .where(
            Interaction.contact_point_id == point.id,
            Ticket.campaign_id == campaign_id,
            Ticket.state.in_(UNRESOLVED),
            Ticket.updated_at > func.now() - SAME_MATTER,
            or_(Ticket.topic_id == topic_id, Ticket.channel == Channel.SMS),
        )
        .order_by(Ticket.updated_at.desc())
        .limit(1)
    )
