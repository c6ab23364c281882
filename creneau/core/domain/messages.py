"""Which messages about bookings are out in Slack."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from creneau.core.domain.ids import BookingId, UserId
from creneau.core.domain.reminders import ReminderType


class Purpose(StrEnum):
    """What a message about a booking is for. A later version of the booking may ask for the same once more."""

    REQUEST = "REQUEST"
    RECEIPT = "RECEIPT"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    REMINDER_3D = "REMINDER_3D"
    REMINDER_24H = "REMINDER_24H"
    REMINDER_1H = "REMINDER_1H"
    AFTER_SESSION = "AFTER_SESSION"
    PROPOSAL = "PROPOSAL"
    MOVED = "MOVED"
    REFUSED = "REFUSED"
    CHASE = "CHASE"
    LAST_CHASE = "LAST_CHASE"
    OUTCOME = "OUTCOME"
    CALENDAR_CHANGE = "CALENDAR_CHANGE"
    UNREACHABLE = "UNREACHABLE"


PURPOSE_OF = {
    ReminderType.BENEFICIARY_3D: Purpose.REMINDER_3D,
    ReminderType.BENEFICIARY_24H: Purpose.REMINDER_24H,
    ReminderType.CONSULTANT_24H: Purpose.REMINDER_24H,
    ReminderType.BENEFICIARY_1H: Purpose.REMINDER_1H,
    ReminderType.CONSULTANT_1H: Purpose.REMINDER_1H,
    ReminderType.BENEFICIARY_POST_SESSION: Purpose.AFTER_SESSION,
    ReminderType.CONSULTANT_CHASE: Purpose.CHASE,
    ReminderType.BENEFICIARY_CHASE: Purpose.CHASE,
    ReminderType.CONSULTANT_LAST_CHASE: Purpose.LAST_CHASE,
    ReminderType.BENEFICIARY_LAST_CHASE: Purpose.LAST_CHASE,
    ReminderType.CONSULTANT_OUTCOME: Purpose.OUTCOME,
}
"""The message that carries a reminder. One that has none, the opening of a session, brings those up to date that are
out."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands in Slack."""

    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """Where a message is: Slack's channel and timestamp. The version that it spoke of stood at `starts_at`."""

    booking_id: BookingId
    recipient_id: UserId
    purpose: Purpose
    channel_id: str
    ts: str
    booking_version: int = 1
    starts_at: datetime | None = None

    def is_older_than(self, other: "PostedMessage") -> bool:
        """Whether another message of the same purpose was posted to the same person since."""
        is_of_the_same = (self.recipient_id, self.purpose) == (other.recipient_id, other.purpose)
        return is_of_the_same and self.booking_version < other.booking_version


@dataclass(frozen=True, slots=True)
class PublishedHome:
    """An App Home as it was last published: `fingerprint` is of its blocks, `hash` Slack's own, `metadata` ours."""

    fingerprint: str
    hash: str
    metadata: str
