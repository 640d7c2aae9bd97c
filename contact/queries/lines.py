"""What a telephone line is answered: read from the rows alone, so that whoever asks twice is answered alike."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.call_flow import DOCUMENT, CallStage, Told
from contact.domain.line_words import said
from contact.domain.lines import Desk, Line, Wait
from contact.domain.vocabulary import ContactState
from contact.models import Call, Contact
from contact.queries.conversation import expected_wait, position
from contact.services import call_menu

_WAITS = (ContactState.WAITING, ContactState.OFFERED)


def line(call: Call | None) -> Line:
    """What the citizen's line runs now; a number that is nobody's hears a goodbye."""
    if call is None:
        return Line(Told.END, 0, "fr", (said("goodbye", "fr"),))
    told = DOCUMENT.get(CallStage(call.stage), Told.END)
    return Line(told, call.turn, call.language, call_menu.says(call), call_menu.asks(call), call.interaction_id)


def wait(session: Session, call: Call | None) -> Wait:
    """What somebody who waits hears: nothing but music once an agent has accepted."""
    if call is None:
        return Wait("fr")
    contact = session.scalar(
        select(Contact).where(Contact.interaction_id == call.interaction_id, Contact.state.in_(_WAITS))
    )
    if contact is None:
        return Wait(call.language)
    told = expected_wait(session, contact) or {}
    return Wait(call.language, position(session, contact), told.get("from_seconds"), told.get("to_seconds"))


def desk(session: Session, account_id: UUID, leg: str) -> Desk:
    """Where an agent's browser leg belongs."""
    call = session.scalar(select(Call).where(Call.account_id == account_id, Call.agent_leg == leg))
    if call is None or call.stage == CallStage.ENDED:
        return Desk("fr")
    return Desk(call.language, call.interaction_id)
