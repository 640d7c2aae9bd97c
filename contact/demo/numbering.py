"""Ticket numbers that depend on the seed and never repeat, with nothing to remember."""

from random import Random

from contact.domain.numbers import read_ticket_number

_CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXY"
_LENGTH = 8
_MANY = len(_CHARACTERS) ** _LENGTH


class TicketNumbers:
    """Walks through all numbers in steps of one width, not a multiple of the prime 31: each comes once."""

    def __init__(self, random: Random) -> None:
        self._at = random.randrange(_MANY)
        self._step = random.randrange(_MANY // 31) * 31 + random.randrange(1, 31)

    def new(self) -> str:
        self._at = rest = (self._at + self._step) % _MANY
        characters = ""
        for _ in range(_LENGTH):
            rest, digit = divmod(rest, len(_CHARACTERS))
            characters += _CHARACTERS[digit]
        return next(filter(read_ticket_number, (characters + check for check in _CHARACTERS)))
