"""Calls that agents have ended, by when: the throttle's loop counts those of the last minutes."""

from sqlalchemy import text

from migrations.online import index_concurrently

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_concurrently(
        "ix_assignment_calls_ended",
        "assignment",
        ["pool_id", "ended_at"],
        postgresql_where=text("channel = 'voice' AND ended_at IS NOT NULL"),
    )
