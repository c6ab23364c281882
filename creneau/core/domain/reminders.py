"""Reminders: which are due for a session, when, and to whom.

Quiet hours are the recipient's. A reminder of one or three days before that falls into them goes out earlier, in the
last minute that is not quiet: 19:59 the evening before, Saturday's for a Sunday. The reminder of one hour before is
never moved nor left out: it belongs to a time both sides chose, and a session at 08:30 needs it at 07:30. What is
sent after a session waits for the quiet hours to end.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.ids import BookingId, OrganizationId, ReminderId, UserId
from creneau.core.domain.lifecycle import EARLY_START
from creneau.core.domain.people import User
from creneau.core.domain.policy import Policy


class ReminderType(StrEnum):
    BENEFICIARY_3D = "BENEFICIARY_3D"
    BENEFICIARY_24H = "BENEFICIARY_24H"
    BENEFICIARY_1H = "BENEFICIARY_1H"
    CONSULTANT_24H = "CONSULTANT_24H"
    CONSULTANT_1H = "CONSULTANT_1H"
    BENEFICIARY_POST_SESSION = "BENEFICIARY_POST_SESSION"
    CONSULTANT_CHASE = "CONSULTANT_CHASE"
    CONSULTANT_LAST_CHASE = "CONSULTANT_LAST_CHASE"
    BENEFICIARY_CHASE = "BENEFICIARY_CHASE"
    BENEFICIARY_LAST_CHASE = "BENEFICIARY_LAST_CHASE"
    CONSULTANT_OPENING = "CONSULTANT_OPENING"
    CONSULTANT_OUTCOME = "CONSULTANT_OUTCOME"


class ReminderState(StrEnum):
    """DUE waits for its time, or for the outcome of an attempt; why one was SKIPPED, FAILED or AMBIGUOUS stands beside.

    AMBIGUOUS may have been sent: an answer was lost, and the conversation, or the mail server, does not say whether it
    is out. It is never sent again.
    """

    DUE = "DUE"
    SENT = "SENT"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"
    AMBIGUOUS = "AMBIGUOUS"


BEFORE: dict[ReminderType, timedelta] = {
    ReminderType.BENEFICIARY_3D: timedelta(days=3),
    ReminderType.BENEFICIARY_24H: timedelta(hours=24),
    ReminderType.CONSULTANT_24H: timedelta(hours=24),
    ReminderType.BENEFICIARY_1H: timedelta(hours=1),
    ReminderType.CONSULTANT_1H: timedelta(hours=1),
}

GRACE: dict[ReminderType, timedelta] = {
    ReminderType.BENEFICIARY_3D: timedelta(days=2),
    ReminderType.BENEFICIARY_24H: timedelta(hours=23),
    ReminderType.CONSULTANT_24H: timedelta(hours=23),
}
"""How late a reminder may still go out: until the next one says it better. Others end with what they are about."""
_LONGEST_GRACE = timedelta(days=3)
"""Of all others: what a restored backup finds in the past stays unsaid."""

CALLED_OFF = "called_off"
"""Why one that is looked for all the same is not posted any more."""
_OF_CONSULTANT = frozenset({ReminderType.CONSULTANT_24H, ReminderType.CONSULTANT_1H})
CONSULTANT_CHASES = (ReminderType.CONSULTANT_CHASE, ReminderType.CONSULTANT_LAST_CHASE)
"""To answer a request: at half of its time, and shortly before it ends."""
BENEFICIARY_CHASES = (ReminderType.BENEFICIARY_CHASE, ReminderType.BENEFICIARY_LAST_CHASE)
"""To answer the times proposed."""
CHASES = frozenset((*CONSULTANT_CHASES, *BENEFICIARY_CHASES))
DAY_ENDS = time(18)
"""From when on a consultant is asked about the sessions of the day."""

_ASKS_CONSULTANT = frozenset({Status.SCHEDULED})
_ASKS_BENEFICIARY = frozenset({Status.SCHEDULED, Status.CONFIRMED})
_UNRECORDED = frozenset({Status.CONFIRMED, Status.IN_PROGRESS})
_NEVER_MOVED = frozenset({ReminderType.BENEFICIARY_1H, ReminderType.CONSULTANT_1H})


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """A reminder as it is written with its booking. Due before the booking was made: SKIPPED from the start."""

    type: ReminderType
    recipient_id: UserId
    scheduled_time: datetime
    state: ReminderState


@dataclass(frozen=True, slots=True)
class Reminder:
    id: ReminderId
    organization_id: OrganizationId
    booking_id: BookingId
    booking_version: int
    type: ReminderType
    recipient_id: UserId
    scheduled_time: datetime
    state: ReminderState
    attempt: int
    sent_at: datetime | None
    reason: str | None
    """Why it was not sent, or not yet: a word of ours, or Slack's."""
    posting_since: datetime | None
    """When it was last about to be posted in Slack: it may be out."""
    is_by_email: bool = False
    """Whether Slack refused it for good: from then on it goes by e-mail, or not at all."""
    called_off_at: datetime | None = None
    """When an act called it off, of one that may be out: it is looked for, and not posted."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A reminder that is ours to send until the lease runs out. `attempt` tells a late sender that it is not."""

    organization_id: OrganizationId
    reminder_id: ReminderId
    attempt: int


def plan_reminders(
    starts_at: datetime, consultant: User, beneficiary: User, policy: Policy, now: datetime
) -> list[PlannedReminder]:
    """Return the reminders of a session, in the order of their times: four, or five with the one of three days."""
    planned = [
        _plan(type_, starts_at, consultant if type_ in _OF_CONSULTANT else beneficiary, policy, now)
        for type_ in BEFORE
        if policy.reminds_three_days_before or type_ is not ReminderType.BENEFICIARY_3D
    ]
    return sorted(planned, key=lambda reminder: reminder.scheduled_time)


def plan_post_session(booking: Booking, beneficiary: User, policy: Policy, now: datetime) -> PlannedReminder:
    """Return the message that follows a session: at once, but neither before its end nor in quiet hours."""
    at = policy.quiet_hours.first_after(max(now, booking.span.ends_at), ZoneInfo(beneficiary.timezone))
    return PlannedReminder(ReminderType.BENEFICIARY_POST_SESSION, beneficiary.id, at, ReminderState.DUE)


def plan_session_day(booking: Booking, consultant: User, policy: Policy) -> list[PlannedReminder]:
    """Return what a confirmed session brings its consultant: buttons to open it, and the question how it went.

    The question comes at the end of the consultant's day, and not before the session is over.
    """
    zone = ZoneInfo(consultant.timezone)
    day = booking.span.starts_at.astimezone(zone).date()
    evening = datetime.combine(day, DAY_ENDS, tzinfo=zone).astimezone(UTC)
    asked_at = policy.quiet_hours.first_after(max(booking.span.ends_at, evening), zone)
    opens_at = booking.span.starts_at - EARLY_START
    return [
        PlannedReminder(ReminderType.CONSULTANT_OPENING, consultant.id, opens_at, ReminderState.DUE),
        PlannedReminder(ReminderType.CONSULTANT_OUTCOME, consultant.id, asked_at, ReminderState.DUE),
    ]


def is_past_grace(type_: ReminderType, scheduled_time: datetime, now: datetime) -> bool:
    return now - scheduled_time >= GRACE.get(type_, _LONGEST_GRACE)


def reason_to_end(reminder: Reminder, booking: Booking, now: datetime, *, is_recipient_there: bool) -> str | None:
    """Return why a leased reminder must not be posted any more, or None when it must."""
    if reminder.called_off_at is not None:
        return CALLED_OFF
    if not is_recipient_there:
        return "recipient_left"
    if is_past_grace(reminder.type, reminder.scheduled_time, now):
        return "too_late"
    return reason_to_skip(reminder.type, booking, now)


def end_of(reason: str) -> ReminderState:
    """Return what becomes of a reminder that is not out, and must not be posted any more."""
    return ReminderState.CANCELLED if reason == CALLED_OFF else ReminderState.SKIPPED


def reason_to_skip(type_: ReminderType, booking: Booking, now: datetime) -> str | None:
    """Return why a due reminder must not be sent any more, or None when it must."""
    if type_ in CHASES:
        return _reason_not_to_chase(type_, booking, now)
    if type_ is ReminderType.BENEFICIARY_POST_SESSION:
        return None if booking.status is Status.COMPLETED else "not_completed"
    if type_ is ReminderType.CONSULTANT_OUTCOME:
        return None if booking.status in _UNRECORDED else "not_live"
    if booking.status is Status.SCHEDULED:
        return "not_confirmed"
    if booking.status is not Status.CONFIRMED:
        return "not_live"
    return "too_late" if booking.span.starts_at <= now else None


def _reason_not_to_chase(type_: ReminderType, booking: Booking, now: datetime) -> str | None:
    waits = _ASKS_CONSULTANT if type_ in CONSULTANT_CHASES else _ASKS_BENEFICIARY
    if booking.status not in waits:
        return "answered"
    is_over = now >= booking.span.starts_at or (booking.answer_by is not None and now >= booking.answer_by)
    return "too_late" if is_over else None


def _plan(type_: ReminderType, starts_at: datetime, recipient: User, policy: Policy, now: datetime) -> PlannedReminder:
    at = starts_at - BEFORE[type_]
    if type_ not in _NEVER_MOVED:
        at = policy.quiet_hours.last_before(at, ZoneInfo(recipient.timezone))
    return PlannedReminder(type_, recipient.id, at, ReminderState.DUE if at > now else ReminderState.SKIPPED)
