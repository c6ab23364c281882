"""Reminders: which are due for a session, when, and to whom."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.ids import BookingId, OrganizationId, ReminderId, UserId


class ReminderType(StrEnum):
    BENEFICIARY_24H = "BENEFICIARY_24H"
    BENEFICIARY_1H = "BENEFICIARY_1H"
    CONSULTANT_24H = "CONSULTANT_24H"
    CONSULTANT_1H = "CONSULTANT_1H"


class ReminderState(StrEnum):
    """DUE waits for its time; SKIPPED will never be sent and `error_message` says why."""

    DUE = "DUE"
    SENT = "SENT"
    CANCELLED = "CANCELLED"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


BEFORE: dict[ReminderType, timedelta] = {
    ReminderType.BENEFICIARY_24H: timedelta(hours=24),
    ReminderType.CONSULTANT_24H: timedelta(hours=24),
    ReminderType.BENEFICIARY_1H: timedelta(hours=1),
    ReminderType.CONSULTANT_1H: timedelta(hours=1),
}


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """A reminder as it is written with its booking. Due before the booking was made: SKIPPED from the start."""

    type: ReminderType
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


@dataclass(frozen=True, slots=True)
class Lease:
    """A reminder that is ours to send until the lease runs out. `attempt` tells a late sender that it is not."""

    organization_id: OrganizationId
    reminder_id: ReminderId
    attempt: int


def plan_reminders(starts_at: datetime, now: datetime) -> list[PlannedReminder]:
    """Return the four reminders of a session, in the order of their times."""
    planned = [
        PlannedReminder(
            type_,
            starts_at - before,
            ReminderState.DUE if starts_at - before > now else ReminderState.SKIPPED,
        )
        for type_, before in BEFORE.items()
    ]
    return sorted(planned, key=lambda reminder: reminder.scheduled_time)


def is_for_consultant(type_: ReminderType) -> bool:
    return type_ in (ReminderType.CONSULTANT_24H, ReminderType.CONSULTANT_1H)


def reason_to_skip(booking: Booking, now: datetime) -> str | None:
    """Return why a due reminder must not be sent any more, or None when it must."""
    if booking.status is Status.SCHEDULED:
        return "not_confirmed"
    if booking.status is not Status.CONFIRMED:
        return "not_live"
    return "too_late" if booking.span.starts_at <= now else None
