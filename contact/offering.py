"""The engine's offers as rows, a whole batch in one statement.

Runs as `app_engine`. Rows are locked in the house's order: contact, offer, presence.
"""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import text

from contact.decisions import Batch
from contact.domain.rooms import person_room, ticket_room, wallboard_room
from contact.domain.vocabulary import Channel
from contact.models import new_id
from contact.outbox import announce
from routing import types as engine

_ASKED = ", ".join(f"count(*) FILTER (WHERE channel = '{one}') AS {one}" for one in Channel)
_LOADS = ", ".join(f"load_{one} = p.load_{one} + a.{one}" for one in Channel)
_FITS = " AND ".join(f"p.load_{one} + a.{one} <= p.limit_{one}" for one in Channel)
# Each contact must still wait, each agent be ready with room for all that they are to have, each grant stand. The
# table's checks are the last word. Every part waits for the one it reads from: that makes the order of the locks.
_MAKE = text(
    f"""WITH wanted AS (
        SELECT * FROM jsonb_to_recordset(CAST(:offers AS jsonb))
            AS w (id uuid, contact_id uuid, agent_id uuid, grant_id uuid,
                  offered_at float, expires_at float, why jsonb)),
    waiting AS (
        SELECT id, tenant_id, pool_id, ticket_id, channel FROM contact
        WHERE id IN (SELECT contact_id FROM wanted) AND state = 'waiting' AND pool_id = :pool
        ORDER BY id FOR NO KEY UPDATE),
    possible AS (
        SELECT w.*, c.tenant_id, c.pool_id, c.ticket_id, c.channel FROM wanted w JOIN waiting c ON c.id = w.contact_id
        JOIN agent_grant g ON g.id = w.grant_id WHERE g.revoked_at IS NULL),
    asked AS (SELECT agent_id, {_ASKED} FROM possible GROUP BY agent_id),
    locked AS (
        SELECT agent_id FROM presence WHERE agent_id IN (SELECT agent_id FROM asked)
        ORDER BY agent_id FOR NO KEY UPDATE),
    held AS (
        UPDATE presence p SET version = p.version + 1, {_LOADS}
        FROM asked a JOIN locked l ON l.agent_id = a.agent_id
        WHERE p.agent_id = a.agent_id AND p.state = 'ready' AND {_FITS}
          AND (a.voice = 0 OR p.load_chat + a.chat = 0) AND (a.chat + a.sms + a.email = 0 OR p.load_voice = 0)
        RETURNING p.agent_id, p.outsourcer_id, p.version),
    made AS (SELECT p.*, h.outsourcer_id, h.version FROM possible p JOIN held h ON h.agent_id = p.agent_id),
    moved AS (
        UPDATE contact c SET state = 'offered', version = c.version + 1 FROM made m WHERE c.id = m.contact_id
        RETURNING c.id, c.version),
    offered AS (
        INSERT INTO offer (id, tenant_id, contact_id, agent_id, grant_id, pool_id, ticket_id, channel, state, version,
                           offered_at, expires_at, why)
        SELECT id, tenant_id, contact_id, agent_id, grant_id, pool_id, ticket_id, channel, 'offered', 1,
               to_timestamp(offered_at), to_timestamp(expires_at), why FROM made)
    SELECT m.id, m.tenant_id, m.contact_id, m.agent_id, m.ticket_id, m.channel, m.outsourcer_id,
           m.version AS presence_version, c.version AS contact_version
    FROM made m JOIN moved c ON c.id = m.contact_id"""
)
_COLUMNS = [
    *("agent_id", "channel", "contact_id", "expires_at", "grant_id", "id", "offered_at", "pool_id", "state"),
    *("tenant_id", "ticket_id", "version", "why"),
]


def make(batch: Batch, offers: list[engine.Offer], queues: dict[UUID, UUID]) -> dict[UUID, UUID]:
    """Propose contacts; *queues* tells each contact's queue. By contact, the ids of the offers made.

    What the database refuses is to be read again.
    """
    # Where an offer was answered while its time ran out, the answer is not known yet to whoever decided this one.
    known = [one for one in offers if one.contact_id not in batch.refused_contacts]
    wanted = [_wanted(one, batch.grants.get(one.agent_id, {}).get(queues[one.contact_id])) for one in known]
    made: list[Any] = []
    if wanted:
        told = {"offers": json.dumps(wanted), "pool": batch.pool_id}
        made = list(batch.session.execute(_MAKE, told).all())
    ids = {row.contact_id: row.id for row in made}
    for one in offers:
        if one.contact_id not in ids:
            batch.refused_contacts.add(one.contact_id)
            batch.changed_agents.add(one.agent_id)
    _tell(batch, made)
    return ids


def _wanted(offer: engine.Offer, grant_id: UUID | None) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "contact_id": str(offer.contact_id),
        "agent_id": str(offer.agent_id),
        "grant_id": str(grant_id) if grant_id else None,
        "offered_at": offer.offered_at,
        "expires_at": offer.expires_at,
        "why": offer.why.told(),
    }


def _tell(batch: Batch, made: list[Any]) -> None:
    """The trail, and the screens of the agents and of their supervisors."""
    for row in made:
        batch.note("contact.offered", "contact", row.contact_id, row.contact_version, ["state"], row.tenant_id)
        batch.note("offer.made", "offer", row.id, 1, _COLUMNS, row.tenant_id)
        announce(batch.session, person_room(row.agent_id), "work")
        announce(batch.session, ticket_room(row.ticket_id), "ticket", row.ticket_id)
    loads = [f"load_{channel}" for channel in sorted({row.channel for row in made})]
    for row in {row.agent_id: row for row in made}.values():
        batch.note("offer.held", "presence", row.agent_id, row.presence_version, loads, None, row.outsourcer_id)
        announce(batch.session, wallboard_room(row.outsourcer_id), "wallboard")
