"""Whether a wait that was told was kept."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# For metrics: counts by ids, of everybody's queues.
SCORES = """
CREATE FUNCTION wait_scores() RETURNS TABLE (queue_id uuid, kept boolean, waits bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT queue_id, told_was_kept, count(*) FROM contact
    WHERE told_was_kept IS NOT NULL AND enqueued_at > now() - interval '1 day' GROUP BY queue_id, told_was_kept
$$;
REVOKE ALL ON FUNCTION wait_scores() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION wait_scores() TO app_rw;
GRANT CREATE ON SCHEMA public TO app_lookup;
ALTER FUNCTION wait_scores() OWNER TO app_lookup;
REVOKE CREATE ON SCHEMA public FROM app_lookup;
"""


def upgrade() -> None:
    op.add_column("contact", sa.Column("told_was_kept", sa.Boolean(), nullable=True))
    op.execute(SCORES)
