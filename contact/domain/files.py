"""Files that come with messages: what one is, by its first bytes and never by its name or by what somebody says."""

from dataclasses import dataclass

HEAD_BYTES = 4096
_ISO_MEDIA = {
    b"heic": ("image/heic", "heic"),
    b"heix": ("image/heic", "heic"),
    b"mif1": ("image/heif", "heif"),
    b"avif": ("image/avif", "avif"),
    b"M4A ": ("audio/mp4", "m4a"),
    b"3gp": ("video/3gpp", "3gp"),
    b"3g2": ("video/3gpp2", "3g2"),
    b"qt  ": ("video/quicktime", "mov"),
}
# (at, bytes, type, ending); the first that fits.
_MARKS = (
    (0, b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (0, b"GIF87a", "image/gif", "gif"),
    (0, b"GIF89a", "image/gif", "gif"),
    (0, b"BM", "image/bmp", "bmp"),
    (0, b"II*\x00", "image/tiff", "tiff"),
    (0, b"MM\x00*", "image/tiff", "tiff"),
    (8, b"WEBP", "image/webp", "webp"),
    (8, b"WAVE", "audio/wav", "wav"),
    (0, b"#!AMR", "audio/amr", "amr"),
    (0, b"ID3", "audio/mpeg", "mp3"),
    (0, b"\xff\xfb", "audio/mpeg", "mp3"),
    (0, b"\xff\xf3", "audio/mpeg", "mp3"),
    (0, b"OggS", "audio/ogg", "ogg"),
    (0, b"\x1aE\xdf\xa3", "video/webm", "webm"),
    (0, b"%PDF-", "application/pdf", "pdf"),
)


@dataclass(frozen=True, slots=True)
class FileType:
    """A media type, and the ending that goes with it."""

    name: str
    ending: str


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that lies in the store, under a name of our own, and what proves it."""

    store_key: str
    sha256: bytes
    size_bytes: int


def type_of(head: bytes) -> FileType | None:
    """What phones send, known by *head*, the first `HEAD_BYTES`; None for all else, such as a page or a program."""
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return FileType(*(_ISO_MEDIA.get(brand) or _ISO_MEDIA.get(brand[:3]) or ("video/mp4", "mp4")))
    for at, mark, name, ending in _MARKS:
        is_riff = name not in ("image/webp", "audio/wav") or head.startswith(b"RIFF")
        if is_riff and head.startswith(mark, at):
            return FileType(name, ending)
    return _of_words(head)


def _of_words(head: bytes) -> FileType | None:
    """A contact, a date, or plain words; nothing that a browser could take for a page."""
    try:
        # The last letter may be cut in two.
        words = head.decode() if len(head) < HEAD_BYTES else head[: _whole(head)].decode()
    except UnicodeDecodeError:
        return None
    if any(ord(one) < 32 and one not in "\t\r\n" for one in words):
        return None
    begins = words.lstrip("\ufeff \t\r\n").upper()
    if begins.startswith("BEGIN:VCARD"):
        return FileType("text/vcard", "vcf")
    if begins.startswith("BEGIN:VCALENDAR"):
        return FileType("text/calendar", "ics")
    return FileType("text/plain", "txt") if begins and not begins.startswith(("<", "#!", "%!", "MZ")) else None


def _whole(head: bytes) -> int:
    """Up to where *head* holds whole letters of UTF-8."""
    for back in range(1, 5):
        if head[-back] & 0xC0 != 0x80:
            return len(head) - back if head[-back] & 0x80 else len(head)
    return len(head)
