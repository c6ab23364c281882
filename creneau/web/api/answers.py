"""What the routes answer: the field names of the API, the envelope around them, and how domain records become them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from flask import Response, jsonify
from pydantic import BaseModel, Field

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.booking import Booking, CancellationCode, MeetingFormat, SessionType, Status
from creneau.core.domain.time import BookableTime

WallClock = Annotated[
    str, Field(pattern=r"^[0-2][0-9]:[0-5][0-9]$", description="HH:MM on the wall clock of `timezone`")
]
UtcInstant = Annotated[datetime, Field(description="UTC, with Z")]
Weekday = Annotated[int, Field(ge=0, le=6, description="0 = Sunday to 6 = Saturday")]


class BookableTimeView(BaseModel):
    availability_slot_id: UUID
    consultant_id: UUID
    scheduled_date: date
    scheduled_start_time: WallClock
    scheduled_end_time: WallClock
    duration_minutes: int
    timezone: str
    starts_at: UtcInstant
    ends_at: UtcInstant
    seats_left: int


class SlotView(BaseModel):
    id: UUID
    organization_id: UUID
    consultant_id: UUID
    day_of_week: Weekday | None
    date_specific: date | None
    start_time: WallClock
    end_time: WallClock
    duration_minutes: int
    max_concurrent_bookings: int
    timezone: str
    is_recurring: bool
    recurring_until: date | None
    is_available: bool


class BookingView(BaseModel):
    id: UUID
    organization_id: UUID
    bilan_id: UUID
    consultant_id: UUID
    beneficiary_id: UUID
    availability_slot_id: UUID | None
    scheduled_date: date
    scheduled_start_time: WallClock
    scheduled_end_time: WallClock
    duration_minutes: int
    timezone: str
    starts_at: UtcInstant
    ends_at: UtcInstant
    session_type: SessionType
    meeting_format: MeetingFormat
    meeting_location: str | None
    meeting_link: str | None
    status: Status
    version: int = Field(description="Grows with every change")
    created_at: UtcInstant
    updated_at: UtcInstant
    confirmed_at: UtcInstant | None
    cancelled_at: UtcInstant | None
    cancelled_by: UUID | None
    cancellation_code: CancellationCode | None = Field(description="Why a booking is CANCELLED")
    cancellation_reason: str | None


class _Answer(BaseModel):
    success: Literal[True] = True
    message: str


class BookableTimesAnswer(_Answer):
    data: list[BookableTimeView]
    total: int


class SlotAnswer(_Answer):
    data: SlotView


class BookingAnswer(_Answer):
    data: BookingView


class BookingsAnswer(_Answer):
    data: list[BookingView]
    total: int = Field(description="How many there are in all, whatever limit and offset")


class ErrorAnswer(BaseModel):
    error: str = Field(description="An English sentence")
    code: str = Field(description="A stable dotted code, such as slot.taken")
    details: dict[str, object] = Field(
        description="What the code calls for: `alternatives` when a time cannot be booked, `fields` when invalid"
    )


def show(answer: _Answer, status: int = 200) -> Response:
    response = jsonify(answer.model_dump(mode="json"))
    response.status_code = status
    return response


def to_bookable_time(offer: BookableTime) -> BookableTimeView:
    return BookableTimeView(
        availability_slot_id=offer.slot_id,
        consultant_id=offer.consultant_id,
        scheduled_date=offer.local.day,
        scheduled_start_time=offer.local.start.isoformat("minutes"),
        scheduled_end_time=offer.local.end.isoformat("minutes"),
        duration_minutes=offer.span.minutes,
        timezone=offer.local.timezone,
        starts_at=offer.span.starts_at,
        ends_at=offer.span.ends_at,
        seats_left=offer.seats_left,
    )


def to_slot(slot: AvailabilitySlot) -> SlotView:
    return SlotView(
        id=slot.id,
        organization_id=slot.organization_id,
        consultant_id=slot.consultant_id,
        day_of_week=slot.day_of_week,
        date_specific=slot.date_specific,
        start_time=slot.start_time.isoformat("minutes"),
        end_time=slot.end_time.isoformat("minutes"),
        duration_minutes=slot.duration_minutes,
        max_concurrent_bookings=slot.max_concurrent_bookings,
        timezone=slot.timezone,
        is_recurring=slot.day_of_week is not None,
        recurring_until=slot.recurring_until,
        is_available=slot.is_available,
    )


def to_booking(booking: Booking) -> BookingView:
    return BookingView(
        id=booking.id,
        organization_id=booking.organization_id,
        bilan_id=booking.bilan_id,
        consultant_id=booking.consultant_id,
        beneficiary_id=booking.beneficiary_id,
        availability_slot_id=booking.slot_id,
        scheduled_date=booking.local.day,
        scheduled_start_time=booking.local.start.isoformat("minutes"),
        scheduled_end_time=booking.local.end.isoformat("minutes"),
        duration_minutes=booking.span.minutes,
        timezone=booking.local.timezone,
        starts_at=booking.span.starts_at,
        ends_at=booking.span.ends_at,
        session_type=booking.session_type,
        meeting_format=booking.meeting_format,
        meeting_location=booking.meeting_location,
        meeting_link=booking.meeting_link,
        status=booking.status,
        version=booking.version,
        created_at=booking.created_at,
        updated_at=booking.updated_at,
        confirmed_at=booking.confirmed_at,
        cancelled_at=booking.cancelled_at,
        cancelled_by=booking.cancelled_by,
        cancellation_code=booking.cancellation_code,
        cancellation_reason=booking.cancellation_reason,
    )
