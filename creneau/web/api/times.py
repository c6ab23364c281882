"""Times as the API writes and reads them: wall clock, zone and instant side by side."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt

from creneau.core.domain.availability import resolve_local
from creneau.core.domain.errors import SlotOutsideRules
from creneau.core.domain.time import BookableTime, LocalSpan, Span
from creneau.web.api.fields import Day, Instant, Minutes, Request, WallTime, ZoneName

WallClock = Annotated[
    str,
    Field(
        pattern=r"^[0-2][0-9]:[0-5][0-9]$",
        description="HH:MM on the wall clock of `timezone`",
        json_schema_extra={"example": "09:00"},
    ),
]
UtcInstant = Annotated[
    datetime, Field(description="UTC, with Z", json_schema_extra={"example": "2026-12-01T08:00:00Z"})
]


class TimeView(BaseModel):
    """A stretch of time, as people agreed on it and as the instants it means."""

    scheduled_date: date
    scheduled_start_time: WallClock
    scheduled_end_time: WallClock
    duration_minutes: int
    timezone: str = Field(json_schema_extra={"example": "Europe/Paris"})
    starts_at: UtcInstant
    ends_at: UtcInstant


class BookableTimeView(TimeView):
    """A time that can be booked: its members may be posted back as they are."""

    availability_slot_id: UUID
    consultant_id: UUID
    seats_left: int


class TimeBody(Request):
    """A start on the wall clock of a zone.

    A listed time may be posted back: what it then says of the offer must hold.
    """

    scheduled_date: Day = Field(json_schema_extra={"example": "2026-12-01"})
    scheduled_start_time: WallTime = Field(json_schema_extra={"example": "09:00"})
    scheduled_end_time: WallTime | None = None
    duration_minutes: Minutes | None = None
    timezone: ZoneName | None = Field(default=None, description="IANA name, by default the consultant's zone")
    availability_slot_id: UUID | None = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    seats_left: StrictInt | None = Field(default=None, description="As listed; not read")


@dataclass(frozen=True, slots=True)
class PostedTime:
    """The start asked for, and its end if the body gave one in any of its ways."""

    starts_at: datetime
    ends_at: datetime | None


def read_time(body: TimeBody, timezone: str) -> PostedTime:
    """Read the wall clock in a zone, unless the body names another.

    Raises: `time.unknown_zone`, `time.does_not_exist`; `slot.outside_rules` when the body contradicts itself.
    """
    zone = body.timezone or timezone
    starts_at = resolve_local(body.scheduled_date, body.scheduled_start_time, zone)
    ends: set[datetime] = set()
    if body.ends_at is not None:
        ends.add(body.ends_at)
    if body.duration_minutes is not None:
        ends.add(starts_at + timedelta(minutes=body.duration_minutes))
    if body.scheduled_end_time is not None:
        ends.add(resolve_local(body.scheduled_date, body.scheduled_end_time, zone))
    if body.starts_at not in (None, starts_at) or len(ends) > 1:
        raise SlotOutsideRules
    return PostedTime(starts_at, next(iter(ends), None))


def time_members(local: LocalSpan, span: Span) -> dict[str, object]:
    """Return the members of a `TimeView`."""
    return {
        "scheduled_date": local.day,
        "scheduled_start_time": local.start.isoformat("minutes"),
        "scheduled_end_time": local.end.isoformat("minutes"),
        "duration_minutes": span.minutes,
        "timezone": local.timezone,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
    }


def to_bookable_time(offer: BookableTime) -> BookableTimeView:
    return BookableTimeView.model_validate(bookable_members(offer))


def bookable_members(offer: BookableTime) -> dict[str, object]:
    """Return the members of a `BookableTimeView`, in its order."""
    members = time_members(offer.local, offer.span)
    members["availability_slot_id"] = offer.slot_id
    members["consultant_id"] = offer.consultant_id
    members["seats_left"] = offer.seats_left
    return members
