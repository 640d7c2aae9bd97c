"""What a telephone company knows of a number: that it exists, its country and kind; withheld numbers."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

E164 = re.compile(r"\+[1-9]\d{5,14}")
SHORT = re.compile(r"\d{3,6}")
WORD = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
# "ANONYMOUS", "RESTRICTED", "BLOCKED", "UNKNOWN", "UNAVAILABLE" on a keypad: what some callers' From is.
WITHHELD = {"anonymous": "+266696687", "restricted": "+7378742833", "blocked": "+2562533", "unknown": "+86282452253"}


def is_dialable(address: str) -> bool:
    """A complete number: E.164, a short code, or a browser's `client:name`."""
    if address.startswith("client:"):
        return len(address) > len("client:")
    if SHORT.fullmatch(address):
        return True
    if not E164.fullmatch(address):
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(address))
    except NumberParseException:
        return False


def is_landline(number: str) -> bool:
    """A fixed line, which no SMS reaches."""
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) == PhoneNumberType.FIXED_LINE
    except NumberParseException:
        return False


def place(prefix: str, number: str) -> dict[str, str]:
    """`FromCity`, `FromState`, `FromZip` and `FromCountry`, as far as they are known; nothing of a browser."""
    if not number.startswith("+"):
        return {}
    try:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except NumberParseException:
        country = ""
    return {f"{prefix}City": "", f"{prefix}State": "", f"{prefix}Zip": "", f"{prefix}Country": country}
