"""RQ jobs: ids in, one service call, never retried by RQ."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from config.settings import Settings
from config.topics import TOPICS
from contact import realtime
from contact.domain.vocabulary import OutboxState
from contact.scope import Scope
from contact.services import assignments, silence, work_rows
from contact.services.silence import Patience
from contact.services.work_rows import Claim
from contact.unit_of_work import Database, connect

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class JobHouse:
    """What a job needs; made once in each process."""

    settings: Settings
    database: Database


def house() -> JobHouse:
    """This process's house. A work horse is a fork: it must not share its parent's connections."""
    return _house(os.getpid())


@cache
def _house(_pid: int) -> JobHouse:
    settings = Settings.from_env()
    if settings.redis_url:
        realtime.emit_only(settings.redis_url)
    return JobHouse(settings, connect(settings.database_url or "", pool_size=2))


def look_at_silence(outbox_id: str) -> None:
    """Ask a silent visitor, pause their chat, or look again later."""
    settings = house().settings
    ask = settings.visitor_still_there_seconds
    patience = Patience(ask, max(settings.visitor_paused_seconds - ask, 1.0))
    _once(outbox_id, lambda session, row: silence.look(session, UUID(row.ids["assignment_id"]), patience))


def give_back(outbox_id: str) -> None:
    """An agent left for good: what they held waits again, with its place."""

    def work(session: Session, row: Claim) -> None:
        assignments.give_back(session, UUID(row.ids["contact_id"]), UUID(row.ids["assignment_id"]))

    _once(outbox_id, work)


def _once(outbox_id: str, work: Callable[[Session, Claim], None]) -> None:
    """Do *work* in the transaction that marks the row done: its effect happens exactly once."""
    own, row_id = house(), UUID(outbox_id)
    tenant_id = own.database.run(Scope(action="job"), lambda session: work_rows.tenant_of(session, row_id))

    def done(session: Session) -> None:
        row = work_rows.claim(session, row_id, OutboxState.DONE)
        if row is not None:
            work(session, row)

    structlog.contextvars.bind_contextvars(job_id=outbox_id, tenant_id=str(tenant_id))
    try:
        own.database.run(Scope(action="job", tenant_id=tenant_id, request_id=row_id.hex), done)
    except Exception as fault:
        name = type(fault).__name__
        log.exception("job_failed", fault=name)
        own.database.run(Scope(action="job"), lambda session: _put_off(session, row_id, name))
        raise


def _put_off(session: Session, row_id: UUID, fault: str) -> None:
    """Count the failed try; after the topic's last one the row is quarantined, where metrics show it."""
    row = work_rows.claim(session, row_id)
    if row is None:
        return
    if row.attempt >= TOPICS[row.topic].attempts:
        work_rows.end(session, row, OutboxState.QUARANTINED, fault)
    else:
        work_rows.try_again(session, row, fault)
