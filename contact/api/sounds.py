"""What callers hear while they wait: a quiet tune, made here, so that nobody's rights are in it."""

import io
import math
import struct
import wave
from functools import cache

from flask import Blueprint, Response

from contact.api.context import off_hub
from contact.api.permissions import public

RATE = 8_000
_NOTE_SECONDS = 0.75
# Two broken chords, in steps above the A of 220 Hz.
_TUNE = (0, 7, 12, 16, 12, 7, 5, 9, 12, 17, 12, 9, 3, 7, 10, 15, 10, 7, 0, 7, 12, 16, 19, 12, 7, 4, 0, 0)

bp = Blueprint("sounds", __name__)


@bp.get("/sounds/waiting.wav")
@public
def waiting() -> Response:
    """Kept by whoever plays it to thousands."""
    return Response(off_hub(tune), content_type="audio/wav", headers={"Cache-Control": "public, max-age=86400"})


@cache
def tune() -> bytes:
    """21 s, mono, 16 bit, at a telephone's rate."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(b"".join(_note(step) for step in _TUNE))
    return file.getvalue()


def _note(step: int) -> bytes:
    """A soft bell that fades."""
    pitch, count = 220 * 2 ** (step / 12), int(RATE * _NOTE_SECONDS)
    samples = []
    for number in range(count):
        at = number / RATE
        loudness = 6_000 * min(at / 0.02, 1) * math.exp(-3 * at) * min((count - number) / (RATE * 0.05), 1)
        tone = math.sin(2 * math.pi * pitch * at) + 0.3 * math.sin(4 * math.pi * pitch * at)
        samples.append(int(loudness * tone))
    return struct.pack(f"<{count}h", *samples)
