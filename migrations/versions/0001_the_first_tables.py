"""The first tables, and the text search they are indexed by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


# One configuration per language, blind to accents. search_vector() is a generated column's expression, so it is
# declared immutable: changing a dictionary means rebuilding the columns.
TEXT_SEARCH = """
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TEXT SEARCH CONFIGURATION guichet_fr (COPY = french);
ALTER TEXT SEARCH CONFIGURATION guichet_fr ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem;
CREATE TEXT SEARCH CONFIGURATION guichet_en (COPY = english);
ALTER TEXT SEARCH CONFIGURATION guichet_en ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
CREATE FUNCTION search_vector(language text, body text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE language WHEN 'en' THEN to_tsvector('public.guichet_en'::regconfig, left(body, 100000))
                  ELSE to_tsvector('public.guichet_fr'::regconfig, left(body, 100000)) END;
"""


def upgrade() -> None:
    op.execute(TEXT_SEARCH)
    op.create_table(
        "administration",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("hue", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("hue BETWEEN 0 AND 5", name=op.f("ck_administration_hue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administration")),
        sa.UniqueConstraint("slug", name=op.f("uq_administration_slug")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("outsourcer_id", sa.Uuid(), nullable=True),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("changed", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_entity_id_version"), "audit", ["entity_id", "version"], unique=False)
    op.create_index(op.f("ix_audit_tenant_id_at"), "audit", ["tenant_id", "at"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("ids", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("order_key", sa.Text(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("empty_look_ups", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("finished_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('due', 'sending', 'looking_up', 'done', 'failed', 'outcome_unknown', 'quarantined')",
            name=op.f("ck_outbox_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        "ix_outbox_order",
        "outbox",
        ["order_key", "sequence"],
        unique=False,
        postgresql_where=sa.text("order_key IS NOT NULL AND state IN ('due', 'sending', 'looking_up')"),
    )
    op.create_index(
        "ix_outbox_unfinished",
        "outbox",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('due', 'sending', 'looking_up')"),
    )
    op.create_table(
        "outsourcer",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outsourcer")),
        sa.UniqueConstraint("name", name=op.f("uq_outsourcer_name")),
    )
    op.create_table(
        "pool",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
        sa.UniqueConstraint("name", name=op.f("uq_pool_name")),
    )
    op.create_table(
        "account",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("outsourcer_id", sa.Uuid(), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "CASE role WHEN 'operator' THEN outsourcer_id IS NULL AND tenant_id IS NULL WHEN 'administrator' THEN outsourcer_id IS NULL AND tenant_id IS NOT NULL ELSE outsourcer_id IS NOT NULL AND tenant_id IS NULL END",
            name=op.f("ck_account_owner"),
        ),
        sa.CheckConstraint(
            "role IN ('agent', 'supervisor', 'administrator', 'operator')", name=op.f("ck_account_role")
        ),
        sa.CheckConstraint("login = lower(login)", name=op.f("ck_account_login")),
        sa.ForeignKeyConstraint(["outsourcer_id"], ["outsourcer.id"], name=op.f("fk_account_outsourcer_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_account_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_table(
        "campaign",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("welcome", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_campaign_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_campaign_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_campaign_tenant_id_slug")),
    )
    op.create_table(
        "citizen",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("identity_level", sa.SmallInteger(), nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("search_vector(language, coalesce(name, ''))", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("identity_level BETWEEN 0 AND 4", name=op.f("ck_citizen_identity_level")),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_citizen_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_citizen_tenant_id_id")),
    )
    op.create_table(
        "contact_point",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('phone', 'email', 'visitor')", name=op.f("ck_contact_point_kind")),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_contact_point_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_contact_point_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "kind", "value", name=op.f("uq_contact_point_tenant_id_kind_value")),
    )
    op.create_table(
        "lease",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("leased_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_lease_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", name=op.f("pk_lease")),
    )
    op.create_table(
        "routing_dirty",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("entity IN ('contact', 'agent')", name=op.f("ck_routing_dirty_entity")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_routing_dirty_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_dirty")),
    )
    op.create_index(op.f("ix_routing_dirty_pool_id_id"), "routing_dirty", ["pool_id", "id"], unique=False)
    op.create_table(
        "administrator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["account.id"], name=op.f("fk_administrator_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_administrator_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrator")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_administrator_tenant_id_id")),
    )
    op.create_table(
        "agent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("outsourcer_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("languages", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("capacity_voice", sa.SmallInteger(), nullable=False),
        sa.Column("capacity_chat", sa.SmallInteger(), nullable=False),
        sa.Column("capacity_sms", sa.SmallInteger(), nullable=False),
        sa.Column("capacity_email", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity_chat BETWEEN 0 AND 20", name=op.f("ck_agent_capacity_chat")),
        sa.CheckConstraint("capacity_email BETWEEN 0 AND 20", name=op.f("ck_agent_capacity_email")),
        sa.CheckConstraint("capacity_sms BETWEEN 0 AND 20", name=op.f("ck_agent_capacity_sms")),
        sa.CheckConstraint("capacity_voice BETWEEN 0 AND 1", name=op.f("ck_agent_capacity_voice")),
        sa.ForeignKeyConstraint(["id"], ["account.id"], name=op.f("fk_agent_id")),
        sa.ForeignKeyConstraint(["outsourcer_id"], ["outsourcer.id"], name=op.f("fk_agent_outsourcer_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_agent_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent")),
        sa.UniqueConstraint("outsourcer_id", "id", name=op.f("uq_agent_outsourcer_id_id")),
    )
    op.create_index(op.f("ix_agent_pool_id"), "agent", ["pool_id"], unique=False)
    op.create_table(
        "citizen_contact_point",
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("identity_level", sa.SmallInteger(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("identity_level BETWEEN 0 AND 4", name=op.f("ck_citizen_contact_point_identity_level")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "citizen_id"],
            ["citizen.tenant_id", "citizen.id"],
            name=op.f("fk_citizen_contact_point_tenant_id_citizen_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_point_id"],
            ["contact_point.tenant_id", "contact_point.id"],
            name=op.f("fk_citizen_contact_point_tenant_id_contact_point_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_citizen_contact_point_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizen_contact_point")),
        sa.UniqueConstraint(
            "tenant_id",
            "citizen_id",
            "contact_point_id",
            name=op.f("uq_citizen_contact_point_tenant_id_citizen_id_contact_point_id"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_citizen_contact_point_tenant_id_id")),
    )
    op.create_index(
        op.f("ix_citizen_contact_point_tenant_id_contact_point_id"),
        "citizen_contact_point",
        ["tenant_id", "contact_point_id"],
        unique=False,
    )
    op.create_table(
        "endpoint",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("can_receive", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("channel IN ('voice', 'chat', 'sms', 'email')", name=op.f("ck_endpoint_channel")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name=op.f("fk_endpoint_tenant_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_endpoint_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
        sa.UniqueConstraint("channel", "address", name=op.f("uq_endpoint_channel_address")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_endpoint_tenant_id_id")),
    )
    op.create_table(
        "queue",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("offer_seconds", sa.Integer(), nullable=False),
        sa.Column("wrap_up_seconds", sa.Integer(), nullable=False),
        sa.Column(
            "target_seconds", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("offer_seconds BETWEEN 1 AND 300", name=op.f("ck_queue_offer_seconds")),
        sa.CheckConstraint("wrap_up_seconds BETWEEN 0 AND 3600", name=op.f("ck_queue_wrap_up_seconds")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_queue_pool_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name=op.f("fk_queue_tenant_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_queue_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_queue_tenant_id_id")),
    )
    op.create_index(op.f("ix_queue_pool_id"), "queue", ["pool_id"], unique=False)
    op.create_table(
        "sign_in_session",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_session_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_session_account_id"), "sign_in_session", ["account_id"], unique=False)
    op.create_table(
        "wrap_up_code",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name=op.f("fk_wrap_up_code_tenant_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_wrap_up_code_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrap_up_code")),
        sa.UniqueConstraint(
            "tenant_id", "campaign_id", "code", name=op.f("uq_wrap_up_code_tenant_id_campaign_id_code")
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_wrap_up_code_tenant_id_id")),
    )
    op.create_table(
        "agent_grant",
        sa.Column("outsourcer_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("revoked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outsourcer_id", "account_id"],
            ["agent.outsourcer_id", "agent.id"],
            name=op.f("fk_agent_grant_outsourcer_id_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name=op.f("fk_agent_grant_tenant_id_campaign_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_grant")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_agent_grant_tenant_id_id")),
    )
    op.create_index(
        op.f("ix_agent_grant_tenant_id_campaign_id"), "agent_grant", ["tenant_id", "campaign_id"], unique=False
    )
    op.create_index(
        "uq_agent_grant_active",
        "agent_grant",
        ["account_id", "campaign_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "agent_skill",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("outsourcer_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_agent_skill_level")),
        sa.ForeignKeyConstraint(
            ["outsourcer_id", "agent_id"],
            ["agent.outsourcer_id", "agent.id"],
            name=op.f("fk_agent_skill_outsourcer_id_agent_id"),
        ),
        sa.PrimaryKeyConstraint("agent_id", "skill", name=op.f("pk_agent_skill")),
    )
    op.create_table(
        "need",
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("channel IN ('voice', 'chat', 'sms', 'email')", name=op.f("ck_need_channel")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "queue_id"], ["queue.tenant_id", "queue.id"], name=op.f("fk_need_tenant_id_queue_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_need_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("tenant_id", "digest", name=op.f("uq_need_tenant_id_digest")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_need_tenant_id_id")),
    )
    op.create_table(
        "presence",
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("since_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ready_since_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("missed_offers", sa.SmallInteger(), nullable=False),
        sa.Column("load_voice", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("load_chat", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("load_sms", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("load_email", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("limit_voice", sa.SmallInteger(), nullable=False),
        sa.Column("limit_chat", sa.SmallInteger(), nullable=False),
        sa.Column("limit_sms", sa.SmallInteger(), nullable=False),
        sa.Column("limit_email", sa.SmallInteger(), nullable=False),
        sa.Column("outsourcer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('offline', 'ready', 'paused', 'resting')", name=op.f("ck_presence_state")),
        sa.CheckConstraint("load_chat BETWEEN 0 AND limit_chat", name=op.f("ck_presence_load_chat")),
        sa.CheckConstraint("load_email BETWEEN 0 AND limit_email", name=op.f("ck_presence_load_email")),
        sa.CheckConstraint("load_sms BETWEEN 0 AND limit_sms", name=op.f("ck_presence_load_sms")),
        sa.CheckConstraint("load_voice = 0 OR load_chat = 0", name=op.f("ck_presence_voice_alone")),
        sa.CheckConstraint("load_voice BETWEEN 0 AND limit_voice", name=op.f("ck_presence_load_voice")),
        sa.ForeignKeyConstraint(
            ["outsourcer_id", "agent_id"],
            ["agent.outsourcer_id", "agent.id"],
            name=op.f("fk_presence_outsourcer_id_agent_id"),
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "topic",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("steps", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("priority BETWEEN 0 AND 20", name=op.f("ck_topic_priority")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name=op.f("fk_topic_tenant_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "queue_id"], ["queue.tenant_id", "queue.id"], name=op.f("fk_topic_tenant_id_queue_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_topic_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("tenant_id", "campaign_id", "slug", name=op.f("uq_topic_tenant_id_campaign_id_slug")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_topic_tenant_id_id")),
    )
    op.create_table(
        "visitor",
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_point_id"],
            ["contact_point.tenant_id", "contact_point.id"],
            name=op.f("fk_visitor_tenant_id_contact_point_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"],
            ["endpoint.tenant_id", "endpoint.id"],
            name=op.f("fk_visitor_tenant_id_endpoint_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_visitor_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitor")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_visitor_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "token_hash", name=op.f("uq_visitor_tenant_id_token_hash")),
    )
    op.create_table(
        "ticket",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("citizen_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("client_key", sa.Text(), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("search_vector(language, subject)", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("channel IN ('voice', 'chat', 'sms', 'email')", name=op.f("ck_ticket_channel")),
        sa.CheckConstraint(
            "state IN ('new', 'open', 'waiting_citizen', 'waiting_third_party', 'resolved', 'closed', 'merged')",
            name=op.f("ck_ticket_state"),
        ),
        sa.CheckConstraint("priority BETWEEN 0 AND 20", name=op.f("ck_ticket_priority")),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("fk_ticket_owner_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaign.tenant_id", "campaign.id"],
            name=op.f("fk_ticket_tenant_id_campaign_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "citizen_id"],
            ["citizen.tenant_id", "citizen.id"],
            name=op.f("fk_ticket_tenant_id_citizen_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "topic_id"], ["topic.tenant_id", "topic.id"], name=op.f("fk_ticket_tenant_id_topic_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_ticket_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("tenant_id", "client_key", name=op.f("uq_ticket_tenant_id_client_key")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_ticket_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_ticket_tenant_id_number")),
    )
    op.create_index(
        "ix_ticket_inbox",
        "ticket",
        ["tenant_id", "campaign_id", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_ticket_mine",
        "ticket",
        ["owner_id", sa.literal_column("updated_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_ticket_search", "ticket", ["search"], unique=False, postgresql_using="gin")
    op.create_index("ix_citizen_search", "citizen", ["search"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_ticket_tenant_id_citizen_id"), "ticket", ["tenant_id", "citizen_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_draft_agent_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"], ["ticket.tenant_id", "ticket.id"], name=op.f("fk_draft_tenant_id_ticket_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_draft_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_draft_tenant_id_id")),
        sa.UniqueConstraint("tenant_id", "ticket_id", "agent_id", name=op.f("uq_draft_tenant_id_ticket_id_agent_id")),
    )
    op.create_table(
        "interaction",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("citizen_read_seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("agent_read_seq", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("channel IN ('voice', 'chat', 'sms', 'email')", name=op.f("ck_interaction_channel")),
        sa.CheckConstraint("state IN ('open', 'paused', 'ended')", name=op.f("ck_interaction_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_point_id"],
            ["contact_point.tenant_id", "contact_point.id"],
            name=op.f("fk_interaction_tenant_id_contact_point_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"],
            ["endpoint.tenant_id", "endpoint.id"],
            name=op.f("fk_interaction_tenant_id_endpoint_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["ticket.tenant_id", "ticket.id"],
            name=op.f("fk_interaction_tenant_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_interaction_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_interaction_tenant_id_id")),
    )
    op.create_index(
        op.f("ix_interaction_tenant_id_contact_point_id_created_at"),
        "interaction",
        ["tenant_id", "contact_point_id", "created_at"],
        unique=False,
    )
    op.create_index(op.f("ix_interaction_tenant_id_ticket_id"), "interaction", ["tenant_id", "ticket_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("queue_id", sa.Uuid(), nullable=False),
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("enqueued_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("target_seconds", sa.Integer(), nullable=False),
        sa.Column("key_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("declined_by", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("channel IN ('voice', 'chat', 'sms', 'email')", name=op.f("ck_contact_channel")),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'assigned', 'done', 'abandoned')", name=op.f("ck_contact_state")
        ),
        sa.CheckConstraint("priority BETWEEN 0 AND 20", name=op.f("ck_contact_priority")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_contact_pool_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id"],
            ["interaction.tenant_id", "interaction.id"],
            name=op.f("fk_contact_tenant_id_interaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "need_id"], ["need.tenant_id", "need.id"], name=op.f("fk_contact_tenant_id_need_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "queue_id"], ["queue.tenant_id", "queue.id"], name=op.f("fk_contact_tenant_id_queue_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"], ["ticket.tenant_id", "ticket.id"], name=op.f("fk_contact_tenant_id_ticket_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_contact_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_contact_tenant_id_id")),
    )
    op.create_index(
        "ix_contact_live",
        "contact",
        ["pool_id", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.create_index(
        "ix_contact_order",
        "contact",
        ["queue_id", "channel", "key_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )
    op.create_index(op.f("ix_contact_tenant_id_ticket_id"), "contact", ["tenant_id", "ticket_id"], unique=False)
    op.create_index(
        "uq_contact_active",
        "contact",
        ["interaction_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'offered', 'assigned')"),
    )
    op.create_table(
        "message",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("client_key", sa.Text(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=True),
        sa.Column("provider_id", sa.Text(), nullable=True),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("search_vector(language, body)", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('citizen', 'agent', 'note', 'system')", name=op.f("ck_message_kind")),
        sa.CheckConstraint(
            "state IN ('received', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'outcome_unknown')",
            name=op.f("ck_message_state"),
        ),
        sa.ForeignKeyConstraint(["author_id"], ["agent.id"], name=op.f("fk_message_author_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id"],
            ["interaction.tenant_id", "interaction.id"],
            name=op.f("fk_message_tenant_id_interaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"], ["ticket.tenant_id", "ticket.id"], name=op.f("fk_message_tenant_id_ticket_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_message_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_message_tenant_id_id")),
        sa.UniqueConstraint(
            "tenant_id", "provider", "provider_id", name=op.f("uq_message_tenant_id_provider_provider_id")
        ),
        sa.UniqueConstraint(
            "tenant_id", "ticket_id", "client_key", name=op.f("uq_message_tenant_id_ticket_id_client_key")
        ),
        sa.UniqueConstraint("tenant_id", "ticket_id", "seq", name=op.f("uq_message_tenant_id_ticket_id_seq")),
    )
    op.create_index("ix_message_search", "message", ["search"], unique=False, postgresql_using="gin")
    op.create_table(
        "attachment",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("store_key", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "message_id"],
            ["message.tenant_id", "message.id"],
            name=op.f("fk_attachment_tenant_id_message_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_attachment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_attachment_tenant_id_id")),
    )
    op.create_index(op.f("ix_attachment_tenant_id_message_id"), "attachment", ["tenant_id", "message_id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("channel IN ('voice', 'chat', 'sms', 'email')", name=op.f("ck_offer_channel")),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'timed_out', 'rescinded')", name=op.f("ck_offer_state")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_offer_agent_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_offer_pool_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_id"], ["contact.tenant_id", "contact.id"], name=op.f("fk_offer_tenant_id_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "grant_id"],
            ["agent_grant.tenant_id", "agent_grant.id"],
            name=op.f("fk_offer_tenant_id_grant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"], ["ticket.tenant_id", "ticket.id"], name=op.f("fk_offer_tenant_id_ticket_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_offer_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_offer_tenant_id_id")),
    )
    op.create_index(
        "ix_offer_agent", "offer", ["agent_id"], unique=False, postgresql_where=sa.text("state = 'offered'")
    )
    op.create_index(
        "ix_offer_expiry",
        "offer",
        ["pool_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index(op.f("ix_offer_tenant_id_ticket_id"), "offer", ["tenant_id", "ticket_id"], unique=False)
    op.create_index(
        "uq_offer_open", "offer", ["contact_id"], unique=True, postgresql_where=sa.text("state = 'offered'")
    )
    op.create_index(
        "uq_offer_voice",
        "offer",
        ["agent_id"],
        unique=True,
        postgresql_where=sa.text("state = 'offered' AND channel = 'voice'"),
    )
    op.create_table(
        "assignment",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("agent_id", sa.Uuid(), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("interaction_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("wrap_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("wrap_up_code_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("channel IN ('voice', 'chat', 'sms', 'email')", name=op.f("ck_assignment_channel")),
        sa.CheckConstraint(
            "state IN ('connecting', 'active', 'wrapping', 'done', 'failed')", name=op.f("ck_assignment_state")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_assignment_agent_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_assignment_pool_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_id"],
            ["contact.tenant_id", "contact.id"],
            name=op.f("fk_assignment_tenant_id_contact_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "grant_id"],
            ["agent_grant.tenant_id", "agent_grant.id"],
            name=op.f("fk_assignment_tenant_id_grant_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "interaction_id"],
            ["interaction.tenant_id", "interaction.id"],
            name=op.f("fk_assignment_tenant_id_interaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "offer_id"], ["offer.tenant_id", "offer.id"], name=op.f("fk_assignment_tenant_id_offer_id")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "ticket_id"],
            ["ticket.tenant_id", "ticket.id"],
            name=op.f("fk_assignment_tenant_id_ticket_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "wrap_up_code_id"],
            ["wrap_up_code.tenant_id", "wrap_up_code.id"],
            name=op.f("fk_assignment_tenant_id_wrap_up_code_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["administration.id"], name=op.f("fk_assignment_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_assignment_tenant_id_id")),
    )
    op.create_index(
        "ix_assignment_agent",
        "assignment",
        ["agent_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('connecting', 'active', 'wrapping')"),
    )
    op.create_index(op.f("ix_assignment_tenant_id_ticket_id"), "assignment", ["tenant_id", "ticket_id"], unique=False)
    op.create_index(
        "ix_assignment_wrap",
        "assignment",
        ["pool_id", "wrap_until"],
        unique=False,
        postgresql_where=sa.text("state = 'wrapping'"),
    )
    op.create_index(
        "uq_assignment_active",
        "assignment",
        ["contact_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('connecting', 'active', 'wrapping')"),
    )
