"""ReminderService: the schedule of reminders. Leases what is due, says what to send, records what came of it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from creneau.core.clock import Clock
from creneau.core.domain.booking import Booking
from creneau.core.domain.booking_file import BookingFile
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.domain.lifecycle import require_visible
from creneau.core.domain.messages import Place, PostedMessage
from creneau.core.domain.people import Actor, User
from creneau.core.domain.reminders import Lease, Reminder, ReminderState, end_of, reason_to_end
from creneau.core.storage import bookings, history, reminders, slack_messages
from creneau.core.storage.database import Database
from creneau.core.usecases.booking_files import read_files

LEASE = timedelta(minutes=2)
MOST_AT_ONCE = 20
"""What one that sends them takes at a time: what it has in hand when it is killed waits for the lease to run out."""
_LANES = UUID("7b1a0f0e-2f5c-4d0c-9a53-2d5a8f4f6a10")
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder to send now, with its booking and the recipient as they are now.

    `reason` says why it is not to be posted any more, of one that may be out: whether it is, has to be looked up.
    """

    lease: Lease
    reminder: Reminder
    file: BookingFile
    reason: str | None = None

    @property
    def recipient(self) -> User:
        return self.file.party(self.reminder.recipient_id)


class ReminderService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def claim_due(self, most: int = MOST_AT_ONCE) -> list[Lease]:
        """Lease the reminders that are due, of every organization: no other worker gets them meanwhile."""
        with self._database.without_tenant() as tx:
            return reminders.claim_due(tx, self._clock.now(), LEASE, most)

    def hold_lane(self, number: int) -> AbstractContextManager[bool]:
        """Be the one that sends in a lane, among all workers; false when another is. One that was killed is not."""
        return self._database.fence.hold(lane_name(number))

    @contextmanager
    def hold(self, leases: Sequence[Lease]) -> Iterator[list[Lease]]:
        """Keep every other sender from reminders, whatever their leases say; yield those that no other has in hand.

        A sender that was frozen in the middle, and whose lease has run out meanwhile, still has it in hand.
        """
        with self._database.fence.hold_some([lease.reminder_id for lease in leases]) as held:
            yield [lease for lease in leases if lease.reminder_id in held]

    def list_due(self, organization_id: OrganizationId, leases: Sequence[Lease]) -> list[DueReminder]:
        """Return what leases of one organization are about, without those that there is nothing to send of (any more).

        A reminder whose session has begun, was moved, or was never confirmed is skipped with the reason, unless an
        earlier attempt may have posted it.
        """
        now, own = self._clock.now(), {lease.reminder_id: lease for lease in leases}
        with self._database.transaction(organization_id) as tx:
            leased = reminders.list_leased(tx, organization_id, leases)
            booked = bookings.list_of_ids(tx, organization_id, {one.reminder.booking_id for one in leased})
            wanted = {}
            for one in leased:
                lease, reminder = own[one.reminder.id], one.reminder
                reason = reason_to_end(
                    reminder, booked[reminder.booking_id], now, is_recipient_there=one.is_recipient_there
                )
                may_be_out = reminder.posting_since is not None and not reminder.is_by_email
                if reason is not None and not (may_be_out and one.is_recipient_there):
                    reminders.finish(tx, lease, end_of(reason), now, reason)
                else:
                    wanted[lease] = reminder, reason
            told = {reminder.booking_id for reminder, _ in wanted.values()}
            files = read_files(tx, organization_id, {id_: booked[id_] for id_ in told}, now)
        return [
            DueReminder(lease, reminder, files[reminder.booking_id], reason)
            for lease, (reminder, reason) in wanted.items()
        ]

    def begin_posting(self, lease: Lease, booking: Booking) -> bool:
        """Note, before it is posted, that a reminder may be out from now on.

        False when the lease has run out, or the booking is no longer as it was read: what is to be sent, if anything,
        has to be read again.
        """
        with self._database.transaction(lease.organization_id) as tx:
            return reminders.begin_posting(tx, lease, booking, self._clock.now())

    def turn_to_email(self, lease: Lease) -> bool:
        """Note that Slack refused a reminder for good, and that it goes by e-mail; false when the lease has run out."""
        with self._database.transaction(lease.organization_id) as tx:
            return reminders.turn_to_email(tx, lease, self._clock.now())

    def record_posted(self, due: DueReminder, posted: PostedMessage) -> bool:
        """Record where the message of a reminder is, and that it is sent.

        Not that it is sent, and false, when messages have to be brought up to date first: its booking was changed since
        it was read, or earlier ones point to it.
        """
        now, booking = self._clock.now(), due.file.booking
        is_last = not any(earlier.is_older_than(posted) for earlier in due.file.messages)
        with self._database.transaction(booking.organization_id) as tx:
            if is_last:
                return reminders.finish_posted(tx, due.lease, booking, posted, now)
            slack_messages.save(tx, booking.organization_id, posted, now)
        return False

    def record_found(self, due: DueReminder, posted: PostedMessage) -> None:
        """Record where a message is that an earlier attempt posted: what it says may not be so any more."""
        with self._database.transaction(due.reminder.organization_id) as tx:
            slack_messages.save(tx, due.reminder.organization_id, posted, self._clock.now())

    def find_told_start(self, due: DueReminder) -> datetime | None:
        """Return where the session stood of which a reminder tells that was called off."""
        with self._database.transaction(due.reminder.organization_id) as tx:
            return history.find_start(
                tx, due.reminder.organization_id, due.reminder.booking_id, due.reminder.booking_version
            )

    def record_sent(self, lease: Lease, place: Place | None = None) -> None:
        """Record that a reminder is out; it may have no message of its own in Slack."""
        with self._database.transaction(lease.organization_id) as tx:
            reminders.finish(tx, lease, ReminderState.SENT, self._clock.now(), place=place)

    def record_skipped(self, lease: Lease, reason: str) -> None:
        """End a reminder that is not out, and for which it is too late, or that was called off."""
        with self._database.transaction(lease.organization_id) as tx:
            reminders.finish(tx, lease, end_of(reason), self._clock.now(), reason)

    def record_ambiguous(self, lease: Lease, error: str) -> None:
        """Give up on a reminder that may be out already: somebody has to look."""
        with self._database.transaction(lease.organization_id) as tx:
            reminders.finish(tx, lease, ReminderState.AMBIGUOUS, self._clock.now(), error)

    def record_failed(self, lease: Lease, error: str) -> None:
        """Give up on a reminder that can never be delivered."""
        with self._database.transaction(lease.organization_id) as tx:
            reminders.finish(tx, lease, ReminderState.FAILED, self._clock.now(), error)

    def record_postponed(self, lease: Lease, error: str, wait: timedelta | None = None) -> None:
        """Try again later: after `wait`, for which Slack asked, or longer with each attempt."""
        now = self._clock.now()
        backoff = wait or min(_FIRST_RETRY * 2 ** (lease.attempt - 1), _LONGEST_RETRY)
        with self._database.transaction(lease.organization_id) as tx:
            reminders.postpone(tx, lease, now + backoff, now, error)

    def record_unposted(self, lease: Lease) -> None:
        """Note that a reminder is not out after all: Slack asked to wait instead of taking it."""
        with self._database.transaction(lease.organization_id) as tx:
            reminders.forget_posting(tx, lease)

    def list_of_booking(self, actor: Actor, booking_id: BookingId) -> list[Reminder]:
        """List what a booking's two sides are reminded of, when, and what came of it. Raises: `booking.not_found`."""
        with self._database.transaction(actor.organization_id) as tx:
            require_visible(bookings.get(tx, actor.organization_id, booking_id), actor)
            return reminders.list_of_booking(tx, actor.organization_id, booking_id)


def lane_name(number: int) -> UUID:
    """Return the name that is held for a lane."""
    return uuid5(_LANES, str(number))
