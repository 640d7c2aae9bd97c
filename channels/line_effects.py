"""What follows from each kind of event of a call, and what the line is then answered."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from channels.twilio import voice
from contact.domain.carrier import Account, Event
from contact.domain.lines import Again, Desk, Line, Music, Noted, QueueResult, Report
from contact.models import Call
from contact.queries import lines as reads
from contact.services import line_reports, lines

Happen = Callable[[Session, Account, Event], None]
State = Callable[[Session, Account, Event], Any]


def _happens(work: Callable[[Session, Any, Report], None]) -> Happen:
    """*work* with the account's id and the event in our words."""
    return lambda session, account, event: work(session, account.id, voice.report(event))


def nothing(_session: Session, _account: Account, _event: Event) -> None:
    """A question changes nothing."""


def noted(_session: Session, _account: Account, _event: Event) -> Noted:
    """Nobody waits for an answer."""
    return Noted()


def music(_session: Session, _account: Account, _event: Event) -> Music:
    """Whoever is on hold."""
    return Music()


def next_document(session: Session, account: Account, event: Event) -> Line:
    """What the citizen's line runs now, and from here on was told to."""
    call = _call(session, account, event)
    found = reads.line(call)
    if call is not None and (call.told != found.told or call.told_held):
        lines.tell_document(session, call, found.told)
    return found


def after_queue(session: Session, account: Account, event: Event) -> Line | Noted:
    """Twilio reads an answer only where its waiting room let the line go by itself."""
    if voice.report(event).result in (QueueResult.OURS, QueueResult.GONE):
        return Noted()
    return next_document(session, account, event)


def waiting(session: Session, account: Account, event: Event) -> Any:
    """Music, place and expected wait."""
    return reads.wait(session, _call(session, account, event))


def desk(session: Session, account: Account, event: Event) -> Any:
    """Where an agent's browser belongs."""
    return reads.desk(session, account.id, voice.report(event).leg)


def after_desk(session: Session, account: Account, event: Event) -> Desk | Again | Noted:
    """The room has ended under an agent who is in the conversation: back into it, for the citizen's line was taken out
    when the agent had come already. Where it ended because the citizen hung up, we hear of that first."""
    found = reads.desk(session, account.id, voice.report(event).leg)
    if found.interaction_id is None:
        return Noted()
    return found if event.step == "again" else Again()


def _call(session: Session, account: Account, event: Event) -> Call | None:
    return line_reports.find(session, account.id, voice.report(event))


# kind: what happens once, what is answered each time, may a job do it later, is it only a question
LINE_EFFECTS: dict[str, tuple[Happen, State, bool, bool]] = {
    "line_call": (_happens(line_reports.arrived), next_document, False, False),
    "line_menu": (_happens(line_reports.answered_menu), next_document, False, False),
    "line_queue": (_happens(line_reports.left_queue), after_queue, False, False),
    "line_line": (_happens(line_reports.asked_what_next), next_document, False, False),
    "line_voicemail": (_happens(line_reports.left_message), next_document, False, False),
    "line_wait": (nothing, waiting, False, True),
    "line_hold": (nothing, music, False, True),
    "line_recording": (_happens(line_reports.left_message), noted, True, False),
    "line_state": (_happens(line_reports.progressed), noted, True, False),
    "line_room": (_happens(line_reports.left_room), noted, True, False),
    "line_desk": (_happens(line_reports.came_to_desk), desk, False, False),
    "line_desk_after": (nothing, after_desk, False, True),
    "line_desk_state": (_happens(line_reports.left_desk), noted, True, False),
}
