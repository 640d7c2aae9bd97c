"""After an outage of ours: the provider's own lists of calls and texts, held against the rows.

Who called while we were away heard the fallback's words, and no request about them ever reached us: they are called
back. A text that we did not take comes in from the list, and so does what became of ours.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from rq.timeouts import BaseTimeoutException
from sqlalchemy import text
from sqlalchemy.orm import Session

from channels.claims import again
from channels.effects import EFFECTS
from channels.twilio import calling as twilio
from channels.twilio import sms
from config.settings import Settings
from contact.domain.carrier import Account, Event
from contact.domain.errors import Unavailable
from contact.domain.lines import Report
from contact.jobs import JobHouse, job
from contact.scope import Scope
from contact.services import carrier_accounts, carrier_events, deliveries, line_reports, media, missed_calls
from contact.services.work_rows import Claim
from contact.unit_of_work import Database

log = structlog.get_logger()


@job
def catch_up(outbox_id: str, is_look_up: bool = False) -> None:
    """RQ's entry: look at one account's calls since the last time. Done twice, it finds nothing new."""

    def work(own: JobHouse, claim: Claim) -> None:
        if claim.tenant_id is not None:
            look(own.database, own.settings, claim.tenant_id, UUID(claim.ids["account_id"]))

    again(outbox_id, is_look_up, work)


def look(
    database: Database, settings: Settings, tenant_id: UUID, account_id: UUID, since: datetime | None = None
) -> int:
    """Give each call of the account that nobody heard of its ticket and its call back, and take in its texts.

    Returns how many of both there were. What came with texts and no job knows of is fetched as well.

    Raises:
        SendFailed: the provider could not be asked.
        Unavailable: the database was away.
    """
    scope, secret = Scope(action="catch_up", tenant_id=tenant_id), settings.secret_key
    account = database.run(scope, lambda session: carrier_accounts.enter(session, account_id, secret))
    if account is None:
        return 0
    database.run(scope, lambda session: media.resume(session, account_id))
    began, now = database.run(scope, lambda session: missed_calls.window(session, account_id))
    until = now - timedelta(seconds=settings.catch_up_grace_seconds)
    # What is known costs no transaction: a look that was cut short has less to do the next time.
    take_in = partial(_take_in, database, scope, account)
    found = twilio.calls_since(settings, account, since or began, until)
    over = database.run(scope, lambda session: line_reports.over(session, account_id, [one.leg for one in found]))
    missed = [report for report in found if report.leg not in over]
    new = sum(take_in(twilio.told_of(report), partial(_hear, account_id, report)) for report in missed)
    told = sms.texts_since(settings, account, since or began, until)
    keys = [event.dedupe_key for event in told]
    heard = database.run(scope, lambda session: carrier_events.heard(session, account_id, keys))
    unread = (sms.with_media(settings, account, event) for event in told if event.dedupe_key not in heard)
    texts = sum(take_in(event, partial(_read, account, event)) for event in unread)
    database.run(scope, lambda session: missed_calls.looked(session, account_id, until))
    if new or texts:
        log.warning("caught_up", account_id=str(account_id), calls=new, texts=texts)
    return new + texts


def accounts(engine: Database) -> list[tuple[UUID, UUID]]:
    """Every account in use, as (administration, account); *engine* sees them all."""
    with engine.reading(Scope(action="catch_up")) as session:
        rows = session.execute(text("SELECT tenant_id, id FROM carrier_account WHERE disabled_at IS NULL ORDER BY id"))
        return [(row.tenant_id, row.id) for row in rows]


def _take_in(database: Database, scope: Scope, account: Account, event: Event, work: Callable[[Session], bool]) -> bool:
    """A transaction each: one that fails leaves the others, and is kept as *event* for a job to try again.

    Raises:
        Unavailable: the database is away; nothing of this look is held for known.
    """
    try:
        return database.run(scope, work)
    except (Unavailable, BaseTimeoutException):
        raise
    except Exception as fault:
        about = {"account_id": str(account.id), "provider_id": event.provider_id, "kind": event.kind}
        log.exception("not_caught_up", fault=type(fault).__name__, **about)
    database.run(scope, lambda session: carrier_events.keep_for_later(session, account, event))
    return False


def _read(account: Account, event: Event, session: Session) -> bool:
    """What was not told before happens now; true for a text of a citizen."""
    if event.kind == "text_state" and not deliveries.is_known(session, account.provider, event.provider_id):
        # Its own callback names the attempt, and must still be new when it comes.
        return False
    if not carrier_events.keep(session, account, event):
        return False
    EFFECTS[event.kind].happen(session, account, event)
    return event.kind == "text"


def _hear(account_id: UUID, report: Report, session: Session) -> bool:
    return line_reports.unheard(session, account_id, report)
