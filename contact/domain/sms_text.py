"""What a text costs: its encoding and its parts, as operators count them (3GPP TS 23.038); the page counts the same."""

import unicodedata
from dataclasses import dataclass

# web/src/console/segments.ts has the same table, and tests/vectors/segments.json is read by both sides' tests.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these takes the place of two.
EXTENDED = "^{}\\[~]|€\f"
CHARACTERS_MAX = 1600
_BASIC, _EXTENDED = frozenset(BASIC), frozenset(EXTENDED)


@dataclass(frozen=True, slots=True)
class Count:
    """*units* fill *parts* of *per_part*; *costly* are the characters that make every part shorter, once each."""

    encoding: str
    units: int
    parts: int
    per_part: int
    costly: tuple[str, ...] = ()


def count(text: str) -> Count:
    """How *text* is sent. A character of two units is never cut in two, so a part may stay shorter."""
    costly = tuple(dict.fromkeys(one for one in text if one not in _BASIC and one not in _EXTENDED))
    if costly:
        sizes = [2 if ord(one) > 0xFFFF else 1 for one in text]
        return Count("UCS-2", sum(sizes), _parts(sizes, 70, 67), 70 if sum(sizes) <= 70 else 67, costly)
    sizes = [2 if one in _EXTENDED else 1 for one in text]
    return Count("GSM-7", sum(sizes), _parts(sizes, 160, 153), 160 if sum(sizes) <= 160 else 153)


def shorten(text: str, most: int) -> str:
    """At most *most* characters, never cut between a letter and its accent or inside a pictograph's sequence."""
    if len(text) <= most:
        return text
    end = most - 1
    while end > 0 and (_joins(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end].rstrip() + "…"


def _joins(character: str) -> bool:
    is_modifier = 0x1F3FB <= ord(character) <= 0x1F3FF
    return bool(unicodedata.combining(character)) or character in "\u200d\ufe0e\ufe0f" or is_modifier


def _parts(sizes: list[int], alone: int, joined: int) -> int:
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    parts, room = 1, joined
    for size in sizes:
        if size > room:
            parts, room = parts + 1, joined
        room -= size
    return parts
