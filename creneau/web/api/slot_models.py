"""Availability slots in the API: the fields of a rule as it is asked for, changed and shown."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator

from creneau.core.domain.availability import AvailabilitySlot, SlotDraft
from creneau.core.domain.slot_change import SlotChange
from creneau.web.api.envelope import Answer, ListAnswer
from creneau.web.api.fields import Day, DayOfWeek, Minutes, Request, WallTime, ZoneName
from creneau.web.api.queries import OptionalBody
from creneau.web.api.times import UtcInstant, WallClock

MOST_SLOTS = 100

Seats = Annotated[StrictInt, Field(ge=1, le=100)]
Weekday = Annotated[int, Field(ge=0, le=6, description="0 = Sunday to 6 = Saturday")]


class SlotFields(Request):
    """A stretch of every week (`day_of_week`) or of one day (`date_specific`) in which sessions are offered."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"day_of_week": 1, "start_time": "09:00", "end_time": "17:00"}}
    )

    day_of_week: DayOfWeek | None = None
    date_specific: Day | None = None
    start_time: WallTime
    end_time: WallTime
    timezone: ZoneName | None = Field(default=None, description="IANA name, by default the consultant's zone")
    duration_minutes: Minutes = 120
    max_concurrent_bookings: Seats = 1
    is_recurring: StrictBool | None = Field(default=None, description="Follows from `day_of_week`")
    recurring_until: Day | None = None
    is_available: StrictBool = Field(default=True, description="false: paused, it offers nothing")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.day_of_week is None) == (self.date_specific is None):
            raise ValueError("exactly one of day_of_week and date_specific is needed")
        if self.is_recurring not in (None, self.day_of_week is not None):
            raise ValueError("is_recurring goes with day_of_week")
        return self

    def to_draft(self, timezone: str) -> SlotDraft:
        return SlotDraft(
            start_time=self.start_time,
            end_time=self.end_time,
            timezone=self.timezone or timezone,
            day_of_week=self.day_of_week,
            date_specific=self.date_specific,
            duration_minutes=self.duration_minutes,
            max_concurrent_bookings=self.max_concurrent_bookings,
            recurring_until=self.recurring_until,
            is_available=self.is_available,
        )


class SlotBody(SlotFields):
    consultant_id: UUID | None = Field(default=None, description="By default the caller")


class SlotsBody(Request):
    """Many rules of one consultant: all of them are added, or none."""

    consultant_id: UUID | None = Field(default=None, description="By default the caller")
    slots: list[SlotFields] = Field(min_length=1, max_length=MOST_SLOTS)


class SlotChangeBody(OptionalBody):
    """What is left out stays. A `day_of_week` takes the place of a `date_specific`, and the other way round."""

    model_config = ConfigDict(json_schema_extra={"example": {"end_time": "12:00"}})

    day_of_week: DayOfWeek | None = None
    date_specific: Day | None = None
    start_time: WallTime | None = None
    end_time: WallTime | None = None
    timezone: ZoneName | None = None
    duration_minutes: Minutes | None = None
    max_concurrent_bookings: Seats | None = None
    recurring_until: Day | None = Field(default=None, description="null takes the last day away")
    is_available: StrictBool | None = None

    @model_validator(mode="after")
    def _at_most_one_kind(self) -> Self:
        if self.day_of_week is not None and self.date_specific is not None:
            raise ValueError("at most one of day_of_week and date_specific is taken")
        return self

    def to_change(self) -> SlotChange:
        recurs_forever = "recurring_until" in self.model_fields_set and self.recurring_until is None
        return SlotChange(**self.model_dump(), recurs_forever=recurs_forever)


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
    created_at: UtcInstant | None
    updated_at: UtcInstant | None


class SlotAnswer(Answer):
    data: SlotView


class SlotsAnswer(ListAnswer):
    data: list[SlotView]


class LeftOutsideAnswer(ListAnswer):
    data: list[UUID] = Field(description="Bookings that the rule would not offer any more. They would stay.")


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
        created_at=slot.created_at,
        updated_at=slot.updated_at,
    )
