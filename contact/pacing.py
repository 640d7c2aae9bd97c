"""The throttle of live calls: what each campaign's agents can do is measured, and its bucket filled by that.

One pool's leader holds it. Once a second it tells who is idle, and every few seconds it turns the loop of each
campaign whose policy is in force. What it knows is kept on Redis, where the next leader goes on from.
"""

import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.orm import Session

from config import metrics
from contact.domain.vocabulary import Channel
from contact.queries import paces
from contact.queries.paces import Pace, moment
from contact.valve import Counts, SharedValve, Snapshot
from routing.admission import MODES
from routing.engine import Engine
from routing.policy import throttle_of
from routing.spare import Spare
from routing.throttle import (
    PLANNED_HANDLING_SECONDS,
    Backlog,
    Capacity,
    Throttle,
    ThrottlePolicy,
    Work,
    shared_out,
)
from routing.types import ContactClass

# What ended this moment may be committed a moment later: it is looked at when it surely is.
LAG_SECONDS = 2.0
# How often policies are looked for where none is in force.
LOOK_SECONDS = 10.0
# The mean length of a call, from the last day.
DAY_EVERY_SECONDS = 3_600.0
DAY_CALLS_MIN = 20
# Redis is gone: it is not asked again at once, for each time holds the leader up.
AGAIN_SECONDS = 5.0
_VOICE = Channel.VOICE.value
log = structlog.get_logger()


@dataclass(slots=True)
class _Done:
    """Counts that only grow."""

    completed: int = 0
    busy_seconds: float = 0.0
    idle_seconds: float = 0.0

    def by(self, now: float) -> Work:
        return Work(now, self.completed, self.busy_seconds, self.idle_seconds)


def _none() -> Counts:
    return Counts(0, {})


@dataclass(slots=True)
class _Line:
    """One campaign that is paced."""

    throttle: Throttle
    capacity: Capacity
    done: _Done = field(default_factory=_Done)
    handling_seconds: float = PLANNED_HANDLING_SECONDS
    turns_at: float = 0.0
    # As the bucket counted last, and all that it ever did: a bucket that nobody asked for a day begins anew.
    counts: Counts = field(default_factory=_none)
    asked: int = 0
    refused: int = 0
    # (when, asked by then, refused by then)
    lately: deque[tuple[float, int, int]] = field(default_factory=deque)

    def obey(self, policy: ThrottlePolicy) -> None:
        """The policy in force, another one perhaps than a moment ago."""
        self.throttle.policy = self.capacity.policy = policy

    def count(self, counts: Counts, campaign_id: UUID, now: float) -> None:
        """Take over what the bucket has counted."""
        before = self.counts if counts.asked >= self.counts.asked else _none()
        asked = counts.asked - before.asked
        refused = {rule: many - before.refused.get(rule, 0) for rule, many in counts.refused.items()}
        self.counts, self.asked, self.refused = counts, self.asked + asked, self.refused + sum(refused.values())
        self.lately.append((now, self.asked, self.refused))
        while now - self.lately[0][0] > self.throttle.policy.window_seconds:
            self.lately.popleft()
        metrics.valve_asked.labels(str(campaign_id)).inc(asked)
        for rule, many in refused.items():
            metrics.valve_refused.labels(str(campaign_id), rule).inc(many)

    def snapshot(self) -> Snapshot:
        throttle, (_, asked, refused) = self.throttle, self.lately[0] if self.lately else (0.0, 0, 0)
        return Snapshot(throttle.limits, throttle.valve, throttle.capacity, self.asked - asked, self.refused - refused)

    def kept(self) -> dict[str, Any]:
        return {
            "throttle": self.throttle.kept(),
            "capacity": self.capacity.kept(),
            "done": [self.done.completed, self.done.busy_seconds, self.done.idle_seconds],
            "handling_seconds": self.handling_seconds,
            "turns_at": self.turns_at,
            "counts": [self.counts.asked, dict(self.counts.refused)],
            "asked": self.asked,
            "refused": self.refused,
            "lately": list(self.lately),
        }

    @classmethod
    def resumed(cls, kept: dict[str, Any]) -> "_Line":
        policy = ThrottlePolicy()
        return cls(
            Throttle.resumed(policy, kept["throttle"]),
            Capacity.resumed(policy, 1.0, kept["capacity"]),
            _Done(*kept["done"]),
            kept["handling_seconds"],
            kept["turns_at"],
            Counts(*kept["counts"]),
            kept["asked"],
            kept["refused"],
            deque((at, asked, refused) for at, asked, refused in kept["lately"]),
        )


class Pacing:
    """One pool's, under one epoch of its lease: `prepare`, `read`, `tell`, once a second."""

    def __init__(self, valve: SharedValve | None, epoch: int) -> None:
        self._valve, self._epoch = valve, epoch
        self._lines: dict[UUID, _Line] = {}
        self._pool, self._pool_done = Capacity(ThrottlePolicy(), 1.0), _Done()
        self._campaigns: dict[UUID, UUID] = {}
        self._read: list[Pace] | None = None
        self._reads_at = self._read_until = self._day_read_at = self._counted_at = self._asks_redis_at = 0.0
        # What the last leader kept; None until Redis was asked.
        self._last: str | None = None

    def prepare(self) -> None:
        """Ask, once, what the last leader kept."""
        if self._valve is not None and self._last is None and self._may_ask:
            self._last = self._valve.kept()
            self._heard(self._last is not None)

    def read(self, session: Session, now: float) -> None:
        """What the rows tell, when it is time to: one statement."""
        if self._valve is None or self._last is None or now < self._reads_at:
            return
        if self._last:
            self._resume(self._last, now)
            self._last = ""
        until, with_day = now - LAG_SECONDS, now - self._day_read_at >= DAY_EVERY_SECONDS
        since = self._read_until or until
        self._read = paces.of_pool(session, self._valve.pool_id, since, until, with_day=with_day)
        self._read_until, self._day_read_at = until, now if with_day else self._day_read_at

    def tell(self, engine: Engine, asks: Mapping[UUID, ContactClass], now: float) -> bool:
        """Count who is idle, turn the loops that are due, and write it for all. True when a loop was turned.

        *asks* says of each need by telephone what its contacts ask. No transaction is open: Redis may be slow.
        """
        valve = self._valve
        rows, self._read = self._read, None
        if rows is not None:
            self._take_over(rows, now)
        if valve is None or not self._lines or not self._may_ask:
            return False
        spare = engine.idle(_VOICE, asks)
        self._count_idle(self._shares(spare, asks), now)
        is_turned = rows is not None and self._turn(valve, engine, asks, now)
        kept = json.dumps(self._kept(now)) if is_turned else ""
        snapshots = {id: line.snapshot() for id, line in self._lines.items()}
        self._heard(valve.write(self._epoch, spare, snapshots, kept=kept) is not None)
        return is_turned

    @property
    def _may_ask(self) -> bool:
        return time.monotonic() >= self._asks_redis_at

    def _heard(self, is_there: bool) -> None:
        """Redis was asked; where it is gone, it is left alone for a while."""
        if not is_there:
            self._asks_redis_at = time.monotonic() + AGAIN_SECONDS

    def _take_over(self, rows: list[Pace], now: float) -> None:
        """Policies and work, as they were read."""
        self._campaigns = {queue_id: row.campaign_id for row in rows for queue_id in row.queue_ids}
        paced = {row.campaign_id: row for row in rows if row.document is not None}
        self._lines = {id: line for id, line in self._lines.items() if id in paced}
        for id, row in paced.items():
            assert row.document is not None
            policy = throttle_of(row.document, moment(now).astimezone(ZoneInfo(row.time_zone)).date())
            line = self._lines.setdefault(id, _Line(Throttle(policy), Capacity(policy, 1.0)))
            line.obey(policy)
            if row.day_calls >= DAY_CALLS_MIN:
                line.handling_seconds = row.day_seconds / row.day_calls
            for done in (line.done, self._pool_done):
                done.completed += row.completed
                done.busy_seconds += row.busy_seconds
        ticks = [line.throttle.policy.tick_seconds for line in self._lines.values()]
        self._reads_at = now + min(ticks, default=LOOK_SECONDS)

    def _shares(self, spare: Spare[UUID], asks: Mapping[UUID, ContactClass]) -> dict[UUID, float]:
        """Each campaign's equal part of the agents who may serve it."""
        found: dict[UUID, float] = {}
        for lines, count in spare.items():
            served = {self._campaigns[asks[line].queue_id] for line in lines if asks[line].queue_id in self._campaigns}
            for campaign_id in served:
                found[campaign_id] = found.get(campaign_id, 0.0) + count / len(served)
        return found

    def _count_idle(self, idle: Mapping[UUID, float], now: float) -> None:
        """As they stand now, since they were last looked at."""
        seconds = now - self._counted_at if self._counted_at else 0.0
        self._counted_at = now
        for id, line in self._lines.items():
            for done in (line.done, self._pool_done):
                done.idle_seconds += idle.get(id, 0.0) * seconds

    def _turn(self, valve: SharedValve, engine: Engine, asks: Mapping[UUID, ContactClass], now: float) -> bool:
        """Measure, then turn the loop of each campaign whose tick it is; what they can do together is the pool's."""
        due = [id for id, line in self._lines.items() if line.turns_at <= now]
        if not due:
            return False
        present, waiting, counted = self._shares(engine.at_work(asks), asks), self._waiting(engine), valve.counts(due)
        priors = {id: present.get(id, 0.0) / line.handling_seconds for id, line in self._lines.items()}
        for id in due:
            self._lines[id].capacity.measure(self._lines[id].done.by(now), priors[id])
        self._pool.policy = next(iter(self._lines.values())).throttle.policy
        self._pool.measure(self._pool_done.by(now), sum(priors.values()))
        able = [line.capacity.per_second for line in self._lines.values()]
        capacities = dict(zip(self._lines, shared_out(able, self._pool.per_second), strict=True))
        for id in due:
            line = self._lines[id]
            line.turns_at = now + line.throttle.policy.tick_seconds
            if counted is not None:
                line.count(counted[id], id, now)
            # Whoever is let in at the end of the menu waits in the same commit: nobody is in between.
            backlog = Backlog(waiting.get(id, 0), 0, 0, 0, line.asked, line.refused)
            before = line.throttle.mode
            line.throttle.turn(capacities[id], backlog, now)
            self._note(id, line, before)
        return True

    def _waiting(self, engine: Engine) -> dict[UUID, int]:
        found: dict[UUID, int] = {}
        for queue_id, count in engine.waiting(_VOICE).items():
            if queue_id in self._campaigns:
                id = self._campaigns[queue_id]
                found[id] = found.get(id, 0) + count
        return found

    def _note(self, campaign_id: UUID, line: _Line, before: str) -> None:
        throttle, label = line.throttle, str(campaign_id)
        metrics.valve_mode.labels(label).set(MODES.index(throttle.mode))
        metrics.valve_rate.labels(label, "rate").set(throttle.rate)
        metrics.valve_rate.labels(label, "capacity").set(throttle.capacity)
        metrics.valve_wait.labels(label).set(throttle.wait_seconds)
        if throttle.mode != before:
            log.info("valve_mode", campaign_id=label, before=before, mode=throttle.mode.value)

    def _kept(self, now: float) -> dict[str, Any]:
        return {
            "at": now,
            "read_until": self._read_until,
            "pool": self._pool.kept(),
            "pool_done": [self._pool_done.completed, self._pool_done.busy_seconds, self._pool_done.idle_seconds],
            "lines": {str(id): line.kept() for id, line in self._lines.items()},
        }

    def _resume(self, kept: str, now: float) -> None:
        """Go on from what the last leader kept, if it is not too old to tell anything."""
        told = json.loads(kept)
        try:
            if now - told["at"] > ThrottlePolicy().window_seconds:
                return
            lines = {UUID(id): _Line.resumed(line) for id, line in told["lines"].items()}
            pool, done = Capacity.resumed(ThrottlePolicy(), 1.0, told["pool"]), _Done(*told["pool_done"])
            self._read_until = told["read_until"]
        except (KeyError, TypeError, ValueError):
            # Another version of the product kept it.
            log.warning("pacing_begins_anew")
            return
        self._lines, self._pool, self._pool_done = lines, pool, done
