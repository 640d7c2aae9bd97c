"""What a job goes through whose work is outside, with no transaction open meanwhile: claimed, tried again, ended."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from channels.base import SendFailed
from config.topics import TOPICS
from contact.domain.carrier import Account
from contact.domain.vocabulary import OutboxState
from contact.jobs import JobHouse, house
from contact.scope import Scope
from contact.services import carrier_accounts, deliveries, work_rows
from contact.services.work_rows import Claim

Result = TypeVar("Result")


def again(
    outbox_id: str,
    is_look_up: bool,
    work: Callable[[JobHouse, Claim], None],
    give_up: Callable[[Session, Claim], None] = lambda _session, _claim: None,
) -> None:
    """Do what may be done twice: after a fault of any kind, or a lost worker, simply again; at last *give_up*."""
    own = house()
    claim = claimed(own, outbox_id, is_look_up)
    if claim is None:
        return
    try:
        work(own, claim)
    except Exception as fault:
        later(own, claim, fault, lambda session: give_up(session, claim))
        if not isinstance(fault, SendFailed):
            raise
    else:
        end(own, claim, OutboxState.DONE)


def claimed(own: JobHouse, outbox_id: str, is_look_up: bool) -> Claim | None:
    """The row, now ours, or ours to look up; None: somebody else has it, or it is over."""
    row_id, claim = UUID(outbox_id), deliveries.present_claim if is_look_up else work_rows.claim
    return own.database.run(Scope(action="claim"), lambda session: claim(session, row_id))


def later(own: JobHouse, claim: Claim, fault: Exception, give_up: Callable[[Session], None]) -> None:
    """Due again after a *fault*; after the topic's last try *give_up*, and the row has failed."""
    # What others say may quote a citizen's row.
    reason = str(fault) if isinstance(fault, SendFailed) else type(fault).__name__

    def work(session: Session) -> None:
        if claim.attempt < TOPICS[claim.topic].attempts:
            work_rows.try_again(session, claim, reason)
        else:
            give_up(session)
            work_rows.end(session, claim, OutboxState.FAILED, reason)

    run(own, claim, work)


def end(own: JobHouse, claim: Claim, state: OutboxState, failure: str | None = None) -> None:
    """The row is closed for good."""
    run(own, claim, lambda session: work_rows.end(session, claim, state, failure))


def account_of(own: JobHouse, claim: Claim, account_id: UUID) -> Account:
    """
    Raises:
        SendFailed: the account is switched off.
    """
    secret = own.settings.secret_key
    account = run(own, claim, lambda session: carrier_accounts.enter(session, account_id, secret))
    if account is None:
        raise SendFailed("account_off")
    return account


def run(own: JobHouse, claim: Claim, work: Callable[[Session], Result]) -> Result:
    """*work* in a transaction of the row's administration, on record under its topic."""
    scope = Scope(action=claim.topic, tenant_id=claim.tenant_id, request_id=claim.outbox_id.hex)
    return own.database.run(scope, work)
