"""A text whose phone was off is sent again, and what is told of its earlier sending is known by the number of it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("message", sa.Column("resends", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
