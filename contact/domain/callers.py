"""Telephone numbers as callers show them and agents dial them: withheld ones, and those that must never be dialled."""

import re

import phonenumbers

from contact.domain.menu_words import EMERGENCY_NUMBERS

# What carriers put where a number was withheld: words spelled on a keypad, which libphonenumber reads as real numbers
# (+266696687 would be a phone in Lesotho).
_SPELLED = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253", "464", "1266696687"})
_WORDS = frozenset({"anonymous", "restricted", "blocked", "unknown", "unavailable", "private", "asserted"})
_E164 = re.compile(r"\+[1-9]\d{5,14}")
# Short numbers of rescue: exactly these, also behind our own country's code.
_OWN_COUNTRY = re.compile(r"^(\+|00)(33|262|590|594|596|508|687|681|689)0?(?=\d{2,6}$)")


def shown_number(told: str) -> str | None:
    """The caller's number in E.164; None where it was withheld or is none."""
    bare = told.strip()
    if bare.lower() in _WORDS or bare.lstrip("+") in _SPELLED or not _E164.fullmatch(bare):
        return None
    try:
        parsed = phonenumbers.parse(bare)
    except phonenumbers.NumberParseException:
        return None
    return bare if phonenumbers.is_possible_number(parsed) else None


def is_emergency(number: str) -> bool:
    """It would ring at the police, the fire brigade or an ambulance; also in the form a person types it."""
    bare = re.sub(r"[^\d+]", "", number)
    local = _OWN_COUNTRY.sub("", bare)
    return local in EMERGENCY_NUMBERS or phonenumbers.is_emergency_number(local, "FR")


def is_dialable(number: str) -> bool:
    """A complete number of a subscriber that we may call."""
    if not _E164.fullmatch(number) or is_emergency(number):
        return False
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False
