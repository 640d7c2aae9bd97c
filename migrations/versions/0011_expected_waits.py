"""What the dispatcher expects of waits, kind by kind, and what was told to each who waits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "wait_forecast",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("points", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("measured_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name="fk_wait_forecast_tenant_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "need_id"], ["need.tenant_id", "need.id"], name="fk_wait_forecast_tenant_id_need_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wait_forecast"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_wait_forecast_tenant_id_id"),
        sa.UniqueConstraint("need_id", name="uq_wait_forecast_need_id"),
    )
    op.execute("ALTER TABLE wait_forecast ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE wait_forecast FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON wait_forecast FOR SELECT TO app_rw USING (tenant_id = {TENANT})")
    op.execute("CREATE POLICY engine ON wait_forecast FOR ALL TO app_engine USING (true) WITH CHECK (true)")
    op.execute("GRANT SELECT ON wait_forecast TO app_rw")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON wait_forecast TO app_engine")
    op.add_column("contact", sa.Column("told_from_seconds", sa.Integer(), nullable=True))
    op.add_column("contact", sa.Column("told_to_seconds", sa.Integer(), nullable=True))
