"""Texts: why one is written, who takes none, which matter is meant, what is to be fetched, what was spent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
PURPOSES = "purpose IN ('transactional', 'service_reminder', 'information_campaign')"
TERRITORIES = "'{FR,GP,MQ,GF,RE,YT,PM,NC,PF,WF,BL,MF}'"
_TIME = sa.TIMESTAMP(timezone=True)


def _owned(table: str, references: dict[str, str], *columns: sa.Column | sa.Constraint) -> None:
    """A table of one administration, behind row security; *references* (column = table) stay within it."""
    op.create_table(
        table,
        *(sa.Column(column, sa.Uuid(), nullable=False) for column in references),
        *columns,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", _TIME, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=f"fk_{table}_tenant_id"),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column], [f"{other}.tenant_id", f"{other}.id"], name=f"fk_{table}_tenant_id_{column}"
            )
            for column, other in references.items()
        ),
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
    op.add_column("message", sa.Column("purpose", sa.Text(), server_default="transactional", nullable=False))
    op.execute(f"ALTER TABLE message ADD CONSTRAINT ck_message_purpose CHECK ({PURPOSES}) NOT VALID")
    op.add_column(
        "carrier_account",
        sa.Column("text_countries", postgresql.ARRAY(sa.Text()), server_default=sa.text(TERRITORIES), nullable=False),
    )
    op.add_column(
        "carrier_account", sa.Column("text_parts_a_day_max", sa.Integer(), server_default="5000", nullable=False)
    )
    _owned(
        "text_refusal",
        {"contact_point_id": "contact_point"},
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("lifted_at", _TIME, nullable=True),
        sa.CheckConstraint(PURPOSES, name="ck_text_refusal_purpose"),
        sa.CheckConstraint(
            "reason IN ('stopped', 'stopped_at_provider', 'landline', 'unreachable')", name="ck_text_refusal_reason"
        ),
    )
    op.create_index(
        "uq_text_refusal_present",
        "text_refusal",
        ["tenant_id", "contact_point_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    _owned(
        "text_choice",
        {"contact_point_id": "contact_point", "endpoint_id": "endpoint"},
        sa.Column("ticket_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("held", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("settled_at", _TIME, nullable=True),
    )
    op.create_index(
        "uq_text_choice_open",
        "text_choice",
        ["tenant_id", "contact_point_id", "endpoint_id"],
        unique=True,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    _owned(
        "media_to_fetch",
        {"message_id": "message", "account_id": "carrier_account"},
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
    )
    op.create_index("ix_media_to_fetch_tenant_id_message_id", "media_to_fetch", ["tenant_id", "message_id"])
    _owned(
        "text_spending",
        {"account_id": "carrier_account"},
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.CheckConstraint("parts >= 0", name="ck_text_spending_parts"),
        sa.UniqueConstraint("tenant_id", "account_id", "day", name="uq_text_spending_tenant_id_account_id_day"),
    )
