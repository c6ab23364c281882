"""Queries on the notes of sessions: read and written here alone, apart from the booking they belong to."""

from sqlalchemy import select, update

from creneau.core.domain.booking import Booking
from creneau.core.domain.notes import SessionNotes
from creneau.core.storage.database import Transaction
from creneau.core.storage.tables import session_bookings as bookings


def get(tx: Transaction, booking: Booking) -> SessionNotes:
    query = select(bookings.c.beneficiary_notes, bookings.c.consultant_notes, bookings.c.preparation_materials).where(
        bookings.c.organization_id == booking.organization_id, bookings.c.id == booking.id
    )
    return SessionNotes(*tx.execute(query).one())


def save(tx: Transaction, booking: Booking, notes: SessionNotes) -> None:
    tx.execute(
        update(bookings)
        .where(bookings.c.organization_id == booking.organization_id, bookings.c.id == booking.id)
        .values(
            beneficiary_notes=notes.beneficiary_notes,
            consultant_notes=notes.consultant_notes,
            preparation_materials=notes.preparation_materials,
        )
    )
