"""What hides a contact from some agents for a time, where a queue overflows, and how agents share out their time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    empty_list, empty_object = sa.text("'[]'"), sa.text("'{}'")
    op.add_column("topic", sa.Column("affinity_seconds", sa.Integer(), server_default="0", nullable=False))
    op.add_column("queue", sa.Column("teams", _JSON, server_default=empty_list, nullable=False))
    op.add_column("queue", sa.Column("delays", _JSON, server_default=empty_list, nullable=False))
    op.add_column("queue", sa.Column("reserved", _JSON, server_default=empty_list, nullable=False))
    op.add_column("queue", sa.Column("overflow", _JSON, nullable=True))
    op.add_column("need", sa.Column("delays", _JSON, server_default=empty_list, nullable=False))
    op.add_column("contact", sa.Column("curtains", _JSON, nullable=True))
    op.add_column("agent", sa.Column("team", sa.Text(), nullable=True))
    op.add_column("agent", sa.Column("shares", _JSON, server_default=empty_object, nullable=False))
    op.execute("GRANT UPDATE (team, shares) ON agent TO app_rw")
    op.execute("GRANT SELECT (team, shares) ON agent TO app_engine")
    op.execute("GRANT SELECT (teams) ON queue TO app_engine")
