"""Time that a session holds: what statements are told of it, and the lock of those that share it."""

from datetime import datetime

from sqlalchemy import text

from creneau.core.domain.booking import Booking
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.storage.database import Transaction

_LOCK_GROUPS = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


def values(booking: Booking, capacity: int, held_until: datetime) -> dict[str, object]:
    """Return what a statement that holds time for a booking is told of it."""
    return {
        "organization_id": booking.organization_id,
        "booking_id": booking.id,
        "consultant_id": booking.consultant_id,
        "slot_id": booking.slot_id,
        "day": booking.local.day,
        "start": booking.local.start,
        "end": booking.local.end,
        "minutes": booking.span.minutes,
        "timezone": booking.local.timezone,
        "starts_at": booking.span.starts_at,
        "ends_at": booking.span.ends_at,
        "held_until": held_until,
        "capacity": capacity,
    }


def lock_groups(tx: Transaction, organization_id: OrganizationId, consultant_id: UserId) -> None:
    """Let bookings of a consultant's groups pass one after the other until this transaction ends."""
    tx.execute(_LOCK_GROUPS, {"key": f"groups {organization_id} {consultant_id}"})
