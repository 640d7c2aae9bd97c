"""After new words of the citizen, on any channel of words, somebody serves or waits for them."""

from sqlalchemy.orm import Session

from contact.domain.rooms import conversation_room
from contact.domain.vocabulary import InteractionState, TicketState
from contact.models import Interaction, Ticket
from contact.outbox import announce
from contact.services import assignments, queueing, states


def see_to_it(session: Session, ticket: Ticket, interaction: Interaction) -> None:
    """Whoever serves it is told; where nobody serves or waits for it, it waits again, from now. The ticket is ours."""
    if ticket.state != TicketState.NEW:
        states.follow(session, ticket, TicketState.OPEN)
    contact = queueing.live_contact(session, interaction.id)
    if contact is not None:
        assignments.tell_agent(session, contact)
        return
    if interaction.state != InteractionState.OPEN:
        interaction.state = InteractionState.OPEN
        interaction.ended_at = None
    queueing.enqueue(session, ticket, interaction)
    announce(session, conversation_room(interaction.id), "conversation", interaction.id)
