"""Versions: a change that somebody means for a booking as they last saw it, and for no other."""

from creneau.core.domain.errors import BookingChanged
from creneau.core.domain.ids import BookingId
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.people import Actor
from creneau.core.storage import bookings
from creneau.core.storage.database import Transaction


def require_version(tx: Transaction, actor: Actor, booking_id: BookingId, expected: int | None) -> None:
    """Raise `booking.changed` unless a booking is at the expected version; None: any version will do.

    It is locked until the transaction ends, so that what follows in it meets the booking as it is here.

    Raises: also `booking.not_found`.
    """
    if expected is None:
        return
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    require_visible(booking, actor)
    if booking.version != expected:
        raise BookingChanged(version=booking.version)
