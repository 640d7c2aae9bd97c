"""What the throttle's loop reads of a pool, in one statement: policies in force, and what agents did by telephone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# The policy in force is that of `policy_life.in_force`. Whoever is still at a call was busy with it until now; of those
# who have ended one, only the last seconds count here.
_READ = text(
    """
    WITH served AS (
        SELECT contact_id, state, started_at, ended_at FROM assignment
        WHERE pool_id = :pool AND channel = 'voice' AND ended_at > to_timestamp(:since)
        UNION ALL
        SELECT contact_id, state, started_at, ended_at FROM assignment
        WHERE pool_id = :pool AND channel = 'voice' AND state IN ('connecting', 'active', 'wrapping')),
    worked AS MATERIALIZED (
        SELECT c.queue_id,
            count(*) FILTER (WHERE s.state = 'done' AND s.ended_at <= to_timestamp(:until)) AS completed,
            sum(greatest(extract(epoch FROM least(coalesce(s.ended_at, to_timestamp(:until)), to_timestamp(:until))
                - greatest(s.started_at, to_timestamp(:since))), 0)) AS seconds
        FROM served s JOIN contact c ON c.id = s.contact_id GROUP BY c.queue_id),
    a_day AS MATERIALIZED (
        SELECT c.queue_id, count(*) AS calls, sum(extract(epoch FROM a.ended_at - a.started_at)) AS seconds
        FROM assignment a JOIN contact c ON c.id = a.contact_id
        WHERE :with_day AND a.pool_id = :pool AND a.channel = 'voice' AND a.state = 'done'
          AND a.ended_at > to_timestamp(:until) - interval '1 day'
        GROUP BY c.queue_id)
    SELECT of.campaign_id, of.queue_ids, administration.time_zone, policy.document,
        coalesce((SELECT sum(completed) FROM worked WHERE queue_id = ANY (of.queue_ids)), 0)::int AS completed,
        coalesce((SELECT sum(seconds) FROM worked WHERE queue_id = ANY (of.queue_ids)), 0)::float AS busy_seconds,
        coalesce((SELECT sum(calls) FROM a_day WHERE queue_id = ANY (of.queue_ids)), 0)::int AS day_calls,
        coalesce((SELECT sum(seconds) FROM a_day WHERE queue_id = ANY (of.queue_ids)), 0)::float AS day_seconds
    FROM (SELECT tenant_id, campaign_id, array_agg(id) AS queue_ids FROM queue WHERE pool_id = :pool GROUP BY 1, 2) of
    JOIN administration ON administration.id = of.tenant_id
    LEFT JOIN LATERAL (
        SELECT document FROM policy_version v
        WHERE v.tenant_id = of.tenant_id AND v.campaign_id = of.campaign_id
          AND v.published_at IS NOT NULL AND v.effective_at <= to_timestamp(:until)
        ORDER BY v.published_at DESC, v.number DESC LIMIT 1) policy ON true
    ORDER BY of.campaign_id
    """
)


class Pace(NamedTuple):
    """One campaign: what was completed, and the seconds that agents were busy, since it was read last.

    *document* is that of the policy in force, None for none. Of the last day the calls and their seconds, where asked.
    """

    campaign_id: UUID
    queue_ids: Sequence[UUID]
    time_zone: str
    document: dict[str, Any] | None
    completed: int
    busy_seconds: float
    day_calls: int
    day_seconds: float


def of_pool(session: Session, pool_id: UUID, since: float, until: float, *, with_day: bool) -> list[Pace]:
    """Every campaign with a queue in the pool; the work is that between the two moments."""
    asked = {"pool": pool_id, "since": since, "until": until, "with_day": with_day}
    return [Pace(*row) for row in session.execute(_READ, asked)]


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
