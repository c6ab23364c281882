"""What the routes are asked: the models of paths, queries and bodies, with the field names of the API."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.booking import MeetingFormat, SessionType, Status
from creneau.core.domain.people import User
from creneau.web.api.fields import (
    Day,
    DayOfWeek,
    Instant,
    Minutes,
    PathId,
    Plain,
    Reason,
    Request,
    WallTime,
    ZoneName,
)


class ConsultantPath(Request):
    consultantId: PathId  # noqa: N815 - as the address spells it


class BeneficiaryPath(Request):
    beneficiaryId: PathId  # noqa: N815 - as the address spells it


class BookingPath(Request):
    bookingId: PathId  # noqa: N815 - as the address spells it


class DaysQuery(Request):
    """Days, both included."""

    date_from: Day | None = None
    date_to: Day | None = None


class BookingsQuery(DaysQuery):
    status: Status | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class SlotBody(Request):
    """A stretch of every week (`day_of_week`) or of one day (`date_specific`) in which sessions are offered."""

    consultant_id: UUID | None = Field(default=None, description="By default the caller")
    day_of_week: DayOfWeek | None = None
    date_specific: Day | None = None
    start_time: WallTime
    end_time: WallTime
    timezone: ZoneName | None = Field(default=None, description="IANA name, by default the consultant's zone")
    duration_minutes: Minutes = 120
    max_concurrent_bookings: Annotated[StrictInt, Field(ge=1, le=100)] = 1
    is_recurring: StrictBool | None = Field(default=None, description="Follows from `day_of_week`")
    recurring_until: Day | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.day_of_week is None) == (self.date_specific is None):
            raise ValueError("exactly one of day_of_week and date_specific is needed")
        if self.is_recurring not in (None, self.day_of_week is not None):
            raise ValueError("is_recurring goes with day_of_week")
        return self

    def to_draft(self, consultant: User) -> SlotDraft:
        return SlotDraft(
            start_time=self.start_time,
            end_time=self.end_time,
            timezone=self.timezone or consultant.timezone,
            day_of_week=self.day_of_week,
            date_specific=self.date_specific,
            duration_minutes=self.duration_minutes,
            max_concurrent_bookings=self.max_concurrent_bookings,
            recurring_until=self.recurring_until,
        )


class BookingBody(Request):
    """A session asked for. A listed time may be posted back as it is; what it then says of the offer must hold."""

    bilan_id: UUID
    consultant_id: UUID
    scheduled_date: Day
    scheduled_start_time: WallTime
    scheduled_end_time: WallTime | None = None
    duration_minutes: Minutes | None = None
    timezone: ZoneName | None = Field(default=None, description="IANA name, by default the consultant's zone")
    availability_slot_id: UUID | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    seats_left: StrictInt | None = Field(default=None, description="As listed; not read")
    session_type: SessionType | None = None
    meeting_format: MeetingFormat = MeetingFormat.VIDEO
    meeting_location: Plain | None = Field(default=None, max_length=255)
    meeting_link: Plain | None = Field(default=None, max_length=500, description="https only")


class IdempotencyHeader(BaseModel):
    """A key of the caller's own making: the same request under the same key is done once."""

    idempotency_key: str | None = Field(
        default=None, alias="Idempotency-Key", description="1 to 255 printable characters, kept for two days"
    )


class _OptionalBody(Request):
    """A body that may be left out."""

    model_config = ConfigDict(openapi_extra={"required": False})  # type: ignore[typeddict-unknown-key]  # the document's

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any) -> Any:
        return {} if value is None else value


class ConfirmBody(_OptionalBody):
    """Empty."""


class DeclineBody(_OptionalBody):
    reason: Reason | None = None


class CancelBody(Request):
    cancellation_reason: Reason
