"""The time that counts: order, leases and deadlines go by the database's clock."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session


def now(session: Session) -> datetime:
    """The present, aware, in UTC, by the database's clock (moves on within a transaction)."""
    present: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return present
