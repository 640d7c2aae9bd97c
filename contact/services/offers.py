"""Answer an offer. Whoever comes second, or too late, loses; asking twice for the same is harmless.

Rows are locked in one order everywhere: ticket, contact, offer or assignment, place, presence.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.errors import NotFound, OfferGone
from contact.domain.rooms import conversation_room, ticket_room
from contact.domain.vocabulary import AssignmentState, Channel, ContactState, OfferState, TicketState
from contact.models import AgentGrant, Assignment, Contact, Interaction, Offer, Queue, Ticket
from contact.models.base import LOCK
from contact.outbox import announce, defer, wake_router
from contact.services import clock, lines, messages, places, presence, states


def accept(session: Session, offer_id: UUID, agent_id: UUID) -> Assignment:
    """Take the contact; repeated by the same agent it gives the same assignment.

    Raises:
        NotFound: No such offer to this agent.
        OfferGone: It ran out, was withdrawn or was declined, or the citizen is being served on another channel.
    """
    ticket, contact, offer = _locked(session, offer_id, agent_id)
    if not _has_grant(session, offer):
        raise OfferGone()
    if offer.state == OfferState.ACCEPTED:
        return session.execute(select(Assignment).where(Assignment.offer_id == offer.id)).scalar_one()
    now = clock.now(session)
    if offer.state != OfferState.OFFERED or offer.expires_at <= now or contact.state != ContactState.OFFERED:
        raise OfferGone()
    places.use(session, contact)
    offer.state, offer.decided_at = OfferState.ACCEPTED, now
    contact.state = ContactState.ASSIGNED
    if contact.told_to_seconds is not None and contact.told_was_kept is None:
        contact.told_was_kept = (now - contact.created_at).total_seconds() <= contact.told_to_seconds
    assignment = Assignment(
        tenant_id=offer.tenant_id,
        contact_id=contact.id,
        offer_id=offer.id,
        agent_id=agent_id,
        grant_id=offer.grant_id,
        pool_id=offer.pool_id,
        ticket_id=ticket.id,
        interaction_id=contact.interaction_id,
        channel=offer.channel,
        state=AssignmentState.ACTIVE,
    )
    has_line = offer.channel == Channel.VOICE and lines.of_interaction(session, contact.interaction_id) is not None
    if has_line:
        # Until their browser is on the line.
        assignment.state = AssignmentState.CONNECTING
    session.add(assignment)
    ticket.owner_id = agent_id
    states.follow(session, ticket, TicketState.OPEN)
    interaction = session.get_one(Interaction, contact.interaction_id)
    messages.say(session, interaction, "agent_joined", ticket.language, author_id=agent_id)
    held = presence.locked(session, agent_id)
    if not has_line:
        held.missed_offers = 0
    presence.changed(session, held)
    wake_router(session, contact.pool_id, "contact", contact.id)
    announce(session, ticket_room(ticket.id), "ticket", ticket.id)
    announce(session, conversation_room(interaction.id), "conversation", interaction.id)
    session.flush()
    if assignment.channel == Channel.CHAT:
        defer(session, "chat.silence", assignment_id=assignment.id)
    elif has_line:
        lines.expect_dial_in(session, assignment.id, session.get_one(Queue, contact.queue_id).offer_seconds)
    return assignment


def decline(session: Session, offer_id: UUID, agent_id: UUID) -> None:
    """Give the contact back with its key; it is not offered to this agent again while another could take it.

    Raises:
        NotFound: No such offer to this agent.
        OfferGone: It was accepted, ran out or was withdrawn.
    """
    _, contact, offer = _locked(session, offer_id, agent_id)
    if offer.state == OfferState.DECLINED:
        return
    if offer.state != OfferState.OFFERED:
        raise OfferGone()
    contact.declined_by = [*contact.declined_by, agent_id]
    take_back(session, contact, offer, OfferState.DECLINED)


def take_back(session: Session, contact: Contact, offer: Offer, state: OfferState) -> None:
    """Close an open offer (*state* says how) and let the contact wait on, with its key."""
    offer.state, offer.decided_at = state, clock.now(session)
    if contact.state == ContactState.OFFERED:
        contact.state = ContactState.WAITING
    wake_router(session, contact.pool_id, "contact", contact.id)
    presence.free_room(session, offer.agent_id, offer.channel)


def _has_grant(session: Session, offer: Offer) -> bool:
    """The grant stands, and cannot be revoked before this transaction has ended."""
    standing = select(AgentGrant.id).where(AgentGrant.id == offer.grant_id, AgentGrant.revoked_at.is_(None))
    return session.scalar(standing.with_for_update(read=True)) is not None


def _locked(session: Session, offer_id: UUID, agent_id: UUID) -> tuple[Ticket, Contact, Offer]:
    found = session.execute(
        select(Offer.ticket_id, Offer.contact_id).where(Offer.id == offer_id, Offer.agent_id == agent_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    ticket = session.get_one(Ticket, found.ticket_id, with_for_update=LOCK)
    contact = session.get_one(Contact, found.contact_id, with_for_update=LOCK)
    offer = session.get_one(Offer, offer_id, with_for_update=LOCK)
    return ticket, contact, offer
