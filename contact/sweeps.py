"""What time alone changes, once a second, in a transaction of its own: absence, silence, the end of wrap-ups.

Runs as `app_engine`. Rows that somebody holds are left for the next look.
"""

from contact.decisions import Batch, back_to_wait, free_room
from contact.domain.rooms import ticket_room
from contact.outbox import announce


def withdraw_from_absent(batch: Batch) -> None:
    """Open offers of agents who have gone offline: the citizen need not wait until they run out."""
    contacts = batch.run(
        """SELECT c.id FROM contact c JOIN offer o ON o.contact_id = c.id JOIN presence p ON p.agent_id = o.agent_id
           WHERE o.pool_id = :pool AND o.state = 'offered' AND p.state = 'offline'
           ORDER BY c.id FOR NO KEY UPDATE OF c SKIP LOCKED""",
        pool=batch.pool_id,
    )
    ids = [row.id for row in contacts]
    offers = batch.run(
        """UPDATE offer o SET state = 'rescinded', decided_at = clock_timestamp(), version = o.version + 1
           FROM presence p WHERE p.agent_id = o.agent_id AND p.state = 'offline' AND o.state = 'offered'
             AND o.contact_id = ANY(:ids)
           RETURNING o.id, o.tenant_id, o.version, o.contact_id, o.agent_id, o.channel""",
        ids=ids,
    )
    batch.audit("offer.withdrawn", "offer", offers, ["state", "decided_at"])
    back_to_wait(batch, [row.contact_id for row in offers])
    free_room(batch, [(row.agent_id, row.channel) for row in offers])
    batch.refused_contacts |= {row.contact_id for row in offers}


def end_wrap_ups(batch: Batch) -> None:
    """Wrap-ups whose time is over are done."""
    rows = batch.run(
        """UPDATE assignment SET state = 'done', ended_at = clock_timestamp(), version = version + 1
           WHERE id IN (SELECT id FROM assignment WHERE pool_id = :pool AND state = 'wrapping'
                        AND wrap_until <= clock_timestamp() FOR NO KEY UPDATE SKIP LOCKED)
           RETURNING id, tenant_id, version, agent_id, channel, ticket_id""",
        pool=batch.pool_id,
    )
    batch.audit("assignment.wrap_over", "assignment", rows, ["state", "ended_at"])
    for row in rows:
        announce(batch.session, ticket_room(row.ticket_id), "ticket", row.ticket_id)
    free_room(batch, [(row.agent_id, row.channel) for row in rows])


def rest_silent(batch: Batch, silence_seconds: float) -> None:
    """Ready agents whose page has not answered rest; their next beat ends it."""
    rows = batch.run(
        """UPDATE presence SET state = 'resting', reason = 'silent', since_at = clock_timestamp(), version = version + 1
           WHERE agent_id IN (
               SELECT p.agent_id FROM presence p JOIN agent a ON a.id = p.agent_id
               WHERE a.pool_id = :pool AND p.state = 'ready'
                 AND p.last_seen_at < clock_timestamp() - make_interval(secs => :seconds)
               FOR NO KEY UPDATE OF p SKIP LOCKED)
           RETURNING agent_id AS id, outsourcer_id, version""",
        pool=batch.pool_id,
        seconds=silence_seconds,
    )
    batch.audit("agent.silent", "presence", rows, ["state", "reason", "since_at"])
    batch.moved(rows)


def sign_off_gone(batch: Batch, gone_seconds: float) -> None:
    """Agents who stay silent have left: they are offline, and what they held is given back by a job.

    Once per absence: `last_seen_at` is forgotten. Whoever signed out before with work in hand is found here too.
    """
    rows = batch.run(
        """UPDATE presence SET reason = CASE state WHEN 'offline' THEN reason ELSE 'silent' END,
               since_at = CASE state WHEN 'offline' THEN since_at ELSE clock_timestamp() END,
               state = 'offline', last_seen_at = NULL, version = version + 1
           WHERE agent_id IN (
               SELECT p.agent_id FROM presence p JOIN agent a ON a.id = p.agent_id
               WHERE a.pool_id = :pool AND p.last_seen_at < clock_timestamp() - make_interval(secs => :seconds)
               FOR NO KEY UPDATE OF p SKIP LOCKED)
           RETURNING agent_id AS id, outsourcer_id, version""",
        pool=batch.pool_id,
        seconds=gone_seconds,
    )
    batch.audit("agent.gone", "presence", rows, ["state", "reason", "since_at", "last_seen_at"])
    batch.moved(rows)
    if not rows:
        return
    left = batch.run(
        """SELECT id, tenant_id, contact_id FROM assignment
           WHERE agent_id = ANY(:ids) AND state IN ('connecting', 'active') ORDER BY contact_id""",
        ids=[row.id for row in rows],
    )
    for row in left:
        batch.defer("work.give_back", row.tenant_id, contact_id=row.contact_id, assignment_id=row.id)
