"""Cursors of long lists: the last row's time and id, opaque to whoever pages."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from contact.domain.errors import InvalidRequest


def write_cursor(at: datetime, row_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode()


def read_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """
    Raises:
        InvalidRequest: it is not a cursor of ours.
    """
    if cursor is None:
        return None
    try:
        at, _, row_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        found = datetime.fromisoformat(at), UUID(row_id)
    except (ValueError, binascii.Error) as error:
        raise InvalidRequest(fields={"cursor": ["bad_request"]}) from error
    if found[0].tzinfo is None:
        raise InvalidRequest(fields={"cursor": ["bad_request"]})
    return found
