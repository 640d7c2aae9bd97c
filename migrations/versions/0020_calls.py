"""Calls as lines, what they recorded, and the one tab of an agent's browser telephone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TENANT = "(select nullif(current_setting('app.tenant', true), '')::uuid)"
OUTSOURCER = "(select nullif(current_setting('app.outsourcer', true), '')::uuid)"
ACCOUNT = "(select nullif(current_setting('app.account', true), '')::uuid)"

# As before, and 'interaction': an agent's own conversation.
TENANT_OF = f"""
CREATE OR REPLACE FUNCTION tenant_of(entity text, wanted uuid)
    RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT g.tenant_id FROM agent_grant g
    WHERE g.account_id = {ACCOUNT} AND g.revoked_at IS NULL AND CASE entity
        WHEN 'campaign' THEN g.campaign_id = wanted
        WHEN 'ticket' THEN EXISTS (SELECT FROM ticket t WHERE t.id = wanted AND t.campaign_id = g.campaign_id)
        WHEN 'offer' THEN EXISTS (SELECT FROM offer o WHERE o.id = wanted AND o.agent_id = g.account_id AND o.grant_id = g.id)
        WHEN 'assignment' THEN
            EXISTS (SELECT FROM assignment a WHERE a.id = wanted AND a.agent_id = g.account_id AND a.grant_id = g.id)
        WHEN 'interaction' THEN EXISTS (
            SELECT FROM assignment a WHERE a.interaction_id = wanted AND a.agent_id = g.account_id AND a.grant_id = g.id)
        ELSE false END
    LIMIT 1
$$;
"""

CALL_STATES = "planned queued initiated ringing in_progress completed busy no_answer failed canceled"
STAGES = "menu waiting talking voicemail leaving promised calling ended"
OUTCOMES = "left_menu abandoned talked voicemail missed not_reached came_first"


def _words(table: str, column: str, words: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


def _reference(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column], [f"{other}.tenant_id", f"{other}.id"], name=f"fk_{table}_tenant_id_{column}"
    )


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
    _secure(table, f"tenant_id = {TENANT}")


def _secure(table: str, mine: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    name = "tenant" if "tenant_id" in mine else "outsourcer"
    op.execute(f"CREATE POLICY {name} ON {table} FOR ALL TO app_rw USING ({mine}) WITH CHECK ({mine})")
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO app_rw")


def upgrade() -> None:
    moment = sa.TIMESTAMP(timezone=True)
    _owned(
        "call",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("menu", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("interaction_id", sa.Uuid(), nullable=True),
        sa.Column("agent_id", sa.Uuid(), nullable=True),
        sa.Column("agent_leg", sa.Text(), nullable=True),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("told_held", sa.Boolean(), nullable=False),
        sa.Column("talked_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _words("call", "direction", "inbound outbound"),
        _words("call", "state", CALL_STATES),
        _words("call", "stage", STAGES),
        _words("call", "told", "menu queue conference voicemail end"),
        _words("call", "outcome", OUTCOMES),
        _reference("call", "account_id", "carrier_account"),
        _reference("call", "endpoint_id", "endpoint"),
        _reference("call", "ticket_id", "ticket"),
        _reference("call", "interaction_id", "interaction"),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name="fk_call_agent_id"),
        sa.UniqueConstraint("tenant_id", "account_id", "provider_id", name="uq_call_tenant_id_account_id_provider_id"),
    )
    op.create_index("ix_call_tenant_id_interaction_id", "call", ["tenant_id", "interaction_id"])
    op.create_index("ix_call_tenant_id_ticket_id", "call", ["tenant_id", "ticket_id"])
    op.create_index("ix_call_number", "call", ["tenant_id", "number", sa.text("created_at DESC")])
    op.create_index(
        "ix_call_agent_leg", "call", ["tenant_id", "agent_leg"], postgresql_where=sa.text("agent_leg IS NOT NULL")
    )
    _owned(
        "recording",
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("sound", sa.LargeBinary(), nullable=True),
        sa.Column("fetched_at", moment, nullable=True),
        _reference("recording", "call_id", "call"),
        sa.UniqueConstraint("tenant_id", "provider_id", name="uq_recording_tenant_id_provider_id"),
    )
    op.create_index("ix_recording_tenant_id_call_id", "recording", ["tenant_id", "call_id"])
    op.create_table(
        "softphone_lease",
        sa.Column("outsourcer_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("tab", sa.Text(), nullable=False),
        sa.Column("leased_until", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["outsourcer_id", "agent_id"],
            ["agent.outsourcer_id", "agent.id"],
            name="fk_softphone_lease_outsourcer_id_agent_id",
        ),
        sa.PrimaryKeyConstraint("agent_id", name="pk_softphone_lease"),
    )
    _secure("softphone_lease", f"outsourcer_id = {OUTSOURCER}")
    op.execute("GRANT CREATE ON SCHEMA public TO app_lookup")
    op.execute("SET ROLE app_lookup")
    op.execute(TENANT_OF)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_lookup")
    # The new word holds from now on; the rows that are there have one of the old ones.
    op.execute("ALTER TABLE contact_point DROP CONSTRAINT ck_contact_point_kind")
    op.execute(
        "ALTER TABLE contact_point ADD CONSTRAINT ck_contact_point_kind"
        " CHECK (kind IN ('phone', 'email', 'visitor', 'withheld')) NOT VALID"
    )
