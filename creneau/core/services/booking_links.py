"""BookingLinkService: addresses at which one beneficiary sees and changes one session, without Slack or an account."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import BookingNotFound, PageLinkSpent, TicketInvalid
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.people import Actor, Organization, Role, User
from creneau.core.storage import bookings, organizations, users
from creneau.core.storage.database import Database
from creneau.core.tickets import Tickets

OUTLIVES_SESSION_BY = timedelta(days=7)
_PURPOSE = "booking"
_ID_BYTES = 16
_ADDRESS_BYTES = 8


@dataclass(frozen=True, slots=True)
class BookingVisit:
    """Who stands in front of which session's page."""

    user: User
    organization: Organization
    booking_id: BookingId

    @property
    def actor(self) -> Actor:
        return Actor.from_user(self.user)


class BookingLinkService:
    """A token carries organization, person, booking and end, sealed with our key, and what tells its address.

    It may be opened again and again: what it shows is the session as it is, and rights are looked up each time.
    """

    def __init__(self, database: Database, tickets: Tickets) -> None:
        self._database = database
        self._tickets = tickets

    def issue(self, booking: Booking, beneficiary: User) -> str:
        """Return a token that is good until a week after the session as it is agreed now."""
        ids = (booking.organization_id, beneficiary.id, booking.id)
        carried = b"".join(id_.bytes for id_ in ids) + _of_address(beneficiary)
        expires_at = booking.span.ends_at + OUTLIVES_SESSION_BY
        return self._tickets.issue(_PURPOSE, {"of": base64.b64encode(carried).decode()}, expires_at)

    def visit(self, token: str) -> BookingVisit:
        """Return who comes by a link. Raises: `page_link.spent`, whatever is wrong with it.

        Somebody who was let go, or whose address has changed since, opens nothing any more.
        """
        try:
            carried = base64.b64decode(self._tickets.read(_PURPOSE, token)["of"])
        except TicketInvalid:
            raise PageLinkSpent from None
        organization, person, booked = (
            UUID(bytes=carried[place : place + _ID_BYTES]) for place in range(0, 3 * _ID_BYTES, _ID_BYTES)
        )
        organization_id, booking_id = OrganizationId(organization), BookingId(booked)
        with self._database.transaction(organization_id) as tx:
            user = users.find(tx, organization_id, UserId(person))
            if user is None or user.role is not Role.BENEFICIARY or _of_address(user) != carried[3 * _ID_BYTES :]:
                raise PageLinkSpent
            try:
                booking = bookings.get(tx, organization_id, booking_id)
            except BookingNotFound:
                raise PageLinkSpent from None
            if booking.beneficiary_id != user.id:
                raise PageLinkSpent
            return BookingVisit(user, organizations.get(tx, organization_id), booking_id)


def _of_address(user: User) -> bytes:
    return hashlib.sha256(user.email.encode()).digest()[:_ADDRESS_BYTES]
