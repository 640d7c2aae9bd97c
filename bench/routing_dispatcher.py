"""The dispatcher on a PostgreSQL with fsync: assign and finish, against a bare loop that does the same by `unnest`."""

import time
from collections import deque
from heapq import heapify, heappop
from statistics import median
from uuid import UUID, uuid4

import psycopg

from bench.report import check, note
from bench.routing_latency import offer_latency
from bench.routing_pool import POOL, Server, leader, server
from config.logging import configure
from contact.leader import BATCH, Leader

AGENTS, CLASSES, WAITING, REBUILT = 1_000, 100, 10_000, 100_000
BATCHES = 30
ROUNDS = 5
_EXTRA = (ROUNDS + 1) * BATCHES * BATCH + AGENTS
_OFFER = """INSERT INTO offer (id, tenant_id, contact_id, agent_id, grant_id, pool_id, ticket_id, channel, state,
                               offered_at, decided_at, expires_at, why, version)
    SELECT w.offer_id, c.tenant_id, c.id, w.agent_id, g.id, c.pool_id, c.ticket_id, c.channel, 'accepted', now(), now(),
           now() + interval '20 s', '{}', 1
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS w (offer_id, contact_id, agent_id)
    JOIN contact c ON c.id = w.contact_id JOIN agent_grant g ON g.account_id = w.agent_id"""
_ASSIGN = """INSERT INTO assignment (id, tenant_id, contact_id, offer_id, agent_id, grant_id, pool_id, ticket_id,
                                     interaction_id, channel, state, version)
    SELECT gen_random_uuid(), o.tenant_id, o.contact_id, o.id, o.agent_id, o.grant_id, o.pool_id, o.ticket_id,
           c.interaction_id, o.channel, 'active', 1
    FROM offer o JOIN contact c ON c.id = o.contact_id WHERE o.id = ANY(%s)"""
_ANSWER = "UPDATE offer SET state = 'accepted', decided_at = now(), version = version + 1 WHERE id = ANY(%s)"
_MOVE = "UPDATE contact SET state = %s, version = version + 1 WHERE id = ANY(%s)"
_END = """UPDATE assignment SET state = 'done', ended_at = now(), version = version + 1
    WHERE contact_id = ANY(%s) AND state = 'active'"""
_TAKE = "UPDATE presence SET load_voice = 1, version = version + 1 WHERE agent_id = ANY(%s)"
_FREE = """UPDATE presence SET load_voice = 0, ready_since_at = clock_timestamp(), version = version + 1
    WHERE agent_id = ANY(%s)"""
_MARK = "INSERT INTO routing_dirty (pool_id, entity, entity_id) SELECT %s, %s, unnest(%s::uuid[])"


class Served:
    """The work in hand, oldest first; what ends makes room for what comes next."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection
        self.in_hand: deque[tuple[UUID, UUID]] = deque()

    def end_oldest(self, count: int) -> tuple[list[UUID], list[UUID]]:
        """Within the caller's transaction, *count* agents finish: the contacts, and the agents."""
        ended = [self.in_hand.popleft() for _ in range(count)]
        contacts, agents = [one for one, _ in ended], [other for _, other in ended]
        self.connection.execute(_END, (contacts,))
        self.connection.execute(_MOVE, ("done", contacts))
        self.connection.execute(_FREE, (agents,))
        return contacts, agents


class Product:
    """The dispatcher's own leader offers; agents accept and finish by sets, as many as it offers in a batch."""

    def __init__(self, connection: psycopg.Connection, lead: Leader) -> None:
        self.connection, self.leader, self.served = connection, lead, Served(connection)
        while lead.step():
            self._answer(0)

    def cycle(self) -> int:
        """Those who were offered something accept, fifty others finish, the leader gives them the next. How many."""
        accepted = self._answer(BATCH)
        self.leader.step()
        return accepted

    def _answer(self, finished: int) -> int:
        with self.connection.transaction():
            offers = self.connection.execute(
                "SELECT id, contact_id, agent_id FROM offer WHERE state = 'offered'"
            ).fetchall()
            ids, contacts = [id for id, _, _ in offers], [contact for _, contact, _ in offers]
            self.connection.execute(_ANSWER, (ids,))
            self.connection.execute(_MOVE, ("assigned", contacts))
            self.connection.execute(_ASSIGN, (ids,))
            self.served.in_hand.extend((contact, agent) for _, contact, agent in offers)
            ended, agents = self.served.end_oldest(finished)
            self.connection.execute(_MARK, (POOL, "contact", contacts + ended))
            self.connection.execute(_MARK, (POOL, "agent", agents))
        return len(offers)


class Bare:
    """The same rows by `unnest` from heaps in memory: no rules, no fence, no marks, no audit, one commit a batch."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection, self.served = connection, Served(connection)
        self.heaps: dict[UUID, list[tuple[float, UUID]]] = {}
        for id, need_id, key in connection.execute(
            "SELECT id, need_id, extract(epoch FROM key_at)::float FROM contact WHERE state = 'waiting'"
        ):
            self.heaps.setdefault(need_id, []).append((key, id))
        for heap in self.heaps.values():
            heapify(heap)
        self.free = [id for (id,) in connection.execute("SELECT agent_id FROM presence")]
        while self.free:
            with connection.transaction():
                self._assign()

    def cycle(self) -> int:
        """As `Product.cycle`."""
        with self.connection.transaction():
            _, self.free = self.served.end_oldest(BATCH)
            return self._assign()

    def _assign(self) -> int:
        agents, self.free = self.free[:BATCH], self.free[BATCH:]
        contacts = [heappop(min(filter(None, self.heaps.values())))[1] for _ in agents]
        offers = [uuid4() for _ in agents]
        self.connection.execute(_MOVE, ("assigned", contacts))
        self.connection.execute(_TAKE, (agents,))
        self.connection.execute(_OFFER, (offers, contacts, agents))
        self.connection.execute(_ASSIGN, (offers,))
        self.served.in_hand.extend(zip(contacts, agents, strict=True))
        return len(agents)


def assign_and_finish(one: Server) -> None:
    """Assignments per second made, accepted and finished, as a share of the bare loop's, in turn on one server."""
    with (
        psycopg.connect(one.database("product"), autocommit=True) as ours,
        psycopg.connect(one.database("bare"), autocommit=True) as other,
        leader(one.engine_url("product")) as lead,
    ):
        lead.rebuild()
        sides = Product(ours, lead), Bare(other)
        rates = [[_rate(side) for side in sides] for _ in range(ROUNDS + 1)][1:]
    note(f"bare {median(bare for _, bare in rates):,.0f}/s, dispatcher {median(mine for mine, _ in rates):,.0f}/s")
    check("assign and finish, committed, of bare", median(mine / bare for mine, bare in rates), ">= 0.3", "x")


def rebuild(one: Server) -> None:
    """From 100,000 waiting rows to an engine that has decided; reading the rows alone is told beside it."""
    url = one.database("rebuilt", contacts=REBUILT - WAITING - _EXTRA)
    seconds = []
    with psycopg.connect(url, autocommit=True) as connection, leader(one.engine_url("rebuilt")) as lead:
        connection.execute("UPDATE presence SET state = 'offline'")
        for _ in range(3):
            began = time.perf_counter()
            rows = connection.execute(
                "SELECT id, need_id, extract(epoch FROM key_at)::float FROM contact WHERE state = 'waiting'"
            ).fetchall()
            bare = time.perf_counter() - began
            began = time.perf_counter()
            lead.rebuild()
            lead.step()
            seconds.append(time.perf_counter() - began)
    note(f"{len(rows):,} rows; three columns of them read in {bare:.2f} s")
    check("rebuild from PostgreSQL, 100,000 waiting", median(seconds), "<= 1.0", "s")


def _rate(side: Product | Bare) -> float:
    began = time.perf_counter()
    return sum(side.cycle() for _ in range(BATCHES)) / (time.perf_counter() - began)


def main() -> None:
    """Every row of the dispatcher."""
    configure("bench", "ERROR")
    with server(agents=AGENTS, classes=CLASSES, contacts=WAITING + _EXTRA) as one:
        assign_and_finish(one)
        rebuild(one)
        offer_latency(one)


if __name__ == "__main__":
    main()
