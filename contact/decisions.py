"""The engine's decisions as rows, set by set, inside one batch.

Runs as `app_engine`. Rows are locked in the house's order: contact, offer or assignment, presence.
"""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Uuid

from contact.domain.rooms import person_room, ticket_room, wallboard_room
from contact.domain.vocabulary import Channel
from contact.models import Audit, Offer, new_id
from contact.outbox import announce
from routing import types as engine


@dataclass(slots=True)
class Batch:
    """What one transaction of the dispatcher did: facts to read again, and audit rows to write at its end."""

    session: Session
    pool_id: UUID
    grants: dict[tuple[UUID, UUID], UUID]
    refused_contacts: set[UUID] = field(default_factory=set)
    changed_agents: set[UUID] = field(default_factory=set)
    trail: list[dict[str, Any]] = field(default_factory=list)

    def run(self, statement: str, **values: Any) -> list[Any]:
        """Execute; lists of ids are passed as arrays."""
        arrays = [bindparam(name, type_=ARRAY(Uuid)) for name, value in values.items() if isinstance(value, list)]
        return list(self.session.execute(text(statement).bindparams(*arrays), values).all())

    def audit(self, action: str, entity: str, rows: list[Any], changed: list[str]) -> None:
        """One audit row for each of *rows* (id, version, tenant_id or outsourcer_id)."""
        for row in rows:
            self.trail.append(
                {
                    "id": new_id(),
                    "tenant_id": getattr(row, "tenant_id", None),
                    "outsourcer_id": getattr(row, "outsourcer_id", None),
                    "actor_kind": "dispatcher",
                    "action": action,
                    "entity": entity,
                    "entity_id": row.id,
                    "version": row.version,
                    "changed": changed,
                }
            )

    def moved(self, rows: list[Any]) -> None:
        """Agents whose presence changed: their screens and their supervisors' are told, the engine reads them again."""
        for row in rows:
            self.changed_agents.add(row.id)
            announce(self.session, person_room(row.id), "work")
            announce(self.session, wallboard_room(row.outsourcer_id), "wallboard")

    def finish(self) -> None:
        """Write the audit rows in one go."""
        if self.trail:
            self.session.execute(insert(Audit), self.trail)


def apply(batch: Batch, decisions: list[engine.Decision], contacts: dict[UUID, UUID]) -> None:
    """Carry out *decisions*; *contacts* tells each contact's queue. What the database refuses is read again."""
    missed = _expire(batch, [one for one in decisions if isinstance(one, engine.Expire)])
    # Who accepted in the last moment has not missed it.
    _rest(batch, [one.agent_id for one in decisions if isinstance(one, engine.Rest) and one.agent_id in missed])
    _offer(batch, [one for one in decisions if isinstance(one, engine.Offer)], contacts)


def free_room(batch: Batch, held: list[tuple[UUID, str]], missed: int = 0) -> None:
    """Give back the room of (agent, channel) pairs; *missed* is added to the unanswered offers.

    A capacity that was lowered meanwhile comes into force.
    """
    for (agent_id, channel), count in sorted(Counter(held).items()):
        rows = batch.run(
            f"""UPDATE presence p SET version = p.version + 1, missed_offers = p.missed_offers + :missed,
                    load_{channel} = p.load_{channel} - :count,
                    limit_{channel} = greatest(p.load_{channel} - :count, a.capacity_{channel}),
                    ready_since_at = CASE WHEN :missed = 0 THEN clock_timestamp() ELSE p.ready_since_at END
                FROM agent a WHERE a.id = p.agent_id AND p.agent_id = :agent
                RETURNING p.agent_id AS id, p.outsourcer_id, p.version""",
            agent=agent_id,
            count=count,
            missed=missed * count,
        )
        batch.audit("room.freed", "presence", rows, [f"load_{channel}"])
        batch.moved(rows)


def _expire(batch: Batch, expired: list[engine.Expire]) -> set[UUID]:
    """Unanswered offers: the contact waits on with its key. The agents who missed one."""
    if not expired:
        return set()
    ids = sorted(one.contact_id for one in expired)
    batch.run("SELECT id FROM contact WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE", ids=ids)
    offers = batch.run(
        """UPDATE offer SET state = 'timed_out', decided_at = clock_timestamp(), version = version + 1
           WHERE contact_id = ANY(:ids) AND state = 'offered' AND expires_at <= clock_timestamp()
           RETURNING id, tenant_id, version, contact_id, agent_id, channel""",
        ids=ids,
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
    rows = batch.run(
        """UPDATE presence SET state = 'resting', reason = 'missed_offers', since_at = clock_timestamp(),
               version = version + 1
           WHERE agent_id = ANY(:ids) AND state = 'ready' RETURNING agent_id AS id, outsourcer_id, version""",
        ids=sorted(agent_ids),
    )
    batch.audit("agent.rests", "presence", rows, ["state", "reason", "since_at"])
    batch.moved(rows)


def _offer(batch: Batch, offers: list[engine.Offer], queues: dict[UUID, UUID]) -> None:
    """Propose contacts: each must still wait, each agent be ready with room. The table's checks are the last word."""
    if not offers:
        return
    waiting = {
        row.id: row
        for row in batch.run(
            """SELECT id, tenant_id, pool_id, ticket_id, channel FROM contact WHERE id = ANY(:ids) AND state = 'waiting'
               AND pool_id = :pool ORDER BY id FOR NO KEY UPDATE""",
            ids=sorted(one.contact_id for one in offers),
            pool=batch.pool_id,
        )
    }
    granted = [grant for grant in (_grant(batch, one, queues) for one in offers) if grant is not None]
    rows = batch.run("SELECT id FROM agent_grant WHERE id = ANY(:ids) AND revoked_at IS NULL", ids=granted)
    standing = {row.id for row in rows}
    possible = [one for one in offers if one.contact_id in waiting and _grant(batch, one, queues) in standing]
    agents = _take_room(batch, [(one.agent_id, waiting[one.contact_id].channel) for one in possible])
    made = [one for one in possible if (one.agent_id, waiting[one.contact_id].channel) in agents]
    for one in offers:
        if one not in made:
            batch.refused_contacts.add(one.contact_id)
            batch.changed_agents.add(one.agent_id)
    if not made:
        return
    contacts = batch.run(
        """UPDATE contact SET state = 'offered', version = version + 1 WHERE id = ANY(:ids)
           RETURNING id, tenant_id, version""",
        ids=[one.contact_id for one in made],
    )
    batch.audit("contact.offered", "contact", contacts, ["state"])
    new = [_offer_row(batch, one, waiting[one.contact_id], queues) for one in made]
    batch.session.execute(insert(Offer), new)
    for row in new:
        batch.trail.append(_offer_trail(row))
        announce(batch.session, person_room(row["agent_id"]), "work")
        announce(batch.session, ticket_room(row["ticket_id"]), "ticket", row["ticket_id"])


def _grant(batch: Batch, offer: engine.Offer, queues: dict[UUID, UUID]) -> UUID | None:
    return batch.grants.get((offer.agent_id, queues[offer.contact_id]))


def _take_room(batch: Batch, wanted: list[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Add to the agents' load; the (agent, channel) pairs that had the room."""
    taken = set()
    for (agent_id, channel), count in sorted(Counter(wanted).items()):
        alone = "load_chat = 0 AND" if channel == Channel.VOICE else "load_voice = 0 AND"
        rows = batch.run(
            f"""UPDATE presence SET load_{channel} = load_{channel} + :count, version = version + 1
                WHERE agent_id = :agent AND state = 'ready' AND {alone} load_{channel} + :count <= limit_{channel}
                RETURNING agent_id AS id, outsourcer_id, version""",
            agent=agent_id,
            count=count,
        )
        if rows:
            taken.add((agent_id, channel))
            batch.audit("offer.held", "presence", rows, [f"load_{channel}"])
            announce(batch.session, wallboard_room(rows[0].outsourcer_id), "wallboard")
    return taken


def _offer_row(batch: Batch, offer: engine.Offer, contact: Any, queues: dict[UUID, UUID]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "tenant_id": contact.tenant_id,
        "contact_id": contact.id,
        "agent_id": offer.agent_id,
        "grant_id": _grant(batch, offer, queues),
        "pool_id": contact.pool_id,
        "ticket_id": contact.ticket_id,
        "channel": contact.channel,
        "state": "offered",
        "version": 1,
        "offered_at": datetime.fromtimestamp(offer.offered_at, UTC),
        "expires_at": datetime.fromtimestamp(offer.expires_at, UTC),
        "why": asdict(offer.why),
    }


def _offer_trail(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "tenant_id": row["tenant_id"],
        "outsourcer_id": None,
        "actor_kind": "dispatcher",
        "action": "offer.made",
        "entity": "offer",
        "entity_id": row["id"],
        "version": 1,
        "changed": sorted(row),
    }


def back_to_wait(batch: Batch, contact_ids: list[UUID]) -> None:
    """Offered contacts wait on, with their keys."""
    rows = batch.run(
        """UPDATE contact SET state = 'waiting', version = version + 1
           WHERE id = ANY(:ids) AND state = 'offered' RETURNING id, tenant_id, version""",
        ids=contact_ids,
    )
    batch.audit("contact.back", "contact", rows, ["state"])
