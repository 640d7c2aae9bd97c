"""Move a ticket from one state to another: the one place that knows what goes with it."""

from sqlalchemy.orm import Session

from contact.domain.errors import MoveRefused
from contact.domain.lifecycle import may_move
from contact.domain.rooms import ticket_room
from contact.domain.vocabulary import TicketState
from contact.models import Ticket
from contact.outbox import announce
from contact.services import clock

_ENDED = (TicketState.RESOLVED, TicketState.CLOSED)


def put(session: Session, ticket: Ticket, state: TicketState) -> None:
    """Put the ticket into *state*; where it is already, nothing happens.

    Raises:
        MoveRefused: It cannot go there from where it is.
    """
    if ticket.state == state:
        return
    if not may_move(TicketState(ticket.state), state):
        raise MoveRefused(before=ticket.state, after=state)
    _move(session, ticket, state)


def follow(session: Session, ticket: Ticket, state: TicketState) -> None:
    """Put the ticket into *state* as a consequence of something else; where it cannot go there, it stays.

    A colleague may have closed or merged it meanwhile: that must not keep an agent from ending their work.
    """
    if ticket.state != state and may_move(TicketState(ticket.state), state):
        _move(session, ticket, state)


def _move(session: Session, ticket: Ticket, state: TicketState) -> None:
    ticket.state = state
    ticket.closed_at = clock.now(session) if state in _ENDED else None
    announce(session, ticket_room(ticket.id), "ticket", ticket.id)
