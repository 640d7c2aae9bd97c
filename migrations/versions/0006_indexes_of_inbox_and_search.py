"""The indexes of inbox and search, made and filled while everybody works; what they replace goes."""

from alembic import op

from migrations.online import fill_search

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Names of their own: until the last step the code that runs beside this migration keeps the indexes it knows.
INDEXES = {
    "ix_message_recent": "message (tenant_id, created_at DESC, id DESC) WHERE kind <> 'system'",
    "ix_ticket_states": "ticket (tenant_id, campaign_id, state, updated_at DESC, id DESC)",
    "ix_ticket_owned": "ticket (owner_id, campaign_id, state, updated_at DESC, id DESC) WHERE owner_id IS NOT NULL",
}
REPLACED = ("ix_ticket_inbox", "ix_ticket_mine", "ix_ticket_search", "ix_citizen_search")


def upgrade() -> None:
    """Each step commits by itself and may be repeated: cut short, the migration is simply run again."""
    with op.get_context().autocommit_block():
        # New words go straight into the index: else one message in many would pay for all, and each search for the rest.
        op.execute("ALTER INDEX ix_message_search SET (fastupdate = off)")
        op.execute("ALTER TABLE message ALTER COLUMN search SET STATISTICS 500")
        fill_search()
        for name, definition in INDEXES.items():
            # One that was cut short is left behind invalid.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {definition}")
        for name in REPLACED:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute("ANALYZE message, ticket")
