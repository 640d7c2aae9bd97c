"""Policies: versions of what a campaign's administration decides of how it is reached."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TENANT = "tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid)"

# Of a draft; whose it is, and its number, never change.
CHANGES = "base_number, document, reason, author_id, proposed_at, approver_id, published_at, effective_at, version"


def upgrade() -> None:
    at = sa.TIMESTAMP(timezone=True)
    op.create_table(
        "policy_version",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base_number", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", at),
        sa.Column("approver_id", sa.Uuid()),
        sa.Column("published_at", at),
        sa.Column("effective_at", at),
        sa.Column("restores", sa.Integer()),
        sa.Column("undoes", sa.Integer()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", at, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "published_at IS NULL OR effective_at IS NOT NULL", name="ck_policy_version_published_has_a_time"
        ),
        sa.CheckConstraint("approver_id <> author_id", name="ck_policy_version_second_person"),
        sa.ForeignKeyConstraint(["author_id"], ["account.id"], name="fk_policy_version_author_id"),
        sa.ForeignKeyConstraint(["approver_id"], ["account.id"], name="fk_policy_version_approver_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name="fk_policy_version_tenant_id_campaign_id",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name="fk_policy_version_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_version"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_policy_version_tenant_id_id"),
        sa.UniqueConstraint(
            "tenant_id", "campaign_id", "number", name="uq_policy_version_tenant_id_campaign_id_number"
        ),
    )
    op.create_index(
        "uq_policy_version_draft",
        "policy_version",
        ["campaign_id"],
        unique=True,
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.execute("ALTER TABLE policy_version ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE policy_version FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON policy_version FOR SELECT TO app_rw USING ({TENANT})")
    op.execute(f"CREATE POLICY written ON policy_version FOR INSERT TO app_rw WITH CHECK ({TENANT})")
    # What is published is never changed, nor deleted: going back publishes a new version.
    draft = f"{TENANT} AND published_at IS NULL"
    op.execute(f"CREATE POLICY changed ON policy_version FOR UPDATE TO app_rw USING ({draft}) WITH CHECK ({TENANT})")
    op.execute(f"CREATE POLICY discarded ON policy_version FOR DELETE TO app_rw USING ({draft})")
    op.execute("GRANT SELECT, INSERT, DELETE ON policy_version TO app_rw")
    op.execute(f"GRANT UPDATE ({CHANGES}) ON policy_version TO app_rw")
