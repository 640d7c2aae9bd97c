"""The leader's pace of live calls, on real rows and a real Redis: what it measures, tells, and hands on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import redis
from flask import Flask

from config.settings import Settings
from contact.dispatcher import _release
from contact.domain.policy_default import default
from contact.leader import _HOLD, Leader
from contact.unit_of_work import Database
from contact.valve import Keys, SharedValve, Snapshot, reach
from routing.admission import Limits, Mode, Put, Rule
from tests import strangers
from tests.api.test_policy import publish, save
from tests.api.test_routing_plan import CLAIRE, NADIA, campaign_of
from tests.people import CITY, TAXES, Citizen, Staff, leader, told

ANYTHING = Limits(0.0, 1.0)


@dataclass
class Pool:
    """The demo's pool: two campaigns, each with a need by telephone, and its leader."""

    leads: Leader
    owner: psycopg.Connection
    taxes: UUID
    city: UUID
    needs: dict[UUID, str]
    contacts: dict[UUID, str]
    # By a clock of the test's own, which begins now.
    now: float

    @property
    def valve(self) -> SharedValve:
        return reach(self.leads.settings.redis_url or "", self.leads.pool_id, 1)

    def told(self) -> dict[UUID, Snapshot]:
        return self.valve.snapshots([self.taxes, self.city])

    def tick(self, seconds: float = 10.0) -> dict[UUID, Snapshot]:
        """As the leader's sweep does it, so much later."""
        self.now += seconds
        self.leads.pacing.prepare()
        with self.leads._fenced(_HOLD) as (session, _):
            self.leads.forecast.write(session, self.now)
            self.leads.pacing.read(session, self.now)
        self.leads.pacing.tell(self.leads.engine, self.leads.forecast.asks("voice"), self.now)
        return self.told()

    def ask(self, campaign_id: UUID, put: Put = Put.KEPT) -> Rule:
        line_id = UUID(self.needs[campaign_id])
        return self.valve.take(campaign_id, str(uuid4()), put, line_id=line_id, planned=ANYTHING).rule

    def serve(self, campaign_id: UUID, every: float, seconds: float, calls: int) -> None:
        """From now on a call ends so often, each after so many seconds with an agent."""
        self.owner.execute(
            """INSERT INTO assignment (id, tenant_id, contact_id, offer_id, agent_id, grant_id, pool_id, ticket_id,
                   interaction_id, channel, state, started_at, ended_at, version)
               SELECT gen_random_uuid(), a.tenant_id, %(contact)s, a.offer_id, a.agent_id, a.grant_id, a.pool_id,
                   a.ticket_id, a.interaction_id, 'voice', 'done', to_timestamp(%(now)s + n * %(every)s - %(seconds)s),
                   to_timestamp(%(now)s + n * %(every)s), 1
               FROM (SELECT a.* FROM assignment a JOIN contact c ON c.tenant_id = a.tenant_id
                     WHERE c.id = %(contact)s LIMIT 1) a, generate_series(1, %(calls)s) n""",
            {
                "contact": self.contacts[campaign_id],
                "now": self.now,
                "every": every,
                "seconds": seconds,
                "calls": calls,
            },
        )

    def wait(self, campaign_id: UUID, many: int) -> list[UUID]:
        """So many callers begin to wait."""
        (model,) = strangers.ask(self.owner, "SELECT * FROM contact WHERE id = %(it)s", it=self.contacts[campaign_id])
        of = {"channel": "voice", "state": "waiting", "need_id": self.needs[campaign_id]}
        made = [
            UUID(
                strangers.copy(
                    self.owner,
                    "contact",
                    model["id"],
                    interaction_id=strangers.copy(self.owner, "interaction", model["interaction_id"]),
                    **of,
                )
            )
            for _ in range(many)
        ]
        self.read()
        return made

    def read(self) -> None:
        with self.leads._fenced(_HOLD) as (session, told):
            self.leads._put_contacts(session, None, told.now.timestamp())
            self.leads.engine.decide(told.now.timestamp())


@pytest.fixture
def chloe(app: Flask) -> Staff:
    """Ready, and may serve either campaign."""
    found = Staff(app, "chloe@accueil.example")
    found.ready()
    return found


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A Redis of the test's own: all tests have the demo's pool, and some run at the same time."""
    own = f"{settings.redis_url.rpartition('/')[0]}/14"
    with redis.Redis.from_url(own) as store:
        store.flushdb()
    return replace(settings, redis_url=own)


@pytest.fixture
def pool(app: Flask, settings: Settings, engine_database: Database, chloe: Staff) -> Iterator[Pool]:
    for address in (TAXES, CITY):
        Citizen(app, address).start()
    ids = [UUID(campaign_of(Staff(app, login))) for login in (CLAIRE, NADIA)]
    with psycopg.connect((settings.database_owner_url or "").replace("+psycopg", ""), autocommit=True) as owner:
        strangers.open_to_owner(owner)
        needs, contacts = {}, {}
        for id in ids:
            (chat,) = strangers.ask(
                owner,
                "SELECT c.* FROM contact c JOIN queue q ON q.id = c.queue_id"
                " WHERE q.campaign_id = %(it)s AND c.channel = 'chat' AND c.state = 'waiting' LIMIT 1",
                it=id,
            )
            needs[id] = strangers.copy(owner, "need", chat["need_id"], channel="voice", digest=f"\\x{uuid4().hex}")
            contacts[id] = str(chat["id"])
        owner.execute("UPDATE contact SET state = 'done' WHERE state IN ('waiting', 'offered')")
        leads = leader(engine_database, settings)
        with leads._fenced(_HOLD) as (_, found):
            now = found.now.timestamp()
        leads.engine.decide(now)
        yield Pool(leads, owner, *ids, needs, contacts, now)


def test_a_campaign_with_a_policy_is_told(pool: Pool, chloe: Staff):
    """By the leader's own sweep: its mode, its wait, its pace; the one without a policy is not written at all."""
    pool.leads.sweep()
    told = pool.told()

    assert told.keys() == {pool.taxes}
    one = told[pool.taxes]
    assert (one.valve.mode, one.valve.expected_wait_seconds, one.asked) == (Mode.OPEN, 0.0, 0)
    # Half of the one agent, who may serve the other campaign as well, at five minutes a call.
    assert one.capacity == pytest.approx(0.5 / 300)
    assert one.limits.rate > one.capacity
    assert [pool.ask(pool.taxes) for _ in range(2)] == [Rule.IDLE, Rule.STICKY]
    assert pool.valve.take(pool.city, "x", Put.ORDINARY, line_id=uuid4(), planned=ANYTHING).source == "own_stale"


def test_what_was_asked_is_told(pool: Pool):
    """Of the last ten minutes, and no longer than that."""
    pool.tick()
    rules = [pool.ask(pool.taxes) for _ in range(5)]
    told = pool.tick()[pool.taxes]

    assert rules == [Rule.IDLE, *[Rule.STICKY] * 4]
    assert (told.asked, told.refused) == (5, 4)
    for _ in range(61):
        told = pool.tick()[pool.taxes]
    assert (told.asked, told.refused) == (0, 0)


def test_capacity_is_what_was_completed(app: Flask, pool: Pool):
    """Each campaign's own calls and its half of who is idle; together no more than the pool's agents do."""
    nadia = Staff(app, NADIA)
    told(save(nadia, default(("fr", "en"))))
    told(publish(nadia))
    pool.serve(pool.taxes, every=5.0, seconds=100.0, calls=200)
    pool.serve(pool.city, every=10.0, seconds=200.0, calls=100)

    for _ in range(90):
        found = pool.tick()

    capacities = [found[id].capacity for id in (pool.taxes, pool.city)]
    assert capacities == pytest.approx([0.2 * (1 + 0.5 / 20), 0.1 * (1 + 0.5 / 20)], rel=0.1)
    assert sum(capacities) <= pool.leads.pacing._pool.per_second + 1e-9
    assert pool.leads.pacing._pool.per_second == pytest.approx(0.3 * (1 + 1 / 40), rel=0.1)


def test_whoever_takes_over_goes_on(pool: Pool, settings: Settings, engine_database: Database):
    """Mode, dwell and counts outlive the leader; a mode of hours ago tells nothing any more."""
    pool.tick()
    waiting = pool.wait(pool.taxes, 20)
    told = pool.tick()[pool.taxes].valve
    assert (told.mode, told.expected_wait_seconds) == (Mode.ADVISE, 19 * 600.0)
    pool.ask(pool.taxes)
    assert pool.tick()[pool.taxes].asked == 1
    pool.owner.execute("UPDATE contact SET state = 'abandoned' WHERE id = ANY (%s)", [waiting])

    _release(engine_database, {pool.leads.pool_id: pool.leads})
    first, pool.leads = pool.leads, leader(engine_database, settings)
    told = pool.tick()[pool.taxes]

    assert pool.leads.epoch > first.epoch
    assert (told.valve.mode, told.valve.expected_wait_seconds, told.asked) == (Mode.ADVISE, 0.0, 1)
    _release(engine_database, {pool.leads.pool_id: pool.leads})
    pool.leads = leader(engine_database, settings)
    assert pool.tick(3_600.0)[pool.taxes].valve.mode is Mode.OPEN


def test_what_another_version_kept(pool: Pool, settings: Settings, engine_database: Database):
    """Whatever a leader of another version left behind, the next one begins anew, and paces."""
    pool.tick()
    _release(engine_database, {pool.leads.pool_id: pool.leads})
    with redis.Redis.from_url(settings.redis_url) as store:
        store.set(Keys(pool.leads.pool_id).of("kept"), "{}")

    pool.leads = leader(engine_database, settings)

    assert pool.tick()[pool.taxes].valve.mode is Mode.OPEN


def test_without_redis_the_leader_leads_on(pool: Pool, settings: Settings, engine_database: Database):
    """Nobody can be told; contacts are routed as ever."""
    _release(engine_database, {pool.leads.pool_id: pool.leads})
    pool.leads = leader(engine_database, replace(settings, redis_url="redis://127.0.0.1:1/0"))

    pool.leads.sweep()
    pool.wait(pool.taxes, 1)

    assert not pool.tick()
    assert pool.leads.engine.stats().offered == 1


def test_the_policy_in_force_is_found(app: Flask, pool: Pool):
    """The one published last that has begun; who goes back changes it at once."""
    claire = Staff(app, CLAIRE)
    document: dict[str, Any] = default(("fr", "en"))
    document["pace"]["floor_percent"] = 60
    told(save(claire, document))
    told(publish(claire))

    one = pool.tick()[pool.taxes]

    assert one.limits.floor_rate == pytest.approx(0.6 * one.capacity)
