"""What the door could not see to at once, done by a job; it may be tried again, and its effect happens once."""

from uuid import UUID

from sqlalchemy.orm import Session

from channels.effects import EFFECTS
from contact.jobs import house, job, once
from contact.services import carrier_accounts, carrier_events
from contact.services.work_rows import Claim


@job
def see_to_event(outbox_id: str) -> None:
    """RQ's entry: the effect of an event that failed when it came."""

    def work(session: Session, row: Claim) -> None:
        found = carrier_events.kept(session, UUID(row.ids["event_id"]))
        if found is None:
            return
        account_id, event = found
        account = carrier_accounts.enter(session, account_id, house().settings.secret_key)
        if account is not None:
            EFFECTS[event.kind].happen(session, account, event)

    once(outbox_id, work)
