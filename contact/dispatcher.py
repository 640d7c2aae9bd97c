"""The process around the engine: load what changed, decide, commit offers in batches, fenced by an epoch."""

import contextlib
import gc
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import metrics
from config.logging import bind, clear
from config.settings import Settings
from contact import decisions, sweeps
from contact.decisions import Batch
from contact.forecast import Forecast
from contact.listener import Listener
from contact.models import Pool, Queue
from contact.outbox import ROUTING_CHANNEL, Frame
from contact.pulse import Pulse
from contact.queries import facts
from contact.queries.facts import Grants, Needs
from contact.scope import Scope
from contact.services import clock
from contact.unit_of_work import Database, push_all
from routing.engine import Engine
from routing.types import Decision, EnginePolicy, Offer

BATCH = 50
SWEEP_SECONDS = 1.0
REBUILD_SECONDS = 30
# Longer than this between two batches, and agents may have been heard by nobody.
GAP_SECONDS = 3.0
_SCOPE = Scope(action="dispatch", actor_kind="dispatcher")
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
    engine: Engine = field(init=False)
    forecast: Forecast = field(init=False)
    queues: dict[UUID, UUID] = field(default_factory=dict)
    grants: Grants = field(default_factory=dict)
    needs: Needs = field(default_factory=dict)
    read_at: float = field(default_factory=time.monotonic)
    steady_since: float = field(default_factory=time.monotonic)
    swept_at: float = 0.0
    ahead_seconds: float = 0.0
    is_outdated: bool = False

    def rebuild(self) -> None:
        """Fill a new engine from the rows; what was marked dirty before is then known.

        It may take longer than a batch is given, and longer than the lease: whoever waits to take over would do the
        same again, and then another, and nobody would ever lead. So the lease runs anew from its end.
        """
        with _without_collector(), self._transaction() as session:
            session.execute(text(f"SET LOCAL statement_timeout = '{REBUILD_SECONDS}s'"))
            session.execute(text("DELETE FROM routing_dirty WHERE pool_id = :pool"), {"pool": self.pool_id})
            now = clock.now(session).timestamp()
            offer_seconds = {
                row.id: float(row.offer_seconds)
                for row in session.execute(select(Queue.id, Queue.offer_seconds).where(Queue.pool_id == self.pool_id))
            }
            self.engine = Engine(
                EnginePolicy(
                    offer_seconds=offer_seconds,
                    missed_offers_max=self.settings.missed_offers_max,
                )
            )
            self.forecast = Forecast(self.pool_id)
            agents, self.grants = facts.staff(session, self.pool_id)
            for agent in agents:
                self.engine.put_agent(agent)
                self.forecast.put_agent(agent, now)
            for contact in facts.contacts(session, self.pool_id, needs=self.needs):
                self.queues[contact.id] = contact.queue_id
                self.engine.put_contact(contact, now)
                self.forecast.put_contact(contact, now)
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
        with self._transaction() as session:
            self._read_changes(session)
            batch = Batch(session, self.pool_id, self.grants, epoch=self.epoch, at=clock.now(session))
            now = batch.at.timestamp()
            self.ahead_seconds = now - time.monotonic()
            decided = self.engine.decide(now, BATCH)
            made = decisions.apply(batch, decided, self.queues)
            for contact_id, offer_id in made.items():
                self.engine.name_offer(contact_id, offer_id)
            for one in decided:
                if isinstance(one, Offer) and one.contact_id in made:
                    self.forecast.offered(one.contact_id, one.agent_id, now)
            self._reread_agents(session, batch.changed_agents)
            self._reread_contacts(session, batch.refused_contacts)
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
        now = time.monotonic()
        if now - self.swept_at < SWEEP_SECONDS:
            return
        if now - self.read_at > GAP_SECONDS:
            self.steady_since = now
        self.swept_at = now
        stats = self.engine.stats()
        metrics.engine_size.labels(str(self.pool_id), "waiting").set(stats.waiting)
        metrics.engine_size.labels(str(self.pool_id), "agents").set(stats.agents)
        with self._transaction() as session:
            batch = Batch(session, self.pool_id, self.grants, epoch=self.epoch)
            self.forecast.write(session, clock.now(session).timestamp())
            sweeps.withdraw_from_absent(batch)
            sweeps.end_wrap_ups(batch)
            if now - self.steady_since >= self.settings.silence_seconds:
                sweeps.rest_silent(batch, self.settings.silence_seconds)
                sweeps.sign_off_gone(batch, self.settings.gone_seconds)
            self._reread_agents(session, batch.changed_agents)
            self._reread_contacts(session, batch.refused_contacts)
            batch.finish()
            frames: list[Frame] = session.info["frames"]
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

    def _transaction(self) -> "_Fenced":
        return _Fenced(self)

    def _read_changes(self, session: Session) -> None:
        """Forget the marks, then read the present: a change that comes in between leaves a new mark."""
        rows = session.execute(
            text("DELETE FROM routing_dirty WHERE pool_id = :pool RETURNING entity, entity_id"), {"pool": self.pool_id}
        ).all()
        # A plan was published: queues, their times and who serves them are read again, with everything else.
        self.is_outdated = any(row.entity == "pool" for row in rows)
        self._reread_agents(session, {row.entity_id for row in rows if row.entity == "agent"})
        self._reread_contacts(session, {row.entity_id for row in rows if row.entity == "contact"})

    def _reread_agents(self, session: Session, agent_ids: set[UUID]) -> None:
        if not agent_ids:
            return
        now = clock.now(session).timestamp()
        found, grants = facts.staff(session, self.pool_id, sorted(agent_ids))
        self.grants |= grants
        for agent in found:
            self.engine.put_agent(agent)
            self.forecast.put_agent(agent, now)
        for gone in agent_ids - grants.keys():
            self.grants.pop(gone, None)
            self.engine.remove_agent(gone)
            self.forecast.remove_agent(gone, now)

    def _reread_contacts(self, session: Session, contact_ids: set[UUID]) -> None:
        if not contact_ids:
            return
        found = facts.contacts(session, self.pool_id, sorted(contact_ids), self.needs)
        now = clock.now(session).timestamp() if found else 0.0
        for contact in found:
            self.queues[contact.id] = contact.queue_id
            self.engine.put_contact(contact, now)
            self.forecast.put_contact(contact, now)
        for gone in contact_ids - {contact.id for contact in found}:
            self.queues.pop(gone, None)
            self.engine.remove_contact(gone)
            self.forecast.remove_contact(gone, now)


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Nothing that is read is garbage: looking for cycles in it again and again would double the time it takes."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Fenced:
    """A transaction that can commit only while the epoch holds: it begins by locking the lease's row for sharing."""

    def __init__(self, leader: Leader) -> None:
        self.leader = leader

    def __enter__(self) -> Session:
        leader = self.leader
        self.session = leader.database.factory(info={"scope": _SCOPE, "frames": [], "notified": set()})
        held = self.session.execute(
            text("SELECT 1 FROM lease WHERE pool_id = :pool AND epoch = :epoch FOR SHARE"),
            {"pool": leader.pool_id, "epoch": leader.epoch},
        ).first()
        if held is None:
            self.session.close()
            raise LeaseLost()
        return self.session

    def __exit__(self, fault: type[BaseException] | None, *_: object) -> None:
        try:
            if fault is None:
                self.session.commit()
        finally:
            self.session.close()


def lead(database: Database, settings: Settings, should_stop: Callable[[], bool], pulse: Pulse) -> None:
    """Lead every pool that nobody else leads, until told to stop; give the leases back at the end."""
    holder = f"{socket.gethostname()}:{os.getpid()}"
    leaders: dict[UUID, Leader] = {}
    renewed_at = 0.0
    listener = Listener(database, ROUTING_CHANNEL)
    while not should_stop():
        try:
            # Whoever leads nothing looks at each wake-up: a leader who leaves sends one.
            if not leaders or time.monotonic() - renewed_at > settings.lease_seconds / 3:
                _renew(database, settings, holder, leaders)
                renewed_at = time.monotonic()
            is_busy = _step_all(leaders)
            pulse.beat()
        except (SQLAlchemyError, LeaseLost) as fault:
            # The rows are the truth: forget everything, wait for the database, begin again.
            log.warning("dispatcher_lost_database", fault=type(fault).__name__)
            leaders.clear()
            renewed_at = 0.0
            time.sleep(0.2)
            continue
        if not is_busy:
            listener.wait(min((leader.wait_seconds() for leader in leaders.values()), default=SWEEP_SECONDS))
    listener.close()
    # Without a database the leases run out by themselves.
    with contextlib.suppress(SQLAlchemyError):
        _release(database, leaders)
    pulse.end()


def _step_all(leaders: dict[UUID, Leader]) -> bool:
    is_busy = False
    for pool_id, leader in list(leaders.items()):
        clear()
        bind(pool_id=str(pool_id), epoch=leader.epoch)
        try:
            leader.sweep()
            is_busy = leader.step() or is_busy
        except LeaseLost:
            log.warning("lease_lost")
            del leaders[pool_id]
    clear()
    return is_busy


def _renew(database: Database, settings: Settings, holder: str, leaders: dict[UUID, Leader]) -> None:
    """Keep the leases held; take those that are free or have run out, each under a new epoch."""
    held = {pool_id: leader.epoch for pool_id, leader in leaders.items()}
    with database.factory(info={"scope": _SCOPE, "frames": [], "notified": set()}) as session, session.begin():
        session.execute(text("INSERT INTO lease (pool_id, epoch) SELECT id, 0 FROM pool ON CONFLICT DO NOTHING"))
        taken = {}
        for pool_id in session.scalars(select(Pool.id).order_by(Pool.id)):
            row = session.execute(
                text(
                    """UPDATE lease SET holder = :holder,
                           leased_until = clock_timestamp() + make_interval(secs => :seconds),
                           epoch = CASE WHEN epoch = :epoch AND holder = :holder THEN epoch ELSE epoch + 1 END
                       WHERE pool_id = :pool
                         AND (holder = :holder OR leased_until IS NULL OR leased_until < clock_timestamp())
                       RETURNING epoch"""
                ),
                {"holder": holder, "seconds": settings.lease_seconds, "pool": pool_id, "epoch": held.get(pool_id, -1)},
            ).one_or_none()
            if row is not None:
                taken[pool_id] = row.epoch
    for pool_id in set(leaders) - set(taken):
        del leaders[pool_id]
    for pool_id, epoch in taken.items():
        if held.get(pool_id) != epoch:
            leaders[pool_id] = Leader(database, settings, pool_id, epoch)
            leaders[pool_id].rebuild()


def _release(database: Database, leaders: dict[UUID, Leader]) -> None:
    """Give the leases back and say so: the next dispatcher need not wait for them to run out."""
    with database.factory(info={"scope": _SCOPE, "frames": [], "notified": set()}) as session, session.begin():
        for leader in leaders.values():
            session.execute(
                text("UPDATE lease SET leased_until = NULL WHERE pool_id = :pool AND epoch = :epoch"),
                {"pool": leader.pool_id, "epoch": leader.epoch},
            )
        if leaders:
            session.execute(text(f"NOTIFY {ROUTING_CHANNEL}"))
