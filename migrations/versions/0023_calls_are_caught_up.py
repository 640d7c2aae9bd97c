"""Up to when each telephone account's list of calls was held against ours; the relay sees which accounts there are."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("carrier_account", sa.Column("calls_seen_until", sa.TIMESTAMP(timezone=True), nullable=True))
    op.execute("CREATE POLICY engine ON carrier_account FOR SELECT TO app_engine USING (true)")
    op.execute("GRANT SELECT (id, tenant_id, disabled_at) ON carrier_account TO app_engine")
