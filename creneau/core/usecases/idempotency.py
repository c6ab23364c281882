"""Idempotency: the same request under the same key is done once, however often and however fast it is made."""

from dataclasses import asdict
from datetime import datetime

from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import IdempotencyKeyReused
from creneau.core.domain.idempotency import fingerprint, require_key
from creneau.core.domain.people import Actor
from creneau.core.storage import bookings, idempotency
from creneau.core.storage.database import Transaction
from creneau.core.usecases.bookings import BookingRequest


def find_earlier(tx: Transaction, actor: Actor, key: str, request: BookingRequest, now: datetime) -> Booking | None:
    """Return the booking, as it is now, that the actor made under this key; None when it is theirs to make now.

    The key is taken by this transaction: who comes with it meanwhile waits. Call `keep` once the booking is made.

    Raises: `idempotency.invalid_key`, `idempotency.key_reused` (the key was given with another request).
    """
    require_key(key)
    request_hash = fingerprint(asdict(request))
    claimed = idempotency.claim(tx, actor, key, request_hash, now)
    if claimed is None:
        return None
    if claimed.request_hash != request_hash:
        raise IdempotencyKeyReused
    return bookings.get(tx, actor.organization_id, claimed.booking_id)


def keep(tx: Transaction, actor: Actor, key: str, booking: Booking) -> None:
    idempotency.settle(tx, actor, key, booking.id)
