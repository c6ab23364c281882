"""Encryption of credentials at rest: AES-GCM, bound to the row they belong to, with keys that rotate.

The first key encrypts, all of them decrypt. A ciphertext moved to another row does not decrypt.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_KEY_BYTES = 32
_TAG_BYTES = 4


class SecretUnreadable(Exception):
    """No key at hand decrypts this secret for this row: a key is missing, or the row was tampered with."""


class InvalidKey(ValueError):
    """An encryption key is not 32 bytes of URL-safe base64."""


def generate_key() -> str:
    """Return a new key as URL-safe base64, fit for `CRENEAU_ENCRYPTION_KEYS`."""
    return base64.urlsafe_b64encode(os.urandom(_KEY_BYTES)).decode()


class SecretBox:
    """Encrypts and decrypts short secrets. `row` names the row a secret lives in, for example its table and id."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise InvalidKey("no encryption key")
        self._ciphers = [(_key_tag(key), AESGCM(key)) for key in map(_decode_key, keys)]

    @property
    def tags(self) -> tuple[bytes, ...]:
        """Return what a sealed secret begins with under each key, the newest first."""
        return tuple(tag for tag, _ in self._ciphers)

    def is_newest(self, sealed: bytes) -> bool:
        return sealed[:_TAG_BYTES] == self.tags[0]

    def encrypt(self, secret: str, row: str) -> bytes:
        tag, cipher = self._ciphers[0]
        nonce = os.urandom(_NONCE_BYTES)
        return tag + nonce + cipher.encrypt(nonce, secret.encode(), row.encode())

    def decrypt(self, sealed: bytes, row: str) -> str:
        """Raises SecretUnreadable."""
        tag, nonce = sealed[:_TAG_BYTES], sealed[_TAG_BYTES : _TAG_BYTES + _NONCE_BYTES]
        for key_tag, cipher in self._ciphers:
            if key_tag == tag:
                try:
                    return cipher.decrypt(nonce, sealed[_TAG_BYTES + _NONCE_BYTES :], row.encode()).decode()
                except (InvalidTag, ValueError) as error:  # ValueError: cut off within the nonce
                    raise SecretUnreadable(row) from error
        raise SecretUnreadable(row)


def _decode_key(key: str) -> bytes:
    try:
        raw = base64.b64decode(key, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidKey("an encryption key is not URL-safe base64") from error
    if len(raw) != _KEY_BYTES:
        raise InvalidKey("an encryption key is not 32 bytes long")
    return raw


def _key_tag(key: bytes) -> bytes:
    return hashlib.sha256(b"creneau key tag" + key).digest()[:_TAG_BYTES]
