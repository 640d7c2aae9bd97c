"""Calls that we did not hear: each gets its ticket, and a call of ours that waits for an agent."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from contact.domain.call_flow import Happened, Outcome
from contact.models import Call, CarrierAccount, Interaction
from contact.services import call_menu, calls, chat, clock, lines, messages

# Looked at again, for what was still going on then.
OVERLAP = timedelta(minutes=15)


def missed(session: Session, call: Call) -> None:
    """A call that we could not answer: its ticket, and a call of ours that waits for an agent like any other.

    A withheld number cannot be called, and has left no message to listen to.
    """
    call.outcome = Outcome.MISSED
    lines.move(session, call, Happened.GONE)
    topic_id = call_menu.otherwise(session, call)
    ticket = calls.attach(session, call, topic_id)
    interaction = session.get_one(Interaction, call.interaction_id)
    messages.say(session, interaction, "call_missed", ticket.language)
    chat.end_interaction(session, interaction)
    if call.number is not None:
        calls.promise(session, ticket, call)


def window(session: Session, account_id: UUID) -> tuple[datetime, datetime]:
    """From when on the account's calls are to be looked at, and now."""
    account = session.get_one(CarrierAccount, account_id)
    return (account.calls_seen_until or account.created_at) - OVERLAP, clock.now(session)


def looked(session: Session, account_id: UUID, until: datetime) -> None:
    """All calls up to there are known."""
    # A bookmark, not a change of the account.
    session.execute(update(CarrierAccount).where(CarrierAccount.id == account_id).values(calls_seen_until=until))
