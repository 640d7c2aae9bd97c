"""Secrets that are kept in the database: sealed under a key made of SECRET_KEY, so that a stolen copy tells none.

Encrypt, then authenticate, with HMAC-SHA-256 for both: a keystream in counter mode under a fresh nonce, and a tag over
all of it (docs/decisions: the telephone door). The version at its beginning leaves room for another cipher.
"""

import hmac
import secrets

VERSION = b"\x01"
NONCE_BYTES = TAG_BYTES = 32


class SealBroken(Exception):
    """Not sealed under this key, or changed since."""

    code = "seal_broken"


def seal(secret_key: str, purpose: str, text: str) -> bytes:
    """*text* as only whoever has *secret_key* can read it, and only for the same *purpose*."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    hidden = VERSION + nonce + _mixed(_key(secret_key, purpose, "read"), nonce, text.encode())
    return hidden + _tag(secret_key, purpose, hidden)


def unseal(secret_key: str, purpose: str, sealed: bytes) -> str:
    """What was sealed.

    Raises:
        SealBroken: with another key, for another purpose, or changed.
    """
    hidden, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
    is_whole = hidden[:1] == VERSION and len(hidden) > NONCE_BYTES
    if not is_whole or not hmac.compare_digest(tag, _tag(secret_key, purpose, hidden)):
        raise SealBroken(purpose)
    nonce = hidden[1 : 1 + NONCE_BYTES]
    return _mixed(_key(secret_key, purpose, "read"), nonce, hidden[1 + NONCE_BYTES :]).decode()


def _key(secret_key: str, purpose: str, use: str) -> bytes:
    return hmac.digest(secret_key.encode(), f"guichet.seal.{use}.{purpose}".encode(), "sha256")


def _tag(secret_key: str, purpose: str, hidden: bytes) -> bytes:
    return hmac.digest(_key(secret_key, purpose, "tag"), hidden, "sha256")


def _mixed(key: bytes, nonce: bytes, data: bytes) -> bytes:
    """*data* with the keystream laid over it; the same again gives it back."""
    blocks = range(-(-len(data) // 32))
    stream = b"".join(hmac.digest(key, nonce + block.to_bytes(8, "big"), "sha256") for block in blocks)
    return bytes(one ^ other for one, other in zip(data, stream, strict=False))
