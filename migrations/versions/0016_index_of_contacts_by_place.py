"""The contacts of a place, found by it; made while everybody works."""

from sqlalchemy import text

from migrations.online import index_concurrently

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    index_concurrently("ix_contact_place_id", "contact", ["place_id"], postgresql_where=text("place_id IS NOT NULL"))
