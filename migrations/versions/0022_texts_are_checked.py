"""Why a message was written holds for those of before too; looked at while everybody works."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE message VALIDATE CONSTRAINT ck_message_purpose")
