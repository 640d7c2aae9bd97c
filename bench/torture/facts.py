"""What the database says, read by SQL of our own as its superuser, in one snapshot: the product's code is not asked."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row

TABLES = {
    "messages": "SELECT id, tenant_id, ticket_id, interaction_id, seq, kind, code, body, author_id, state, client_key,"
    " created_at FROM message",
    "tickets": "SELECT id, tenant_id, state, last_seq FROM ticket",
    "interactions": "SELECT id, tenant_id, ticket_id, contact_point_id, channel, state, created_at FROM interaction",
    "contacts": "SELECT id, ticket_id, interaction_id, queue_id, need_id, channel, state, enqueued_at, declined_by,"
    " ended_at FROM contact",
    "offers": "SELECT id, contact_id, agent_id, channel, state, offered_at, decided_at FROM offer",
    "assignments": "SELECT id, contact_id, offer_id, agent_id, interaction_id, channel, state, wrap_up_code_id"
    " FROM assignment",
    "outbox": "SELECT id, topic, ids, order_key, sequence, state, due_at, due_at > now() AS is_future, failure"
    " FROM outbox",
    "agents": "SELECT a.id, a.languages, p.state, p.load_voice, p.load_chat, p.load_sms, p.load_email,"
    " p.limit_voice, p.limit_chat, p.limit_sms, p.limit_email, a.capacity_voice, a.capacity_chat, a.capacity_sms,"
    " a.capacity_email FROM agent a JOIN presence p ON p.agent_id = a.id",
    "skills": "SELECT agent_id, skill, level FROM agent_skill",
    "grants": "SELECT g.account_id AS agent_id, q.id AS queue_id FROM agent_grant g"
    " JOIN queue q ON q.campaign_id = g.campaign_id AND q.tenant_id = g.tenant_id WHERE g.revoked_at IS NULL",
    "needs": "SELECT id, steps FROM need",
    "addresses": "SELECT address, tenant_id FROM endpoint WHERE channel = 'chat'",
    "points": "SELECT id, value FROM contact_point",
    "audits": "SELECT entity, entity_id, version, at, request_id, actor_kind, id FROM audit WHERE version IS NOT NULL",
    "leases": "SELECT pool_id, epoch, holder, leased_until > now() AS is_held FROM lease",
    "dirty": "SELECT id, entity, entity_id FROM routing_dirty",
    "idle": "SELECT pid, usename FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    " AND state_change < clock_timestamp() - interval '5 seconds'",
    "calls": "SELECT id, provider_id, direction, number, stage, state, outcome, attempt, ticket_id, interaction_id"
    " FROM call",
    "admissions": "SELECT id, call_id, is_admitted, rule, offered, taken FROM admission",
    "clock": "SELECT now() AS now",
}


class Version(NamedTuple):
    """One row that keeps versions."""

    entity: str
    id: UUID
    version: int


@dataclass(slots=True)
class Facts:
    """Rows by name as in `TABLES`, and every versioned row."""

    rows: dict[str, list[Any]]
    versions: list[Version] = field(default_factory=list)

    def __getattr__(self, name: str) -> list[Any]:
        try:
            return self.rows[name]
        except KeyError:
            raise AttributeError(name) from None


def read(admin_url: str) -> Facts:
    """Everything that is checked, as of one moment."""
    with psycopg.connect(admin_url, row_factory=namedtuple_row) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return read_in(connection)


def read_in(connection: psycopg.Connection[Any]) -> Facts:
    """The same, as *connection*'s own transaction sees it; its rows are named tuples."""
    facts = Facts({name: connection.execute(query).fetchall() for name, query in TABLES.items()})
    facts.versions = _versions(connection)
    return facts


def _versions(connection: psycopg.Connection[Any]) -> list[Version]:
    """The version of each row of each table that has one, found in the catalogue, not in the models."""
    named = connection.execute(
        "SELECT table_name, bool_or(column_name = 'id') AS has_id FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name <> 'audit'"
        " GROUP BY table_name HAVING bool_or(column_name = 'version') ORDER BY table_name"
    ).fetchall()
    found: list[Version] = []
    for table, has_id in named:
        key = sql.Identifier("id" if has_id else "agent_id")
        query = sql.SQL("SELECT {} AS id, version FROM {}").format(key, sql.Identifier(table))
        found += [Version(table, row.id, row.version) for row in connection.execute(query)]
    return found
