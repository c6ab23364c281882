"""E-mails about bookings: what goes to somebody whom Slack cannot reach, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.messages import Purpose


class EmailState(StrEnum):
    """AMBIGUOUS may have arrived: the server took the text and its answer was lost. It is never sent again."""

    WAITING = "WAITING"
    SENDING = "SENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    AMBIGUOUS = "AMBIGUOUS"


SETTLED = frozenset({EmailState.SENT, EmailState.FAILED, EmailState.AMBIGUOUS})

BY_EMAIL = frozenset(
    {
        Purpose.REQUEST,
        Purpose.RECEIPT,
        Purpose.CONFIRMED,
        Purpose.DECLINED,
        Purpose.CANCELLED,
        Purpose.MOVED,
        Purpose.REFUSED,
        Purpose.PROPOSAL,
        Purpose.REMINDER_3D,
        Purpose.REMINDER_24H,
        Purpose.REMINDER_1H,
        Purpose.CHASE,
        Purpose.LAST_CHASE,
    }
)
"""What is worth an e-mail. The rest is work in Slack alone: opening a session, recording it, rating it."""


@dataclass(frozen=True, slots=True)
class EmailKey:
    """Which message: the same key as a message in Slack has, so that there is one of either."""

    organization_id: OrganizationId
    booking_id: BookingId
    recipient_id: UserId
    purpose: Purpose
    booking_version: int


@dataclass(frozen=True, slots=True)
class Email:
    """A message that went, or should go, by e-mail. `slack_problem` is why Slack could not deliver it."""

    key: EmailKey
    state: EmailState
    slack_problem: str
    reason: str | None
    """Why it was not sent, or not yet: a word of ours, with the server's number where it gave one."""
    sent_at: datetime | None
    updated_at: datetime
