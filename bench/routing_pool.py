"""A pool in a database of its own on a PostgreSQL with fsync: agents, classes and waiting contacts, for measuring."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import psycopg

from config import migrate
from config.embedded import EmbeddedPostgres, EmbeddedRedis
from config.guard import guard
from config.roles import bootstrap
from config.settings import Settings
from contact.leader import Leader
from contact.unit_of_work import Database, connect

POOL, TENANT, OUTSOURCER = UUID(int=1), UUID(int=2), UUID(int=1)
_TEMPLATE = "bench_template"
_ROOT = Path(__file__).parent.parent
_FIRST_MORE = 1_000_000

# One administration with one queue; the agents are of ten profiles, each able to serve every class.
_HOUSE = """
INSERT INTO pool (id, name) VALUES (%(id1)s, 'bench');
INSERT INTO outsourcer (id, name) VALUES (%(id1)s, 'bench');
INSERT INTO administration (id, slug, name, time_zone, hue) VALUES (%(id2)s, 'bench', 'bench', 'UTC', 0);
INSERT INTO campaign (id, tenant_id, slug, name, languages, is_active, version)
    VALUES (%(id4)s, %(id2)s, 'bench', '{}', '{fr,en}', true, 1);
INSERT INTO queue (id, tenant_id, campaign_id, pool_id, name, offer_seconds, wrap_up_seconds, version)
    VALUES (%(id3)s, %(id2)s, %(id4)s, %(id1)s, '{}', 20, 60, 1);
INSERT INTO topic (id, tenant_id, campaign_id, queue_id, slug, name, steps, priority, rank, version)
    VALUES (%(id5)s, %(id2)s, %(id4)s, %(id3)s, 'bench', '{}', '[]', 0, 0, 1);
INSERT INTO endpoint (id, tenant_id, campaign_id, channel, address, can_receive, version)
    VALUES (%(id6)s, %(id2)s, %(id4)s, 'voice', 'bench', true, 1);
INSERT INTO citizen (id, tenant_id, language, identity_level, version) VALUES (%(id7)s, %(id2)s, 'fr', 0, 1);
INSERT INTO contact_point (id, tenant_id, kind, value, version)
    VALUES (%(id8)s, %(id2)s, 'phone', '+33000000000', 1);
INSERT INTO lease (pool_id, epoch) VALUES (%(id1)s, 0);
"""
_AGENTS = """
CREATE TEMP TABLE person ON COMMIT DROP AS
    SELECT gen_random_uuid() AS id, n FROM generate_series(0, %(agents)s - 1) n;
INSERT INTO account (id, login, password_hash, role, language, outsourcer_id, epoch, failures)
    SELECT id, 'bench' || n, '', 'agent', 'fr', %(id1)s, 0, 0 FROM person;
INSERT INTO agent (id, outsourcer_id, pool_id, name, languages, capacity_voice, capacity_chat, capacity_sms,
                   capacity_email, version)
    SELECT id, %(id1)s, %(id1)s, 'agent ' || n, '{fr,en}', 1, 3, 3, 3, 1 FROM person;
INSERT INTO agent_skill (agent_id, outsourcer_id, skill, level)
    SELECT id, %(id1)s, 'topic' || t, CASE WHEN t < n %% 10 THEN 5 ELSE 4 END
    FROM person, generate_series(0, 9) t;
INSERT INTO agent_grant (id, outsourcer_id, account_id, tenant_id, campaign_id, version)
    SELECT gen_random_uuid(), %(id1)s, id, %(id2)s, %(id4)s, 1 FROM person;
INSERT INTO presence (agent_id, outsourcer_id, state, last_seen_at, missed_offers, limit_voice, limit_chat, limit_sms,
                      limit_email, version)
    SELECT id, %(id1)s, 'ready', now(), 0, 1, 3, 3, 3, 1 FROM person;
"""
# A class is a topic at a level in a language.
_NEEDS = """
INSERT INTO need (id, tenant_id, queue_id, channel, steps, digest)
    SELECT ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid, %(id2)s, %(id3)s, 'voice',
           jsonb_build_array(
               jsonb_build_object('after_seconds', 0, 'language', language,
                                  'skills', jsonb_build_object('topic' || n %% 10, 1 + n / 30)),
               jsonb_build_object('after_seconds', 86400, 'language', language, 'skills', '{}'::jsonb)),
           int4send(n)
    FROM (SELECT n, (ARRAY['fr', 'en', NULL])[1 + n / 10 %% 3] AS language
          FROM generate_series(0, %(classes)s - 1) n) AS class;
"""
_CONTACTS = """
CREATE TEMP TABLE matter ON COMMIT DROP AS
    SELECT gen_random_uuid() AS ticket_id, gen_random_uuid() AS interaction_id, gen_random_uuid() AS contact_id, n
    FROM generate_series(%(first)s::int, %(first)s + %(contacts)s - 1) n;
INSERT INTO ticket (id, tenant_id, campaign_id, topic_id, citizen_id, number, subject, state, priority, language,
                    channel, last_seq, version)
    SELECT ticket_id, %(id2)s, %(id4)s, %(id5)s, %(id7)s, 'B-' || n, '', 'new', 0, 'fr', 'voice', 0, 1
    FROM matter;
INSERT INTO interaction (id, tenant_id, ticket_id, endpoint_id, contact_point_id, channel, state, version)
    SELECT interaction_id, %(id2)s, ticket_id, %(id6)s, %(id8)s, 'voice', 'open', 1 FROM matter;
INSERT INTO contact (id, tenant_id, pool_id, queue_id, need_id, ticket_id, interaction_id, channel, state, enqueued_at,
                     priority, target_seconds, key_at, version)
    SELECT contact_id, %(id2)s, %(id1)s, %(id3)s,
           ('00000000-0000-0000-0001-' || lpad((n::bigint * 7919 %% %(classes)s)::text, 12, '0'))::uuid, ticket_id,
           interaction_id, 'voice', 'waiting', at, 0, 20, at + interval '20 s', 1
    FROM (SELECT *, now() - interval '1 hour' + n * interval '10 ms' AS at FROM matter) AS arrival;
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL whose template holds the pool, and a Redis for the frames."""

    postgres: EmbeddedPostgres
    redis: EmbeddedRedis
    classes: int

    def database(self, name: str, contacts: int = 0) -> str:
        """A copy of the template, with more contacts waiting if asked; the address for its superuser."""
        with psycopg.connect(self.postgres.url("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
            connection.execute("CHECKPOINT")
        url = self.postgres.url(name, "postgres")
        if contacts:
            with psycopg.connect(url, autocommit=True) as connection:
                run(connection, _CONTACTS, first=_FIRST_MORE, contacts=contacts, classes=self.classes)
                connection.execute("VACUUM ANALYZE")
        return url

    def engine_url(self, name: str, role: str = "app_engine") -> str:
        """The address for the dispatcher, in SQLAlchemy's form."""
        return f"postgresql+psycopg://{role}@/{name}?host={self.postgres.socket_folder}"

    def dispatcher(self, name: str, **settings: object) -> subprocess.Popen[bytes]:
        """`app.py dispatcher` as in production, in a process of its own."""
        env = {key: value for key, value in os.environ.items() if "DATABASE" not in key and "REDIS" not in key}
        env |= {"DATABASE_ENGINE_URL": self.engine_url(name), "REDIS_URL": self.redis.url, "LOG_LEVEL": "ERROR"}
        env |= {"DATABASE_URL": self.engine_url(name, "app_rw"), "SILENCE_SECONDS": "300", "GONE_SECONDS": "3600"}
        env |= {"DATABASE_OWNER_URL": self.engine_url(name, "app_owner")}
        env |= {key.upper(): str(value) for key, value in settings.items()}
        return guard.spawn([sys.executable, "app.py", "dispatcher"], cwd=_ROOT, env=env)


@contextmanager
def server(*, agents: int, classes: int, contacts: int) -> Iterator[Server]:
    """PostgreSQL as it runs in production, but for size: every commit is on the disk before it is answered."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-bench-"))
    postgres = EmbeddedPostgres(folder / "postgres", {"max_connections": "100", "max_wal_size": "4GB"})
    redis = EmbeddedRedis(folder / "redis")
    try:
        redis.start()
        postgres.start()
        bootstrap(postgres.url("postgres", "postgres"), _TEMPLATE)
        migrate.upgrade(f"postgresql+psycopg://app_owner@/{_TEMPLATE}?host={postgres.socket_folder}")
        with psycopg.connect(postgres.url(_TEMPLATE, "postgres"), autocommit=True) as connection:
            for part in (_HOUSE, _AGENTS, _NEEDS, _CONTACTS):
                run(connection, part, first=0, agents=agents, classes=classes, contacts=contacts)
            connection.execute("VACUUM ANALYZE")
        yield Server(postgres, redis, classes)
    finally:
        postgres.stop()
        redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run(connection: psycopg.Connection, script: str, **sizes: object) -> None:
    """Several statements in one transaction, with the ids of the house."""
    told: dict[str, object] = {f"id{number}": UUID(int=number) for number in range(1, 9)}
    with connection.transaction():
        psycopg.ClientCursor(connection).execute(script, told | sizes)


@contextmanager
def leader(url: str, epoch: int = 0) -> Iterator[Leader]:
    """The product's own leader of the pool, with the limits of `app.py dispatcher`."""
    database: Database = connect(url, pool_size=2, statement_timeout_seconds=30.0, idle_timeout_seconds=30.0)
    made = Leader(database, replace(Settings(), silence_seconds=1e9, gone_seconds=1e9), POOL, epoch)
    try:
        yield made
    finally:
        database.engine.dispose()
