"""An agent's work on a contact: wrap up, finish, give back. Locks in the order of `offers`."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.call_flow import Happened
from contact.domain.errors import InvalidRequest, NotFound, NotYours
from contact.domain.rooms import conversation_room, person_room, ticket_room
from contact.domain.vocabulary import (
    LIVE_ASSIGNMENTS,
    AssignmentState,
    Channel,
    ContactState,
    InteractionState,
    OfferState,
    TicketState,
)
from contact.models import Assignment, Contact, Interaction, Offer, Queue, Ticket, WrapUpCode
from contact.models.base import LOCK
from contact.outbox import announce, wake_router
from contact.services import clock, lines, messages, offers, places, presence, queueing, states

# Why an offer was made that nobody had to accept: the agent calls by their own wish.
OWN_CALL = "own_call"
_TALKS = (AssignmentState.CONNECTING, AssignmentState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an agent closes their work: the wrap-up code, and where the ticket goes from here."""

    wrap_up_code: str
    ticket_state: TicketState


def wrap(session: Session, assignment_id: UUID, agent_id: UUID) -> Assignment:
    """End the conversation and begin wrap-up; asked again, nothing changes.

    Raises:
        NotFound: No such work of this agent.
        NotYours: It is over.
    """
    assignment, contact, ticket = own(session, assignment_id, agent_id)
    if assignment.state != AssignmentState.WRAPPING:
        interaction = session.get_one(Interaction, assignment.interaction_id)
        messages.say(session, interaction, "ended", ticket.language, author_id=agent_id)
        _begin_wrap(session, assignment, contact, interaction)
    return assignment


def wrap_contact(session: Session, contact: Contact, interaction: Interaction) -> None:
    """The citizen has left: the agent who served them goes to wrap-up."""
    assignment = _live(session, contact)
    if assignment is not None:
        _begin_wrap(session, assignment, contact, interaction)


def extend(session: Session, assignment_id: UUID, agent_id: UUID) -> Assignment:
    """Another wrap-up time from now.

    Raises:
        NotFound, NotYours: as `wrap`.
    """
    assignment, contact, _ = own(session, assignment_id, agent_id)
    if assignment.state == AssignmentState.WRAPPING:
        assignment.wrap_until = clock.now(session) + timedelta(seconds=_wrap_up_seconds(session, contact))
        announce(session, person_room(agent_id), "work")
    return assignment


def finish(session: Session, assignment_id: UUID, agent_id: UUID, ending: Ending) -> Assignment:
    """Close the work with its code; an open conversation ends. Asked again, nothing changes.

    Raises:
        NotFound: No such work of this agent.
        NotYours: It was given to someone else meanwhile.
        InvalidRequest: The code is none of the campaign's.
    """
    assignment, contact, ticket = own(session, assignment_id, agent_id, may_be_done=True)
    if assignment.state == AssignmentState.DONE and assignment.wrap_up_code_id is not None:
        return assignment
    code = session.scalar(
        select(WrapUpCode).where(
            WrapUpCode.campaign_id == ticket.campaign_id,
            WrapUpCode.code == ending.wrap_up_code,
            WrapUpCode.retired_at.is_(None),
        )
    )
    if code is None:
        raise InvalidRequest(fields={"wrap_up_code": ["unknown_code"]})
    assignment.wrap_up_code_id = code.id
    interaction = session.get_one(Interaction, assignment.interaction_id)
    if assignment.state != AssignmentState.DONE:
        if assignment.state != AssignmentState.WRAPPING:
            messages.say(session, interaction, "ended", ticket.language, author_id=agent_id)
            _end(session, contact, interaction)
        close(session, assignment, AssignmentState.DONE)
    # The citizen may have come back while the agent wrapped up: then the ticket is open again, and stays so.
    if interaction.state != InteractionState.OPEN and _is_last(session, assignment):
        states.follow(session, ticket, ending.ticket_state)
    return assignment


def give_back(session: Session, contact_id: UUID, held_by: UUID) -> None:
    """Whoever served or was offered the contact cannot any more: it waits again with its key.

    *held_by* names the assignment, or the grant of the offer or assignment, that ends; nothing happens when the contact
    is in other hands by now.
    """
    ticket_id = session.scalar(select(Contact.ticket_id).where(Contact.id == contact_id))
    if ticket_id is None:
        return
    ticket = session.get_one(Ticket, ticket_id, with_for_update=LOCK, populate_existing=True)
    contact = session.get_one(Contact, contact_id, with_for_update=LOCK, populate_existing=True)
    if contact.state == ContactState.OFFERED:
        offer = _open_offer(session, contact)
        if offer is not None and offer.grant_id == held_by:
            offers.take_back(session, contact, offer, OfferState.RESCINDED)
    elif contact.state == ContactState.ASSIGNED:
        assignment = _live(session, contact)
        if assignment is not None and held_by in (assignment.id, assignment.grant_id):
            _let_wait(session, contact, assignment, ticket)


def abandon(session: Session, contact: Contact) -> None:
    """The citizen gave up waiting; an open offer is withdrawn, and their place kept."""
    offer = _open_offer(session, contact)
    if offer is not None:
        offers.take_back(session, contact, offer, OfferState.RESCINDED)
    places.keep(session, contact)
    queueing.end_contact(session, contact, ContactState.ABANDONED)


def locked_of(session: Session, interaction_id: UUID, agent_id: UUID) -> Assignment | None:
    """The agent's part in a conversation while it lasts, locked with its ticket and contact."""
    found = of_interaction(session, interaction_id, agent_id)
    if found is None:
        return None
    session.get_one(Ticket, found.ticket_id, with_for_update=LOCK, populate_existing=True)
    session.get_one(Contact, found.contact_id, with_for_update=LOCK, populate_existing=True)
    session.refresh(found, with_for_update=LOCK)
    return found if found.state in _TALKS else None


def of_interaction(session: Session, interaction_id: UUID | None, agent_id: UUID | None) -> Assignment | None:
    """The agent's part in a conversation while it lasts."""
    return session.scalar(
        select(Assignment).where(
            Assignment.interaction_id == interaction_id,
            Assignment.agent_id == agent_id,
            Assignment.state.in_(_TALKS),
        )
    )


def connected(session: Session, assignment: Assignment) -> None:
    """The agent is on the line."""
    assignment.state = AssignmentState.ACTIVE
    held = presence.locked(session, assignment.agent_id)
    held.missed_offers = 0
    announce(session, person_room(assignment.agent_id), "work")


def not_connected(session: Session, assignment_id: UUID, missed_max: int) -> None:
    """Whoever accepted a call has not come to the line in time: it waits on, and the agent has missed it."""
    assignment = session.get(Assignment, assignment_id)
    if assignment is None or assignment.state != AssignmentState.CONNECTING:
        return
    session.get_one(Ticket, assignment.ticket_id, with_for_update=LOCK, populate_existing=True)
    session.get_one(Contact, assignment.contact_id, with_for_update=LOCK, populate_existing=True)
    session.refresh(assignment, with_for_update=LOCK)
    if assignment.state != AssignmentState.CONNECTING:
        # They came in the last moment.
        return
    give_back(session, assignment.contact_id, assignment.id)
    session.refresh(assignment)
    if assignment.state == AssignmentState.FAILED:
        presence.missed(session, assignment.agent_id, missed_max)


def pause(session: Session, assignment: Assignment, contact: Contact, ticket: Ticket) -> None:
    """The citizen fell silent: the agent's slot is free, and the citizen's next words find someone again."""
    interaction = session.get_one(Interaction, assignment.interaction_id)
    messages.say(session, interaction, "paused_silent", ticket.language)
    interaction.state = InteractionState.PAUSED
    queueing.end_contact(session, contact, ContactState.DONE)
    states.follow(session, ticket, TicketState.WAITING_CITIZEN)
    close(session, assignment, AssignmentState.DONE)
    announce(session, conversation_room(interaction.id), "conversation", interaction.id)


def close(session: Session, assignment: Assignment, state: AssignmentState) -> None:
    """Nothing is left to do: the agent's room is free again."""
    assignment.state, assignment.ended_at = state, clock.now(session)
    presence.free_room(session, assignment.agent_id, assignment.channel)
    announce(session, ticket_room(assignment.ticket_id), "ticket", assignment.ticket_id)


def tell_agent(session: Session, contact: Contact) -> None:
    """Whoever serves the contact has something new to read."""
    assignment = _live(session, contact) if contact.state == ContactState.ASSIGNED else None
    if assignment is not None:
        announce(session, person_room(assignment.agent_id), "work")


def _begin_wrap(session: Session, assignment: Assignment, contact: Contact, interaction: Interaction) -> None:
    assignment.state = AssignmentState.WRAPPING
    assignment.wrap_until = clock.now(session) + timedelta(seconds=_wrap_up_seconds(session, contact))
    _end(session, contact, interaction)
    announce(session, person_room(assignment.agent_id), "work")
    announce(session, ticket_room(assignment.ticket_id), "ticket", assignment.ticket_id)
    # The dispatcher ends the wrap-up when its time is over.
    wake_router(session, assignment.pool_id, "agent", assignment.agent_id)


def _end(session: Session, contact: Contact, interaction: Interaction) -> None:
    interaction.state, interaction.ended_at = InteractionState.ENDED, clock.now(session)
    queueing.end_contact(session, contact, ContactState.DONE)
    if interaction.channel == Channel.VOICE:
        lines.on(session, interaction.id, Happened.AGENT_DONE)
    announce(session, conversation_room(interaction.id), "conversation", interaction.id)


def _is_last(session: Session, assignment: Assignment) -> bool:
    """Nobody has served the conversation since: a late agent does not undo what a later one says of the ticket."""
    later = select(Assignment.id).where(
        Assignment.interaction_id == assignment.interaction_id, Assignment.started_at > assignment.started_at
    )
    return session.scalar(later.limit(1)) is None


def _wrap_up_seconds(session: Session, contact: Contact) -> int:
    return session.execute(select(Queue.wrap_up_seconds).where(Queue.id == contact.queue_id)).scalar_one()


def _let_wait(session: Session, contact: Contact, assignment: Assignment, ticket: Ticket) -> None:
    interaction = session.get_one(Interaction, contact.interaction_id)
    if _is_own_attempt(session, assignment):
        # An agent's own call that has not come about is nobody else's to make.
        messages.say(session, interaction, "call_not_reached", ticket.language)
        _end(session, contact, interaction)
        close(session, assignment, AssignmentState.FAILED)
        return
    contact.state = ContactState.WAITING
    places.give_back(session, contact)
    wake_router(session, contact.pool_id, "contact", contact.id)
    messages.say(session, interaction, "agent_left", ticket.language, author_id=assignment.agent_id)
    if interaction.channel == Channel.VOICE:
        lines.on(session, interaction.id, Happened.AGENT_LEFT)
    close(session, assignment, AssignmentState.FAILED)
    announce(session, conversation_room(interaction.id), "conversation", interaction.id)


def _is_own_attempt(session: Session, assignment: Assignment) -> bool:
    """The agent had begun this call themselves, and has not talked with the citizen yet."""
    if assignment.channel != Channel.VOICE:
        return False
    offer = session.get_one(Offer, assignment.offer_id)
    call = lines.of_interaction(session, assignment.interaction_id)
    return offer.why.get("reason") == OWN_CALL and call is not None and call.talked_at is None


def _live(session: Session, contact: Contact) -> Assignment | None:
    return session.scalar(
        select(Assignment)
        .where(Assignment.contact_id == contact.id, Assignment.state.in_(LIVE_ASSIGNMENTS))
        .with_for_update(key_share=True)
    )


def _open_offer(session: Session, contact: Contact) -> Offer | None:
    return session.scalar(
        select(Offer)
        .where(Offer.contact_id == contact.id, Offer.state == OfferState.OFFERED)
        .with_for_update(key_share=True)
    )


def own(
    session: Session, assignment_id: UUID, agent_id: UUID, *, may_be_done: bool = False
) -> tuple[Assignment, Contact, Ticket]:
    """The agent's own work with its contact and ticket, locked.

    Raises:
        NotFound: No such work of this agent.
        NotYours: It is over.
    """
    found = session.execute(
        select(Assignment.ticket_id, Assignment.contact_id).where(
            Assignment.id == assignment_id, Assignment.agent_id == agent_id
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    ticket = session.get_one(Ticket, found.ticket_id, with_for_update=LOCK)
    contact = session.get_one(Contact, found.contact_id, with_for_update=LOCK)
    assignment = session.get_one(Assignment, assignment_id, with_for_update=LOCK)
    allowed = (*LIVE_ASSIGNMENTS, AssignmentState.DONE) if may_be_done else LIVE_ASSIGNMENTS
    if assignment.state not in allowed:
        raise NotYours()
    return assignment, contact, ticket
