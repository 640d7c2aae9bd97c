"""Expected waits of one pool: measured from what its engine does, written every few seconds for whoever waits.

An expectation is for a need and a place in the order. For each need a few points of the curve are kept: whoever reads
goes between them, and sees nothing of other administrations' contacts, which share the agents.
"""

import json
from collections import defaultdict
from collections.abc import Hashable, Set
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal, select, text
from sqlalchemy.orm import Session

from contact.models import Need, Queue, new_id
from contact.queries import facts
from routing import rules, steps
from routing.estimate import Estimator, Planned
from routing.moment import Moment
from routing.types import Agent, Contact, ContactClass, Key, Step

_Group: TypeAlias = tuple[Hashable, ...]
EVERY_SECONDS = 5.0
# Points of each curve, the end of the line not counted.
POINTS = 10
_FAR_SECONDS = 10.0 * 365 * 86_400
_LAST = UUID(int=2**128 - 1)

# Handling from the last assignments, patience as the time waited for each who gave up; by id, which is by age.
_HISTORY = text(
    """
    WITH done AS (
        SELECT contact_id, extract(epoch FROM ended_at - started_at) AS seconds FROM assignment
        WHERE pool_id = :pool AND state = 'done' ORDER BY id DESC LIMIT 2000),
    ended AS (
        SELECT id, queue_id, channel, state, extract(epoch FROM ended_at - enqueued_at) AS seconds FROM contact
        WHERE pool_id = :pool AND state IN ('done', 'abandoned') ORDER BY id DESC LIMIT 2000)
    SELECT ended.queue_id, ended.channel, avg(done.seconds)::float AS handle,
        (sum(ended.seconds - coalesce(done.seconds, 0)) / nullif(count(*) FILTER (WHERE ended.state = 'abandoned'), 0)
        )::float AS patience
    FROM ended LEFT JOIN done ON done.contact_id = ended.id GROUP BY ended.queue_id, ended.channel
    """
)
_WRITE = text(
    """
    INSERT INTO wait_forecast (id, tenant_id, need_id, points)
    SELECT id, tenant_id, need_id, points
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS told (id uuid, tenant_id uuid, need_id uuid, points jsonb)
    ON CONFLICT (need_id) DO UPDATE SET points = excluded.points, measured_at = clock_timestamp()
    """
)


class Forecast:
    """What one pool's leader knows of waits. Fed with the very facts and decisions of its engine."""

    def __init__(self, pool_id: UUID) -> None:
        self.pool_id = pool_id
        self._agents: dict[UUID, tuple[Agent, _Group]] = {}
        self._waiting: dict[UUID, Contact] = {}
        self._needs: dict[ContactClass, list[tuple[UUID, UUID]]] = {}
        self._asked: dict[UUID, tuple[ContactClass, UUID]] = {}
        self._estimator: Estimator[ContactClass, _Group] | None = None
        self._groups: dict[_Group, Agent] = {}
        self._present: dict[_Group, int] = defaultdict(int)
        self._written_at = 0.0

    def put_agent(self, agent: Agent, now: float) -> None:
        """An agent's present facts."""
        before = self._agents.get(agent.id)
        after = self._agents[agent.id] = agent, _group(agent)
        self._count(before, -1, now)
        self._count(after, 1, now)

    def remove_agent(self, agent_id: UUID, now: float) -> None:
        """The pool's no more."""
        self._count(self._agents.pop(agent_id, None), -1, now)

    def put_contact(self, contact: Contact, now: float) -> None:
        """A contact's present facts: it waits, or is offered to somebody."""
        if contact.offer is not None:
            return
        self._waiting[contact.id] = contact
        if self._estimator is not None:
            kind = steps.class_at(contact, -1)
            if kind in self._needs:
                self._estimator.put_waiting(contact.id, kind, contact.key, now)
            else:
                self._estimator = None

    def waits(self, contact_ids: Set[UUID]) -> set[UUID]:
        """Those of them who wait, and are offered to nobody, as far as was told."""
        return contact_ids & self._waiting.keys()

    def remove_contact(self, contact_id: UUID, now: float, *, gave_up: bool) -> None:
        """It waits no more: the citizen has given up, or it is served or asked for elsewhere."""
        if self._waiting.pop(contact_id, None) is not None and self._estimator is not None:
            self._estimator.left(contact_id, now, gave_up=gave_up)

    def offered(self, contact_id: UUID, agent_id: UUID, now: float) -> None:
        """The engine gave it to an agent: as to waiting it is served; should it come back, it waits anew."""
        contact, known = self._waiting.pop(contact_id, None), self._agents.get(agent_id)
        if contact is None or known is None or self._estimator is None:
            return
        self._estimator.served(contact_id, steps.class_at(contact, -1), known[1], now)

    def asks(self, channel: str) -> dict[UUID, ContactClass]:
        """Of each need on the channel that is known, what its contacts ask at their last step."""
        return {id: kind for id, (kind, _) in self._asked.items() if kind.channel == channel}

    def outsourcers(self) -> set[UUID]:
        """Whose agents are in the pool."""
        return {agent.outsourcer_id for agent, _ in self._agents.values() if agent.outsourcer_id is not None}

    def write(self, session: Session, now: float) -> None:
        """Tell each need's curve, when it is time to."""
        if now - self._written_at < EVERY_SECONDS:
            return
        self._written_at = now
        needs = self._read_needs(session)
        if self._estimator is None or needs.keys() - self._needs.keys():
            self._needs = needs
            self._begin(session, now)
        estimator = self._estimator
        if estimator is None:
            # Somebody waits by a need that was made this moment: known the next time. No figure is worth a dispatcher.
            return
        moment, free = Moment[_Group](now), self._free()
        keys, rows = _few(estimator.line(1_000)), []
        for kind, of_kind in needs.items():
            if free[kind.channel].isdisjoint(estimator.groups(kind)):
                points = _curve(estimator, kind, keys, now, moment)
            else:
                points = [(now, 0.0, 0.0)]
            rows += [
                {"id": new_id(), "tenant_id": tenant_id, "need_id": need_id, "points": points}
                for tenant_id, need_id in of_kind
            ]
        if rows:
            session.execute(_WRITE, {"rows": json.dumps(rows, default=str)})

    def _free(self) -> dict[str, set[_Group]]:
        """By channel, the groups of which somebody can take one more at this moment."""
        free: dict[str, set[_Group]] = defaultdict(set)
        for agent, group in self._agents.values():
            for channel in rules.open_channels(agent, _takes(agent)):
                free[channel].add(group)
        return free

    def _begin(self, session: Session, now: float) -> None:
        """An estimator for all needs and agents known now; it begins with what the last contacts took."""
        # Several chats at once take each longer, and leave the agent's next place free all the sooner.
        room = {channel: self._mean_capacity(channel) for channel in rules.GROUPS}
        history = {
            (row.queue_id, row.channel): Planned(row.handle and row.handle / room[row.channel], row.patience)
            for row in session.execute(_HISTORY, {"pool": self.pool_id})
        }
        self._groups = {group: agent for agent, group in self._agents.values()}
        planned = {kind: history.get((kind.queue_id, kind.channel), Planned()) for kind in self._needs}
        self._estimator = Estimator(planned, list(self._groups), self._may_serve, _is_in_front)
        self._present = defaultdict(int)
        for known in self._agents.values():
            self._count(known, 1, now)
        waiting: dict[tuple[UUID, str, tuple[Step, ...]], list[Contact]] = defaultdict(list)
        for contact in self._waiting.values():
            waiting[contact.queue_id, contact.channel, contact.steps].append(contact)
        by_kind: dict[ContactClass, list[tuple[UUID, Key]]] = defaultdict(list)
        for alike in waiting.values():
            by_kind[steps.class_at(alike[0], -1)] += [(contact.id, contact.key) for contact in alike]
        if by_kind.keys() - self._needs.keys():
            self._estimator = None
            return
        for kind, contacts in by_kind.items():
            self._estimator.begin(kind, contacts, now)

    def _read_needs(self, session: Session) -> dict[ContactClass, list[tuple[UUID, UUID]]]:
        """All needs of the pool, by what they ask at their last step: (administration, need)."""
        of_pool = select(Need.id).join(Queue, Queue.id == Need.queue_id).where(Queue.pool_id == self.pool_id)
        ids = set(session.scalars(of_pool))
        # A need never changes: each is read once.
        if unknown := ids - self._asked.keys():
            columns = select(Need.id, Need.tenant_id, Need.queue_id, Need.channel, Need.steps)
            for need in session.execute(columns.where(Need.id == any_(literal(list(unknown), ARRAY(Uuid))))):
                asked = Contact(need.id, need.queue_id, need.channel, facts.need_steps(need.steps, need.channel), 0.0)
                self._asked[need.id] = steps.class_at(asked, -1), need.tenant_id
        found: dict[ContactClass, list[tuple[UUID, UUID]]] = defaultdict(list)
        for need_id in ids:
            kind, tenant_id = self._asked[need_id]
            found[kind].append((tenant_id, need_id))
        return found

    def _mean_capacity(self, channel: str) -> float:
        able = [capacity for agent, _ in self._agents.values() if (capacity := agent.capacity.get(channel, 0)) > 0]
        return sum(able) / len(able) if able else 1.0

    def _may_serve(self, kind: ContactClass, group: _Group) -> bool:
        return rules.fit(kind, self._groups[group]) is not None

    def _count(self, known: tuple[Agent, _Group] | None, change: int, now: float) -> None:
        """At work, busy or not: who is paused or silent takes nothing."""
        if known is None or not known[0].is_ready or self._estimator is None:
            return
        group = known[1]
        if group not in self._groups:
            self._estimator = None
            return
        self._present[group] += change
        self._estimator.put_agents(group, self._present[group], now)


def _curve(
    estimator: Estimator[ContactClass, _Group],
    kind: ContactClass,
    keys: list[float],
    now: float,
    moment: Moment[_Group],
) -> list[tuple[float, float, float]]:
    found = []
    for key in [*keys, now + _FAR_SECONDS]:
        wait = estimator.expect(kind, (key, _LAST), now, moment)
        if wait is not None and wait.mean_seconds != float("inf"):
            found.append((key, round(wait.mean_seconds, 1), round(wait.deviation_seconds, 1)))
    return found


def _is_in_front(other: ContactClass, kind: ContactClass) -> bool:
    return rules.is_in_front(other.channel, kind.channel)


def _group(agent: Agent) -> _Group:
    """Agents who may serve the same: the engine's profiles, as far as waits go."""
    return agent.skills, agent.languages, agent.queues, frozenset(_takes(agent)), agent.outsourcer_id, agent.group


def _takes(agent: Agent) -> tuple[str, ...]:
    return tuple([channel for channel, capacity in agent.capacity.items() if capacity > 0])


def _few(ordered: list[float]) -> list[float]:
    """At most `POINTS` of the keys, evenly along the line, its first and last among them."""
    if len(ordered) <= POINTS:
        return ordered
    return [ordered[round(number * (len(ordered) - 1) / (POINTS - 1))] for number in range(POINTS)]
