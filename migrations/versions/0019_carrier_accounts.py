"""Accounts at telephone companies, the numbers that are theirs, and what the companies told us."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"

# Whoever rings at the door is nobody yet: the account in the path tells the administration, the signature tells whether
# to believe it.
LOOK_UP = """
GRANT SELECT ON carrier_account TO app_lookup;
CREATE POLICY lookup ON carrier_account FOR SELECT TO app_lookup USING (true);
CREATE FUNCTION tenant_of_carrier_account(wanted uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
    SELECT tenant_id FROM carrier_account WHERE id = wanted AND disabled_at IS NULL
$$;
REVOKE ALL ON FUNCTION tenant_of_carrier_account(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tenant_of_carrier_account(uuid) TO app_rw;
GRANT CREATE ON SCHEMA public TO app_lookup;
ALTER FUNCTION tenant_of_carrier_account(uuid) OWNER TO app_lookup;
REVOKE CREATE ON SCHEMA public FROM app_lookup;
"""


def _owned(table: str, *columns: sa.Column | sa.Constraint | sa.Index) -> None:
    """A table of one administration, behind row security."""
    op.create_table(
        table,
        *columns,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=f"fk_{table}_tenant_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("tenant_id", "id", name=f"uq_{table}_tenant_id_id"),
    )
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table} FOR ALL TO app_rw"
        f" USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})"
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO app_rw")


def upgrade() -> None:
    _owned(
        "carrier_account",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("sid", sa.Text(), nullable=False),
        sa.Column("auth_token", sa.LargeBinary(), nullable=False),
        sa.Column("second_token", sa.LargeBinary(), nullable=True),
        sa.Column("api_key_sid", sa.Text(), nullable=True),
        sa.Column("api_key_secret", sa.LargeBinary(), nullable=True),
        sa.Column("application_sid", sa.Text(), nullable=True),
        sa.Column("disabled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("provider IN ('twilio')", name="ck_carrier_account_provider"),
        sa.UniqueConstraint("provider", "sid", name="uq_carrier_account_provider_sid"),
    )
    _owned(
        "carrier_event",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("handled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("channel IN ('voice', 'chat', 'sms', 'email')", name="ck_carrier_event_channel"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["carrier_account.tenant_id", "carrier_account.id"],
            name="fk_carrier_event_tenant_id_account_id",
        ),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "dedupe_key", name="uq_carrier_event_tenant_id_account_id_dedupe_key"
        ),
    )
    op.create_index("uq_carrier_event_token", "carrier_event", ["tenant_id", "account_id", "token"], unique=True)
    op.create_index("ix_carrier_event_provider_id", "carrier_event", ["tenant_id", "provider_id"])
    op.create_index(
        "ix_carrier_event_unhandled",
        "carrier_event",
        ["created_at"],
        postgresql_where=sa.text("handled_at IS NULL"),
    )
    op.execute(LOOK_UP)
    op.add_column("endpoint", sa.Column("account_id", sa.Uuid(), nullable=True))
    op.execute(
        "ALTER TABLE endpoint ADD CONSTRAINT fk_endpoint_tenant_id_account_id FOREIGN KEY (tenant_id, account_id)"
        " REFERENCES carrier_account (tenant_id, id) NOT VALID"
    )
