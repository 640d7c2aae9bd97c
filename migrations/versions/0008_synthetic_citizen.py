"""The synthetic citizen: marked administrations, the result of its last try, and the only way to forget its traces."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SYNTHETIC = "tenant_id IN (SELECT id FROM administration WHERE is_synthetic)"
# In the order that references allow.
FORGOTTEN = (
    "assignment",
    "offer",
    "contact",
    "draft",
    "attachment",
    "message",
    "interaction",
    "ticket",
    "citizen_contact_point",
    "citizen",
    "visitor",
    "contact_point",
)
UNSEEN = ("draft", "attachment", "citizen_contact_point", "visitor", "contact_point")

FUNCTION = """
CREATE FUNCTION forget_synthetic(older interval, rows uuid[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
DECLARE
    own uuid[] := ARRAY(SELECT id FROM administration WHERE is_synthetic);
    robots uuid[] := ARRAY(SELECT a.id FROM agent a JOIN outsourcer o ON o.id = a.outsourcer_id WHERE o.is_synthetic);
    before timestamptz := now() - older;
    old uuid[];
    gone uuid[];
BEGIN
    old := ARRAY(
        SELECT t.id FROM ticket t WHERE t.tenant_id = ANY (own) AND t.created_at < before
            AND NOT EXISTS (SELECT FROM contact c WHERE c.tenant_id = t.tenant_id AND c.ticket_id = t.id
                            AND c.state IN ('waiting', 'offered', 'assigned'))
            AND NOT EXISTS (SELECT FROM assignment a WHERE a.tenant_id = t.tenant_id AND a.ticket_id = t.id
                            AND a.state IN ('connecting', 'active', 'wrapping')));
    DELETE FROM assignment WHERE tenant_id = ANY (own) AND ticket_id = ANY (old);
    DELETE FROM offer WHERE tenant_id = ANY (own) AND ticket_id = ANY (old);
    DELETE FROM contact WHERE tenant_id = ANY (own) AND ticket_id = ANY (old);
    DELETE FROM draft WHERE tenant_id = ANY (own) AND ticket_id = ANY (old);
    DELETE FROM message WHERE tenant_id = ANY (own) AND ticket_id = ANY (old);
    DELETE FROM interaction WHERE tenant_id = ANY (own) AND ticket_id = ANY (old);
    DELETE FROM ticket WHERE tenant_id = ANY (own) AND id = ANY (old);
    gone := ARRAY(
        SELECT v.contact_point_id FROM visitor v WHERE v.tenant_id = ANY (own) AND v.expires_at < now()
            AND NOT EXISTS (SELECT FROM interaction i WHERE i.tenant_id = v.tenant_id
                            AND i.contact_point_id = v.contact_point_id));
    DELETE FROM visitor WHERE tenant_id = ANY (own) AND contact_point_id = ANY (gone);
    DELETE FROM citizen_contact_point WHERE tenant_id = ANY (own) AND contact_point_id = ANY (gone);
    DELETE FROM contact_point WHERE tenant_id = ANY (own) AND id = ANY (gone);
    DELETE FROM citizen c WHERE c.tenant_id = ANY (own)
        AND NOT EXISTS (SELECT FROM citizen_contact_point p WHERE p.tenant_id = c.tenant_id AND p.citizen_id = c.id)
        AND NOT EXISTS (SELECT FROM ticket t WHERE t.tenant_id = c.tenant_id AND t.citizen_id = c.id);
    DELETE FROM audit WHERE tenant_id = ANY (own) AND at < before AND action <> 'synthetic.installed';
    DELETE FROM audit WHERE entity_id = ANY (robots) AND at < before AND action <> 'synthetic.installed';
    DELETE FROM sign_in_session WHERE account_id = ANY (robots) AND expires_at < now();
    DELETE FROM outbox WHERE id = ANY (rows) AND tenant_id = ANY (own);
    -- Timers of conversations that are over: gone before they would run and stay as done.
    DELETE FROM outbox WHERE state = 'due' AND topic = 'chat.silence' AND tenant_id = ANY (own)
        AND created_at < now() - interval '45 seconds';
    RETURN cardinality(old);
END $$;
"""


def upgrade() -> None:
    for table in ("administration", "outsourcer"):
        op.add_column(table, sa.Column("is_synthetic", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        op.execute(f"GRANT SELECT ON {table} TO app_lookup")
        op.execute(f"CREATE POLICY synthetic ON {table} FOR SELECT TO app_lookup USING (is_synthetic)")
    op.create_table(
        "probe",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("tried_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("succeeded_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name="fk_probe_pool_id"),
        sa.PrimaryKeyConstraint("pool_id", name="pk_probe"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON probe TO app_rw")
    op.execute("GRANT SELECT ON probe TO app_engine")
    for table in UNSEEN:
        op.execute(f"GRANT SELECT ON {table} TO app_lookup")
        op.execute(f"CREATE POLICY synthetic_seen ON {table} FOR SELECT TO app_lookup USING ({SYNTHETIC})")
    for table in FORGOTTEN:
        op.execute(f"GRANT DELETE ON {table} TO app_lookup")
        op.execute(f"CREATE POLICY synthetic ON {table} FOR DELETE TO app_lookup USING ({SYNTHETIC})")
    op.execute("GRANT SELECT, DELETE ON audit, outbox TO app_lookup")
    op.execute("GRANT DELETE ON sign_in_session TO app_lookup")
    op.execute(
        f"CREATE POLICY synthetic ON audit FOR ALL TO app_lookup USING ({SYNTHETIC}"
        " OR outsourcer_id IN (SELECT id FROM outsourcer WHERE is_synthetic))"
    )
    op.execute(
        "CREATE POLICY synthetic ON sign_in_session FOR DELETE TO app_lookup USING (account_id IN"
        " (SELECT a.id FROM agent a JOIN outsourcer o ON o.id = a.outsourcer_id WHERE o.is_synthetic))"
    )
    op.execute("GRANT CREATE ON SCHEMA public TO app_lookup")
    op.execute(FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION forget_synthetic(interval, uuid[]) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION forget_synthetic(interval, uuid[]) TO app_rw")
    op.execute("ALTER FUNCTION forget_synthetic(interval, uuid[]) OWNER TO app_lookup")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_lookup")
