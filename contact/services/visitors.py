"""Browsers in a web chat."""

from uuid import UUID

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from contact.models import Visitor


def seen(session: Session, visitor_ids: list[UUID]) -> None:
    """The visitors' pages are alive."""
    session.execute(
        update(Visitor)
        .where(Visitor.id.in_(visitor_ids))
        .values(seen_at=func.clock_timestamp())
        .execution_options(synchronize_session=False)
    )
