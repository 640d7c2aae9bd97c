"""Telephone numbers as callers show them and agents dial them: withheld ones, and those that must never be dialled."""

import re
from collections.abc import Callable

import phonenumbers

from contact.domain.menu_words import EMERGENCY_NUMBERS
from contact.domain.phones import is_number

# Short numbers of rescue: exactly these, also behind our own country's code.
_OWN_COUNTRY = re.compile(r"^(\+|00)(33|262|590|594|596|508|687|681|689)0?(?=\d{2,6}$)")


def shown_number(told: str) -> str | None:
    """The caller's number in E.164; None where it was withheld or is none."""
    bare = told.strip()
    return bare if is_number(bare) and _is(phonenumbers.is_possible_number, bare) else None


def is_emergency(number: str) -> bool:
    """It would ring at the police, the fire brigade or an ambulance; also in the form a person types it."""
    bare = re.sub(r"[^\d+]", "", number)
    local = _OWN_COUNTRY.sub("", bare)
    return local in EMERGENCY_NUMBERS or phonenumbers.is_emergency_number(local, "FR")


def is_dialable(number: str) -> bool:
    """A complete number of a subscriber that we may call."""
    return is_number(number) and not is_emergency(number) and _is(phonenumbers.is_valid_number, number)


def _is(judged: Callable[[phonenumbers.PhoneNumber], bool], number: str) -> bool:
    try:
        return judged(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
