"""The one job that sends: claim the row, send with no transaction open, record what came of it."""

import structlog
from sqlalchemy.orm import Session

from channels import registry
from channels.base import Adapter, OutcomeUnknown, Receipt, SendFailed, SendRejected
from channels.claims import claimed, run
from contact.domain.carrier import Account
from contact.domain.outgoing import Outgoing
from contact.jobs import JobHouse, house, job
from contact.services import carrier_accounts, deliveries
from contact.services.work_rows import Claim

log = structlog.get_logger()


@job
def deliver(outbox_id: str, is_look_up: bool = False) -> None:
    """RQ's entry: send the row's message once, or look for proof that it was sent."""
    own = house()
    claim = claimed(own, outbox_id, is_look_up)
    if claim is not None:
        (_look_up if is_look_up else _send)(own, claim)


def _send(own: JobHouse, claim: Claim) -> None:
    outgoing = run(own, claim, lambda session: deliveries.prepare(session, claim))
    if outgoing is None:
        return
    adapter = _adapter(own, claim, outgoing)
    limit, wait = own.settings.delivery_attempts_max, own.settings.unknown_outcome_seconds
    if adapter is None:
        run(own, claim, lambda session: deliveries.not_taken(session, claim, "channel_off", limit))
        return
    try:
        receipt = adapter.send(outgoing)
    except SendFailed as fault:
        reason = str(fault)
        run(own, claim, lambda session: deliveries.not_taken(session, claim, reason, limit))
    except SendRejected as fault:
        reason = str(fault)
        run(own, claim, lambda session: deliveries.refused(session, claim, reason))
    except OutcomeUnknown as fault:
        reason = str(fault)
        run(own, claim, lambda session: deliveries.unknown(session, claim, reason, wait))
    else:
        _sent(own, claim, receipt)


def _look_up(own: JobHouse, claim: Claim) -> None:
    """Ask the provider about an attempt whose outcome nobody saw."""
    outgoing = run(own, claim, lambda session: deliveries.outgoing(session, claim))
    adapter = _adapter(own, claim, outgoing)
    again = own.settings.look_up_seconds
    if adapter is None:
        run(own, claim, lambda session: deliveries.give_up(session, claim))
        return
    try:
        found = adapter.look_up(outgoing)
    except SendFailed as fault:
        reason = str(fault)
        run(own, claim, lambda session: deliveries.not_asked(session, claim, again, reason))
        return
    ids = [receipt.provider_id for receipt in found]

    def settle(session: Session) -> None:
        if not deliveries.adopt(session, claim, adapter.name, ids):
            deliveries.not_found(session, claim, again)

    run(own, claim, settle)


def _adapter(own: JobHouse, claim: Claim, outgoing: Outgoing) -> Adapter | None:
    """The way out of the number or mailbox that the message leaves by."""

    def account(session: Session) -> Account | None:
        return carrier_accounts.of_endpoint(session, outgoing.endpoint_id, own.settings.secret_key)

    return registry.adapter(own.settings, outgoing.channel, run(own, claim, account))


def _sent(own: JobHouse, claim: Claim, receipt: Receipt) -> None:
    run(own, claim, lambda session: deliveries.sent(session, claim, receipt.provider, receipt.provider_id))
    log.info("message_sent", attempt=claim.attempt, provider=receipt.provider)
