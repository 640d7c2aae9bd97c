"""The dispatcher's process: it holds the leases of its pools, leads each, and gives them back at the end."""

import contextlib
import os
import socket
import time
from collections.abc import Callable
from uuid import UUID

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from config.logging import bind, clear
from config.settings import Settings
from contact.leader import SCOPE, SWEEP_SECONDS, Leader, LeaseLost, collect
from contact.listener import Listener
from contact.models import Pool
from contact.outbox import ROUTING_CHANNEL
from contact.pulse import Pulse
from contact.unit_of_work import Database

log = structlog.get_logger()


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
    with database.factory(info={"scope": SCOPE, "frames": [], "notified": set()}) as session, session.begin():
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
    new = {pool_id: epoch for pool_id, epoch in taken.items() if held.get(pool_id) != epoch}
    if new:
        # There need not be memory for what was known before it was lost.
        collect()
    for pool_id, epoch in new.items():
        leaders[pool_id] = Leader(database, settings, pool_id, epoch)
        leaders[pool_id].rebuild()


def _release(database: Database, leaders: dict[UUID, Leader]) -> None:
    """Give the leases back and say so: the next dispatcher need not wait for them to run out."""
    with database.factory(info={"scope": SCOPE, "frames": [], "notified": set()}) as session, session.begin():
        for leader in leaders.values():
            session.execute(
                text("UPDATE lease SET leased_until = NULL WHERE pool_id = :pool AND epoch = :epoch"),
                {"pool": leader.pool_id, "epoch": leader.epoch},
            )
        if leaders:
            session.execute(text(f"NOTIFY {ROUTING_CHANNEL}"))
