"""What came with a text names an attachment that there is, in the rows of before too; looked at while all work."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Reading a large table takes long and stops nobody.
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute("ALTER TABLE media_to_fetch VALIDATE CONSTRAINT fk_media_to_fetch_tenant_id_attachment_id")
