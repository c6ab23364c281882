"""BookingFileService: all that is told of one booking, read at once, for whichever front tells it."""

from creneau.core.clock import Clock
from creneau.core.domain.booking import Booking
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.people import Actor
from creneau.core.storage import bookings
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases.booking_files import read_files


class BookingFileService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get_booking_file(self, organization_id: OrganizationId, booking_id: BookingId) -> BookingFile:
        """Raises: `booking.not_found`."""
        with self._database.transaction(organization_id) as tx:
            return self._read(tx, bookings.get(tx, organization_id, booking_id))

    def open_booking_file(self, actor: Actor, booking_id: BookingId) -> BookingFile:
        """Return the file of a booking for somebody to see. Raises: `booking.not_found`, also for a stranger."""
        with self._database.transaction(actor.organization_id) as tx:
            booking = bookings.get(tx, actor.organization_id, booking_id)
            require_visible(booking, actor)
            return self._read(tx, booking)

    def is_current(self, booking: Booking) -> bool:
        """Tell whether nothing was done with a booking since it was read."""
        with self._database.transaction(booking.organization_id) as tx:
            return bookings.is_as_read(tx, booking)

    def _read(self, tx: Transaction, booking: Booking) -> BookingFile:
        return read_files(tx, booking.organization_id, {booking.id: booking}, self._clock.now())[booking.id]
