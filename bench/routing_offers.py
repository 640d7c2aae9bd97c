"""Offers under fire: dispatchers killed and paused inside their transactions, agents and citizens acting meanwhile.

Nothing is offered to two, everything is accepted once, nothing is lost; and how long a takeover takes.
"""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from random import Random
from uuid import UUID

import psycopg
from sqlalchemy.orm import Session

from bench.report import check, note
from bench.routing_pool import OUTSOURCER, POOL, TENANT, Server, server
from config.logging import configure
from contact.domain.errors import NotFound, OfferGone
from contact.domain.vocabulary import ContactState
from contact.models import Contact
from contact.models.base import LOCK
from contact.scope import Scope
from contact.services import assignments, offers
from contact.unit_of_work import Database, connect

CLIENTS, AGENTS, CLASSES, CONTACTS = 8, 64, 20, 4_000
KILLS, PAUSES = 4, 3
LEASE_SECONDS = 2
_MINE = "SELECT id, contact_id, agent_id FROM offer WHERE state = 'offered' AND agent_id = ANY(%s)"
_DONE = """SELECT p.agent_id FROM presence p WHERE p.agent_id = ANY(%s) AND (p.state = 'resting'
    OR EXISTS (SELECT FROM assignment a WHERE a.agent_id = p.agent_id AND a.state = 'active'))"""
# An agent's work ends at once; whoever rests comes back.
_BACK = """WITH ended AS (
        UPDATE assignment SET state = 'done', ended_at = clock_timestamp(), version = version + 1
        WHERE agent_id = %(agent)s AND state = 'active' RETURNING contact_id),
    gone AS (UPDATE contact c SET state = 'done', ended_at = clock_timestamp(), version = c.version + 1
             FROM ended e WHERE c.id = e.contact_id),
    free AS (UPDATE presence SET load_voice = load_voice - (SELECT count(*) FROM ended), state = 'ready',
                 missed_offers = 0, version = version + 1 WHERE agent_id = %(agent)s)
    INSERT INTO routing_dirty (pool_id, entity, entity_id) VALUES (%(pool)s, 'agent', %(agent)s)"""
_OFFERED_TWICE = """SELECT count(*) FROM offer a JOIN offer b ON b.contact_id = a.contact_id AND b.id > a.id
    WHERE b.offered_at < coalesce(a.decided_at, 'infinity') AND a.offered_at < coalesce(b.decided_at, 'infinity')"""
_OVER_CAPACITY = """SELECT count(*) FROM assignment a JOIN assignment b ON b.agent_id = a.agent_id AND b.id > a.id
    WHERE b.started_at < coalesce(a.ended_at, 'infinity') AND a.started_at < coalesce(b.ended_at, 'infinity')"""
_STATES = """SELECT count(*) FILTER (WHERE state IN ('assigned', 'done')), count(*) FILTER (WHERE state = 'abandoned'),
    count(*) FILTER (WHERE state IN ('waiting', 'offered')), count(*) FROM contact"""


class Client(threading.Thread):
    """Some agents and the citizens they are offered: accept, decline, look away, hang up; by the product's services."""

    def __init__(self, database: Database, url: str, agents: list[UUID], seed: int) -> None:
        super().__init__(daemon=True)
        self.database, self.url, self.agents = database, url, agents
        self.random = Random(seed)
        self.accepted: list[UUID] = []
        self.abandoned = 0
        self.is_over = threading.Event()
        self.faults: list[BaseException] = []

    def run(self) -> None:
        """Until it is over."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.is_over.is_set():
                for offer_id, contact_id, agent_id in connection.execute(_MINE, (self.agents,)).fetchall():
                    self._act(offer_id, contact_id, agent_id)
                for (agent,) in connection.execute(_DONE, (self.agents,)).fetchall():
                    # All in one statement is not the house's order of locks: the next round tries again.
                    with suppress(psycopg.errors.DeadlockDetected):
                        connection.execute(_BACK, {"agent": agent, "pool": POOL})
                connection.execute("NOTIFY guichet_routing")
                time.sleep(0.1)

    def _act(self, offer_id: UUID, contact_id: UUID, agent_id: UUID) -> None:
        lot = self.random.random()
        scope = Scope("bench", "agent", agent_id, TENANT, OUTSOURCER, agent_id)
        try:
            if lot < 0.75:
                self.database.run(scope, lambda session: offers.accept(session, offer_id, agent_id).id)
                self.accepted.append(contact_id)
            elif lot < 0.87:
                self.database.run(scope, lambda session: offers.decline(session, offer_id, agent_id))
            elif lot < 0.92:
                self.abandoned += self.database.run(scope, lambda session: _hang_up(session, contact_id))
        except (OfferGone, NotFound):
            pass
        except Exception as fault:
            self.faults.append(fault)


def _hang_up(session: Session, contact_id: UUID) -> bool:
    contact = session.get_one(Contact, contact_id, with_for_update=LOCK)
    if contact.state not in (ContactState.WAITING, ContactState.OFFERED):
        return False
    assignments.abandon(session, contact)
    return True


class Dispatchers:
    """Two at every moment, one leading; whoever is killed is replaced."""

    def __init__(self, one: Server, url: str) -> None:
        self.one = one
        self.connection = psycopg.connect(url, autocommit=True)
        self.started = 0
        self.names: dict[int, str] = {}
        self.processes = [self._start(), self._start()]
        self._await_offer(self._lease()[1], time.monotonic())

    def kill_leader(self) -> float:
        """-9; how long until another has offered something."""
        pid, epoch = self._lease()
        os.kill(pid, signal.SIGKILL)
        began = time.monotonic()
        taken = self._await_offer(epoch + 1, began)
        self.processes = [one for one in self.processes if one.pid != pid or one.wait() is None] + [self._start()]
        return taken

    def pause_leader(self) -> bool:
        """Stop the leader inside its transaction until another leads, then let it wake; False: never met there."""
        pid, epoch = self._lease()
        is_inside = False
        for _ in range(300):
            os.kill(pid, signal.SIGSTOP)
            is_inside = self._is_inside(pid)
            if is_inside:
                break
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.01)
        if not is_inside:
            return False
        self._await_offer(epoch + 1, time.monotonic())
        os.kill(pid, signal.SIGCONT)
        time.sleep(1.0)
        return True

    def stop(self) -> None:
        """All of them, as they should."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(30)
        self.connection.close()

    def _start(self) -> subprocess.Popen[bytes]:
        # What its connections are called, so that the database can tell whose transaction is open.
        self.started += 1
        name = f"dispatcher-{self.started}"
        process = self.one.dispatcher("fire", lease_seconds=LEASE_SECONDS, pgappname=name)
        self.names[process.pid] = name
        return process

    def _lease(self) -> tuple[int, int]:
        for _ in range(600):
            row = self.connection.execute(
                "SELECT holder, epoch FROM lease WHERE leased_until > clock_timestamp()"
            ).fetchone()
            if row is not None:
                return int(row[0].rpartition(":")[2]), row[1]
            time.sleep(0.05)
        raise AssertionError("nobody leads")

    def _is_inside(self, pid: int) -> bool:
        """The process, which is stopped, has locked the lease and not yet committed."""
        time.sleep(0.02)
        return (
            self.connection.execute(
                """SELECT 1 FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid
               WHERE a.application_name = %s AND a.state = 'idle in transaction'
                 AND a.state_change < clock_timestamp() - interval '15 ms' AND l.relation = 'lease'::regclass""",
                (self.names[pid],),
            ).fetchone()
            is not None
            and pid == self._lease()[0]
        )

    def _await_offer(self, epoch: int, began: float) -> float:
        """Seconds from *began* until somebody has committed an offer under *epoch* or a later one."""
        newest = "SELECT max(offered_at) FROM offer"
        while time.monotonic() - began < 60:
            if self._lease()[1] >= epoch:
                before = self.connection.execute(newest).fetchone()
                time.sleep(0.05)
                if self.connection.execute(newest).fetchone() != before:
                    return time.monotonic() - began
            time.sleep(0.02)
        raise AssertionError("nobody took over")


def main() -> None:
    """Every row."""
    configure("bench", "ERROR")
    with server(agents=AGENTS, classes=CLASSES, contacts=CONTACTS) as one:
        url = one.database("fire")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("UPDATE queue SET offer_seconds = 2")
            agents = [id for (id,) in connection.execute("SELECT agent_id FROM presence ORDER BY agent_id")]
            database = connect(one.engine_url("fire", "app_rw"), pool_size=CLIENTS)
            clients = [Client(database, url, agents[n::CLIENTS], n) for n in range(CLIENTS)]
            for client in clients:
                client.start()
            dispatchers = Dispatchers(one, url)
            takeovers, inside = [], 0
            for number in range(max(KILLS, PAUSES)):
                if number < KILLS:
                    takeovers.append(dispatchers.kill_leader())
                if number < PAUSES:
                    inside += dispatchers.pause_leader()
            time.sleep(2.0)
            for client in clients:
                client.is_over.set()
            for client in clients:
                client.join(30)
            dispatchers.stop()
            database.engine.dispose()
            note(
                f"takeover after -9: {', '.join(f'{seconds:.1f}' for seconds in takeovers)} s, lease {LEASE_SECONDS} s"
            )
            note(f"{inside} of {PAUSES} leaders paused until another led")
            check("leaders paused inside their transaction", inside, f">= {PAUSES}")
            _judge(connection, clients)


def _judge(connection: psycopg.Connection, clients: list[Client]) -> None:
    accepted = [contact for client in clients for contact in client.accepted]
    served, abandoned, waiting, created = connection.execute(_STATES).fetchone() or (0, 0, 0, 0)
    made = connection.execute("SELECT count(*) FROM offer").fetchone() or (0,)
    note(
        f"{created:,} created: {len(accepted):,} accepted, {abandoned:,} abandoned, {waiting:,} waiting;"
        f" {made[0]:,} offers"
    )
    faults = [fault for client in clients for fault in client.faults]
    if faults:
        raise AssertionError(f"{len(faults)} requests broke") from faults[0]
    check("accepted while it happened", len(accepted), ">= 200")
    check("contacts offered to two at once", _count(connection, _OFFERED_TWICE), "<= 0")
    check("contacts accepted twice", len(accepted) - len(set(accepted)), "<= 0")
    check("agents over capacity", _count(connection, _OVER_CAPACITY), "<= 0")
    check("accepted but not assigned", abs(served - len(accepted)), "<= 0")
    check("created minus accepted, abandoned, waiting", abs(created - served - abandoned - waiting), "<= 0")


def _count(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
