"""What came with a text becomes an attachment once it was fetched, or is refused by name."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("media_to_fetch", sa.Column("attachment_id", sa.Uuid(), nullable=True))
    op.add_column("media_to_fetch", sa.Column("failure", sa.Text(), nullable=True))
    # No row has one yet: there is nothing to validate.
    op.execute(
        "ALTER TABLE media_to_fetch ADD CONSTRAINT fk_media_to_fetch_tenant_id_attachment_id"
        " FOREIGN KEY (tenant_id, attachment_id) REFERENCES attachment (tenant_id, id) NOT VALID"
    )
