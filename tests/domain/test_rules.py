"""Numbers, lifecycles and receipts: the small rules that everything rests on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact.domain.lifecycle import forward, may_move
from contact.domain.numbers import new_ticket_number, read_ticket_number
from contact.domain.vocabulary import MessageState, TicketState

DELIVERY = [state for state in MessageState if state is not MessageState.RECEIVED]


def test_number_survives_the_telephone():
    """A number is read however it was written down: lower case, grouped, O for 0, I or L for 1."""
    number = new_ticket_number()
    spoken = f"#{number[:4]}-{number[4:]}".lower().replace("0", "o").replace("1", "l")

    assert read_ticket_number(spoken) == number


@given(st.integers(0, 8), st.integers(1, 30))
def test_one_wrong_character_is_noticed(place: int, shift: int):
    """Any single wrong character makes another number's check fail."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXY"
    number = new_ticket_number()
    wrong = alphabet[(alphabet.index(number[place]) + shift) % 31]

    assert read_ticket_number(number[:place] + wrong + number[place + 1 :]) is None


@given(st.integers(0, 6))
def test_swapped_neighbours_are_noticed(place: int):
    """Two neighbours swapped are noticed, unless they are the same."""
    number = new_ticket_number()
    first, second = number[place], number[place + 1]
    swapped = number[:place] + second + first + number[place + 2 :]

    assert (read_ticket_number(swapped) is None) == (first != second)


@given(st.lists(st.sampled_from(DELIVERY), max_size=12))
def test_receipts_never_move_a_message_back(receipts: list[MessageState]):
    """In whatever order receipts come, twice or late: what was delivered stays so, what was read too."""
    state, seen = MessageState.QUEUED, []
    for receipt in receipts:
        state = forward(state, receipt)
        seen.append(state)

    rank = {MessageState.SENT: 3, MessageState.DELIVERED: 4, MessageState.READ: 5}
    ranks = [rank[one] for one in seen if one in rank]
    assert ranks == sorted(ranks)
    if MessageState.READ in seen:
        assert state is MessageState.READ


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        (TicketState.NEW, TicketState.OPEN, True),
        (TicketState.OPEN, TicketState.NEW, False),
        (TicketState.CLOSED, TicketState.OPEN, True),
        (TicketState.CLOSED, TicketState.RESOLVED, False),
        (TicketState.MERGED, TicketState.OPEN, False),
    ],
)
def test_ticket_moves(before: TicketState, after: TicketState, allowed: bool):
    """A closed ticket can only be opened again, a merged one goes nowhere, none becomes new again."""
    assert may_move(before, after) is allowed
