"""Calls that we did not hear: each gets its ticket, and a call of ours that waits for an agent."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contact.domain.call_flow import CallStage, Outcome
from contact.domain.vocabulary import Channel
from contact.models import Call, CarrierAccount, Interaction, Ticket
from contact.services import call_menu, calls, chat, clock, messages, queueing

# Looked at again, for what was still going on then.
OVERLAP = timedelta(minutes=15)


def missed(session: Session, call: Call) -> None:
    """A call that we could not answer: its ticket, and a call of ours that waits for an agent like any other.

    One is enough for whoever tried again and again; a withheld number cannot be called.
    """
    call.stage, call.outcome = CallStage.ENDED, Outcome.MISSED
    topic_id = call_menu.otherwise(session, call)
    ticket = calls.attach(session, call, topic_id)
    interaction = session.get_one(Interaction, call.interaction_id)
    messages.say(session, interaction, "call_missed", ticket.language)
    chat.end_interaction(session, interaction)
    if call.number is not None and _promised(session, ticket.id) is None:
        promise(session, ticket, call)


def promise(session: Session, ticket: Ticket, missed_call: Call) -> Call:
    """A call back that waits in the queue; whoever takes it is put through to the citizen."""
    before = session.get_one(Interaction, missed_call.interaction_id)
    interaction = Interaction(
        tenant_id=ticket.tenant_id,
        ticket_id=ticket.id,
        endpoint_id=before.endpoint_id,
        contact_point_id=before.contact_point_id,
        channel=Channel.VOICE,
    )
    session.add(interaction)
    session.flush()
    call = calls.planned(session, ticket, interaction, missed_call.account_id, str(missed_call.number))
    messages.say(session, interaction, "call_promised", ticket.language)
    contact = queueing.enqueue(session, ticket, interaction)
    if missed_call.created_at < contact.enqueued_at:
        contact.enqueued_at = missed_call.created_at
        queueing.reorder(session, contact, ticket)
    return call


def _promised(session: Session, ticket_id: UUID) -> Call | None:
    return session.scalar(
        select(Call)
        .where(Call.ticket_id == ticket_id, Call.stage.in_((CallStage.PROMISED, CallStage.CALLING)))
        .limit(1)
    )


def window(session: Session, account_id: UUID) -> tuple[datetime, datetime]:
    """From when on the account's calls are to be looked at, and now."""
    account = session.get_one(CarrierAccount, account_id)
    return (account.calls_seen_until or account.created_at) - OVERLAP, clock.now(session)


def looked(session: Session, account_id: UUID, until: datetime) -> None:
    """All calls up to there are known."""
    # A bookmark, not a change of the account.
    session.execute(update(CarrierAccount).where(CarrierAccount.id == account_id).values(calls_seen_until=until))
