"""slotify-scheduling: its engine over an in-memory store."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from slotify import (
    AvailabilityEngine,
    Booking,
    BookingPolicy,
    BusyPeriod,
    InMemoryBookingStore,
    Schedule,
    Slot,
    SlotGenerator,
)

from creneau.core.domain.time import Span


def prepare(
    sessions: list[Span], busy: list[Span], first: date, days: int, now: datetime
) -> Callable[[], list[datetime]]:
    """Return what lists the starts of 90 minutes, every 30, Monday to Friday, 8 to 18 in Paris."""
    generator = SlotGenerator(
        schedule=Schedule(weekly={day: [("08:00", "18:00")] for day in range(5)}),
        duration=90,
        interval=30,
        timezone="Europe/Paris",
        dst_ambiguous="earlier",
        dst_nonexistent="skip",
    )
    store = InMemoryBookingStore(capacity=len(sessions))  # rows of the benchmark may overlap
    for span in sessions:
        store.reserve(Booking(Slot(span.starts_at, span.ends_at), resource_id="one"))
    store.capacity = 1
    policy = BookingPolicy(busy_periods=tuple(BusyPeriod(span.starts_at, span.ends_at) for span in busy))
    engine = AvailabilityEngine(generator, store=store, resource_id="one", policy=policy)
    last = first + timedelta(days=days - 1)
    return lambda: [slot.start for slot in engine.available_slots(first, last, now=now)]
