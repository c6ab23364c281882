"""Bookings in the API: the fields of a session as it is asked for and shown, and the tag of what was shown."""

import hashlib
from typing import Annotated
from uuid import UUID

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field, RootModel

from creneau.core.domain.bilan import BilanHours
from creneau.core.domain.booking import Booking, CancellationCode, MeetingFormat, SessionType, Status
from creneau.core.domain.ids import BilanId, SlotId, UserId
from creneau.core.domain.listing import BookingPage
from creneau.core.usecases.bookings import BookingRequest
from creneau.web.api.actor import current_actor
from creneau.web.api.envelope import Answer, ListAnswer, show
from creneau.web.api.fields import Plain
from creneau.web.api.services import ApiServices
from creneau.web.api.times import PostedTime, TimeBody, TimeView, UtcInstant, time_members

Rating = Annotated[int, Field(ge=1, le=5)]


class BookingBody(TimeBody):
    """A session asked for. A listed time may be posted back as it is; what it then says of the offer must hold."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "bilan_id": "0193a1c2-7b4e-7c11-9d2f-3a5b6c7d8e9f",
                "consultant_id": "0193a1c2-7b4e-7c11-9d2f-000000000001",
                "scheduled_date": "2026-12-01",
                "scheduled_start_time": "09:00",
                "session_type": "FOLLOW_UP",
                "meeting_format": "VIDEO",
            }
        }
    )

    bilan_id: UUID
    consultant_id: UUID
    session_type: SessionType | None = None
    meeting_format: MeetingFormat = MeetingFormat.VIDEO
    meeting_location: Plain | None = Field(default=None, max_length=255)
    meeting_link: Plain | None = Field(default=None, max_length=500, description="https only")

    def to_request(self, time: PostedTime) -> BookingRequest:
        return BookingRequest(
            bilan_id=BilanId(self.bilan_id),
            consultant_id=UserId(self.consultant_id),
            starts_at=time.starts_at,
            slot_id=SlotId(self.availability_slot_id) if self.availability_slot_id else None,
            ends_at=time.ends_at,
            meeting_format=self.meeting_format,
            session_type=self.session_type,
            meeting_location=self.meeting_location,
            meeting_link=self.meeting_link,
        )


class HoursView(BaseModel):
    """The hours of a bilan. Without `purchased_minutes` what remains is the legal limit's, 24 hours."""

    purchased_minutes: int | None
    used_minutes: int
    remaining_minutes: int


class BookingView(TimeView):
    id: UUID
    organization_id: UUID
    bilan_id: UUID
    consultant_id: UUID
    beneficiary_id: UUID
    availability_slot_id: UUID | None
    session_type: SessionType
    meeting_format: MeetingFormat
    meeting_location: str | None
    meeting_link: str | None
    status: Status
    version: int = Field(description="Grows with every change; the ETag begins with it")
    created_at: UtcInstant
    updated_at: UtcInstant
    answer_by: UtcInstant | None = Field(description="Until when a request waits for its answer")
    confirmed_at: UtcInstant | None
    started_at: UtcInstant | None
    completed_at: UtcInstant | None
    attended: bool | None
    cancelled_at: UtcInstant | None
    cancelled_by: UUID | None
    cancellation_code: CancellationCode | None = Field(description="Why a booking is CANCELLED")
    cancellation_reason: str | None
    is_late_cancellation: bool
    beneficiary_rating: Rating | None
    beneficiary_feedback: str | None
    rated_by: UUID | None
    rated_at: UtcInstant | None
    bilan_hours: HoursView = Field(description="What is left of the bilan's hours, with this session counted")


class BookingAnswer(Answer):
    data: BookingView


class BookingsAnswer(ListAnswer):
    data: list[BookingView]


class BookingOrBookingsAnswer(RootModel[BookingAnswer | BookingsAnswer]):
    """One booking, or a bilan's bookings: as the id in the address says."""


def to_hours(hours: BilanHours) -> HoursView:
    return HoursView(
        purchased_minutes=hours.purchased_minutes,
        used_minutes=hours.used_minutes,
        remaining_minutes=hours.remaining_minutes,
    )


def to_booking(booking: Booking, hours: BilanHours) -> BookingView:
    plain = set(BookingView.model_fields) - set(TimeView.model_fields) - {"availability_slot_id", "bilan_hours"}
    return BookingView.model_validate(
        {
            **{name: getattr(booking, name) for name in plain},
            **time_members(booking.local, booking.span),
            "availability_slot_id": booking.slot_id,
            "bilan_hours": to_hours(hours),
        }
    )


def show_booking(services: ApiServices, booking: Booking, message: str, status: int = 200) -> Response:
    """Answer with one booking and its tag: the version, and a digest of all that is shown.

    To a read that names the tag in `If-None-Match` the answer is 304.
    """
    hours = services.scheduling.get_bilan_hours(current_actor(), booking.bilan_id)
    view = to_booking(booking, hours)
    response = show(BookingAnswer(data=view, message=message), status)
    digest = hashlib.sha256(view.model_dump_json().encode()).hexdigest()[:16]
    response.set_etag(f"{booking.version}-{digest}")
    if request.method in ("GET", "HEAD"):
        response.headers["Cache-Control"] = "private, no-cache"
        response.make_conditional(request)
    return response


def show_bookings(found: BookingPage) -> Response:
    data = [to_booking(booking, found.hours[booking.bilan_id]) for booking in found.page.items]
    return show(BookingsAnswer(data=data, total=found.page.total, message="Bookings listed"))
