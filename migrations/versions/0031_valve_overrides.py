"""Overrides of a campaign's voice line by a supervisor's hand; and what the dispatcher reads of policies."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TENANT = "tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid)"


def upgrade() -> None:
    at = sa.TIMESTAMP(timezone=True)
    op.create_table(
        "valve_override",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("until_at", at, nullable=False),
        sa.Column("ended_at", at),
        sa.Column("ended_by", sa.Uuid()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", at, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name="ck_valve_override_state"),
        sa.CheckConstraint("until_at > created_at", name="ck_valve_override_until_later"),
        sa.CheckConstraint("ended_by IS NULL OR ended_at IS NOT NULL", name="ck_valve_override_ended_by"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_valve_override_account_id"),
        sa.ForeignKeyConstraint(["ended_by"], ["account.id"], name="fk_valve_override_ended_by"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name="fk_valve_override_tenant_id_campaign_id",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name="fk_valve_override_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_valve_override"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_valve_override_tenant_id_id"),
    )
    op.create_index(
        "uq_valve_override_campaign_id",
        "valve_override",
        ["campaign_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.execute("ALTER TABLE valve_override ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE valve_override FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON valve_override FOR ALL TO app_rw USING ({TENANT}) WITH CHECK ({TENANT})")
    op.execute("GRANT SELECT, INSERT ON valve_override TO app_rw")
    # What was ordered, by whom and why, stays as it was.
    op.execute("GRANT UPDATE (ended_at, ended_by, version) ON valve_override TO app_rw")
    op.execute("CREATE POLICY engine ON policy_version FOR SELECT TO app_engine USING (published_at IS NOT NULL)")
    op.execute(
        "GRANT SELECT (tenant_id, campaign_id, number, document, published_at, effective_at) ON policy_version"
        " TO app_engine"
    )
    op.execute("CREATE POLICY engine ON administration FOR SELECT TO app_engine USING (true)")
    op.execute("GRANT SELECT (id, time_zone) ON administration TO app_engine")
