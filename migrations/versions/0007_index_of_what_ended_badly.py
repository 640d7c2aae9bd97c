"""What ended badly is counted for metrics at each scrape: an index of these few rows, made while everybody works."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # One that was cut short is left behind invalid.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_outbox_troubled")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_outbox_troubled ON outbox (topic)"
            " WHERE state IN ('failed', 'quarantined', 'outcome_unknown')"
        )
