"""Notes on a session: reading and writing them, each side its own."""

from creneau.core.domain.ids import BookingId
from creneau.core.domain.notes import SessionNotes, changed_notes, shown_notes
from creneau.core.domain.people import Actor
from creneau.core.storage import bookings, notes
from creneau.core.storage.database import Transaction


def write(tx: Transaction, actor: Actor, booking_id: BookingId, change: SessionNotes) -> SessionNotes:
    """Change the texts that are given and return what the actor may read.

    Raises: `booking.not_found`, `actor.not_allowed` (the other side's text, or an administrator), `text.invalid`.
    """
    booking = bookings.lock(tx, actor.organization_id, booking_id)
    changed = changed_notes(booking, actor, notes.get(tx, booking), change)
    notes.save(tx, booking, changed)
    return shown_notes(booking, actor, changed)


def read(tx: Transaction, actor: Actor, booking_id: BookingId) -> SessionNotes:
    """Raises: `booking.not_found`, `actor.not_allowed` for an administrator."""
    booking = bookings.get(tx, actor.organization_id, booking_id)
    return shown_notes(booking, actor, notes.get(tx, booking))
