"""How a text travels: GSM 03.38 where it can, else UCS-2, and in how many parts."""

GSM = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
# These cost two, being escaped.
GSM_EXTENSION = "\f^{}\\[~]|€"
CHARACTERS_MAX = 1600


def segments(body: str) -> int:
    """Parts of *body*: 160 or 153 septets each, 70 or 67 UTF-16 units; no character is cut in two."""
    if all(one in GSM or one in GSM_EXTENSION for one in body):
        return _parts([2 if one in GSM_EXTENSION else 1 for one in body], 160, 153)
    return _parts([2 if ord(one) > 0xFFFF else 1 for one in body], 70, 67)


def _parts(sizes: list[int], alone: int, joined: int) -> int:
    if sum(sizes) <= alone:
        return 1
    parts, room = 1, joined
    for size in sizes:
        if size > room:
            parts, room = parts + 1, joined
        room -= size
    return parts
