"""Names of the rooms that frames are pushed to; who may join which is decided in `contact/api/live.py`."""

from uuid import UUID


def person_room(account_id: UUID) -> str:
    return f"person:{account_id}"


def ticket_room(ticket_id: UUID) -> str:
    return f"ticket:{ticket_id}"


def conversation_room(interaction_id: UUID) -> str:
    return f"conversation:{interaction_id}"


def wallboard_room(outsourcer_id: UUID) -> str:
    return f"wallboard:{outsourcer_id}"
