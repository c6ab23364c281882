"""Queries on idempotency keys: what was asked under a key, and the ids of what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from creneau.core.domain.people import Actor
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import idempotency_keys as keys


@dataclass(frozen=True, slots=True)
class Claim:
    """A request as it was first made under a key."""

    request_hash: bytes
    made_ids: tuple[UUID, ...]


def claim(tx: Transaction, actor: Actor, key: str, request_hash: bytes, now: datetime) -> Claim | None:
    """Take a key for this transaction: None when it is ours, else what it stands for.

    Waits for another transaction that is about to take it: if that one fails, the key is free again.
    """
    taken = tx.execute(
        insert(keys)
        .values(
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            key=key,
            request_hash=request_hash,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(keys.c.key)
    ).first()
    if taken:
        return None
    found = tx.execute(
        select(keys.c.request_hash, keys.c.made_ids).where(
            keys.c.organization_id == actor.organization_id, keys.c.user_id == actor.user_id, keys.c.key == key
        )
    ).one()
    return Claim(bytes(found.request_hash), tuple(found.made_ids))


def settle(tx: Transaction, actor: Actor, key: str, made_ids: Sequence[UUID]) -> None:
    """Write under a claimed key what came of it, in the transaction of the claim."""
    tx.execute(
        update(keys)
        .where(keys.c.organization_id == actor.organization_id, keys.c.user_id == actor.user_id, keys.c.key == key)
        .values(made_ids=list(made_ids))
    )


def remove_old(tx: Transaction, before: datetime) -> int:
    """Remove the keys claimed before an instant, of all organizations. Needs no tenant."""
    return int(tx.scalar(text("select remove_old_idempotency_keys(:before)"), {"before": before}) or 0)
