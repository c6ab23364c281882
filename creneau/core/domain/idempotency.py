"""Idempotency keys: what a key looks like, and how two requests are told apart."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from creneau.core.domain.errors import InvalidIdempotencyKey

LONGEST_KEY = 255
KEPT_FOR = timedelta(hours=48)
"""How long a request may be made again under its key."""


def require_key(key: str) -> None:
    """Raise `idempotency.invalid_key` unless it is 1 to 255 printable characters."""
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidIdempotencyKey


def fingerprint(request: Mapping[str, object]) -> bytes:
    """Return what is the same for the same request, and for no other. What is left out counts as None."""
    return hashlib.sha256(json.dumps(_given(request), default=_canonical, sort_keys=True).encode()).digest()


def _given(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _given(member) for name, member in value.items() if member is not None}
    return [_given(member) for member in value] if isinstance(value, list | tuple) else value


def _canonical(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
