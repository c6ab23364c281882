"""What is remembered for the Slack front: where the app is installed, and which messages about bookings are out."""

from dataclasses import dataclass, field
from enum import StrEnum

from creneau.core.domain.ids import BookingId, OrganizationId, UserId


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


@dataclass(frozen=True, slots=True)
class PostedMessage:
    """Where a message is: Slack's channel and timestamp."""

    booking_id: BookingId
    recipient_id: UserId
    purpose: Purpose
    channel_id: str
    ts: str
