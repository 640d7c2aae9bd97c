"""A citizen's place in the order: kept for who comes back, shared by the live channels of one matter, used once.

Locks in the order of `offers`.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.call_flow import Happened
from contact.domain.errors import OfferGone
from contact.domain.rooms import conversation_room
from contact.domain.vocabulary import LIVE_CONTACTS, Channel, ContactState, InteractionState
from contact.models import Contact, Interaction, Place, Queue, Ticket, Topic
from contact.models.base import LOCK
from contact.outbox import announce, wake_router
from contact.services import clock, lines, messages

# What a citizen waits for at this moment. Letters are answered each by itself, whoever is on the line.
LIVE_CHANNELS = (Channel.VOICE, Channel.CHAT)
_WAITS = (ContactState.WAITING, ContactState.OFFERED)


def find_or_open(session: Session, ticket: Ticket) -> Place:
    """The place of the ticket's citizen on its topic, from now on if they had none: for who is to be served later.

    The ticket is locked, or made in this transaction.
    """
    queue = _queue(session, ticket)
    return find(session, ticket) or _open(session, ticket, clock.now(session), queue.place_seconds)


def find(session: Session, ticket: Ticket) -> Place | None:
    """The place at which one more contact of the ticket would wait, locked; None when it would wait by itself.

    What waits for the ticket already shares its place. Else the oldest one counts that nobody has used and that no
    other matter of this citizen stands at. The ticket is locked, or made in this transaction.
    """
    waiting = session.scalar(
        select(Contact)
        .where(Contact.ticket_id == ticket.id, Contact.state.in_(_WAITS), Contact.channel.in_(LIVE_CHANNELS))
        .order_by(Contact.enqueued_at, Contact.id)
        .limit(1)
        .with_for_update(key_share=True)
    )
    if waiting is not None:
        return _of(session, waiting, ticket)
    places = session.scalars(
        select(Place)
        .where(
            Place.citizen_id == ticket.citizen_id,
            Place.topic_id == ticket.topic_id,
            Place.served_by.is_(None),
            Place.expires_at > clock.now(session),
        )
        .order_by(Place.arrived_at, Place.id)
        .with_for_update(key_share=True)
    ).all()
    taken = select(Contact.place_id).where(
        Contact.place_id.in_([one.id for one in places]), Contact.state.in_(LIVE_CONTACTS)
    )
    # Asked once the places are ours: another matter may have come to stand there meanwhile.
    elsewhere = set(session.scalars(taken)) if places else set()
    return next((one for one in places if one.id not in elsewhere), None)


def keep(session: Session, contact: Contact) -> None:
    """The citizen gave up: who comes back in time waits from the same arrival."""
    if contact.place_id is None and contact.channel in LIVE_CHANNELS:
        ticket = session.get_one(Ticket, contact.ticket_id)
        _of(session, contact, ticket)


def use(session: Session, contact: Contact) -> None:
    """The contact, locked, is served: its place is used up, and whatever else waits there is to be rescinded.

    Raises:
        OfferGone: Another contact of the same place is being served.
    """
    if contact.place_id is None:
        return
    place = session.get_one(Place, contact.place_id, with_for_update=LOCK, populate_existing=True)
    if place.served_by not in (None, contact.id):
        raise OfferGone()
    place.served_by = contact.id
    others = select(Contact).where(Contact.place_id == place.id, Contact.id != contact.id, Contact.state.in_(_WAITS))
    for other in session.scalars(others):
        wake_router(session, other.pool_id, "contact", other.id)


def give_back(session: Session, contact: Contact) -> None:
    """Whoever was to serve the contact could not: the place is the citizen's again."""
    if contact.place_id is None:
        return
    place = session.get_one(Place, contact.place_id, with_for_update=LOCK, populate_existing=True)
    if place.served_by == contact.id:
        place.served_by = None


def tell_rescinded(session: Session, contact_id: UUID) -> None:
    """End the conversation whose contact was rescinded, and say why: the citizen is being served on another channel."""
    contact = session.get_one(Contact, contact_id)
    ticket = session.get_one(Ticket, contact.ticket_id, with_for_update=LOCK)
    interaction = session.get_one(Interaction, contact.interaction_id, with_for_update=LOCK)
    live = select(Contact.id).where(Contact.interaction_id == interaction.id, Contact.state.in_(LIVE_CONTACTS))
    if interaction.state == InteractionState.ENDED or session.scalar(live) is not None:
        return
    messages.say(session, interaction, "served_elsewhere", ticket.language)
    interaction.state, interaction.ended_at = InteractionState.ENDED, clock.now(session)
    if interaction.channel == Channel.VOICE:
        lines.on(session, interaction.id, Happened.SERVED_ELSEWHERE)
    announce(session, conversation_room(interaction.id), "conversation", interaction.id)


def _of(session: Session, contact: Contact, ticket: Ticket) -> Place | None:
    """The contact's place, locked; one that had none for itself gets it. None where the queue keeps no places."""
    if contact.place_id is not None:
        return session.get_one(Place, contact.place_id, with_for_update=LOCK, populate_existing=True)
    kept_seconds = session.get_one(Queue, contact.queue_id).place_seconds
    if not kept_seconds:
        return None
    place = _open(session, ticket, contact.enqueued_at, kept_seconds)
    contact.place_id = place.id
    wake_router(session, contact.pool_id, "contact", contact.id)
    return place


def _open(session: Session, ticket: Ticket, arrived_at: datetime, kept_seconds: int) -> Place:
    place = Place(
        tenant_id=ticket.tenant_id,
        citizen_id=ticket.citizen_id,
        topic_id=ticket.topic_id,
        arrived_at=arrived_at,
        expires_at=arrived_at + timedelta(seconds=kept_seconds),
    )
    session.add(place)
    session.flush()
    return place


def _queue(session: Session, ticket: Ticket) -> Queue:
    return session.get_one(Queue, session.get_one(Topic, ticket.topic_id).queue_id)
