"""Queries on requests: bookings that wait for their consultant's answer."""

from datetime import datetime

from sqlalchemy import text

from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.storage.database import Transaction

_OVERDUE = text("select organization_id, booking_id from list_overdue_requests(:at, :most)")


def list_overdue(tx: Transaction, at: datetime, most: int) -> list[tuple[OrganizationId, BookingId]]:
    """Return the requests whose answer is overdue, of every organization, the oldest first. Needs no tenant."""
    return [
        (OrganizationId(organization_id), BookingId(booking_id))
        for organization_id, booking_id in tx.execute(_OVERDUE, {"at": at, "most": most})
    ]
