"""Reading what is told of bookings: of many in as many statements as of one."""

from collections.abc import Mapping
from datetime import datetime

from creneau.core.domain.booking import Booking
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.storage import policies, proposals, slack_messages, users
from creneau.core.storage.database import Transaction
from creneau.core.usecases import calendar_changes
from creneau.core.usecases.bilans import list_hours
from creneau.core.usecases.proposals import list_gone


def read_files(
    tx: Transaction, organization_id: OrganizationId, bookings: Mapping[BookingId, Booking], now: datetime
) -> dict[BookingId, BookingFile]:
    """Return the files of bookings of one organization, read at one moment."""
    listed = bookings.values()
    sides = {side for booking in listed for side in (booking.consultant_id, booking.beneficiary_id)}
    people = users.list_of_ids(tx, organization_id, sides)
    posted = slack_messages.list_of_bookings(tx, organization_id, bookings)
    hours = list_hours(tx, organization_id, {booking.bilan_id for booking in listed})
    in_force = policies.list_in_force(tx, organization_id, {booking.consultant_id for booking in listed})
    proposed = proposals.list_open(tx, organization_id, bookings)
    questions = calendar_changes.list_questions(tx, organization_id, bookings, now)

    def file_of(booking: Booking) -> BookingFile:
        waiting = tuple(proposal for proposal in proposed if proposal.booking_id == booking.id)
        return BookingFile(
            booking,
            people[booking.consultant_id],
            people[booking.beneficiary_id],
            tuple(message for message in posted if message.booking_id == booking.id),
            hours[booking.bilan_id],
            in_force[booking.consultant_id],
            waiting,
            now,
            questions.get(booking.id),
            list_gone(tx, booking, waiting, now) if booking.is_live else frozenset(),
        )

    return {booking.id: file_of(booking) for booking in listed}
