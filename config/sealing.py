"""Secrets that are kept in the database: sealed under a key made of SECRET_KEY, so that a stolen copy tells none."""

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken


class SealBroken(Exception):
    """Not sealed under this key, or changed since."""

    code = "seal_broken"


def seal(secret_key: str, purpose: str, text: str) -> bytes:
    """*text* as only whoever has *secret_key* can read it, and only for the same *purpose*."""
    return _box(secret_key, purpose).encrypt(text.encode())


def unseal(secret_key: str, purpose: str, sealed: bytes) -> str:
    """What was sealed.

    Raises:
        SealBroken: with another key, for another purpose, or changed.
    """
    try:
        return _box(secret_key, purpose).decrypt(sealed).decode()
    except InvalidToken as fault:
        raise SealBroken(purpose) from fault


def _box(secret_key: str, purpose: str) -> Fernet:
    """SECRET_KEY is random and long: one keyed digest makes of it a key for each purpose."""
    key = hmac.digest(secret_key.encode(), f"guichet.seal.{purpose}".encode(), "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
