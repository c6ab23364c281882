"""BookingFileService: all that is told of one booking, read at once, for whichever front tells it."""

from creneau.core.clock import Clock
from creneau.core.domain.booking import Booking
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.people import Actor
from creneau.core.domain.proposal import ProposalState
from creneau.core.storage import bilans, bookings, policies, proposals, slack_messages, users
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases import calendar_changes
from creneau.core.usecases.bilans import get_hours
from creneau.core.usecases.proposals import list_gone


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
            return bookings.get(tx, booking.organization_id, booking.id) == booking

    def _read(self, tx: Transaction, booking: Booking) -> BookingFile:
        organization_id, now = booking.organization_id, self._clock.now()
        proposed = proposals.list_of_booking(tx, organization_id, booking.id)
        waiting = tuple(proposal for proposal in proposed if proposal.state is ProposalState.OPEN)
        people = users.list_of_ids(tx, organization_id, (booking.consultant_id, booking.beneficiary_id))
        return BookingFile(
            booking,
            people[booking.consultant_id],
            people[booking.beneficiary_id],
            tuple(slack_messages.list_of_booking(tx, organization_id, booking.id)),
            get_hours(tx, bilans.get(tx, organization_id, booking.bilan_id)),
            policies.get(tx, organization_id, booking.consultant_id),
            waiting,
            now,
            calendar_changes.find_question(tx, booking, now),
            list_gone(tx, booking, waiting, now) if booking.is_live else frozenset(),
        )
