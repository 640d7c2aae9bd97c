"""Phone menus: versions of what a campaign's callers hear."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "phone_menu",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name="fk_phone_menu_author_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name="fk_phone_menu_tenant_id_campaign_id",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name="fk_phone_menu_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_phone_menu"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_phone_menu_tenant_id_id"),
        sa.UniqueConstraint("tenant_id", "campaign_id", "number", name="uq_phone_menu_tenant_id_campaign_id_number"),
    )
    op.execute("ALTER TABLE phone_menu ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE phone_menu FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY tenant ON phone_menu FOR ALL TO app_rw"
        f" USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})"
    )
    # A version is never changed: going back publishes a new one.
    op.execute("GRANT SELECT, INSERT ON phone_menu TO app_rw")
