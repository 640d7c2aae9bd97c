"""The engine's decisions as rows, set by set, inside one batch.

Runs as `app_engine`. Rows are locked in the house's order: contact, offer or assignment, presence.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import SmallInteger, bindparam, insert, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Uuid

from contact.domain.rooms import person_room, ticket_room, wallboard_room
from contact.domain.vocabulary import Channel
from contact.models import Outbox, new_id
from contact.outbox import RELAY_CHANNEL, announce, notify
from contact.queries.facts import Grants
from routing import types as engine

_CHANNELS = frozenset(Channel)
# Presences are locked in the order of their ids, whatever the plan of the update.
_LOCKED_ROOM = f"""WITH wanted AS (
        SELECT * FROM unnest(:agents, {", ".join(f":{one}" for one in Channel)}) AS w (agent_id, {", ".join(Channel)})),
    locked AS (SELECT agent_id FROM presence WHERE agent_id = ANY(:agents) ORDER BY agent_id FOR NO KEY UPDATE)"""


@dataclass(slots=True)
class Batch:
    """What one transaction of the dispatcher did: facts to read again; audit rows and jobs to write at its end."""

    session: Session
    pool_id: UUID
    grants: Grants
    refused_contacts: set[UUID] = field(default_factory=set)
    changed_agents: set[UUID] = field(default_factory=set)
    trail: list[dict[str, Any]] = field(default_factory=list)
    work: list[dict[str, Any]] = field(default_factory=list)
    # Named in each audit row: of two dispatchers' decisions one can tell who led.
    epoch: int | None = None
    # The moment of the decisions: an offer that ran out has ended when the next one of the same batch begins.
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def run(self, statement: str, **values: Any) -> list[Any]:
        """Execute; lists, of ids or of counts by channel, are passed as arrays."""
        arrays = [
            bindparam(name, type_=ARRAY(SmallInteger if name in _CHANNELS else Uuid))
            for name, value in values.items()
            if isinstance(value, list)
        ]
        return list(self.session.execute(text(statement).bindparams(*arrays), values).all())

    def audit(self, action: str, entity: str, rows: list[Any], changed: list[str]) -> None:
        """One audit row for each of *rows* (id, version, tenant_id or outsourcer_id)."""
        for row in rows:
            owner = getattr(row, "tenant_id", None), getattr(row, "outsourcer_id", None)
            self.note(action, entity, row.id, row.version, changed, *owner)

    def note(
        self,
        action: str,
        entity: str,
        entity_id: UUID,
        version: int,
        changed: list[str],
        tenant_id: UUID | None,
        outsourcer_id: UUID | None = None,
    ) -> None:
        """One audit row."""
        self.trail.append(
            {
                "id": new_id(),
                "tenant_id": tenant_id,
                "outsourcer_id": outsourcer_id,
                "actor_kind": "dispatcher",
                "action": action,
                "entity": entity,
                "entity_id": entity_id,
                "version": version,
                "changed": changed,
            }
        )

    def moved(self, rows: list[Any]) -> None:
        """Agents whose presence changed: their screens and their supervisors' are told, the engine reads them again."""
        for row in rows:
            self.changed_agents.add(row.id)
            announce(self.session, person_room(row.id), "work")
            announce(self.session, wallboard_room(row.outsourcer_id), "wallboard")

    def defer(self, topic: str, tenant_id: UUID, **ids: UUID) -> None:
        """Leave to a job what takes more than the engine may see or do."""
        row = {"id": new_id(), "state": "due", "attempt": 0, "empty_look_ups": 0, "topic": topic}
        self.work.append(row | {"tenant_id": tenant_id, "ids": {name: str(id) for name, id in ids.items()}})

    def insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        """Add rows that name the same columns, in one statement."""
        columns = ", ".join(rows[0])
        self.session.execute(
            text(
                f"""INSERT INTO {table} ({columns})
                    SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb))"""
            ),
            {"rows": json.dumps(rows, default=str)},
        )

    def finish(self) -> None:
        """Write the jobs, and the audit rows in one go."""
        if self.work:
            self.session.execute(insert(Outbox), self.work)
            notify(self.session, RELAY_CHANNEL)
        if self.trail:
            led = f"epoch-{self.epoch}" if self.epoch is not None else None
            self.insert("audit", [row | {"request_id": led} for row in self.trail])


def apply(batch: Batch, decisions: list[engine.Decision]) -> None:
    """Carry out *decisions*, all but offers (`offering.make`). What the database refuses is to be read again."""
    ending = {one.contact_id for one in decisions if isinstance(one, engine.Expire | engine.Rescind)}
    if ending:
        # All of them before any presence, as whoever answers an offer does: else each would wait for the other.
        batch.run("SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE", ids=sorted(ending))
    missed = _expire(batch, [one for one in decisions if isinstance(one, engine.Expire)])
    # Who accepted in the last moment has not missed it.
    _rest(batch, [one.agent_id for one in decisions if isinstance(one, engine.Rest) and one.agent_id in missed])
    _rescind(batch, [one.contact_id for one in decisions if isinstance(one, engine.Rescind)])


def free_room(batch: Batch, held: list[tuple[UUID, str]], missed: int = 0) -> None:
    """Give back the room of (agent, channel) pairs; *missed* is added to the unanswered offers of each pair.

    A capacity that was lowered meanwhile comes into force.
    """
    if not held:
        return
    loads = ", ".join(f"load_{channel} = p.load_{channel} - w.{channel}" for channel in Channel)
    limits = ", ".join(f"limit_{one} = greatest(p.load_{one} - w.{one}, a.capacity_{one})" for one in Channel)
    pieces = " + ".join(f"w.{channel}" for channel in Channel)
    rows = batch.run(
        f"""{_LOCKED_ROOM}
            UPDATE presence p SET version = p.version + 1, {loads}, {limits},
                missed_offers = p.missed_offers + :missed * ({pieces}),
                ready_since_at = CASE WHEN :missed = 0 THEN clock_timestamp() ELSE p.ready_since_at END
            FROM wanted w JOIN agent a ON a.id = w.agent_id JOIN locked l ON l.agent_id = w.agent_id
            WHERE p.agent_id = w.agent_id RETURNING p.agent_id AS id, p.outsourcer_id, p.version""",
        missed=missed,
        **_by_channel(held),
    )
    batch.audit("room.freed", "presence", rows, [f"load_{channel}" for channel in sorted({one for _, one in held})])
    batch.moved(rows)


def _expire(batch: Batch, expired: list[engine.Expire]) -> set[UUID]:
    """Unanswered offers: the contact waits on with its key. The agents who missed one."""
    if not expired:
        return set()
    ids = sorted(one.contact_id for one in expired)
    offers = batch.run(
        """UPDATE offer SET state = 'timed_out', decided_at = :at, version = version + 1
           WHERE contact_id = ANY(:ids) AND state = 'offered' AND expires_at <= clock_timestamp()
           RETURNING id, tenant_id, version, contact_id, agent_id, channel""",
        ids=ids,
        at=batch.at,
    )
    batch.audit("offer.timed_out", "offer", offers, ["state", "decided_at"])
    back_to_wait(batch, [row.contact_id for row in offers])
    free_room(batch, [(row.agent_id, row.channel) for row in offers], missed=1)
    # Answered a moment before: what the engine remembers of it is wrong.
    really = {row.contact_id for row in offers}
    batch.refused_contacts |= {one.contact_id for one in expired} - really
    batch.changed_agents |= {one.agent_id for one in expired if one.contact_id not in really}
    return {row.agent_id for row in offers}


def _rest(batch: Batch, agent_ids: list[UUID]) -> None:
    if not agent_ids:
        return
    rows = batch.run(
        """UPDATE presence SET state = 'resting', reason = 'missed_offers', since_at = clock_timestamp(),
               version = version + 1
           WHERE agent_id = ANY(:ids) AND state = 'ready' RETURNING agent_id AS id, outsourcer_id, version""",
        ids=sorted(agent_ids),
    )
    batch.audit("agent.rests", "presence", rows, ["state", "reason", "since_at"])
    batch.moved(rows)


def _rescind(batch: Batch, contact_ids: list[UUID]) -> None:
    """Contacts whose place another has used up wait no more, nor are they offered; a job tells the citizen."""
    if not contact_ids:
        return
    # Whichever is not rescinded, because its place is free again, is read again like the others.
    batch.refused_contacts |= set(contact_ids)
    used = batch.run(
        """SELECT c.id FROM contact c JOIN place p ON p.tenant_id = c.tenant_id AND p.id = c.place_id
           WHERE c.id = ANY(:ids) AND c.state IN ('waiting', 'offered') AND p.served_by <> c.id""",
        ids=contact_ids,
    )
    ids = [row.id for row in used]
    offers = batch.run(
        """UPDATE offer SET state = 'rescinded', decided_at = :at, version = version + 1
           WHERE contact_id = ANY(:ids) AND state = 'offered' RETURNING id, tenant_id, version, agent_id, channel""",
        ids=ids,
        at=batch.at,
    )
    batch.audit("offer.withdrawn", "offer", offers, ["state", "decided_at"])
    free_room(batch, [(row.agent_id, row.channel) for row in offers])
    contacts = batch.run(
        """UPDATE contact SET state = 'rescinded', ended_at = :at, version = version + 1 WHERE id = ANY(:ids)
           RETURNING id, tenant_id, version, ticket_id""",
        ids=ids,
        at=batch.at,
    )
    batch.audit("contact.rescinded", "contact", contacts, ["state", "ended_at"])
    for row in contacts:
        announce(batch.session, ticket_room(row.ticket_id), "ticket", row.ticket_id)
        batch.defer("work.rescinded", row.tenant_id, contact_id=row.id)


def _by_channel(pairs: list[tuple[UUID, str]]) -> dict[str, list[Any]]:
    """The agents of (agent, channel) pairs, and beside them how many of each channel."""
    counts = Counter(pairs)
    agents = sorted({agent_id for agent_id, _ in pairs})
    return {"agents": agents} | {channel: [counts[agent_id, channel] for agent_id in agents] for channel in Channel}


def back_to_wait(batch: Batch, contact_ids: list[UUID]) -> None:
    """Offered contacts wait on, with their keys."""
    if not contact_ids:
        return
    rows = batch.run(
        """UPDATE contact SET state = 'waiting', version = version + 1
           WHERE id = ANY(:ids) AND state = 'offered' RETURNING id, tenant_id, version""",
        ids=contact_ids,
    )
    batch.audit("contact.back", "contact", rows, ["state"])
