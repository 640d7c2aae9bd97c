"""Our engine beside a plain matcher (`ORDER BY … FOR UPDATE SKIP LOCKED`, asked by each agent who is free).

Both give the same contacts to the same agents on copies of one database; one oracle judges the offers of each.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from statistics import quantiles
from typing import Any
from uuid import UUID

import psycopg

from bench.report import check, note
from bench.routing_pool import POOL, Server, leader, server
from config.logging import configure

AGENTS, CLASSES, CONTACTS, SERVED, MATCHERS = 200, 60, 10_000, 3_000, 8
# Each agent knows four of the ten topics, and half of them one language.
_SPECIALISE = """
DELETE FROM agent_skill s USING agent a WHERE a.id = s.agent_id
    AND (substr(s.skill, 6)::int + substr(a.name, 7)::int) % 5 > 1;
UPDATE agent SET languages = '{fr}' WHERE substr(name, 7)::int % 2 = 0"""
_MATCH = """WITH next AS (
        SELECT c.id FROM contact c JOIN need n ON n.id = c.need_id
        WHERE c.state = 'waiting' AND coalesce(n.steps -> 0 ->> 'language' = ANY(%(spoken)s), true)
          AND NOT EXISTS (SELECT FROM jsonb_each_text(n.steps -> 0 -> 'skills') AS asked (skill, level)
                          WHERE NOT EXISTS (SELECT FROM agent_skill s WHERE s.agent_id = %(agent)s
                                            AND s.skill = asked.skill AND s.level >= asked.level::int))
        ORDER BY c.key_at, c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED),
    moved AS (UPDATE contact c SET state = 'offered', version = version + 1 FROM next WHERE c.id = next.id
              RETURNING c.id, c.tenant_id, c.pool_id, c.ticket_id, c.channel),
    held AS (UPDATE presence SET load_voice = 1, version = version + 1
             WHERE agent_id = %(agent)s AND EXISTS (SELECT FROM moved))
    INSERT INTO offer (id, tenant_id, contact_id, agent_id, grant_id, pool_id, ticket_id, channel, state, offered_at,
                       expires_at, version)
    SELECT gen_random_uuid(), m.tenant_id, m.id, %(agent)s, g.id, m.pool_id, m.ticket_id, m.channel, 'offered',
           clock_timestamp(), now() + interval '1 h', 1 FROM moved m JOIN agent_grant g ON g.account_id = %(agent)s
    RETURNING id"""
_END = """WITH over AS (
        UPDATE offer SET state = 'accepted', decided_at = clock_timestamp(), version = version + 1
        WHERE agent_id = ANY(%(agents)s) AND state = 'offered' RETURNING contact_id, agent_id),
    gone AS (UPDATE contact c SET state = 'done', version = version + 1 FROM over o WHERE c.id = o.contact_id)
    UPDATE presence p SET load_voice = 0, ready_since_at = clock_timestamp(), version = version + 1
    FROM over o WHERE p.agent_id = o.agent_id RETURNING p.agent_id"""
_MARK = "INSERT INTO routing_dirty (pool_id, entity, entity_id) SELECT %s, 'agent', unnest(%s::uuid[])"


@dataclass(slots=True)
class Outcome:
    """How one side did: offers a second, milliseconds from asking to the commit, and what the oracle counts."""

    per_second: float
    p99: float
    inverted: int
    wrong: int


def main() -> None:
    """Both, in one run."""
    configure("bench", "ERROR")
    with server(agents=AGENTS, classes=CLASSES, contacts=CONTACTS) as one:
        plain, ours = _run(one, "plain", _skip_locked), _run(one, "ours", _engine)
    for name, side in (("SKIP LOCKED", plain), ("engine", ours)):
        note(
            f"{name}: {side.per_second:,.0f} offers/s, asked to committed p99 {side.p99:,.1f} ms,"
            f" {side.inverted} orders inverted, {side.wrong} wrong skills"
        )
    note("the matcher keeps no audit, no steps, no account of why, no fence, and prefers no agent")
    check("orders inverted by the engine", ours.inverted, "<= 0")
    check("wrong skills by the engine", ours.wrong, "<= 0")


def _run(one: Server, name: str, side: Callable[[Server, str, str], list[float]]) -> Outcome:
    url = one.database(name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_SPECIALISE)
        connection.execute("VACUUM ANALYZE")
        began = time.perf_counter()
        taken = side(one, name, url)
        seconds = time.perf_counter() - began
        inverted, wrong = _judge(connection)
    return Outcome(len(taken) / seconds, 1000 * quantiles(taken, n=100)[98], inverted, wrong)


def _skip_locked(_one: Server, _name: str, url: str) -> list[float]:
    """Eight connections, each for its share of the agents, who finish as soon as they have something."""
    taken: list[float] = []

    def match(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            agents = connection.execute("SELECT id, languages FROM agent ORDER BY id").fetchall()[number::MATCHERS]
            while len(taken) < SERVED:
                for agent, spoken in agents:
                    began = time.perf_counter()
                    if connection.execute(_MATCH, {"agent": agent, "spoken": spoken}).fetchone():
                        taken.append(time.perf_counter() - began)
                        connection.execute(_END, {"agents": [agent]})

    threads = [threading.Thread(target=match, args=(number,)) for number in range(MATCHERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def _engine(one: Server, name: str, url: str) -> list[float]:
    """The leader's batches of 50; all who were offered something finish and are free again."""
    taken: list[float] = []
    with psycopg.connect(url, autocommit=True) as connection, leader(one.engine_url(name)) as lead:
        lead.rebuild()
        agents = [id for (id,) in connection.execute("SELECT agent_id FROM presence")]
        while len(taken) < SERVED:
            began = time.perf_counter()
            lead.step()
            seconds = time.perf_counter() - began
            with connection.transaction():
                free = [id for (id,) in connection.execute(_END, {"agents": agents})]
                connection.execute(_MARK, (POOL, free))
            taken += [seconds] * len(free)
    return taken


def _judge(connection: psycopg.Connection) -> tuple[int, int]:
    """Offers made while the same agent could have had an older contact, and offers to who could not serve it."""
    levels: dict[UUID, dict[str, int]] = defaultdict(dict)
    for agent, skill, level in connection.execute("SELECT agent_id, skill, level FROM agent_skill"):
        levels[agent][skill] = level
    spoken: dict[UUID, list[str]] = dict(connection.execute("SELECT id, languages FROM agent").fetchall())
    needs: dict[UUID, dict[str, Any]] = dict(connection.execute("SELECT id, steps -> 0 FROM need").fetchall())

    def serves(agent: UUID, need: UUID) -> bool:
        asked = needs[need]
        return asked["language"] in (None, *spoken[agent]) and all(
            levels[agent].get(skill, 0) >= level for skill, level in asked["skills"].items()
        )

    offers = connection.execute(
        """SELECT o.offered_at, c.key_at, c.id, o.agent_id, c.need_id FROM offer o JOIN contact c ON c.id = o.contact_id
           ORDER BY o.offered_at, c.key_at, c.id"""
    ).fetchall()
    later: dict[UUID, list[tuple[object, UUID]]] = defaultdict(list)
    for key, contact, need in connection.execute("SELECT key_at, id, need_id FROM contact"):
        later[need].append((key, contact))
    for rest in later.values():
        rest.sort()
    inverted = wrong = 0
    for _, key, contact, agent, need in offers:
        later[need].remove((key, contact))
        wrong += not serves(agent, need)
        inverted += any(rest and rest[0] < (key, contact) and serves(agent, one) for one, rest in later.items())
    return inverted, wrong


if __name__ == "__main__":
    main()
