"""One pool's engine and its rows: load what changed, decide, commit offers in batches, fenced by an epoch."""

import contextlib
import gc
import time
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Row, TextClause, select, text
from sqlalchemy.orm import Session

from config import metrics
from config.settings import Settings
from contact import decisions, offering, sweeps
from contact.decisions import Batch
from contact.domain.rooms import wallboard_room
from contact.domain.vocabulary import Channel
from contact.forecast import Forecast
from contact.models import Queue
from contact.outbox import Frame
from contact.pacing import Pacing
from contact.queries import facts
from contact.queries.facts import Grants, Needs
from contact.scope import Scope
from contact.unit_of_work import Database, push_all
from contact.valve import reach
from routing.engine import Engine
from routing.hours import Hours
from routing.types import Agent, Decision, EnginePolicy, Expire, Offer

BATCH = 50
SWEEP_SECONDS = 1.0
# How often those are looked at who are at letters and are not interrupted for now.
LETTERS_SECONDS = 30.0
REBUILD_SECONDS = 30
# Longer than this between two batches, and agents may have been heard by nobody.
GAP_SECONDS = 3.0
SCOPE = Scope(action="dispatch", actor_kind="dispatcher")
# Each transaction begins with one of these: it locks the lease's row for sharing, so that it can commit only while the
# epoch holds, and tells the time.
_HOLD = text(
    """WITH held AS (SELECT pool_id FROM lease WHERE pool_id = :pool AND epoch = :epoch FOR SHARE)
       SELECT clock_timestamp() AS now FROM held"""
)
# As well, it forgets the marks, and then reads the present: a change that comes in between leaves a new mark.
_HOLD_AND_LOOK = text(
    """WITH held AS (SELECT pool_id FROM lease WHERE pool_id = :pool AND epoch = :epoch FOR SHARE),
            mark AS (DELETE FROM routing_dirty d USING held WHERE d.pool_id = held.pool_id
                     RETURNING d.entity, d.entity_id)
       SELECT clock_timestamp() AS now,
              array_agg(DISTINCT entity_id) FILTER (WHERE entity = 'agent') AS agents,
              array_agg(DISTINCT entity_id) FILTER (WHERE entity = 'contact') AS contacts,
              coalesce(bool_or(entity = 'pool'), false) AS is_outdated
       FROM held LEFT JOIN mark ON true GROUP BY held.pool_id"""
)
log = structlog.get_logger()


class LeaseLost(Exception):
    """Another dispatcher leads the pool now: what this one remembers is worth nothing."""


@dataclass(slots=True)
class Leader:
    """One pool's engine under one epoch of its lease. Any fault throws it away; the next one rebuilds from the rows."""

    database: Database
    settings: Settings
    pool_id: UUID
    epoch: int
    engine: Engine = field(default_factory=Engine)
    forecast: Forecast = field(init=False)
    pacing: Pacing = field(init=False)
    hours: Hours = field(default_factory=Hours)
    queues: dict[UUID, UUID] = field(default_factory=dict)
    grants: Grants = field(default_factory=dict)
    needs: Needs = field(default_factory=dict)
    read_at: float = field(default_factory=time.monotonic)
    steady_since: float = field(default_factory=time.monotonic)
    swept_at: float = 0.0
    ahead_seconds: float = 0.0
    is_outdated: bool = False

    def __post_init__(self) -> None:
        self.forecast = Forecast(self.pool_id)
        url, processes = self.settings.redis_url, self.settings.web_processes
        self.pacing = Pacing(reach(url, self.pool_id, processes) if url else None, self.epoch)

    def rebuild(self) -> None:
        """Read everything, as if all of it had changed; what was marked dirty before is then known.

        It may take longer than a batch is given, and longer than the lease: whoever waits to take over would do the
        same again, and then another, and nobody would ever lead. So the lease runs anew from its end.
        """
        with _without_collector(), self._fenced(_HOLD_AND_LOOK) as (session, told):
            session.execute(text(f"SET LOCAL statement_timeout = '{REBUILD_SECONDS}s'"))
            now = told.now.timestamp()
            queues = session.execute(select(Queue.id, Queue.offer_seconds).where(Queue.pool_id == self.pool_id))
            self.engine.policy = EnginePolicy(
                offer_seconds={row.id: float(row.offer_seconds) for row in queues},
                missed_offers_max=self.settings.missed_offers_max,
            )
            self._put_agents(*facts.staff(session, self.pool_id), self.grants.keys(), now)
            self._put_contacts(session, None, now)
            session.execute(
                text(
                    """UPDATE lease SET leased_until = clock_timestamp() + make_interval(secs => :seconds)
                       WHERE pool_id = :pool AND epoch = :epoch"""
                ),
                {"seconds": self.settings.lease_seconds, "pool": self.pool_id, "epoch": self.epoch},
            )
        self.read_at = time.monotonic()
        self.is_outdated = False
        stats = self.engine.stats()
        metrics.led_since.labels(str(self.pool_id)).set_to_current_time()
        log.info(
            "engine_rebuilt", pool_id=str(self.pool_id), epoch=self.epoch, waiting=stats.waiting, agents=stats.agents
        )

    def step(self) -> bool:
        """One batch: read what changed, decide, commit, push. True when more may be waiting.

        Raises:
            LeaseLost: the epoch has passed.
            SQLAlchemyError: the batch was not committed; the engine is ahead of the rows.
        """
        began = time.perf_counter()
        with self._fenced(_HOLD_AND_LOOK) as (session, told):
            batch = Batch(session, self.pool_id, self.grants, epoch=self.epoch, at=told.now)
            now = batch.at.timestamp()
            # A plan was published: queues, their times and who serves them are read again, with everything else.
            self.is_outdated = told.is_outdated
            self._reread_agents(session, set(told.agents or ()), now)
            self._reread_contacts(session, set(told.contacts or ()), now)
            self.ahead_seconds = now - time.monotonic()
            decided = self.engine.decide(now, BATCH)
            decisions.apply(batch, decided)
            made = offering.make(batch, [one for one in decided if isinstance(one, Offer)], self.queues)
            for contact_id, offer_id in made.items():
                self.engine.name_offer(contact_id, offer_id)
            for one in decided:
                if isinstance(one, Offer) and one.contact_id in made:
                    self.forecast.offered(one.contact_id, one.agent_id, now)
            self._reread_agents(session, batch.changed_agents, now)
            # Whose offer ran out waits again: to the engine already, to the forecast once it is read.
            expired = {one.contact_id for one in decided if isinstance(one, Expire)}
            self._reread_contacts(session, batch.refused_contacts | expired, now)
            batch.finish()
            frames: list[Frame] = session.info["frames"]
        self.read_at = time.monotonic()
        push_all(frames)
        self._count(decided, time.perf_counter() - began)
        if self.is_outdated:
            self.rebuild()
        return len(decided) >= BATCH

    def sweep(self) -> None:
        """What time alone changes, in a transaction of its own: it locks presences before contacts.

        Silence counts only while we ourselves have read without a gap: after a stalled database or a takeover every
        agent has the full time again to be heard.

        Raises:
            LeaseLost, SQLAlchemyError: as `step`.
        """
        looked_at = time.monotonic()
        if looked_at - self.swept_at < SWEEP_SECONDS:
            return
        if looked_at - self.read_at > GAP_SECONDS:
            self.steady_since = looked_at
        self.swept_at = looked_at
        stats = self.engine.stats()
        for what in ("waiting", "offered", "agents", "classes", "profiles"):
            metrics.engine_size.labels(str(self.pool_id), what).set(getattr(stats, what))
        self.pacing.prepare()
        with self._fenced(_HOLD) as (session, told):
            batch = Batch(session, self.pool_id, self.grants, epoch=self.epoch, at=told.now)
            now = told.now.timestamp()
            self.forecast.write(session, now)
            self.pacing.read(session, now)
            self._reread_agents(session, self.hours.to_look_at(now - LETTERS_SECONDS), now)
            sweeps.withdraw_from_absent(batch)
            sweeps.end_wrap_ups(batch)
            if looked_at - self.steady_since >= self.settings.silence_seconds:
                sweeps.rest_silent(batch, self.settings.silence_seconds)
                sweeps.sign_off_gone(batch, self.settings.gone_seconds)
            self._reread_agents(session, batch.changed_agents, now)
            self._reread_contacts(session, batch.refused_contacts, now)
            batch.finish()
            frames: list[Frame] = session.info["frames"]
        if self.pacing.tell(self.engine, self.forecast.asks(Channel.VOICE), now):
            frames += [Frame(wallboard_room(id), "wallboard") for id in self.forecast.outsourcers()]
        push_all(frames)

    def wait_seconds(self) -> float:
        """How long nothing can happen unless somebody wakes us; by the database's clock, as the timers are."""
        due_at = self.engine.next_due_at()
        if due_at is None:
            return SWEEP_SECONDS
        return min(max(due_at - time.monotonic() - self.ahead_seconds, 0.0), SWEEP_SECONDS)

    def _count(self, decided: list[Decision], seconds: float) -> None:
        """A batch that decided nothing is counted too, but not told."""
        pool = str(self.pool_id)
        metrics.batches.labels(pool).inc()
        metrics.batch_seconds.labels(pool).observe(seconds)
        kinds = Counter(type(one).__name__.lower() for one in decided)
        for kind, count in kinds.items():
            metrics.decisions.labels(pool, kind).inc(count)
        if decided:
            log.info("batch_committed", **kinds, milliseconds=round(seconds * 1000, 1))

    @contextlib.contextmanager
    def _fenced(self, opening: TextClause) -> Iterator[tuple[Session, Row[Any]]]:
        """A transaction that can commit only while the epoch holds, and what its *opening* statement told."""
        info = {"scope": SCOPE, "frames": [], "notified": set()}
        with self.database.factory(info=info) as session, session.begin():
            told = session.execute(opening, {"pool": self.pool_id, "epoch": self.epoch}).first()
            if told is None:
                raise LeaseLost()
            yield session, told

    def _reread_agents(self, session: Session, agent_ids: set[UUID], now: float) -> None:
        if agent_ids:
            self._put_agents(*facts.staff(session, self.pool_id, agent_ids), agent_ids, now)

    def _reread_contacts(self, session: Session, contact_ids: set[UUID], now: float) -> None:
        if contact_ids:
            self._put_contacts(session, contact_ids, now)

    def _put_agents(self, found: list[Agent], grants: Grants, asked: Set[UUID], now: float) -> None:
        """Take over the facts; of those *asked* for, who is not there any more is forgotten."""
        gone = asked - grants.keys()
        self.grants |= grants
        for agent in found:
            self.engine.put_agent(self.hours.seen(agent, now))
            self.forecast.put_agent(agent, now)
        for agent_id in gone:
            self.grants.pop(agent_id, None)
            self.engine.remove_agent(agent_id)
            self.hours.forget(agent_id)
            self.forecast.remove_agent(agent_id, now)

    def _put_contacts(self, session: Session, asked: Set[UUID] | None, now: float) -> None:
        """Read them, all when none is *asked* for; who is not there any more is forgotten."""
        found = facts.contacts(session, self.pool_id, asked, self.needs)
        gone = (self.queues.keys() if asked is None else asked) - {contact.id for contact in found}
        gave_up = facts.gave_up(session, self.forecast.waits(gone))
        for contact in found:
            self.queues[contact.id] = contact.queue_id
            self.engine.put_contact(contact, now)
            self.forecast.put_contact(contact, now)
        for contact_id in gone:
            self.queues.pop(contact_id, None)
            self.engine.remove_contact(contact_id)
            self.forecast.remove_contact(contact_id, now, gave_up=contact_id in gave_up)


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """What is read now stays: to look for garbage in it, again and again, would hold up the batches each time."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def collect() -> None:
    """An engine that is given up holds itself: it is garbage only the collector finds, once it may look there."""
    gc.unfreeze()
    gc.collect()
