"""Bookable times of any rules and held time, beside a walk over the wall clock minute by minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.time import Span
from tests.core.asking import HeldTime, bookable_times, offered_times
from tests.core.rules import A_DAY, A_MINUTE, bookable, hold


@st.composite
def rules_and_days(draw: st.DrawFn, capacities: st.SearchStrategy[int]) -> tuple[list[AvailabilitySlot], date]:
    """One to three rules and the first of three days, near a clock change or not."""
    zone, first = draw(
        st.sampled_from(
            [
                ("Europe/Paris", date(2026, 3, 28)),
                ("Europe/Paris", date(2026, 10, 24)),
                ("Europe/Paris", date(2026, 6, 1)),
                ("America/New_York", date(2026, 3, 7)),
                ("America/New_York", date(2026, 10, 31)),
                ("Australia/Lord_Howe", date(2026, 4, 4)),
                ("Australia/Lord_Howe", date(2026, 10, 3)),
                ("Africa/Cairo", date(2026, 4, 23)),
            ]
        )
    )
    rules = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        opens = draw(st.integers(0, 1380))
        closes = draw(st.integers(opens + 1, 1439))
        night_or_day = draw(st.booleans())
        if night_or_day:
            opens, closes = min(opens, 240), max(closes, 300)
        day = first + draw(st.integers(0, 2)) * A_DAY
        is_weekly = draw(st.booleans())
        rules.append(
            AvailabilitySlot(
                id=SlotId(UUID(int=number)),
                organization_id=OrganizationId(UUID(int=1000)),
                consultant_id=UserId(UUID(int=2000)),
                start_time=time(*divmod(opens, 60)),
                end_time=time(*divmod(closes, 60)),
                timezone=zone,
                day_of_week=day.isoweekday() % 7 if is_weekly else None,
                date_specific=None if is_weekly else day,
                duration_minutes=draw(st.sampled_from([5, 20, 45, 50, 60, 90, 120, 480])),
                max_concurrent_bookings=draw(capacities),
                recurring_until=day - A_DAY if is_weekly and draw(st.integers(0, 9)) == 0 else None,
                is_available=draw(st.integers(0, 9)) > 0,
            )
        )
    return rules, first


@st.composite
def booked_situations(draw: st.DrawFn) -> tuple[list[AvailabilitySlot], date, list[HeldTime], list[Span], datetime]:
    rules, first = draw(rules_and_days(st.integers(1, 3)))
    offers = offered_times(rules, first, first + 2 * A_DAY)
    midnight = datetime.combine(first, time(), tzinfo=UTC)

    def some_span() -> Span:
        at = midnight + draw(st.integers(-600, 3 * 1440)) * A_MINUTE
        return Span(at, at + draw(st.integers(1, 180)) * A_MINUTE)

    held = [
        HeldTime(some_span(), draw(st.sampled_from([SlotId(UUID(int=1)), None])))
        for _ in range(draw(st.integers(0, 2)))
    ]
    if offers:
        held += [hold(offer) for offer in draw(st.lists(st.sampled_from(offers), max_size=5))]
    busy = [some_span() for _ in range(draw(st.integers(0, 2)))]
    return rules, first, held, busy, midnight + draw(st.integers(-60, 1440)) * A_MINUTE


@settings(max_examples=150, deadline=None)
@given(booked_situations())
def test_bookable_times_are_what_a_walk_minute_by_minute_finds(
    situation: tuple[list[AvailabilitySlot], date, list[HeldTime], list[Span], datetime],
):
    rules, first, held, busy, now = situation
    last = first + 2 * A_DAY
    ends_at = now + timedelta(hours=40)

    times = bookable_times(offered_times(rules, first, last), held, busy, now, ends_at)

    expected = reference(rules, first, last, held, busy, now, ends_at)
    assert [(time.span.starts_at, time.span.ends_at, time.slot_id, time.seats_left) for time in times] == expected


@settings(max_examples=150, deadline=None)
@given(rules_and_days(st.just(1)))
def test_no_two_times_of_one_individual_rule_overlap(rules_and_first: tuple[list[AvailabilitySlot], date]):
    rules, first = rules_and_first

    for rule in rules:
        spans = [time.span for time in bookable(offered_times([rule], first, first + 2 * A_DAY))]
        assert all(not one.overlaps(other) for number, one in enumerate(spans) for other in spans[number + 1 :])


def reference(
    rules: Sequence[AvailabilitySlot],
    first: date,
    last: date,
    held: Sequence[HeldTime],
    busy: Sequence[Span],
    now: datetime,
    ends_at: datetime,
) -> list[tuple[datetime, datetime, SlotId, int]]:
    """The same answer without arithmetic on wall clocks: read them minute by minute and look."""
    found = []
    busy_minutes = {minute for span in busy for minute in minutes_of(span)}
    held_minutes = [(booking, set(minutes_of(booking.span))) for booking in held]
    for rule in rules:
        for day in (first + n * A_DAY for n in range((last - first).days + 1)):
            for start, end in reference_offers(rule, day):
                minutes = set(minutes_of(Span(start, end)))
                overlapping = [booking for booking, taken in held_minutes if taken & minutes]
                is_closed = any((b.slot_id, b.span.starts_at) != (rule.id, start) for b in overlapping)
                seats = rule.max_concurrent_bookings - len(overlapping)
                if now < start < ends_at and not is_closed and seats > 0 and not minutes & busy_minutes:
                    found.append((start, end, rule.id, seats))
    return sorted(found, key=lambda row: (row[0], row[2]))


def reference_offers(rule: AvailabilitySlot, day: date) -> list[tuple[datetime, datetime]]:
    is_its_day = (
        rule.date_specific == day
        if rule.date_specific
        else rule.day_of_week == [1, 2, 3, 4, 5, 6, 0][day.weekday()]
        and (rule.recurring_until is None or day <= rule.recurring_until)
    )
    if not rule.is_available or not is_its_day:
        return []
    clock = wall_clock(day, rule.timezone)
    opens = rule.start_time.hour * 60 + rule.start_time.minute
    closes = rule.end_time.hour * 60 + rule.end_time.minute
    last_read = max((wall for wall in clock if wall <= closes), default=None)
    if last_read is None:
        return []
    closes_at = clock[last_read] + (closes - last_read) * A_MINUTE
    offers: list[tuple[datetime, datetime]] = []
    for wall in range(opens, closes):
        if (wall - opens) % rule.duration_minutes or wall + rule.duration_minutes > closes or wall not in clock:
            continue
        start, end = clock[wall], clock[wall] + rule.duration_minutes * A_MINUTE
        if end <= closes_at and (not offers or offers[-1][1] <= start):
            offers.append((start, end))
    return offers


@cache
def wall_clock(day: date, zone_name: str) -> dict[int, datetime]:
    """What the wall clock reads on a day, in minutes after midnight, and when it first does."""
    zone = ZoneInfo(zone_name)
    midnight = datetime.combine(day, time(), tzinfo=UTC)
    clock: dict[int, datetime] = {}
    for minute in range(-16 * 60, 40 * 60):
        instant = midnight + minute * A_MINUTE
        local = instant.astimezone(zone)
        if local.date() == day:
            clock.setdefault(local.hour * 60 + local.minute, instant)
    return clock


def minutes_of(span: Span) -> list[datetime]:
    return [span.starts_at + n * A_MINUTE for n in range(span.minutes)]
