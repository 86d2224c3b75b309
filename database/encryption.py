"""Texts that must be read again and are stored encrypted, with the first of ENCRYPTION_KEYS; all of them decrypt."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class Undecryptable(Exception):
    """It was encrypted with a key that ENCRYPTION_KEYS does not have."""


def encrypted(text: str, *, purpose: str) -> str:
    """What is encrypted for one purpose is not read for another."""
    return _fernet(purpose).encrypt(text.encode()).decode()


def decrypted(text: str, *, purpose: str) -> str:
    """Raises Undecryptable."""
    try:
        return _fernet(purpose).decrypt(text.encode()).decode()
    except InvalidToken:
        raise Undecryptable("It cannot be decrypted: its key is not in ENCRYPTION_KEYS") from None


def _fernet(purpose: str) -> MultiFernet:
    digests = (hashlib.sha256(f"{purpose}:{word}".encode()).digest() for word in settings.ENCRYPTION_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
