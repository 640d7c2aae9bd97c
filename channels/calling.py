"""Jobs that do something to calls: steer a line, drop a leg, dial, fetch a message. No transaction is open meanwhile.

What a line should be doing is looked up when the job runs, so that a late or a second run does what is right then.
"""

import base64
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from channels.base import OutcomeUnknown, SendFailed, SendRejected
from channels.claims import account_of, again, claimed, end, later, run
from channels.twilio import calling as twilio
from channels.twilio.voice import own_name
from config.sealing import seal
from contact.domain.carrier import Account
from contact.domain.vocabulary import OutboxState
from contact.jobs import JobHouse, house, job, once
from contact.services import assignments, deliveries, dialling, line_reports, lines, work_rows
from contact.services.work_rows import Claim

SOUND = "recording"
log = structlog.get_logger()


@job
def steer(outbox_id: str, is_look_up: bool = False) -> None:
    """Let a line do what it should be doing; where it does already, nothing."""

    def work(own: JobHouse, claim: Claim) -> None:
        call_id = UUID(claim.ids["call_id"])
        wanted = run(own, claim, lambda session: lines.wanted(session, call_id))
        if wanted is None:
            return
        account = account_of(own, claim, wanted.account_id)
        try:
            if wanted.is_over:
                twilio.hang_up(own.settings, account, wanted.leg)
            elif wanted.is_moved:
                twilio.steer(own.settings, account, wanted.leg)
        except twilio.LineGone:
            run(own, claim, lambda session: line_reports.gone(session, call_id))
            return
        if wanted.hold is not None:
            _hold(own, claim, account, wanted)

    again(outbox_id, is_look_up, work)


def _hold(own: JobHouse, claim: Claim, account: Account, wanted: lines.Wanted) -> None:
    is_held = bool(wanted.hold)
    try:
        twilio.hold(own.settings, account, wanted.room, wanted.leg, is_held)
    except twilio.LineGone as gone:
        # Not in the room yet, and whoever comes in is not on hold; or not any more, and their end will be told.
        raise SendFailed("not_in_room") from gone
    run(own, claim, lambda session: lines.was_held(session, wanted.call_id, is_held))


@job
def drop(outbox_id: str, is_look_up: bool = False) -> None:
    """Hang up a leg that nobody needs; one that has ended is what was wanted."""

    def work(own: JobHouse, claim: Claim) -> None:
        account = account_of(own, claim, UUID(claim.ids["account_id"]))
        try:
            twilio.hang_up(own.settings, account, claim.ids["leg"])
        except twilio.LineGone:
            return

    again(outbox_id, is_look_up, work)


@job
def dial(outbox_id: str, is_look_up: bool = False) -> None:
    """Ring a citizen, once: whether an attempt that nobody answered for was made is looked up, never tried blindly."""
    own = house()
    claim = claimed(own, outbox_id, is_look_up)
    if claim is None:
        return
    plan = run(own, claim, lambda session: dialling.plan(session, claim))
    if plan is None:
        end(own, claim, OutboxState.DONE)
        return
    call = twilio.Dialled(own_name(plan.call_id, plan.attempt), plan.sender, plan.recipient, plan.since)
    if is_look_up:
        _look_up(own, claim, plan, call)
        return
    try:
        sid = twilio.dial(own.settings, account_of(own, claim, plan.account_id), call)
        run(own, claim, lambda session: dialling.placed(session, plan, sid))
    except SendFailed as fault:
        later(own, claim, fault, lambda session: dialling.failed(session, plan))
    except SendRejected as fault:
        log.warning("call_refused", reason=str(fault))
        run(own, claim, lambda session: dialling.failed(session, plan))
        end(own, claim, OutboxState.FAILED, str(fault))
    except OutcomeUnknown as fault:
        wait, reason = own.settings.unknown_outcome_seconds, str(fault)
        run(own, claim, lambda session: work_rows.look_up_later(session, claim, wait, reason))
    else:
        end(own, claim, OutboxState.DONE)


def _look_up(own: JobHouse, claim: Claim, plan: dialling.Plan, call: twilio.Dialled) -> None:
    """Whether an attempt that nobody heard of was made. Who cannot be asked is asked again; nobody is rung again."""
    try:
        found = twilio.look_up(own.settings, account_of(own, claim, plan.account_id), call)
    except SendFailed as fault:
        _not_found(own, claim, plan, str(fault), 2 * deliveries.LOOK_UPS_MAX)
        return
    if run(own, claim, lambda session: dialling.adopt(session, plan, found)):
        end(own, claim, OutboxState.DONE)
    else:
        _not_found(own, claim, plan, "not_found", deliveries.LOOK_UPS_MAX)


def _not_found(own: JobHouse, claim: Claim, plan: dialling.Plan, reason: str, most: int) -> None:
    """No call of ours there, or nobody to ask. After *most* look-ups it counts as not made; a person may try again."""

    def work(session: Session) -> None:
        # Before its row, as by whoever reports of it.
        lines.locked(session, plan.call_id)
        if deliveries.count_look_up(session, claim) < most:
            work_rows.look_up_later(session, claim, own.settings.look_up_seconds, reason)
        else:
            dialling.failed(session, plan)
            work_rows.end(session, claim, OutboxState.OUTCOME_UNKNOWN, "outcome_unknown")

    run(own, claim, work)


@job
def not_dialled_in(outbox_id: str) -> None:
    """Whoever accepted a call and is not on the line: it waits on with its place."""
    most = house().settings.missed_offers_max
    once(
        outbox_id,
        lambda session, row: assignments.not_connected(session, UUID(row.ids["assignment_id"]), most),
    )


@job
def look_at_desk(outbox_id: str) -> None:
    """A browser's leg has ended, and nothing told why."""
    once(outbox_id, lambda session, row: line_reports.look(session, UUID(row.ids["call_id"]), row.ids["leg"]))


@job
def meet(outbox_id: str, is_look_up: bool = False) -> None:
    """Look whether an agent who has come and the citizen are together; nobody is left with music, or alone."""

    def work(own: JobHouse, claim: Claim) -> None:
        call_id, leg, looks = UUID(claim.ids["call_id"]), claim.ids["leg"], int(claim.ids["looks"])
        found = run(own, claim, lambda session: lines.meeting(session, call_id, leg))
        if found is None:
            return
        account = account_of(own, claim, found.account_id)
        if not twilio.are_together(own.settings, account, found.room, found.legs):
            log.warning("legs_apart", call_id=str(call_id), looks=looks)
            run(own, claim, lambda session: line_reports.apart(session, call_id, leg, looks))

    again(outbox_id, is_look_up, work)


@job
def fetch_recording(outbox_id: str, is_look_up: bool = False) -> None:
    """Bring a message here, sealed, and have it deleted there."""

    def work(own: JobHouse, claim: Claim) -> None:
        recording_id = UUID(claim.ids["recording_id"])
        found = run(own, claim, lambda session: lines.recording(session, recording_id))
        account = account_of(own, claim, found.account_id)
        try:
            if found.is_here:
                twilio.forget(own.settings, account, found.provider_id)
                return
            sound = twilio.sound(own.settings, account, found.provider_id)
            sealed = seal(own.settings.secret_key, SOUND, base64.b64encode(sound).decode())
            run(own, claim, lambda session: lines.keep_sound(session, recording_id, sealed))
            twilio.forget(own.settings, account, found.provider_id)
        except twilio.LineGone:
            log.info("recording_gone", recording_id=str(recording_id))

    again(outbox_id, is_look_up, work)
