"""Which state may follow which: the one table of ticket moves and the lattice of delivery states."""

from contact.domain.vocabulary import MessageState, TicketState

_OPEN = (TicketState.OPEN, TicketState.WAITING_CITIZEN, TicketState.WAITING_THIRD_PARTY, TicketState.RESOLVED)

TICKET_MOVES: dict[TicketState, frozenset[TicketState]] = {
    TicketState.NEW: frozenset({*_OPEN, TicketState.CLOSED, TicketState.MERGED}),
    **{state: frozenset({*_OPEN, TicketState.CLOSED, TicketState.MERGED} - {state}) for state in _OPEN},
    TicketState.CLOSED: frozenset({TicketState.OPEN}),
    TicketState.MERGED: frozenset(),
}

_RANK = {
    MessageState.QUEUED: 0,
    MessageState.SENDING: 1,
    MessageState.OUTCOME_UNKNOWN: 2,
    MessageState.SENT: 3,
    MessageState.DELIVERED: 4,
    MessageState.READ: 5,
}
_FINAL = frozenset({MessageState.FAILED, MessageState.UNDELIVERED, MessageState.RECEIVED})


def may_move(before: TicketState, after: TicketState) -> bool:
    """A ticket in *before* may go to *after* (staying is always allowed)."""
    return after is before or after in TICKET_MOVES[before]


def forward(before: MessageState, after: MessageState) -> MessageState:
    """The state to keep when a receipt says *after*: late, duplicate and reordered receipts never move it back."""
    if before in _FINAL or before is MessageState.READ:
        return before
    if after in _FINAL:
        return before if before is MessageState.DELIVERED else after
    return after if _RANK[after] > _RANK[before] else before
