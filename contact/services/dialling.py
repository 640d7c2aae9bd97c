"""Calls of ours: an agent calls from a ticket; what is dialled, and what becomes of an attempt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contact.domain.call_flow import OVER, CallStage, CallState, Happened
from contact.domain.callers import is_dialable, is_emergency
from contact.domain.errors import AgentBusy, CannotCall, NotFound, TicketClosed
from contact.domain.rooms import ticket_room
from contact.domain.vocabulary import (
    AssignmentState,
    Channel,
    ContactPointKind,
    ContactState,
    OfferState,
    TicketState,
)
from contact.models import (
    AgentGrant,
    Assignment,
    Call,
    CitizenContactPoint,
    ContactPoint,
    Endpoint,
    Interaction,
    Offer,
    Outbox,
    Queue,
    Ticket,
)
from contact.models.base import LOCK
from contact.outbox import announce
from contact.services import (
    assignments,
    calls,
    clock,
    lines,
    matters,
    messages,
    presence,
    queueing,
    states,
    work_rows,
)
from contact.services.work_rows import Claim


@dataclass(frozen=True, slots=True)
class Plan:
    """One attempt to ring somebody."""

    call_id: UUID
    attempt: int
    account_id: UUID
    sender: str
    recipient: str
    since: datetime


def call_citizen(session: Session, ticket_id: UUID, agent_id: UUID, contact_point_id: UUID) -> Call:
    """Begin a call to a citizen: the agent comes to the line first, then the phone rings. It is work like any other.

    Raises:
        NotFound: No such ticket.
        TicketClosed: Closed and merged tickets are not called about.
        CannotCall: The number is not one of this citizen's, is no phone's, is rescue's, or we have none to call from.
        AgentBusy: The agent has no room for a call.
    """
    ticket = session.get(Ticket, ticket_id, with_for_update=LOCK)
    if ticket is None:
        raise NotFound()
    if ticket.state in (TicketState.CLOSED, TicketState.MERGED):
        raise TicketClosed()
    point = _callable(session, ticket, contact_point_id)
    endpoint = _own_number(session, ticket)
    if _is_under_way(session, point.value):
        raise CannotCall(reason="under_way")
    interaction = matters.converse(session, ticket, endpoint.id, point.id, Channel.VOICE)
    assert endpoint.account_id is not None
    call = calls.planned(session, ticket, interaction, endpoint.account_id, point.value)
    _assign(session, ticket, interaction, agent_id)
    call.agent_id = agent_id
    messages.say(session, interaction, "call_placed", ticket.language, author_id=agent_id)
    states.follow(session, ticket, TicketState.OPEN)
    announce(session, ticket_room(ticket.id), "ticket", ticket.id)
    return call


def _callable(session: Session, ticket: Ticket, contact_point_id: UUID) -> ContactPoint:
    point = session.scalar(
        select(ContactPoint)
        .join(CitizenContactPoint, CitizenContactPoint.contact_point_id == ContactPoint.id)
        .where(ContactPoint.id == contact_point_id, CitizenContactPoint.citizen_id == ticket.citizen_id)
    )
    if point is None or point.point_kind != ContactPointKind.PHONE or point.disabled_at is not None:
        raise CannotCall(reason="no_number")
    if is_emergency(point.value):
        raise CannotCall(reason="emergency")
    if not is_dialable(point.value):
        raise CannotCall(reason="not_dialable")
    return point


def _own_number(session: Session, ticket: Ticket) -> Endpoint:
    """A number of the campaign that can be called back."""
    endpoint = session.scalar(
        select(Endpoint)
        .where(
            Endpoint.campaign_id == ticket.campaign_id,
            Endpoint.channel == Channel.VOICE,
            Endpoint.account_id.is_not(None),
            Endpoint.disabled_at.is_(None),
        )
        .order_by(Endpoint.created_at, Endpoint.id)
        .limit(1)
    )
    if endpoint is None:
        raise CannotCall(reason="no_line")
    return endpoint


def _is_under_way(session: Session, number: str, but_for: UUID | None = None) -> bool:
    """The number is in a call with us, or being rung; *but_for* is the call that wants to know."""
    live = select(Call.id).where(
        Call.number == number,
        Call.stage.not_in((CallStage.PROMISED, CallStage.ENDED)),
        Call.state.not_in((CallState.PLANNED, *OVER)),
    )
    if but_for is not None:
        live = live.where(Call.id != but_for)
    return session.scalar(live.limit(1)) is not None


def _assign(session: Session, ticket: Ticket, interaction: Interaction, agent_id: UUID) -> Assignment:
    """The same rows that an accepted offer leaves; the agent's own checks say whether there is room."""
    grant_id = session.scalar(
        select(AgentGrant.id).where(
            AgentGrant.account_id == agent_id,
            AgentGrant.campaign_id == ticket.campaign_id,
            AgentGrant.revoked_at.is_(None),
        )
    )
    if grant_id is None:
        raise NotFound()
    contact = queueing.enqueue(session, ticket, interaction)
    contact.state = ContactState.ASSIGNED
    now = clock.now(session)
    owned: dict[str, Any] = {
        "tenant_id": ticket.tenant_id,
        "contact_id": contact.id,
        "agent_id": agent_id,
        "grant_id": grant_id,
    }
    owned |= {"pool_id": contact.pool_id, "ticket_id": ticket.id, "channel": Channel.VOICE}
    offer = Offer(
        **owned, state=OfferState.ACCEPTED, expires_at=now, decided_at=now, why={"reason": assignments.OWN_CALL}
    )
    session.add(offer)
    session.flush()
    assignment = Assignment(**owned, offer_id=offer.id, interaction_id=interaction.id, state=AssignmentState.CONNECTING)
    session.add(assignment)
    session.flush()
    held = presence.locked(session, agent_id)
    if held.load_voice >= held.limit_voice or held.load_chat > 0:
        raise AgentBusy()
    held.load_voice += 1
    presence.changed(session, held)
    lines.expect_dial_in(session, assignment.id, session.get_one(Queue, contact.queue_id).offer_seconds)
    return assignment


def plan(session: Session, claim: Claim) -> Plan | None:
    """What the claimed row dials; None when this attempt is not wanted any more, or is known to have been made.

    At most one live attempt a number: whoever is in a call with us is busy. The number is locked first of all.
    """
    call_id, attempt = UUID(claim.ids["call_id"]), int(claim.ids["attempt"])
    number_is_ours = select(ContactPoint.id).join(Interaction).join(Call, Call.interaction_id == Interaction.id)
    session.execute(number_is_ours.where(Call.id == call_id).with_for_update(of=ContactPoint, **LOCK))
    call = lines.locked(session, call_id)
    if call.stage != CallStage.CALLING or call.attempt != attempt or call.provider_id is not None:
        return None
    number = str(call.number)
    if not is_dialable(number):
        calls.happen(session, call, Happened.GONE)
        return None
    if call.state == CallState.PLANNED:
        if _is_under_way(session, number, call.id):
            call.state = CallState.BUSY
            calls.happen(session, call, Happened.GONE)
            return None
        call.state = CallState.QUEUED
    sender = session.get_one(Endpoint, call.endpoint_id).address
    since = session.execute(select(Outbox.claimed_at).where(Outbox.id == claim.outbox_id)).scalar_one()
    assert since is not None
    return Plan(call.id, attempt, call.account_id, sender, number, since)


def placed(session: Session, plan: Plan, provider_id: str) -> None:
    """The provider rings them, under its own name of the call."""
    call = lines.locked(session, plan.call_id)
    if call.attempt != plan.attempt or call.stage in (CallStage.PROMISED, CallStage.ENDED):
        # Given up meanwhile.
        if call.provider_id != provider_id:
            lines.drop_line(session, call, provider_id)
    elif call.provider_id is None:
        call.provider_id = provider_id


def proven(session: Session, call: Call, leg: str) -> None:
    """A report that names our attempt proves that it was made, whatever its answer: nothing waits for that."""
    call.provider_id = leg
    settled(session, call, call.attempt)


def settled(session: Session, call: Call, attempt: int) -> None:
    """This attempt was made: what is to be done next does not wait for its answer."""
    work_rows.settle_dialled(session, lines.order_key(call), lines.DIAL, attempt)


def adopt(session: Session, plan: Plan, found: list[str]) -> bool:
    """One of these is the attempt, if it is nobody else's."""
    call = lines.locked(session, plan.call_id)
    if call.provider_id is not None:
        return True
    for provider_id in found:
        has_it = (Call.provider_id == provider_id) | Call.menu["dropped"].contains([provider_id])
        if session.scalar(select(Call.id).where(Call.number == call.number, has_it).limit(1)) is None:
            placed(session, plan, provider_id)
            return True
    return False


def failed(session: Session, plan: Plan) -> None:
    """They could not be rung: the agent is told."""
    call = lines.locked(session, plan.call_id)
    if call.attempt == plan.attempt and call.stage == CallStage.CALLING and call.provider_id is None:
        call.state = CallState.FAILED
        calls.happen(session, call, Happened.GONE)
