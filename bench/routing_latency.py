"""From an agent who becomes ready to the committed offer, at 200 a second, through the dispatcher's own process."""

import signal
import threading
import time
from collections import deque
from heapq import heapify, heappop
from math import ceil, inf
from uuid import UUID

import psycopg

from bench.report import check, note
from bench.routing_pool import POOL, Server

PER_SECOND, SECONDS, WARM_UP_SECONDS = 200, 15, 3
# Told at commit: the moment from which the agent's screen could show it.
_TELL = """
CREATE FUNCTION tell_offers() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN PERFORM pg_notify('bench_offers', string_agg(agent_id::text, ' ')) FROM made; RETURN NULL; END $$;
CREATE TRIGGER tell_offers AFTER INSERT ON offer REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION tell_offers()"""
# In the house's order of locks: contact, offer, presence.
_HOLD = """SELECT id FROM contact WHERE id IN (
        SELECT contact_id FROM offer WHERE agent_id = ANY(%(agents)s) AND state = 'offered') FOR NO KEY UPDATE"""
_TAKEN = """WITH answered AS (UPDATE offer SET state = 'accepted', decided_at = now(), version = version + 1
        WHERE agent_id = ANY(%(agents)s) AND state = 'offered' RETURNING contact_id)
    UPDATE contact c SET state = 'done', ended_at = now(), version = c.version + 1 FROM answered a
    WHERE c.id = a.contact_id"""
_READY = """UPDATE presence SET load_voice = 0, ready_since_at = clock_timestamp(), version = version + 1
    WHERE agent_id = %(agent)s"""
_WAKE = "INSERT INTO routing_dirty (pool_id, entity, entity_id) VALUES (%(pool)s, 'agent', %(agent)s)"
_BARE_OFFER = """WITH pair AS (
        SELECT * FROM unnest(%(contacts)s::uuid[], %(agents)s::uuid[]) AS p (contact_id, agent_id)),
    moved AS (UPDATE contact SET state = 'offered', version = version + 1 WHERE id = ANY(%(contacts)s)),
    held AS (UPDATE presence SET load_voice = 1, version = version + 1 WHERE agent_id = ANY(%(agents)s))
    INSERT INTO offer (id, tenant_id, contact_id, agent_id, grant_id, pool_id, ticket_id, channel, state, expires_at,
                       version)
    SELECT gen_random_uuid(), c.tenant_id, c.id, p.agent_id, g.id, c.pool_id, c.ticket_id, c.channel, 'offered',
           now() + interval '20 s', 1
    FROM pair p JOIN contact c ON c.id = p.contact_id JOIN agent_grant g ON g.account_id = p.agent_id"""


class Clock:
    """When each agent became ready, and how long until their offer was committed."""

    def __init__(self) -> None:
        self.ready_at: dict[UUID, float] = {}
        self.taken: list[float] = []
        self.served: deque[UUID] = deque()
        self.is_over = threading.Event()

    def listen(self, url: str) -> None:
        """Note the offers as they are committed, until it is over."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("LISTEN bench_offers")
            while not self.is_over.is_set():
                for told in connection.notifies(timeout=0.2):
                    for agent in map(UUID, told.payload.split()):
                        if (began := self.ready_at.pop(agent, None)) is not None:
                            self.taken.append(time.perf_counter() - began)
                        self.served.append(agent)


def offer_latency(one: Server) -> None:
    """The dispatcher's 99th percentile, and the bare loop's in the same run."""
    (bare, _), (ours, lost) = (
        _measure(one, name, is_bare=name == "bare_latency") for name in ("bare_latency", "latency")
    )
    note(
        f"ready to offer at {PER_SECOND}/s: bare loop p50 {bare[49]:.1f} ms, p99 {bare[98]:.1f} ms; "
        f"dispatcher p50 {ours[49]:.1f} ms"
    )
    check("ready to offer at 200/s, p99", ours[98], "<= 50", "ms")
    check("ready and never offered anything", lost, "<= 0")


def _measure(one: Server, name: str, *, is_bare: bool) -> tuple[list[float], int]:
    """The percentiles, and how many became ready in vain."""
    url, clock = one.database(name), Clock()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_TELL)
        agents = [id for (id,) in connection.execute("SELECT agent_id FROM presence")]
        # Everybody is busy; then one after another becomes ready.
        connection.execute("UPDATE presence SET load_voice = 1")
        listener = threading.Thread(target=clock.listen, args=(url,), daemon=True)
        listener.start()
        if is_bare:
            loop = threading.Thread(target=_bare_loop, args=(url, clock), daemon=True)
            loop.start()
        else:
            process = one.dispatcher(name)
            _await_first_offer(connection, agents.pop())
        try:
            _become_ready(connection, clock, agents)
        finally:
            clock.is_over.set()
            listener.join()
            if is_bare:
                loop.join()
            else:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
    lost = len(clock.ready_at)
    return percentiles(clock.taken[PER_SECOND * WARM_UP_SECONDS :], lost), lost


def percentiles(taken: list[float], lost: int) -> list[float]:
    """The 1st to the 99th, in milliseconds. Whoever was never offered anything (*lost*) waits for ever."""
    ordered = [*sorted(taken), *[inf] * lost]
    return [1000 * ordered[max(ceil(len(ordered) * hundredth / 100), 1) - 1] for hundredth in range(1, 100)]


def _become_ready(connection: psycopg.Connection, clock: Clock, agents: list[UUID]) -> None:
    """At an even pace; whoever was offered something before has accepted and finished it."""
    clock.served.extend(agents)
    began = time.perf_counter()
    for number in range(PER_SECOND * SECONDS):
        time.sleep(max(0.0, began + number / PER_SECOND - time.perf_counter()))
        if not clock.served:
            # All are ready, and nobody is offered anything: whoever still is not at the end waits for ever.
            break
        agent = clock.served.popleft()
        with connection.pipeline(), connection.transaction():
            connection.execute(_HOLD, {"agents": [agent]})
            connection.execute(_TAKEN, {"agents": [agent]})
            connection.execute(_READY, {"agent": agent})
            connection.execute(_WAKE, {"pool": POOL, "agent": agent})
            connection.execute("SELECT pg_notify('guichet_routing', %s)", (str(agent),))
            clock.ready_at[agent] = time.perf_counter()
    time.sleep(1.0)


def _await_first_offer(connection: psycopg.Connection, agent: UUID) -> None:
    """The dispatcher leads and has rebuilt its engine: an agent who becomes ready has an offer."""
    connection.execute(_READY, {"agent": agent})
    connection.execute(_WAKE, {"pool": POOL, "agent": agent})
    for _ in range(1_200):
        if connection.execute("SELECT 1 FROM offer WHERE agent_id = %s", (agent,)).fetchone():
            return
        time.sleep(0.05)
    raise AssertionError("the dispatcher offers nothing")


def _bare_loop(url: str, clock: Clock) -> None:
    """Woken by the same notification: the oldest contacts to who is ready, by `unnest`; no engine, no rules."""
    with psycopg.connect(url, autocommit=True) as connection:
        heap = connection.execute(
            "SELECT extract(epoch FROM key_at)::float, id FROM contact WHERE state = 'waiting'"
        ).fetchall()
        heapify(heap)
        connection.execute("LISTEN guichet_routing")
        while not clock.is_over.is_set():
            ready = [UUID(told.payload) for told in connection.notifies(timeout=0.2, stop_after=1)]
            if ready:
                contacts = [heappop(heap)[1] for _ in ready]
                connection.execute(_BARE_OFFER, {"contacts": contacts, "agents": ready})
