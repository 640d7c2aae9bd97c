"""Places that channels share and that who comes back finds again; contacts that another of their place made needless."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "place",
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("arrived_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("served_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name="fk_place_tenant_id"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "citizen_id"],
            ["citizen.tenant_id", "citizen.id"],
            name="fk_place_tenant_id_citizen_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "topic_id"], ["topic.tenant_id", "topic.id"], name="fk_place_tenant_id_topic_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_place"),
        sa.UniqueConstraint("tenant_id", "id", name="uq_place_tenant_id_id"),
    )
    op.create_index("ix_place_citizen_id_topic_id", "place", ["citizen_id", "topic_id"])
    op.execute("ALTER TABLE place ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE place FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON place TO app_rw USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT})"
    )
    op.execute("CREATE POLICY engine ON place FOR SELECT TO app_engine USING (true)")
    op.execute("GRANT SELECT, INSERT, UPDATE ON place TO app_rw")
    op.execute("GRANT SELECT ON place TO app_engine")
    op.add_column("queue", sa.Column("place_seconds", sa.Integer(), server_default="14400", nullable=False))
    op.execute(
        "ALTER TABLE queue ADD CONSTRAINT ck_queue_place_seconds CHECK (place_seconds BETWEEN 0 AND 86400) NOT VALID"
    )
    op.add_column("contact", sa.Column("place_id", sa.Uuid(), nullable=True))
    op.execute(
        "ALTER TABLE contact ADD CONSTRAINT fk_contact_tenant_id_place_id"
        " FOREIGN KEY (tenant_id, place_id) REFERENCES place (tenant_id, id) NOT VALID"
    )
    op.execute("ALTER TABLE contact DROP CONSTRAINT ck_contact_state")
    op.execute(
        "ALTER TABLE contact ADD CONSTRAINT ck_contact_state CHECK"
        " (state IN ('waiting', 'offered', 'assigned', 'done', 'abandoned', 'rescinded')) NOT VALID"
    )
