"""ReminderService: the schedule of reminders. Leases what is due, says what to send, records what came of it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta

from creneau.core.clock import Clock
from creneau.core.domain.booking import Booking
from creneau.core.domain.ids import BookingId
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.messages import Place
from creneau.core.domain.people import Actor, User
from creneau.core.domain.reminders import Lease, Reminder, ReminderState, is_past_grace, reason_to_skip
from creneau.core.storage import bookings, reminders, users
from creneau.core.storage.database import Database

LEASE = timedelta(minutes=2)
MOST_AT_ONCE = 50
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder to send now, with the booking and the recipient as they are now.

    `reason` says why it is not to be posted any more, of one that may be out: whether it is, has to be looked up.
    """

    reminder: Reminder
    booking: Booking
    recipient: User
    reason: str | None = None


class ReminderService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def claim_due(self, most: int = MOST_AT_ONCE) -> list[Lease]:
        """Lease the reminders that are due, of every organization: no other worker gets them meanwhile."""
        with self._database.without_tenant() as tx:
            return reminders.claim_due(tx, self._clock.now(), LEASE, most)

    def hold(self, lease: Lease) -> AbstractContextManager[bool]:
        """Keep every other sender from a reminder, whatever the lease says; false when another has it in hand.

        A sender that was frozen in the middle, and whose lease has run out meanwhile, still has it in hand.
        """
        return self._database.fence.hold(lease.reminder_id)

    def find_due(self, lease: Lease) -> DueReminder | None:
        """Return what a lease is about, or None when there is nothing to send (any more).

        A reminder whose session has begun, was moved, or was never confirmed is skipped with the reason, unless an
        earlier attempt may have posted it.
        """
        now = self._clock.now()
        with self._database.transaction(lease.organization_id) as tx:
            reminder = reminders.find_leased(tx, lease)
            if reminder is None:
                return None
            booking = bookings.get(tx, lease.organization_id, reminder.booking_id)
            recipient = users.find(tx, lease.organization_id, reminder.recipient_id)
            if recipient is None:
                reason: str | None = "recipient_left"
            elif is_past_grace(reminder.type, reminder.scheduled_time, now):
                reason = "too_late"
            else:
                reason = reason_to_skip(reminder.type, booking, now)
            may_be_out = reminder.posting_since is not None and not reminder.is_by_email
            if recipient is None or (reason is not None and not may_be_out):
                reminders.finish(tx, lease, ReminderState.SKIPPED, now, reason)
                return None
            return DueReminder(reminder, booking, recipient, reason)

    def begin_posting(self, lease: Lease) -> bool:
        """Note, before it is posted, that a reminder may be out from now on; false when the lease has run out."""
        with self._database.transaction(lease.organization_id) as tx:
            return reminders.begin_posting(tx, lease, self._clock.now())

    def turn_to_email(self, lease: Lease) -> bool:
        """Note that Slack refused a reminder for good, and that it goes by e-mail; false when the lease has run out."""
        with self._database.transaction(lease.organization_id) as tx:
            return reminders.turn_to_email(tx, lease, self._clock.now())

    def record_sent(self, lease: Lease, place: Place | None = None) -> None:
        with self._database.transaction(lease.organization_id) as tx:
            reminders.finish(tx, lease, ReminderState.SENT, self._clock.now(), place=place)

    def record_skipped(self, lease: Lease, reason: str) -> None:
        """End a reminder that is not out, and for which it is too late."""
        with self._database.transaction(lease.organization_id) as tx:
            reminders.finish(tx, lease, ReminderState.SKIPPED, self._clock.now(), reason)

    def record_ambiguous(self, lease: Lease, error: str) -> None:
        """Give up on a reminder that may be out already: somebody has to look."""
        with self._database.transaction(lease.organization_id) as tx:
            reminders.finish(tx, lease, ReminderState.AMBIGUOUS, self._clock.now(), error)

    def record_failed(self, lease: Lease, error: str) -> None:
        """Give up on a reminder that can never be delivered."""
        with self._database.transaction(lease.organization_id) as tx:
            reminders.finish(tx, lease, ReminderState.FAILED, self._clock.now(), error)

    def record_postponed(self, lease: Lease, error: str, wait: timedelta | None = None) -> None:
        """Try again later: after `wait`, for which Slack asked instead of posting, or longer with each attempt."""
        now = self._clock.now()
        backoff = wait or min(_FIRST_RETRY * 2 ** (lease.attempt - 1), _LONGEST_RETRY)
        with self._database.transaction(lease.organization_id) as tx:
            if wait is not None:
                reminders.forget_posting(tx, lease)
            reminders.postpone(tx, lease, now + backoff, now, error)

    def list_of_booking(self, actor: Actor, booking_id: BookingId) -> list[Reminder]:
        """List what a booking's two sides are reminded of, when, and what came of it. Raises: `booking.not_found`."""
        with self._database.transaction(actor.organization_id) as tx:
            require_visible(bookings.get(tx, actor.organization_id, booking_id), actor)
            return reminders.list_of_booking(tx, actor.organization_id, booking_id)
