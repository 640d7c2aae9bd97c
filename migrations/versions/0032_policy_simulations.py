"""What versions of a policy would come to, tried on a season."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TENANT = "tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid)"


def upgrade() -> None:
    at = sa.TIMESTAMP(timezone=True)
    json = postgresql.JSONB(astext_type=sa.Text())
    op.create_table(
        "policy_simulation",
        sa.Column("policy_version_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("inputs", json, nullable=False),
        sa.Column("steps", sa.SmallInteger(), nullable=False),
        sa.Column("parts", json, nullable=False),
        sa.Column("ended_at", at),
        sa.Column("has_failed", sa.Boolean(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", at, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name="fk_policy_simulation_asked_by"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "policy_version_id"],
            ["policy_version.tenant_id", "policy_version.id"],
            name="fk_policy_simulation_tenant_id_policy_version_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name="fk_policy_simulation_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_simulation"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_policy_simulation_tenant_id_id"),
        sa.UniqueConstraint("tenant_id", "policy_version_id", name="uq_policy_simulation_tenant_id_policy_version_id"),
    )
    op.execute("ALTER TABLE policy_simulation ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE policy_simulation FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON policy_simulation FOR SELECT TO app_rw USING ({TENANT})")
    op.execute(f"CREATE POLICY written ON policy_simulation FOR INSERT TO app_rw WITH CHECK ({TENANT})")
    # What has ended stays as it is; of a version that is published it stays with it.
    going = f"{TENANT} AND ended_at IS NULL"
    draft = "EXISTS (SELECT FROM policy_version v WHERE v.id = policy_version_id AND v.published_at IS NULL)"
    op.execute(f"CREATE POLICY changed ON policy_simulation FOR UPDATE TO app_rw USING ({going}) WITH CHECK ({TENANT})")
    op.execute(f"CREATE POLICY replaced ON policy_simulation FOR DELETE TO app_rw USING ({TENANT} AND {draft})")
    op.execute("GRANT SELECT, INSERT, DELETE ON policy_simulation TO app_rw")
    op.execute("GRANT UPDATE (parts, ended_at, has_failed) ON policy_simulation TO app_rw")
