"""Admissions: what the throttle answered to each call; calls that were not let in, and what became of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TENANT = "tenant_id = (select nullif(current_setting('app.tenant', true), '')::uuid)"
RULES = "'override', 'closed', 'idle', 'exempt', 'returning', 'sticky', 'floor', 'mode', 'bucket', 'wait_cap'"
STAGES = "'menu', 'deflected', 'waiting', 'talking', 'voicemail', 'leaving', 'promised', 'calling', 'ended'"
OUTCOMES = (
    "'left_menu', 'abandoned', 'talked', 'voicemail', 'missed', 'not_reached', 'came_first', 'deflected', 'not_taken'"
)


def upgrade() -> None:
    at = sa.TIMESTAMP(timezone=True)
    op.create_table(
        "admission",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("policy_number", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("is_admitted", sa.Boolean(), nullable=False),
        sa.Column("offered", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("taken", sa.Text()),
        sa.Column("arrived_at", at, nullable=False),
        sa.Column("decided_at", at, nullable=False),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", at, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(f"rule IN ({RULES})", name="rule"),
        sa.CheckConstraint("taken IN ('callback', 'sms_link', 'chat', 'voicemail')", name="taken"),
        sa.CheckConstraint("is_admitted OR rule = 'closed' OR cardinality(offered) > 0", name="refused_has_offers"),
        sa.CheckConstraint("NOT is_admitted OR (offered = '{}' AND taken IS NULL)", name="admitted_has_none"),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{table}_id"],
                [f"{table}.tenant_id", f"{table}.id"],
                name=f"fk_admission_tenant_id_{table}_id",
            )
            for table in ("call", "campaign", "topic")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name="fk_admission_tenant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_admission"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_admission_tenant_id_id"),
        sa.UniqueConstraint("tenant_id", "call_id", name="uq_admission_tenant_id_call_id"),
    )
    op.create_index(
        "ix_admission_refused",
        "admission",
        ["campaign_id", "decided_at"],
        postgresql_where=sa.text("NOT is_admitted"),
    )
    op.execute("ALTER TABLE admission ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE admission FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON admission TO app_rw USING ({TENANT}) WITH CHECK ({TENANT})")
    # The answer is never another: only what the caller chose of it is told later.
    op.execute("GRANT SELECT, INSERT ON admission TO app_rw")
    op.execute("GRANT UPDATE (taken, version) ON admission TO app_rw")
    # The names that these two had came of naming them twice.
    for column, words in (("stage", STAGES), ("outcome", OUTCOMES)):
        op.execute(f"ALTER TABLE call DROP CONSTRAINT ck_call_ck_call_{column}")
        op.execute(f"ALTER TABLE call ADD CONSTRAINT ck_call_{column} CHECK ({column} IN ({words})) NOT VALID")
