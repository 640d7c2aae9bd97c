"""RQ jobs: ids in, one service call, never retried by RQ."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any
from uuid import UUID

import structlog
from rq import get_current_job
from sqlalchemy.orm import Session

from config.logging import bind, clear
from config.settings import Settings
from config.topics import TOPICS
from contact import realtime
from contact.domain.vocabulary import OutboxState
from contact.scope import Scope
from contact.services import (
    assignments,
    places,
    policy_simulations,
    routing_plans,
    silence,
    text_choices,
    work_rows,
)
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


class JobFailed(Exception):
    """What RQ is told of a job that failed: RQ keeps and logs messages, and a database's may quote a citizen's row."""


def job(work: Callable[..., None]) -> Callable[..., None]:
    """RQ's entry into *work*, whose first argument is a row of the outbox: its ids on every line, one line at its end.

    Raises (in the job):
        JobFailed: named after the fault, whose places are in our own log.
    """

    @wraps(work)
    def told(outbox_id: str, *more: bool) -> None:
        current = get_current_job()
        clear()
        bind(job_id=current.id if current else None, outbox_id=outbox_id)
        began = time.perf_counter()
        try:
            work(outbox_id, *more)
        except Exception as fault:
            name = type(fault).__name__
            log.exception("job_failed", job=work.__name__, fault=name)
            raise JobFailed(name) from None
        log.info("job_done", job=work.__name__, milliseconds=round((time.perf_counter() - began) * 1000, 1))

    return told


@job
def look_at_silence(outbox_id: str) -> None:
    """Ask a silent visitor, pause their chat, or look again later."""
    settings = house().settings
    ask = settings.visitor_still_there_seconds
    patience = Patience(ask, max(settings.visitor_paused_seconds - ask, 1.0))
    once(outbox_id, lambda session, row: silence.look(session, UUID(row.ids["assignment_id"]), patience))


@job
def give_back(outbox_id: str) -> None:
    """An agent left for good: what they held waits again, with its place."""

    def work(session: Session, row: Claim) -> None:
        assignments.give_back(session, UUID(row.ids["contact_id"]), UUID(row.ids["assignment_id"]))

    once(outbox_id, work)


@job
def tell_rescinded(outbox_id: str) -> None:
    """Another contact of the same place was served: the citizen is told on this channel."""
    once(outbox_id, lambda session, row: places.tell_rescinded(session, UUID(row.ids["contact_id"])))


@job
def reorder(outbox_id: str) -> None:
    """A campaign's routing plan changed: what waits gets its new order."""
    once(outbox_id, lambda session, row: routing_plans.reorder_waiting(session, UUID(row.ids["campaign_id"])))


@job
def settle_choice(outbox_id: str) -> None:
    """A citizen with several matters did not say which one they wrote about."""
    once(outbox_id, lambda session, row: text_choices.settle_unanswered(session, UUID(row.ids["choice_id"])))


@job
def simulate_policy(outbox_id: str) -> None:
    """One run of a policy's simulation; its result and the next are one commit.

    A worker that is killed in the middle leaves the row due: the run is done again, and kept once.
    """
    own, row_id = house(), UUID(outbox_id)
    tenant_id, ids = own.database.run(Scope(action="job"), lambda session: _due(session, row_id))
    if ids is None:
        return
    scope = Scope(action="job", tenant_id=tenant_id)
    simulation_id, step = UUID(ids["simulation_id"]), ids["step"]

    def give_up() -> None:
        own.database.run(scope, lambda session: policy_simulations.fail(session, simulation_id))

    with _tried(own, row_id, give_up):
        found = own.database.run(scope, lambda session: policy_simulations.next_run(session, simulation_id, step))
        part = found.run() if found else {}
    once(
        outbox_id, lambda session, _row: policy_simulations.keep(session, simulation_id, step, part) if found else None
    )


def _due(session: Session, row_id: UUID) -> tuple[UUID | None, dict[str, Any] | None]:
    return work_rows.tenant_of(session, row_id), work_rows.due_ids(session, row_id)


@job
def echo(outbox_id: str) -> None:
    """Nothing but being done: the synthetic citizen waits for it."""
    once(outbox_id, lambda _session, _row: None)


def once(outbox_id: str, work: Callable[[Session, Claim], None]) -> None:
    """Do *work* in the transaction that marks the row done: its effect happens exactly once."""
    own, row_id = house(), UUID(outbox_id)
    tenant_id = own.database.run(Scope(action="job"), lambda session: work_rows.tenant_of(session, row_id))

    def done(session: Session) -> None:
        row = work_rows.claim(session, row_id, OutboxState.DONE)
        if row is not None:
            work(session, row)

    with _tried(own, row_id):
        own.database.run(Scope(action="job", tenant_id=tenant_id, request_id=row_id.hex), done)


@contextmanager
def _tried(own: JobHouse, row_id: UUID, give_up: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Whatever fails inside is one try of the row; after the last, *give_up*."""
    try:
        yield
    except Exception as fault:
        name = type(fault).__name__
        if own.database.run(Scope(action="job"), lambda session: _put_off(session, row_id, name)):
            give_up()
        raise


def _put_off(session: Session, row_id: UUID, fault: str) -> bool:
    """Count the failed try; true for the topic's last one: the row is quarantined, where metrics show it."""
    row = work_rows.claim(session, row_id)
    if row is None:
        return False
    is_last = row.attempt >= TOPICS[row.topic].attempts
    if is_last:
        work_rows.end(session, row, OutboxState.QUARANTINED, fault)
    else:
        work_rows.try_again(session, row, fault)
    return is_last
