"""Where a phone menu leads: to a message, to a goodbye, into the queue, or to something else than the telephone."""

from sqlalchemy.orm import Session

from contact.domain.call_flow import Happened
from contact.domain.menu import Ending, Ends
from contact.models import Call
from contact.services import admissions, call_menu, calls, deflections
from routing.admission import Rule


def ended(session: Session, call: Call, ending: Ending | None) -> None:
    """See to what the menu led to, if it is over.

    Raises:
        Unanswered: Whether they are let in has to be asked first.
    """
    if ending is None:
        return
    if ending.kind is Ends.VOICEMAIL:
        call.menu = {**(call.menu or {}), "topic": str(ending.topic_id)}
        calls.happen(session, call, Happened.WANTS_MESSAGE)
    elif ending.kind is Ends.CLOSED:
        calls.happen(session, call, Happened.SAID_GOODBYE)
    else:
        _chose(session, call, ending)


def _chose(session: Session, call: Call, ending: Ending) -> None:
    """Who has said what they call about is let in, or has something else."""
    kept = admissions.decide(session, call, ending)
    if kept is None or kept.is_admitted:
        calls.happen(session, call, Happened.CHOSE, ending.topic_id)
    elif kept.rule == Rule.CLOSED:
        ended(session, call, call_menu.close(session, call))
    else:
        deflections.begin(session, call, kept)
