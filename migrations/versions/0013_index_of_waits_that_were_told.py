"""The index by which waits that were told are counted."""

from sqlalchemy import text

from migrations.online import index_concurrently

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_concurrently(
        "ix_contact_told", "contact", ["enqueued_at"], postgresql_where=text("told_was_kept IS NOT NULL")
    )
