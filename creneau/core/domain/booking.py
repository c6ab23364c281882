"""A booking: a session held between a beneficiary and a consultant, and the states it passes through."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from creneau.core.domain.ids import BilanId, BookingId, OrganizationId, SlotId, UserId
from creneau.core.domain.time import LocalSpan, Span


class Status(StrEnum):
    SCHEDULED = "SCHEDULED"
    CONFIRMED = "CONFIRMED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    NO_SHOW = "NO_SHOW"


LIVE = frozenset({Status.SCHEDULED, Status.CONFIRMED, Status.IN_PROGRESS})
"""The states that hold the consultant's and the beneficiary's time."""


class SessionType(StrEnum):
    INITIAL_MEETING = "INITIAL_MEETING"
    FOLLOW_UP = "FOLLOW_UP"
    REVIEW = "REVIEW"
    FINAL = "FINAL"


class MeetingFormat(StrEnum):
    IN_PERSON = "IN_PERSON"
    VIDEO = "VIDEO"
    PHONE = "PHONE"


class CancellationCode(StrEnum):
    """Why a booking is CANCELLED."""

    DECLINED = "DECLINED"
    BY_BENEFICIARY = "BY_BENEFICIARY"
    BY_CONSULTANT = "BY_CONSULTANT"
    BY_ADMIN = "BY_ADMIN"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Booking:
    """A held session. `local` is the promise, `span` what it means today; `version` grows with every change."""

    id: BookingId
    organization_id: OrganizationId
    bilan_id: BilanId
    consultant_id: UserId
    beneficiary_id: UserId
    slot_id: SlotId | None
    local: LocalSpan
    span: Span
    session_type: SessionType
    meeting_format: MeetingFormat
    meeting_location: str | None
    meeting_link: str | None
    status: Status
    version: int
    created_at: datetime
    updated_at: datetime
    confirmed_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancelled_by: UserId | None = None
    cancellation_code: CancellationCode | None = None
    cancellation_reason: str | None = None
    is_late_cancellation: bool = False
    answer_by: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    attended: bool | None = None
    beneficiary_rating: int | None = None
    beneficiary_feedback: str | None = None
    rated_by: UserId | None = None
    rated_at: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def reference(self) -> str:
        """Four letters and digits for a neutral title: says nothing of the person, tells two sessions apart."""
        return spell_reference(self.id.bytes[-4:])

    def is_party(self, user_id: UserId) -> bool:
        return user_id in (self.consultant_id, self.beneficiary_id)


def spell_reference(last: bytes) -> str:
    """Return the reference of the session whose id ends in four bytes."""
    return last.translate(_SPELLED).decode()


_REFERENCE_ALPHABET = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_SPELLED = bytes(_REFERENCE_ALPHABET[byte & 31] for byte in range(256))
