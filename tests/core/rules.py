"""Rules of one consultant, what they offer, and what is held of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.time import BookableTime, Span
from tests.core.asking import HeldTime, bookable_times

A_MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2100, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 11, 30)


def slot(
    day_of_week: int | None = 1,
    start: str = "09:00",
    end: str = "12:00",
    duration: int = 60,
    number: int = 1,
    zone: str = "Europe/Paris",
    on: date | None = None,
    capacity: int = 1,
) -> AvailabilitySlot:
    return AvailabilitySlot(
        id=SlotId(UUID(int=number)),
        organization_id=OrganizationId(UUID(int=1000)),
        consultant_id=UserId(UUID(int=2000)),
        start_time=time.fromisoformat(start),
        end_time=time.fromisoformat(end),
        timezone=zone,
        day_of_week=None if on else day_of_week,
        date_specific=on,
        duration_minutes=duration,
        max_concurrent_bookings=capacity,
        recurring_until=None,
        is_available=True,
    )


def every_day(start: str, end: str, duration: int, zone: str, capacity: int = 1) -> list[AvailabilitySlot]:
    return [slot(day, start, end, duration, day + 1, zone, capacity=capacity) for day in range(7)]


def starts(times: Sequence[BookableTime]) -> list[str]:
    return [f"{time.local.day} {time.local.start:%H:%M}" for time in times]


def bookable(
    offers: Sequence[BookableTime], held: Sequence[HeldTime] = (), busy: Sequence[Span] = ()
) -> list[BookableTime]:
    return bookable_times(offers, held, busy, LONG_AGO, FAR_AWAY)


def hold(offer: BookableTime, later: timedelta = timedelta(), slot_id: SlotId | None = None) -> HeldTime:
    return HeldTime(Span(offer.span.starts_at + later, offer.span.ends_at + later), slot_id or offer.slot_id)
