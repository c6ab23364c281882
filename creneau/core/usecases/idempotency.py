"""Idempotency: the same request under the same key is done once, however often and however fast it is made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from creneau.core.domain.errors import IdempotencyKeyReused
from creneau.core.domain.idempotency import fingerprint, require_key
from creneau.core.domain.people import Actor
from creneau.core.storage import idempotency
from creneau.core.storage.database import Transaction


def find_earlier(
    tx: Transaction, actor: Actor | None, key: str | None, noun: str, request: Mapping[str, object], now: datetime
) -> tuple[UUID, ...] | None:
    """Return the ids of what the actor made under this key; None when it is theirs to make now, or without a key.

    The key is taken by this transaction: who comes with it meanwhile waits. Call `keep` once the thing is made. `noun`
    is what is made, so that one key does not stand for two kinds of things.

    Raises: `idempotency.invalid_key`, `idempotency.key_reused` (the key was given with another request).
    """
    if actor is None or key is None:
        return None
    require_key(key)
    request_hash = fingerprint({"noun": noun, "request": request})
    claimed = idempotency.claim(tx, actor, key, request_hash, now)
    if claimed is None:
        return None
    if claimed.request_hash != request_hash:
        raise IdempotencyKeyReused
    return claimed.made_ids


def keep(tx: Transaction, actor: Actor | None, key: str | None, made_ids: Sequence[UUID]) -> None:
    """Write under the key what came of the request. Without a key there is nothing to keep."""
    if actor is not None and key is not None:
        idempotency.settle(tx, actor, key, made_ids)
