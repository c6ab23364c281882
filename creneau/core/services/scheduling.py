"""SchedulingService: availability and the life of bookings, for every front alike."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from uuid import UUID

from creneau.core.clock import Clock
from creneau.core.domain.analytics import SessionAnalytics
from creneau.core.domain.availability import AvailabilitySlot, SlotDraft
from creneau.core.domain.bilan import Bilan, BilanHours
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import UserNotFound
from creneau.core.domain.explanation import Explanation
from creneau.core.domain.history import HistoryEntry
from creneau.core.domain.ids import BilanId, BookingId, ProposalId, SlotId, UserId
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.meeting_place import MeetingPlace
from creneau.core.domain.notes import SessionNotes
from creneau.core.domain.people import Actor, Organization, Role
from creneau.core.domain.proposal import Proposal
from creneau.core.domain.reminders import Reminder
from creneau.core.domain.time import BookableTime, Span
from creneau.core.services.following import Follow
from creneau.core.storage import bilans, bookings, history, jobs, users
from creneau.core.storage import requests as request_storage
from creneau.core.storage.database import Database, Transaction
from creneau.core.usecases import acts, audit, hours_calendars, proposing
from creneau.core.usecases import analytics as analytics_usecases
from creneau.core.usecases import availability as availability_usecases
from creneau.core.usecases import bookings as booking_usecases
from creneau.core.usecases import cancellations as cancellation_usecases
from creneau.core.usecases import idempotency as idempotency_usecases
from creneau.core.usecases import moves as move_usecases
from creneau.core.usecases import notes as note_usecases
from creneau.core.usecases import places as place_usecases
from creneau.core.usecases import proposals as proposal_usecases
from creneau.core.usecases import ratings as rating_usecases
from creneau.core.usecases import requests as request_usecases
from creneau.core.usecases import sessions as session_usecases
from creneau.core.usecases import slots as slot_usecases
from creneau.core.usecases.acts import Change
from creneau.core.usecases.analytics import Period
from creneau.core.usecases.availability import Listing, Offered, Wish
from creneau.core.usecases.bilans import get_hours, require_part
from creneau.core.usecases.bookings import BookingRequest
from creneau.core.usecases.moves import NewTime
from creneau.core.usecases.sessions import Outcome
from creneau.core.usecases.versions import require_version

EVER = Span(datetime.fromisoformat("0001-01-02T00:00+00:00"), datetime.fromisoformat("9999-12-30T00:00+00:00"))

MOST_EXPIRED_AT_ONCE = 500

_TWO_WEEKS = timedelta(days=14)


class SchedulingService:
    """Every method raises `core.domain.errors.Refusal` for a no, and leaves nothing half done."""

    def __init__(self, database: Database, clock: Clock, follow: Follow, new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._follow = follow
        self._new_id = new_id

    def create_availability_slot(self, actor: Actor, consultant_id: UserId, draft: SlotDraft) -> AvailabilitySlot:
        """Add a weekly or one-off stretch in which a consultant offers sessions."""
        with self._database.transaction(actor.organization_id) as tx:
            slot = slot_usecases.add_slot(tx, actor, consultant_id, draft, SlotId(self._new_id()))
            self._record(tx, actor, "created", "availability_slot", slot.id)
            for changed in hours_calendars.list_changed(tx, actor.organization_id, consultant_id, self._clock.now()):
                jobs.add(tx, self._follow(changed))
            return slot

    def get_available_slots_for_consultant(
        self,
        actor: Actor,
        consultant_id: UserId,
        date_from: date | None = None,
        date_to: date | None = None,
        beneficiary_id: UserId | None = None,
        day_of_week: int | None = None,
        bilan_id: BilanId | None = None,
    ) -> list[BookableTime]:
        """List a consultant's bookable times, two weeks from today unless said otherwise.

        With a beneficiary, times at which that person already has a session are left out; with a bilan also those of
        its beneficiary, and sessions longer than its hours suffice for; with a day of the week (0 = Sunday) all others.
        """
        return self.list_offered(actor, consultant_id, date_from, date_to, beneficiary_id, day_of_week, bilan_id).times

    def list_offered(
        self,
        actor: Actor,
        consultant_id: UserId,
        date_from: date | None = None,
        date_to: date | None = None,
        beneficiary_id: UserId | None = None,
        day_of_week: int | None = None,
        bilan_id: BilanId | None = None,
    ) -> Offered:
        """List the same, with as of when the consultant's own calendars are known."""
        now = self._clock.now()
        first = date_from or now.date()
        last = date_to or min(first, date.max - _TWO_WEEKS) + _TWO_WEEKS
        with self._database.transaction(actor.organization_id) as tx:
            side, hours = self._read_bilan(tx, actor, bilan_id)
            listing = Listing(consultant_id, first, last, side or beneficiary_id, day_of_week, actor.user_id, hours)
            return availability_usecases.list_offered(tx, actor.organization_id, listing, now)

    def explain_slot(
        self,
        actor: Actor,
        consultant_id: UserId,
        starts_at: datetime,
        beneficiary_id: UserId | None = None,
        bilan_id: BilanId | None = None,
    ) -> Explanation:
        """Say whether a start can be booked, or everything that speaks against it, by the engine that lists.

        With a bilan, its state and its hours may speak against it too.
        """
        with self._database.transaction(actor.organization_id) as tx:
            side, hours = self._read_bilan(tx, actor, bilan_id)
            wish = Wish(consultant_id, starts_at, side or beneficiary_id, asker_id=actor.user_id, bilan=hours)
            return availability_usecases.explain(tx, actor.organization_id, wish, self._clock.now())

    def check_booking_conflicts(self, actor: Actor, consultant_id: UserId, day: date, start: time, end: time) -> bool:
        """Tell whether a consultant holds any of a stretch of a day, on their own clock, buffers included."""
        with self._database.transaction(actor.organization_id) as tx:
            return availability_usecases.has_conflict(tx, actor, consultant_id, day, (start, end), self._clock.now())

    def create_session_booking(
        self, actor: Actor, request: BookingRequest, idempotency_key: str | None = None
    ) -> Booking:
        """Ask for a session: the time is held from now on and the consultant is asked.

        Asked again under the same key within two days, it returns the booking of the first time, as it is now.
        """
        now = self._clock.now()
        with self._database.transaction(actor.organization_id) as tx:
            asked = asdict(request) if idempotency_key else {}
            earlier = idempotency_usecases.find_earlier(tx, actor, idempotency_key, "booking", asked, now)
            if earlier is not None:
                return bookings.get(tx, actor.organization_id, BookingId(earlier[0]))
            booking = booking_usecases.book(tx, actor, request, now, self._new_id, self._follow)
            idempotency_usecases.keep(tx, actor, idempotency_key, [booking.id])
            return booking

    def confirm_booking(
        self, actor: Actor, booking_id: BookingId, notes: str | None = None, expected_version: int | None = None
    ) -> Booking:
        """Accept a request, and keep a note that its consultant makes of it."""
        with self._changing(actor, booking_id, expected_version) as tx:
            if notes is not None:
                note_usecases.write(tx, actor, booking_id, SessionNotes(consultant_notes=notes))
                self._record(tx, actor, "written", "session_notes", booking_id)
            change = request_usecases.confirm(tx, actor, booking_id, self._clock.now(), self._new_id)
            return self._conclude(tx, actor, "confirmed", change)

    def decline_booking(
        self, actor: Actor, booking_id: BookingId, reason: str | None = None, expected_version: int | None = None
    ) -> Booking:
        with self._changing(actor, booking_id, expected_version) as tx:
            change = request_usecases.decline(tx, actor, booking_id, reason, self._clock.now())
            return self._conclude(tx, actor, "declined", change)

    def cancel_booking(
        self, actor: Actor, booking_id: BookingId, reason: str | None = None, expected_version: int | None = None
    ) -> Booking:
        """Cancel a session; past the deadline only a consultant or administrator may, and says why."""
        with self._changing(actor, booking_id, expected_version) as tx:
            change = cancellation_usecases.cancel(tx, actor, booking_id, reason, self._clock.now())
            return self._conclude(tx, actor, "cancelled", change)

    def expire_requests(self) -> int:
        """End the requests, of every organization, that nobody answered in time; return how many there were."""
        now = self._clock.now()
        with self._database.without_tenant() as tx:
            overdue = request_storage.list_overdue(tx, now, MOST_EXPIRED_AT_ONCE)
        count = 0
        for organization_id, booking_id in overdue:
            with self._database.transaction(organization_id) as tx:
                expired = request_usecases.expire(tx, organization_id, booking_id, now)
                if expired is not None:
                    self._conclude(tx, None, "expired", expired)
                    count += 1
        return count

    def reschedule_booking(
        self,
        actor: Actor,
        booking_id: BookingId,
        starts_at: datetime,
        slot_id: SlotId | None = None,
        reason: str | None = None,
        ends_at: datetime | None = None,
        expected_version: int | None = None,
    ) -> Booking:
        """Move a booking, or as its consultant propose the move; see `usecases.moves`."""
        new = NewTime(starts_at, slot_id, reason, ends_at)
        with self._changing(actor, booking_id, expected_version) as tx:
            change = move_usecases.reschedule(tx, actor, booking_id, new, self._clock.now(), self._new_id)
            return self._conclude(tx, actor, "rescheduled", change)

    def propose_times(
        self, actor: Actor, booking_id: BookingId, starts: Sequence[datetime], expected_version: int | None = None
    ) -> Booking:
        """Offer a beneficiary one to three other times. They are not held: see `usecases.proposing`."""
        with self._changing(actor, booking_id, expected_version) as tx:
            change = proposing.propose_times(tx, actor, booking_id, starts, self._clock.now(), self._new_id)
            return self._conclude(tx, actor, "times_proposed", change)

    def accept_proposal(
        self, actor: Actor, booking_id: BookingId, proposal_id: ProposalId, expected_version: int | None = None
    ) -> Booking:
        """Move a booking to a proposed time and confirm it, if the time is still free."""
        with self._changing(actor, booking_id, expected_version) as tx:
            change = proposal_usecases.accept(tx, actor, booking_id, proposal_id, self._clock.now(), self._new_id)
            return self._conclude(tx, actor, "proposal_accepted", change)

    def refuse_proposals(self, actor: Actor, booking_id: BookingId, expected_version: int | None = None) -> Booking:
        with self._changing(actor, booking_id, expected_version) as tx:
            change = proposal_usecases.refuse(tx, actor, booking_id, self._clock.now(), self._new_id)
            return self._conclude(tx, actor, "proposals_refused", change)

    def list_proposals(self, actor: Actor, booking_id: BookingId) -> list[Proposal]:
        """List all times ever proposed for a booking, by round and start. Raises: `booking.not_found`."""
        with self._database.transaction(actor.organization_id) as tx:
            return proposal_usecases.list_of_booking(tx, actor, booking_id)

    def start_session(self, actor: Actor, booking_id: BookingId, expected_version: int | None = None) -> Booking:
        with self._changing(actor, booking_id, expected_version) as tx:
            change = session_usecases.start(tx, actor, booking_id, self._clock.now())
            return self._conclude(tx, actor, "started", change)

    def complete_session(
        self,
        actor: Actor,
        booking_id: BookingId,
        attended: bool,  # noqa: FBT001 - the source's signature
        rating: int | None = None,
        feedback: str | None = None,
        expected_version: int | None = None,
    ) -> Booking:
        """Record that a session took place, or that its beneficiary did not come."""
        outcome = Outcome(attended, rating, feedback)
        with self._changing(actor, booking_id, expected_version) as tx:
            change = session_usecases.complete(tx, actor, booking_id, outcome, self._clock.now(), self._new_id)
            return self._conclude(tx, actor, "completed" if attended else "missed", change)

    def create_post_session_reminder(self, actor: Actor, booking_id: BookingId) -> Reminder:
        """Write the message that follows a completed session, unless it is there already."""
        with self._database.transaction(actor.organization_id) as tx:
            reminder = session_usecases.ask_afterwards(tx, actor, booking_id, self._clock.now(), self._new_id)
            self._record(tx, actor, "post_session_asked", "booking", booking_id)
            return reminder

    def validate_bilan_for_booking(self, actor: Actor, bilan_id: BilanId) -> Bilan:
        """Return a bilan on which the actor may book now, with its phase. Raises: `bilan.not_found`, `.not_active`."""
        with self._database.transaction(actor.organization_id) as tx:
            return booking_usecases.validate_bilan(bilans.get(tx, actor.organization_id, bilan_id), actor)

    def get_booking_history(self, actor: Actor, booking_id: BookingId) -> list[HistoryEntry]:
        """List all that was ever done to a booking, in order. Raises: `booking.not_found`."""
        with self._database.transaction(actor.organization_id) as tx:
            require_visible(bookings.get(tx, actor.organization_id, booking_id), actor)
            return history.list_of_booking(tx, actor.organization_id, booking_id)

    def rate_session(
        self,
        actor: Actor,
        booking_id: BookingId,
        rating: int,
        feedback: str | None = None,
        expected_version: int | None = None,
    ) -> Booking:
        """Rate a completed session as its beneficiary, in place of what was said before; see `usecases.ratings`."""
        with self._changing(actor, booking_id, expected_version) as tx:
            change = rating_usecases.rate(tx, actor, booking_id, rating, feedback, self._clock.now())
            return self._conclude(tx, actor, "rated", change)

    def set_meeting_place(
        self, actor: Actor, booking_id: BookingId, place: MeetingPlace, expected_version: int | None = None
    ) -> Booking:
        """Say where a session takes place, as its consultant or an administrator; see `usecases.places`."""
        with self._changing(actor, booking_id, expected_version) as tx:
            change = place_usecases.set_place(tx, actor, booking_id, place, self._clock.now())
            return self._conclude(tx, actor, "placed", change)

    def get_bilan_hours(self, actor: Actor, bilan_id: BilanId) -> BilanHours:
        """Tell what is left of a bilan's hours. Raises: `bilan.not_found`, also for somebody who is no side of it."""
        with self._database.transaction(actor.organization_id) as tx:
            bilan = bilans.get(tx, actor.organization_id, bilan_id)
            require_part(bilan, actor)
            return get_hours(tx, bilan)

    def get_consultant_analytics(
        self, actor: Actor, consultant_id: UserId, first: date, last: date
    ) -> list[SessionAnalytics]:
        """List the numbers of a consultant's days, both ends included; days without sessions are left out."""
        with self._database.transaction(actor.organization_id) as tx:
            return analytics_usecases.list_days(tx, actor, consultant_id, Period(first, last))

    def rebuild_analytics(self, organization: Organization) -> None:
        """Make the numbers of an organization anew from its bookings, for the command line."""
        with self._database.transaction(organization.id) as tx:
            analytics_usecases.rebuild(tx, organization.id, self._clock.now())
            self._record(tx, None, "rebuilt", "session_analytics", organization.id)

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

    @contextmanager
    def _changing(self, actor: Actor, booking_id: BookingId, expected_version: int | None) -> Iterator[Transaction]:
        """Open a transaction that changes a booking; with an expected version only that one."""
        with self._database.transaction(actor.organization_id) as tx:
            require_version(tx, actor, booking_id, expected_version)
            yield tx

    def _conclude(self, tx: Transaction, actor: Actor | None, done: str, change: Change) -> Booking:
        """End a change of a booking: all that is recorded of it, and what follows."""
        return acts.conclude(tx, actor, done, change, self._follow(change.event), self._new_id)

    def _record(self, tx: Transaction, actor: Actor | None, action: str, subject: str, subject_id: UUID) -> None:
        audit.record(tx, actor, action, subject, subject_id, self._clock.now(), self._new_id)

    def _read_bilan(
        self, tx: Transaction, actor: Actor, bilan_id: BilanId | None
    ) -> tuple[UserId | None, BilanHours | None]:
        """Return whose sessions and which hours a bilan stands for. Raises: `bilan.not_found`."""
        if bilan_id is None:
            return None, None
        bilan = bilans.get(tx, actor.organization_id, bilan_id)
        require_part(bilan, actor)
        return bilan.beneficiary_id, get_hours(tx, bilan)

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
