"""A queue's contract shares: which outsourcer a contact is reserved for, until its spill timer."""

from collections.abc import Mapping
from uuid import UUID

_PARTS = 2**32


def reserved_for(contact_id: UUID, shares: Mapping[UUID, float]) -> UUID | None:
    """The outsourcer the contact falls to, by its id alone: each gets its share of any many contacts.

    *shares* are parts of 1; what they leave over is reserved for nobody. The low bits of an id are random in every
    version that we make.
    """
    drawn = contact_id.int % _PARTS / _PARTS
    for outsourcer_id in sorted(shares):
        drawn -= shares[outsourcer_id]
        if drawn < 0:
            return outsourcer_id
    return None
