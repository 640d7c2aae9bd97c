"""Who may see what: row security for each kind of table, privileges of each role, functions that look across."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# After a SET LOCAL a pooled connection reads '' where nothing was set, not NULL: hence nullif.
TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
OUTSOURCER = "(select nullif(current_setting('app.outsourcer', true), '')::uuid)"
ACCOUNT = "(select nullif(current_setting('app.account', true), '')::uuid)"

TENANT_TABLES = [
    "administrator",
    "campaign",
    "endpoint",
    "queue",
    "topic",
    "wrap_up_code",
    "visitor",
    "citizen",
    "contact_point",
    "citizen_contact_point",
    "ticket",
    "interaction",
    "message",
    "attachment",
    "draft",
    "need",
    "contact",
    "offer",
    "assignment",
]
OUTSOURCER_TABLES = {"agent": "id", "agent_skill": "agent_id", "presence": "agent_id"}

# (table, command, condition) for app_rw, beside the tenant tables' own rule.
POLICIES = [
    ("administration", "SELECT", f"id = {TENANT}"),
    ("outsourcer", "SELECT", f"id = {OUTSOURCER}"),
    (
        "outsourcer",
        "SELECT",
        f"EXISTS (SELECT FROM agent_grant g WHERE g.outsourcer_id = outsourcer.id AND g.tenant_id = {TENANT})",
    ),
    ("agent_grant", "SELECT", f"tenant_id = {TENANT} OR outsourcer_id = {OUTSOURCER}"),
    ("agent_grant", "UPDATE", f"tenant_id = {TENANT}"),
    ("account", "ALL", f"id = {ACCOUNT}"),
    ("sign_in_session", "ALL", f"account_id = {ACCOUNT}"),
    ("audit", "SELECT", f"tenant_id = {TENANT} OR outsourcer_id = {OUTSOURCER} OR actor_id = {ACCOUNT}"),
    (
        "audit",
        "INSERT",
        f"coalesce(tenant_id, {TENANT}) IS NOT DISTINCT FROM {TENANT}"
        f" AND coalesce(outsourcer_id, {OUTSOURCER}) IS NOT DISTINCT FROM {OUTSOURCER}",
    ),
]

# The dispatcher and the relay span the tenants of their pool, and can select no name, no body, no contact point.
ENGINE = {
    "contact": "SELECT, UPDATE (state, version, ended_at)",
    "need": "SELECT",
    "offer": "SELECT, INSERT, UPDATE (state, version, decided_at)",
    "assignment": "SELECT, UPDATE (state, version, ended_at)",
    "presence": "SELECT, UPDATE",
    "agent": "SELECT (id, outsourcer_id, pool_id, languages, capacity_voice, capacity_chat, capacity_sms, capacity_email)",
    "agent_skill": "SELECT",
    "agent_grant": "SELECT",
    "queue": "SELECT (id, tenant_id, campaign_id, pool_id, offer_seconds, wrap_up_seconds)",
    "audit": "INSERT",
}

PRIVILEGES = """
GRANT USAGE ON SCHEMA public TO app_rw, app_engine, app_lookup;
-- app_lookup must be able to own its functions; nobody signs in as it.
GRANT CREATE ON SCHEMA public TO app_lookup;
GRANT SELECT ON alembic_version, administration, outsourcer, pool, lease TO app_rw;
GRANT SELECT, INSERT ON audit TO app_rw;
GRANT SELECT ON account, agent, agent_grant TO app_rw;
GRANT SELECT, UPDATE ON presence TO app_rw;
GRANT UPDATE (revoked_at, version) ON agent_grant TO app_rw;
GRANT UPDATE (password_hash, language, failures, locked_until) ON account TO app_rw;
GRANT SELECT ON agent_skill TO app_rw;
GRANT SELECT, INSERT, DELETE ON sign_in_session TO app_rw;
GRANT SELECT, INSERT, UPDATE ON outbox TO app_rw;
GRANT SELECT, INSERT ON routing_dirty TO app_rw;
GRANT DELETE ON draft TO app_rw;
GRANT SELECT ON alembic_version, pool TO app_engine;
GRANT SELECT, INSERT, UPDATE ON lease TO app_engine;
GRANT SELECT, INSERT, DELETE ON routing_dirty TO app_engine;
GRANT SELECT, INSERT, UPDATE ON outbox TO app_engine;
GRANT SELECT ON account, sign_in_session, endpoint, agent, agent_grant, ticket, offer, assignment, campaign, message,
    citizen, interaction, contact, presence TO app_lookup;
GRANT UPDATE (epoch) ON account TO app_lookup;
"""

LOOKUP_TABLES = [
    "presence",
    "account",
    "sign_in_session",
    "endpoint",
    "agent",
    "agent_grant",
    "ticket",
    "offer",
    "assignment",
    "campaign",
    "message",
    "citizen",
    "interaction",
    "contact",
]

FUNCTIONS = f"""
CREATE FUNCTION account_by_login(wanted text)
    RETURNS TABLE (account_id uuid, outsourcer_id uuid, tenant_id uuid) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    SELECT id, outsourcer_id, tenant_id FROM account WHERE login = wanted AND disabled_at IS NULL
$$;

CREATE FUNCTION session_by_token(digest bytea)
    RETURNS TABLE (session_id uuid, account_id uuid, epoch integer, role text, language text, outsourcer_id uuid,
                   tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, a.id, a.epoch, a.role, a.language, a.outsourcer_id, a.tenant_id
    FROM sign_in_session s JOIN account a ON a.id = s.account_id
    WHERE s.token_hash = digest AND s.expires_at > now() AND s.epoch = a.epoch AND a.disabled_at IS NULL
$$;

CREATE FUNCTION account_epochs(accounts uuid[])
    RETURNS TABLE (account_id uuid, epoch integer) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    SELECT id, epoch FROM account WHERE id = ANY (accounts) AND disabled_at IS NULL
$$;

-- Ends every session and socket of a person over whom the asker has a say: their outsourcer, an administration that
-- granted them something, or themselves.
CREATE FUNCTION raise_epoch(wanted uuid) RETURNS boolean LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    UPDATE account SET epoch = epoch + 1 WHERE id = wanted AND (
        id = {ACCOUNT} OR outsourcer_id = {OUTSOURCER}
        OR EXISTS (SELECT FROM agent_grant g WHERE g.account_id = wanted AND g.tenant_id = {TENANT}))
    RETURNING true
$$;

CREATE FUNCTION endpoint_by_address(wanted_channel text, wanted_address text)
    RETURNS TABLE (tenant_id uuid, campaign_id uuid, endpoint_id uuid) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    SELECT tenant_id, campaign_id, id FROM endpoint
    WHERE channel = wanted_channel AND address = wanted_address AND disabled_at IS NULL
$$;

-- The administration of a thing that the present account may touch: by a grant to its campaign that was not revoked.
CREATE FUNCTION tenant_of(entity text, wanted uuid)
    RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT g.tenant_id FROM agent_grant g
    WHERE g.account_id = {ACCOUNT} AND g.revoked_at IS NULL AND CASE entity
        WHEN 'campaign' THEN g.campaign_id = wanted
        WHEN 'ticket' THEN EXISTS (SELECT FROM ticket t WHERE t.id = wanted AND t.campaign_id = g.campaign_id)
        WHEN 'offer' THEN EXISTS (SELECT FROM offer o WHERE o.id = wanted AND o.agent_id = g.account_id AND o.grant_id = g.id)
        WHEN 'assignment' THEN
            EXISTS (SELECT FROM assignment a WHERE a.id = wanted AND a.agent_id = g.account_id AND a.grant_id = g.id)
        ELSE false END
    LIMIT 1
$$;

-- The administrations in which the present account has offers or work.
CREATE FUNCTION tenants_with_work()
    RETURNS TABLE (tenant_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.tenant_id FROM offer o WHERE o.agent_id = {ACCOUNT} AND o.state = 'offered'
    UNION SELECT a.tenant_id FROM assignment a WHERE a.agent_id = {ACCOUNT} AND a.state IN ('connecting', 'active', 'wrapping')
$$;

-- For metrics: counts by ids, of everybody's queues and agents.
CREATE FUNCTION contact_figures()
    RETURNS TABLE (queue_id uuid, channel text, state text, contacts bigint, oldest_seconds double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT queue_id, channel, state, count(*), extract(epoch FROM now() - min(enqueued_at))::double precision
    FROM contact WHERE state IN ('waiting', 'offered', 'assigned') GROUP BY queue_id, channel, state
$$;

CREATE FUNCTION agent_figures() RETURNS TABLE (pool_id uuid, state text, agents bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT a.pool_id, p.state, count(*) FROM presence p JOIN agent a ON a.id = p.agent_id GROUP BY a.pool_id, p.state
$$;

-- Full-text search of one administration's tickets, newest first. Under row security the text indexes are not used
-- (their operators are not leakproof), so the tenant is an explicit predicate here.
CREATE FUNCTION find_tickets(query text, campaigns uuid[], before_at timestamptz, before_id uuid, most integer)
    RETURNS TABLE (ticket_id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH asked AS (SELECT websearch_to_tsquery('guichet_fr', query) || websearch_to_tsquery('guichet_en', query) AS words),
    hits AS (
        SELECT t.id FROM ticket t, asked WHERE t.tenant_id = {TENANT} AND t.search @@ asked.words
        UNION
        SELECT m.ticket_id FROM message m, asked WHERE m.tenant_id = {TENANT} AND m.search @@ asked.words
        UNION
        SELECT t.id FROM citizen c JOIN ticket t ON t.tenant_id = c.tenant_id AND t.citizen_id = c.id, asked
        WHERE c.tenant_id = {TENANT} AND c.search @@ asked.words
    )
    SELECT t.id FROM hits JOIN ticket t ON t.id = hits.id
    WHERE t.tenant_id = {TENANT} AND t.campaign_id = ANY (campaigns)
        AND (before_at IS NULL OR (t.updated_at, t.id) < (before_at, before_id))
    ORDER BY t.updated_at DESC, t.id DESC LIMIT most
$$;
"""

SIGNATURES = (
    "account_by_login(text)",
    "session_by_token(bytea)",
    "account_epochs(uuid[])",
    "raise_epoch(uuid)",
    "endpoint_by_address(text, text)",
    "tenant_of(text, uuid)",
    "tenants_with_work()",
    "contact_figures()",
    "agent_figures()",
    "find_tickets(text, uuid[], timestamptz, uuid, integer)",
)


def _policy(name: str, table: str, role: str, command: str, condition: str) -> None:
    check = f" WITH CHECK ({condition})" if command in ("ALL", "INSERT") else ""
    using = "" if command == "INSERT" else f" USING ({condition})"
    op.execute(f"CREATE POLICY {name} ON {table} FOR {command} TO {role}{using}{check}")


def upgrade() -> None:
    secured = [*TENANT_TABLES, *OUTSOURCER_TABLES, *dict.fromkeys(table for table, _, _ in POLICIES)]
    for table in secured:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(PRIVILEGES)
    for table in TENANT_TABLES:
        _policy("tenant", table, "app_rw", "ALL", f"tenant_id = {TENANT}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO app_rw")
    for table, agent in OUTSOURCER_TABLES.items():
        _policy("outsourcer", table, "app_rw", "ALL", f"outsourcer_id = {OUTSOURCER}")
        granted = f"EXISTS (SELECT FROM agent_grant g WHERE g.account_id = {table}.{agent} AND g.tenant_id = {TENANT})"
        _policy("granted", table, "app_rw", "SELECT", granted)
    for number, (table, command, condition) in enumerate(POLICIES):
        _policy(f"own_{number}", table, "app_rw", command, condition)
    for table, privileges in ENGINE.items():
        _policy("engine", table, "app_engine", "INSERT" if table == "audit" else "ALL", "true")
        op.execute(f"GRANT {privileges} ON {table} TO app_engine")
    for table in LOOKUP_TABLES:
        _policy("lookup", table, "app_lookup", "ALL" if table == "account" else "SELECT", "true")
    op.execute(FUNCTIONS)
    for signature in SIGNATURES:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
        op.execute(f"ALTER FUNCTION {signature} OWNER TO app_lookup")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_lookup")
