"""Ticket numbers that depend on the seed and never repeat, with nothing to remember."""

from random import Random

from contact.domain.numbers import CHARACTERS, LENGTH, with_check

_MANY = len(CHARACTERS) ** LENGTH


class TicketNumbers:
    """Walks through all numbers in steps of one width, not a multiple of the prime 31: each comes once."""

    def __init__(self, random: Random) -> None:
        self._at = random.randrange(_MANY)
        self._step = random.randrange(_MANY // 31) * 31 + random.randrange(1, 31)

    def new(self) -> str:
        self._at = rest = (self._at + self._step) % _MANY
        characters = ""
        for _ in range(LENGTH):
            rest, digit = divmod(rest, len(CHARACTERS))
            characters += CHARACTERS[digit]
        return with_check(characters)
