"""Ticket numbers: eight random Crockford characters and a check, readable over the phone and telling no volumes."""

import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# 31 of the 32 characters: the check is modulo a prime, which would take the last for the first.
CHARACTERS = _ALPHABET[:31]
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", " ": None, "-": None, "#": None})
LENGTH = 8


def with_check(characters: str) -> str:
    """The number that begins with these eight of `CHARACTERS`."""
    return characters + _check(characters)


def _check(characters: str) -> str:
    """Weighted sum modulo 31 (a prime): catches every single wrong character and every swap of neighbours."""
    total = sum(weight * _ALPHABET.index(one) for weight, one in enumerate(characters, start=1))
    return _ALPHABET[total % 31]


def new_ticket_number() -> str:
    """Nine characters, such as `7KQ2M9XDA`."""
    return with_check("".join(secrets.choice(CHARACTERS) for _ in range(LENGTH)))


def read_ticket_number(text: str) -> str | None:
    """The number a person typed, however they wrote it, or None when it is not one."""
    number = text.upper().translate(_READ_AS)
    if len(number) != LENGTH + 1 or any(one not in _ALPHABET for one in number):
        return None
    return number if _check(number[:-1]) == number[-1] else None
