"""What is remembered for the Slack front: where the app is installed, and which messages about bookings are out."""

from dataclasses import dataclass, field
from enum import StrEnum

from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.reminders import ReminderType


@dataclass(frozen=True, slots=True)
class SlackInstallation:
    """The app as installed in one workspace."""

    organization_id: OrganizationId
    team_id: str
    bot_id: str
    bot_user_id: str
    bot_token: str = field(repr=False)


class Purpose(StrEnum):
    """What a message about a booking is for: one of each a booking and recipient."""

    REQUEST = "REQUEST"
    RECEIPT = "RECEIPT"
    CONFIRMED = "CONFIRMED"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    REMINDER_3D = "REMINDER_3D"
    REMINDER_24H = "REMINDER_24H"
    REMINDER_1H = "REMINDER_1H"
    AFTER_SESSION = "AFTER_SESSION"


PURPOSE_OF = {
    ReminderType.BENEFICIARY_3D: Purpose.REMINDER_3D,
    ReminderType.BENEFICIARY_24H: Purpose.REMINDER_24H,
    ReminderType.CONSULTANT_24H: Purpose.REMINDER_24H,
    ReminderType.BENEFICIARY_1H: Purpose.REMINDER_1H,
    ReminderType.CONSULTANT_1H: Purpose.REMINDER_1H,
    ReminderType.BENEFICIARY_POST_SESSION: Purpose.AFTER_SESSION,
}
"""The message that carries a reminder."""


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """Where a message is: Slack's channel and timestamp."""

    booking_id: BookingId
    recipient_id: UserId
    purpose: Purpose
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class PublishedHome:
    """An App Home as it was last published: `fingerprint` is of its blocks, `hash` Slack's own, `metadata` ours."""

    fingerprint: str
    hash: str
    metadata: str
