"""What a file is, whatever it is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact.domain.files import HEAD_BYTES, type_of

VCARD = "BEGIN:VCARD\r\nFN:Zoé\r\nEND:VCARD"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypheic\x00", "image/heic"),
        (b"\x00\x00\x00\x18ftyp3gp4\x00", "video/3gpp"),
        (b"\x00\x00\x00\x18ftypisom\x00", "video/mp4"),
        (b"#!AMR\n\x00", "audio/amr"),
        (b"%PDF-1.7\n", "application/pdf"),
        (VCARD.encode(), "text/vcard"),
        (b"\xef\xbb\xbf" + VCARD.encode(), "text/vcard"),
        ("Où en est mon dossier ?".encode(), "text/plain"),
        (("é" * HEAD_BYTES).encode()[: HEAD_BYTES - 1], None),
        (b"x" + ("é" * HEAD_BYTES).encode()[: HEAD_BYTES - 1], "text/plain"),
        (b"", None),
        (b" \n", None),
        (b"  <!DOCTYPE html><script>", None),
        (b"<svg onload=alert(1)>", None),
        (b"\xef\xbb\xbf<html>", None),
        (b"#!/bin/sh\n", None),
        (b"MZ\x90\x00", None),
        (b"\x7fELF\x02", None),
        (b"PK\x03\x04", None),
        (b"xxxxxxxxWEBP", "text/plain"),
        ("Où".encode("latin-1"), None),
        (b"a\x00b", None),
    ],
)
def test_known_by_its_bytes(head: bytes, name: str | None):
    """What phones send is known; a page, a drawing with a script, a program and an archive are not taken."""
    found = type_of(head)

    assert (found.name if found else None) == name


@given(st.binary(max_size=HEAD_BYTES))
def test_any_bytes(head: bytes):
    """Whatever comes has an answer, and none begins what a browser could take for a page."""
    found = type_of(head)

    assert found is None or not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


@given(st.text(alphabet=st.characters(min_codepoint=0xA1, max_codepoint=0x1F64F, exclude_categories=("C", "Z"))))
def test_cut_words_are_words(text: str):
    """Wherever the head ends within a letter."""
    whole = ("a" + text).encode() * HEAD_BYTES

    assert type_of(whole[:HEAD_BYTES]).name == "text/plain"
