"""Phone numbers: E.164 wherever they are kept; French ones also of overseas, where the same ten digits mean another."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from contact.domain.alternatives import FIXED, MOBILE, OVERSEAS, WITHHELD

# Where a number typed as 06… may be at home. Réunion and Mayotte share +262: the same number either way.
FRENCH = ("FR", "GP", "MQ", "GF", "RE", "YT", "PM")
# Six digits or eight, with a code of their own: typed without it, they are no French number.
PACIFIC = ("NC", "PF", "WF")
TERRITORIES = (*FRENCH, *PACIFIC, "BL", "MF")
ZONES = {
    "FR": "Europe/Paris",
    "GP": "America/Guadeloupe",
    "BL": "America/Guadeloupe",
    "MF": "America/Guadeloupe",
    "MQ": "America/Martinique",
    "GF": "America/Cayenne",
    "RE": "Indian/Reunion",
    "YT": "Indian/Mayotte",
    "PM": "America/Miquelon",
    "NC": "Pacific/Noumea",
    "PF": "Pacific/Tahiti",
    "WF": "Pacific/Wallis",
}
# ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE on a keypad: what a withheld number is shown as. They read as
# numbers of some country, so they are known before any is parsed.
_KEYPAD = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
_WORDS = frozenset({"anonymous", "restricted", "blocked", "unknown", "unavailable", "private", "withheld"})
_COSTLY = frozenset({PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST})
_E164 = re.compile(r"\+[1-9]\d{5,14}")
_FIXED = frozenset({PhoneNumberType.FIXED_LINE})
_ANSWERED = _FIXED | {PhoneNumberType.VOIP, PhoneNumberType.PERSONAL_NUMBER}
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_NATIONAL = (*FRENCH, "BL", "MF")


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody typed, as one number, or as the *choices* among which only they, or where they live, can tell."""

    number: str | None
    choices: tuple[str, ...] = ()


def is_withheld(shown: str) -> bool:
    """The provider shows that there is nothing to show; such a caller has no contact point."""
    plain = shown.strip().lstrip("+").lower()
    return not plain or plain in _KEYPAD or plain in _WORDS


def is_number(address: str) -> bool:
    """A number that can be written to or called back: a short code or a sender's word cannot."""
    return bool(_E164.fullmatch(address)) and not is_withheld(address)


def read(typed: str, territory: str | None = None) -> Reading:
    """The number that a person means. *territory* is where they live, if that is known.

    With a country code as it stands. Without one: French if it is valid there, else the one overseas territory in which
    it is; digits that are good in several are the territory's, or a question.
    """
    if typed.strip().startswith(("+", "00")):
        found = _parsed("+" + typed.strip().removeprefix("00").lstrip("+"), None)
        return Reading(_e164(found) if found and phonenumbers.is_valid_number(found) else None)
    homes = (territory,) if territory in PACIFIC else FRENCH
    found_by = {home: one for home in homes if (one := _parsed(typed, home)) and phonenumbers.is_valid_number(one)}
    numbers = tuple(dict.fromkeys(_e164(one) for one in found_by.values()))
    if territory in found_by:
        return Reading(_e164(found_by[territory]))
    return Reading(numbers[0]) if len(numbers) == 1 else Reading(None, numbers)


def territory_of(number: str) -> str | None:
    """The country or territory of an E.164 number, such as `FR`, `RE` or `BE`."""
    found = _parsed(number, None)
    return phonenumbers.region_code_for_number(found) if found else None


def why_no_text(number: str, countries: frozenset[str]) -> str | None:
    """Why no SMS is sent to *number*, as a code; None when nothing speaks against it."""
    found = _parsed(number, None) if is_number(number) else None
    if found is None or not phonenumbers.is_possible_number(found):
        return "no_number"
    kind = phonenumbers.number_type(found)
    if kind in _COSTLY:
        return "costly_number"
    if phonenumbers.region_code_for_country_code(found.country_code or 0) not in countries:
        home = phonenumbers.region_code_for_number(found)
        if home not in countries:
            return "country_not_allowed"
    return "landline" if kind in _FIXED else None


def line_of(number: str | None, territory: str = "FR") -> str:
    """The kind of line it is seen from *territory*, by the words of `alternatives.LINES`.

    One that cannot be called back (a switchboard's, a costly one) counts as withheld. The Pacific is at home to the
    Pacific alone: the rest of the country pays to call it as any other country.
    """
    found = _parsed(number, None) if number is not None else None
    if found is None or not phonenumbers.is_valid_number(found):
        return WITHHELD
    home = phonenumbers.region_code_for_number(found)
    if home not in (TERRITORIES if territory in PACIFIC else _NATIONAL):
        return OVERSEAS
    kind = phonenumbers.number_type(found)
    if kind in _MOBILE:
        return MOBILE
    return FIXED if kind in _ANSWERED else WITHHELD


def spoken(number: str) -> str:
    """A number as it is said and read in its country: `01 80 00 00 01`."""
    found = _parsed(number, None)
    if found is None:
        return number
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.NATIONAL))


def _parsed(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
