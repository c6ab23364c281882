"""SchedulingService: availability and the life of bookings, for every front alike."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.availability import AvailabilitySlot, SlotDraft
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import UserNotFound
from creneau.core.domain.ids import BookingId, SlotId, UserId
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.people import Actor, Role
from creneau.core.domain.time import BookableTime, Span
from creneau.core.services.publishing import Publish
from creneau.core.storage import bilans, bookings, users
from creneau.core.storage.database import Database
from creneau.core.usecases import availability as availability_usecases
from creneau.core.usecases import bookings as booking_usecases
from creneau.core.usecases.availability import Listing
from creneau.core.usecases.bookings import BookingRequest

EVER = Span(datetime.fromisoformat("0001-01-02T00:00+00:00"), datetime.fromisoformat("9999-12-30T00:00+00:00"))

_TWO_WEEKS = timedelta(days=14)


class SchedulingService:
    """Every method raises `core.domain.errors.Refusal` for a no, and leaves nothing half done."""

    def __init__(self, database: Database, clock: Clock, publish: Publish, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._publish = publish
        self._new_id = new_id

    def create_availability_slot(self, actor: Actor, consultant_id: UserId, draft: SlotDraft) -> AvailabilitySlot:
        """Add a weekly or one-off stretch in which a consultant offers sessions."""
        with self._database.transaction(actor.organization_id) as tx:
            return availability_usecases.add_slot(tx, actor, consultant_id, draft, SlotId(self._new_id()))

    def get_available_slots_for_consultant(
        self,
        actor: Actor,
        consultant_id: UserId,
        date_from: date | None = None,
        date_to: date | None = None,
        beneficiary_id: UserId | None = None,
    ) -> list[BookableTime]:
        """List a consultant's bookable times, two weeks from today unless said otherwise.

        With a beneficiary, times at which that person already has a session are left out.
        """
        now = self._clock.now()
        first = date_from or now.date()
        last = date_to or min(first, date.max - _TWO_WEEKS) + _TWO_WEEKS
        with self._database.transaction(actor.organization_id) as tx:
            return availability_usecases.list_bookable(
                tx, actor.organization_id, Listing(consultant_id, first, last, beneficiary_id), now
            )

    def create_session_booking(self, actor: Actor, request: BookingRequest) -> Booking:
        """Ask for a session: the time is held from now on and the consultant is asked."""
        with self._database.transaction(actor.organization_id) as tx:
            booking, event = booking_usecases.book(tx, actor, request, self._clock.now(), self._new_id)
            self._publish(tx, event)
            return booking

    def confirm_booking(self, actor: Actor, booking_id: BookingId) -> Booking:
        with self._database.transaction(actor.organization_id) as tx:
            booking, event = booking_usecases.confirm(tx, actor, booking_id, self._clock.now())
            self._publish(tx, event)
            return booking

    def decline_booking(self, actor: Actor, booking_id: BookingId, reason: str | None = None) -> Booking:
        with self._database.transaction(actor.organization_id) as tx:
            booking, event = booking_usecases.decline(tx, actor, booking_id, reason, self._clock.now())
            self._publish(tx, event)
            return booking

    def cancel_booking(self, actor: Actor, booking_id: BookingId, reason: str | None = None) -> Booking:
        with self._database.transaction(actor.organization_id) as tx:
            booking, event = booking_usecases.cancel(tx, actor, booking_id, reason, self._clock.now())
            self._publish(tx, event)
            return booking

    def get_booking(self, actor: Actor, booking_id: BookingId) -> Booking:
        """Raises: `booking.not_found`, also for somebody who is no party to it."""
        with self._database.transaction(actor.organization_id) as tx:
            booking = bookings.get(tx, actor.organization_id, booking_id)
        require_visible(booking, actor)
        return booking

    def get_beneficiary_bookings(
        self,
        actor: Actor,
        beneficiary_id: UserId,
        span: Span = EVER,
        statuses: frozenset[Status] = frozenset(Status),
    ) -> list[Booking]:
        """List a beneficiary's bookings by start: one's own, those with oneself, or all for an administrator."""
        return self._bookings_of(actor, beneficiary_id, span, statuses)

    def get_consultant_bookings(
        self,
        actor: Actor,
        consultant_id: UserId,
        span: Span = EVER,
        statuses: frozenset[Status] = frozenset(Status),
    ) -> list[Booking]:
        """List a consultant's bookings by start: one's own, those with oneself, or all for an administrator."""
        return self._bookings_of(actor, consultant_id, span, statuses)

    def _bookings_of(self, actor: Actor, user_id: UserId, span: Span, statuses: frozenset[Status]) -> list[Booking]:
        """Raises: `user.not_found` for somebody of whom there is nothing to see: a stranger, or unknown."""
        with self._database.transaction(actor.organization_id) as tx:
            users.get(tx, actor.organization_id, user_id)
            found = bookings.list_of_user(tx, actor.organization_id, user_id, span, statuses)
            if actor.role is Role.ORG_ADMIN or actor.user_id == user_id:
                return found
            if not bilans.has_together(tx, actor.organization_id, actor.user_id, user_id):
                raise UserNotFound
        return [booking for booking in found if booking.is_party(actor.user_id)]
