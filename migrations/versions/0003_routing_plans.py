"""Routing plans: versions of a campaign's routing, named skills, topics that retire, abilities that supervisors set."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"


def _owned(table: str, *columns: sa.Column | sa.Constraint) -> None:
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


def upgrade() -> None:
    _owned(
        "skill",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.UniqueConstraint("tenant_id", "code", name="uq_skill_tenant_id_code"),
    )
    _owned(
        "routing_plan",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name="fk_routing_plan_author_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name="fk_routing_plan_tenant_id_campaign_id",
        ),
        sa.UniqueConstraint("tenant_id", "campaign_id", "number", name="uq_routing_plan_tenant_id_campaign_id_number"),
    )
    # A version is never changed: going back publishes a new one.
    op.execute("GRANT SELECT, INSERT ON routing_plan TO app_rw")
    op.execute("GRANT SELECT, INSERT, UPDATE ON skill TO app_rw")
    op.add_column("topic", sa.Column("retired_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("agent", sa.Column("skills_changed_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.execute(
        "GRANT UPDATE (languages, capacity_voice, capacity_chat, capacity_sms, capacity_email, skills_changed_at, version)"
        " ON agent TO app_rw"
    )
    op.execute("GRANT INSERT, UPDATE, DELETE ON agent_skill TO app_rw")
    op.execute("ALTER TABLE routing_dirty DROP CONSTRAINT ck_routing_dirty_entity")
    op.execute(
        "ALTER TABLE routing_dirty ADD CONSTRAINT ck_routing_dirty_entity"
        " CHECK (entity IN ('contact', 'agent', 'pool')) NOT VALID"
    )
    # The table holds the changes of the last second: it is read through in no time.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\nALTER TABLE routing_dirty VALIDATE CONSTRAINT ck_routing_dirty_entity"
    )
