"""What a telephone company tells and asks, seen to: one function a kind, each harmless when it comes late or twice."""

from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import ARRAY, Text, any_, cast, select
from sqlalchemy.orm import Session

from contact.domain.call_flow import OVER, UNDER_WAY, CallStage, CallState, Direction, Happened, forward
from contact.domain.callers import shown_number
from contact.domain.line_words import said
from contact.domain.lines import QueueResult, Report
from contact.domain.vocabulary import AssignmentState, Channel
from contact.models import Administration, Call, Campaign, Endpoint, Recording, new_id
from contact.outbox import defer
from contact.services import (
    assignments,
    call_menu,
    calls,
    clock,
    deflections,
    dialling,
    lines,
    menu_ends,
    missed_calls,
)

QUEUE_FAULTS_MAX = 3
# A browser's leg that ended is given so long to be explained by what its room tells.
LOOK_AGAIN_SECONDS = 3
# Somebody whom no asking brings into the room has another fault than a request that was lost.
BROUGHT_TOGETHER_MAX = 1
log = structlog.get_logger()


def arrived(session: Session, account_id: UUID, report: Report) -> None:
    """A call comes in: the campaign of the number that was called speaks."""
    if find(session, account_id, report) is not None:
        return
    endpoint = endpoint_of(session, account_id, report.called)
    if endpoint is None:
        # Somebody entered a number at the provider and not here.
        log.error("call_to_unknown_number", account_id=str(account_id), provider_id=report.leg)
        return
    call = _received(session, account_id, endpoint, report)
    menu_ends.ended(session, call, call_menu.begin(session, call))


def answered_menu(session: Session, account_id: UUID, report: Report) -> None:
    """The caller pressed or said something, or nothing. An answer to an earlier question changes nothing.

    Raises:
        Unanswered: Whether they are let in has to be asked first.
    """
    call = locked(session, account_id, report)
    if call is None or call.stage not in (CallStage.MENU, CallStage.DEFLECTED) or report.turn != call.turn:
        return
    call.turn += 1
    if call.stage == CallStage.DEFLECTED:
        deflections.answered(session, call, report.digits, report.said)
    else:
        menu_ends.ended(session, call, call_menu.go_on(session, call, report.digits, report.said))


def left_queue(session: Session, account_id: UUID, report: Report) -> None:
    """The provider's waiting room is left, mostly because we took the line out of it ourselves."""
    call = locked(session, account_id, report)
    if call is None:
        return
    if report.result is QueueResult.FULL:
        _no_room(session, call)
    elif report.result is QueueResult.FAULT and report.turn == call.turn:
        faults = (call.menu or {}).get("faults", 0) + 1
        call_menu.say(call, faults=faults)
        call.turn += 1
        if faults > QUEUE_FAULTS_MAX:
            _no_room(session, call)
    _progress(session, call, CallState.COMPLETED if report.result is QueueResult.GONE else report.state)


def asked_what_next(session: Session, account_id: UUID, report: Report) -> None:
    """The line asks what to do. One that we dialled is answered by a person: they hear who calls."""
    call = locked(session, account_id, report)
    if call is not None:
        if call.direction == Direction.OUTBOUND and call.stage == CallStage.CALLING:
            dialling.proven(session, call, report.leg)
            administration = session.get_one(Administration, call.tenant_id)
            call_menu.say(call, said("we_call", call.language, administration.name))
            calls.happen(session, call, Happened.ANSWERED)
        _progress(session, call, report.state)


def progressed(session: Session, account_id: UUID, report: Report) -> None:
    """How far a line got. Of a call that ended and that we never heard of, the caller is owed an answer."""
    if report.call_id is not None:
        _our_own_progressed(session, account_id, report.call_id, report)
        return
    call = locked(session, account_id, report)
    if call is not None:
        _progress(session, call, report.state)
        return
    endpoint = endpoint_of(session, account_id, report.called)
    if endpoint is not None and report.state is CallState.COMPLETED:
        _missed(session, account_id, endpoint, report)


def _our_own_progressed(session: Session, account_id: UUID, call_id: UUID, report: Report) -> None:
    """Of a call that we dialled. A leg that was given up before its name was known is hung up now that it is."""
    known = session.get(Call, call_id)
    if known is None or known.account_id != account_id:
        return
    call = lines.locked(session, call_id)
    is_wanted = call.attempt == report.attempt and call.stage not in (CallStage.PROMISED, CallStage.ENDED)
    if is_wanted and call.provider_id is None:
        dialling.proven(session, call, report.leg)
    elif not is_wanted and call.provider_id != report.leg:
        dialling.settled(session, call, report.attempt)
        if report.state in UNDER_WAY:
            lines.drop_line(session, call, report.leg)
    if call.attempt == report.attempt and call.stage != CallStage.PROMISED:
        _progress(session, call, report.state)


def over(session: Session, account_id: UUID, legs: list[str]) -> set[str]:
    """Of these lines those that we know, and know to be over."""
    known = select(Call.provider_id).where(
        Call.account_id == account_id, Call.provider_id == any_(cast(legs, ARRAY(Text))), Call.state.in_(OVER)
    )
    return {str(one) for one in session.scalars(known)}


def unheard(session: Session, account_id: UUID, report: Report) -> bool:
    """A call of the provider's list that is over: was it one that we never heard of? Then it is now.

    Of one that we know, perhaps its end never came through.
    """
    known = locked(session, account_id, report)
    if known is not None:
        _progress(session, known, report.state)
    endpoint = endpoint_of(session, account_id, report.called) if known is None else None
    if endpoint is None:
        return False
    _missed(session, account_id, endpoint, report)
    return True


def left_message(session: Session, account_id: UUID, report: Report) -> None:
    """Somebody spoke after the tone; the action and the recording's own callback both tell it."""
    call = locked(session, account_id, report)
    if call is None or report.recording is None or report.seconds == 0:
        return
    known = session.scalar(select(Recording.id).where(Recording.provider_id == report.recording))
    if known is None:
        recording = Recording(
            id=new_id(),
            tenant_id=call.tenant_id,
            call_id=call.id,
            provider_id=report.recording,
            seconds=report.seconds,
        )
        session.add(recording)
        defer(session, "voice.recording", recording_id=recording.id)
        topic = (call.menu or {}).get("topic")
        call_menu.say(call, said("message_kept", call.language))
        calls.happen(session, call, Happened.LEFT_MESSAGE, UUID(topic) if topic else None)
    _progress(session, call, report.state)


def came_to_desk(session: Session, account_id: UUID, report: Report) -> None:
    """An agent's browser rings in. Whatever it asks for, it is put only into the conversation that this agent holds."""
    if report.agent_id is None or report.interaction_id is None:
        return
    found = assignments.locked_of(session, report.interaction_id, report.agent_id)
    call = lines.of_interaction(session, report.interaction_id) if found is not None else None
    if found is None or call is None or call.account_id != account_id:
        return
    if call.agent_leg not in (None, report.leg):
        lines.drop(session, call, str(call.agent_leg))
    call.agent_leg, call.agent_id = report.leg, report.agent_id
    if found.state == AssignmentState.CONNECTING:
        assignments.connected(session, found)
    # What the line said on its way into the queue is not said again on its way out.
    call_menu.say(call)
    calls.happen(session, call, Happened.AGENT_CAME)


def left_desk(session: Session, account_id: UUID, report: Report) -> None:
    """A browser's leg has ended. Its room mostly tells why; should it not, a job looks."""
    call = _of_agent_leg(session, account_id, report.leg)
    if call is not None and report.state in OVER:
        due_at = clock.now(session) + timedelta(seconds=LOOK_AGAIN_SECONDS)
        defer(session, "voice.look", due_at=due_at, call_id=call.id, leg=report.leg)


def left_room(session: Session, account_id: UUID, report: Report) -> None:
    """Somebody left the room by themselves; if that was the agent, the citizen gets their place back."""
    if report.has_left:
        call = _of_agent_leg(session, account_id, report.leg)
        if call is not None:
            look(session, call.id, report.leg)


def look(session: Session, call_id: UUID, leg: str) -> None:
    """If this leg, which is gone, is still the agent's of a call that goes on: the agent was lost."""
    call_id_found = session.scalar(select(Call.id).where(Call.id == call_id, Call.agent_leg == leg))
    if call_id_found is not None:
        call = lines.locked(session, call_id)
        if call.agent_leg == leg and call.stage != CallStage.ENDED:
            calls.agent_lost(session, call)


def apart(session: Session, call_id: UUID, leg: str, looks: int) -> None:
    """The agent of this leg and the citizen are not together: they are brought together, or the citizen waits on."""
    if lines.meeting(session, call_id, leg) is None:
        return
    call = lines.locked(session, call_id)
    if looks < BROUGHT_TOGETHER_MAX:
        lines.bring_together(session, call)
        lines.expect_meeting(session, call, looks + 1)
    else:
        calls.agent_lost(session, call)


def gone(session: Session, call_id: UUID) -> None:
    """The provider knows the line no more: the citizen has left, and what is told of it may still come."""
    _progress(session, lines.locked(session, call_id), CallState.COMPLETED)


def find(session: Session, account_id: UUID, report: Report) -> Call | None:
    """The call of a line: by the provider's name of it, or by our own where we dialled; an old attempt's is none."""
    if report.call_id is not None:
        call = session.get(Call, report.call_id)
        is_ours = call is not None and call.account_id == account_id and call.attempt == report.attempt
        return call if is_ours else None
    return session.scalar(select(Call).where(Call.account_id == account_id, Call.provider_id == report.leg))


def locked(session: Session, account_id: UUID, report: Report) -> Call | None:
    """The same, locked."""
    call = find(session, account_id, report)
    return lines.locked(session, call.id) if call is not None else None


def endpoint_of(session: Session, account_id: UUID, number: str) -> Endpoint | None:
    """The number of ours that was called."""
    return session.scalar(
        select(Endpoint).where(
            Endpoint.channel == Channel.VOICE,
            Endpoint.address == number,
            Endpoint.account_id == account_id,
            Endpoint.disabled_at.is_(None),
        )
    )


def _received(session: Session, account_id: UUID, endpoint: Endpoint, report: Report) -> Call:
    campaign = session.get_one(Campaign, endpoint.campaign_id)
    call = Call(
        id=new_id(),
        tenant_id=endpoint.tenant_id,
        account_id=account_id,
        endpoint_id=endpoint.id,
        direction=Direction.INBOUND,
        provider_id=report.leg,
        number=shown_number(report.caller),
        state=report.state or CallState.RINGING,
        stage=CallStage.MENU,
        turn=0,
        language=campaign.languages[0],
    )
    session.add(call)
    session.flush()
    return call


def _missed(session: Session, account_id: UUID, endpoint: Endpoint, report: Report) -> None:
    """Whenever we hear of it: at its own time, and it did not last, for nobody spoke."""
    call = _received(session, account_id, endpoint, report)
    if report.at is not None:
        call.created_at = call.ended_at = report.at
    missed_calls.missed(session, call)


def _no_room(session: Session, call: Call) -> None:
    """The waiting room is full, or broken: a message instead, and nobody is lost."""
    if call.stage == CallStage.WAITING:
        call_menu.say(call, said("no_room", call.language))
        calls.happen(session, call, Happened.NO_ROOM)


def _progress(session: Session, call: Call, state: CallState | None) -> None:
    """By rank, not by arrival; the end of a line is told to the table once."""
    if state is None:
        return
    call.state = forward(CallState(call.state), state)
    if call.state in OVER:
        calls.happen(session, call, Happened.GONE)


def _of_agent_leg(session: Session, account_id: UUID, leg: str) -> Call | None:
    return session.scalar(select(Call).where(Call.account_id == account_id, Call.agent_leg == leg))
