"""What a call does to tickets: the half of `domain/call_flow.py` that concerns more than a line."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.call_flow import CallStage, CallState, Direction, Effect, Happened, Outcome
from contact.domain.line_words import said
from contact.domain.vocabulary import Channel, ContactState, TicketState
from contact.models import Call, Contact, Interaction, Ticket, Topic
from contact.models.base import LOCK
from contact.services import (
    admissions,
    assignments,
    call_menu,
    callers,
    chat,
    lines,
    matters,
    messages,
    queueing,
    states,
)


def happen(session: Session, call: Call, happened: Happened, topic_id: UUID | None = None) -> None:
    """Move the locked *call* on, and see to its ticket. *topic_id*: what the caller chose."""
    for effect in lines.move(session, call, happened):
        if effect is Effect.QUEUE:
            _queue(session, call, topic_id)
        elif effect is Effect.ABANDON:
            _abandon(session, call, "call_abandoned")
        elif effect is Effect.GIVE_UP:
            call.outcome = Outcome.ABANDONED
            _abandon(session, call, "call_no_room", is_over=False)
        elif effect is Effect.WRAP:
            _wrap(session, call, "call_ended")
        elif effect is Effect.NOT_REACHED:
            call.outcome = Outcome.NOT_REACHED
            _wrap(session, call, "call_not_reached")
        elif effect is Effect.KEEP_MESSAGE:
            _keep_message(session, call, topic_id)
        elif effect is Effect.CLOSE and call.interaction_id is not None:
            chat.end_interaction(session, session.get_one(Interaction, call.interaction_id))


def agent_lost(session: Session, call: Call) -> None:
    """The agent's leg broke: the citizen is still there, and waits again with their place."""
    assignment = assignments.of_interaction(session, call.interaction_id, call.agent_id)
    if assignment is not None:
        assignments.give_back(session, assignment.contact_id, assignment.id)


def attach(session: Session, call: Call, topic_id: UUID) -> Ticket:
    """Give the call its ticket and interaction: the matter it belongs to, or a new one."""
    campaign = call_menu.of_call(session, call)
    point = (
        callers.phone(session, call.tenant_id, call.number)
        if call.number is not None
        else callers.withheld(session, call.tenant_id, call.id)
    )
    ticket = callers.matter(session, point, campaign.id, topic_id) if call.number is not None else None
    if ticket is None:
        ticket = _new_ticket(session, call, callers.citizen(session, point, call.language).id, topic_id)
    else:
        ticket = session.get_one(Ticket, ticket.id, with_for_update=LOCK, populate_existing=True)
        ticket.topic_id = topic_id
        states.follow(session, ticket, TicketState.OPEN)
    interaction = matters.converse(session, ticket, call.endpoint_id, point.id, Channel.VOICE)
    call.ticket_id, call.interaction_id = ticket.id, interaction.id
    return ticket


def live_contact(session: Session, call: Call) -> Contact | None:
    """The call's contact that waits or is served, locked."""
    return queueing.live_contact(session, call.interaction_id) if call.interaction_id is not None else None


def _queue(session: Session, call: Call, topic_id: UUID | None) -> None:
    """The end of the menu: a ticket, and a place in the queue; one that was cut off lately has its old place back."""
    topic_id = topic_id or call_menu.otherwise(session, call)
    ticket = attach(session, call, topic_id)
    interaction = session.get_one(Interaction, call.interaction_id)
    messages.say(session, interaction, "call_began", ticket.language)
    contact = queueing.enqueue(session, ticket, interaction)
    if contact.place_id is not None:
        call_menu.say(call, *call_menu.says(call), said("come_back", call.language))


def _new_ticket(session: Session, call: Call, citizen_id: UUID, topic_id: UUID) -> Ticket:
    topic = session.get_one(Topic, topic_id)
    name = topic.name.get(call.language) or next(iter(topic.name.values()), topic.slug)
    return matters.open_ticket(
        session,
        topic,
        citizen_id,
        subject=str(name),
        language=call.language,
        channel=Channel.VOICE,
        client_key=f"call:{call.id}",
    )


def _abandon(session: Session, call: Call, code: str, *, is_over: bool = True) -> None:
    """Nobody waits any more. An agent who had accepted, and was not on the line yet, is free."""
    contact = live_contact(session, call)
    if contact is None:
        return
    if contact.state == ContactState.ASSIGNED:
        _wrap(session, call, code)
        return
    interaction = session.get_one(Interaction, call.interaction_id)
    assignments.abandon(session, contact)
    messages.say(session, interaction, code, call.language)
    if is_over:
        chat.end_interaction(session, interaction)


def _wrap(session: Session, call: Call, code: str) -> None:
    contact = live_contact(session, call)
    if contact is None:
        return
    interaction = session.get_one(Interaction, call.interaction_id)
    messages.say(session, interaction, code, call.language)
    assignments.wrap_contact(session, contact, interaction)


def _keep_message(session: Session, call: Call, topic_id: UUID | None) -> None:
    """A message after the tone is a ticket of somebody who waits for our call."""
    call.outcome = Outcome.VOICEMAIL
    admissions.took(session, call, "voicemail")
    if call.ticket_id is None:
        attach(session, call, topic_id or call_menu.otherwise(session, call))
    interaction = session.get_one(Interaction, call.interaction_id)
    messages.say(session, interaction, "voicemail", call.language)
    chat.end_interaction(session, interaction)
    promise(session, session.get_one(Ticket, call.ticket_id), call)


def promise(session: Session, ticket: Ticket, before: Call) -> None:
    """A call back that waits in the queue; whoever takes it is put through to the citizen. *before* is what they tried.

    One is enough for whoever tried again and again. To a withheld number nothing is dialled: whoever takes it has the
    ticket, and what was said in the message.
    """
    if is_promised(session, ticket):
        return
    tried = session.get_one(Interaction, before.interaction_id)
    interaction = matters.converse(session, ticket, tried.endpoint_id, tried.contact_point_id, Channel.VOICE)
    planned(session, ticket, interaction, before.account_id, before.number)
    messages.say(session, interaction, "call_promised", ticket.language)
    contact = queueing.enqueue(session, ticket, interaction)
    if before.created_at < contact.enqueued_at:
        contact.enqueued_at = before.created_at
        queueing.reorder(session, contact, ticket)


def is_promised(session: Session, ticket: Ticket) -> bool:
    """A call of ours waits for an agent already, or is being made."""
    waits = select(Call.id).where(Call.ticket_id == ticket.id, Call.stage.in_((CallStage.PROMISED, CallStage.CALLING)))
    return session.scalar(waits.limit(1)) is not None


def planned(session: Session, ticket: Ticket, interaction: Interaction, account_id: UUID, number: str | None) -> Call:
    """A call that we are to make."""
    call = Call(
        tenant_id=ticket.tenant_id,
        account_id=account_id,
        endpoint_id=interaction.endpoint_id,
        direction=Direction.OUTBOUND,
        number=number,
        state=CallState.PLANNED,
        stage=CallStage.PROMISED,
        language=ticket.language,
        ticket_id=ticket.id,
        interaction_id=interaction.id,
    )
    session.add(call)
    session.flush()
    return call
