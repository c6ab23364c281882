"""Rules and held time into bookable times. Pure: no database, no clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creneau.core.domain.availability import (
    AvailabilitySlot,
    SlotDraft,
    horizon_ends_at,
    resolve_local,
    validate_draft,
)
from creneau.core.domain.errors import (
    InvalidSlot,
    InvalidTimeRange,
    LocalTimeDoesNotExist,
    Refusal,
    UnknownZone,
)
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.domain.time import BookableTime, Span
from tests.core.asking import HeldTime, bookable_times, offered_times

A_MINUTE = timedelta(minutes=1)
A_DAY = timedelta(days=1)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FAR_AWAY = datetime(2100, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 11, 30)

ZONES = (
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",  # moves by half an hour
    "Europe/London",
    "Europe/Dublin",
    "Europe/Athens",
    "Atlantic/Azores",
    "Africa/Casablanca",  # moves for Ramadan
    "Africa/Cairo",  # skips midnight
    "Asia/Beirut",  # skips midnight
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "America/Santiago",  # skips midnight
    "America/St_Johns",
    "America/Sao_Paulo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Chatham",
)


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


def transition_days(zone_name: str, first: date, last: date) -> list[date]:
    """The days on which the clocks of a zone change."""
    zone = ZoneInfo(zone_name)
    noons = [datetime.combine(first + n * A_DAY, time(12), tzinfo=zone) for n in range(-1, (last - first).days + 1)]
    pairs = pairwise(noons)
    return [day.date() for before, day in pairs if before.utcoffset() != day.utcoffset()]


# Rules


@pytest.mark.parametrize(
    ("day_of_week", "day"),
    [(0, date(2026, 11, 29)), (1, date(2026, 11, 30)), (3, date(2026, 12, 2)), (6, date(2026, 12, 5))],
)
def test_days_are_counted_from_sunday(day_of_week: int, day: date):
    offers = offered_times([slot(day_of_week, duration=180)], date(2026, 11, 29), date(2026, 12, 5))

    assert [offer.local.day for offer in offers] == [day]


def test_a_weekly_rule_is_offered_every_week():
    offers = offered_times([slot(1, "09:00", "10:00")], date(2026, 11, 30), date(2026, 12, 14))

    assert starts(offers) == ["2026-11-30 09:00", "2026-12-07 09:00", "2026-12-14 09:00"]


def test_a_rule_is_offered_up_to_its_last_day_and_no_further():
    rule = replace(slot(1, "09:00", "10:00"), recurring_until=date(2026, 12, 7))

    assert starts(offered_times([rule], date(2026, 11, 30), date(2026, 12, 31))) == [
        "2026-11-30 09:00",
        "2026-12-07 09:00",
    ]


def test_a_rule_of_one_day_is_offered_on_that_day_alone():
    rule = slot(on=date(2026, 12, 2), start="14:00", end="16:00")

    assert starts(offered_times([rule], date(2026, 11, 1), date(2027, 1, 31))) == [
        "2026-12-02 14:00",
        "2026-12-02 15:00",
    ]


def test_a_rule_that_is_switched_off_offers_nothing():
    assert offered_times([replace(slot(), is_available=False)], MONDAY, MONDAY) == []


def test_a_rule_of_a_zone_that_no_longer_exists_offers_nothing():
    assert offered_times([replace(slot(), timezone="Mars/Phobos")], MONDAY, MONDAY) == []


def test_days_that_run_backwards_offer_nothing():
    assert offered_times([slot()], MONDAY, MONDAY - A_DAY) == []


def test_several_windows_of_a_day_are_offered_in_the_order_of_their_start():
    afternoon, morning = slot(1, "14:00", "16:00", number=1), slot(1, "09:00", "11:00", number=2)

    offers = offered_times([afternoon, morning], MONDAY, MONDAY)

    assert [f"{offer.local.start:%H:%M}" for offer in offers] == ["09:00", "10:00", "14:00", "15:00"]


def test_equal_starts_are_offered_in_the_order_of_their_rules_whichever_comes_first():
    one, two = slot(number=1), slot(number=2)

    there, back = offered_times([one, two], MONDAY, MONDAY), offered_times([two, one], MONDAY, MONDAY)

    assert there == back
    assert [offer.slot_id.int for offer in there[:2]] == [1, 2]


def test_rules_of_several_zones_are_offered_in_the_order_of_their_instants():
    offers = offered_times(
        [slot(1, "09:00", "10:00", zone="America/New_York"), slot(1, "09:00", "10:00", number=2, zone="Asia/Tokyo")],
        MONDAY,
        MONDAY,
    )

    assert [offer.local.timezone for offer in offers] == ["Asia/Tokyo", "America/New_York"]


def test_what_is_left_of_a_window_and_too_short_for_a_session_is_not_offered():
    offers = offered_times([slot(1, "09:00", "11:30", 60)], MONDAY, MONDAY)

    assert starts(offers) == ["2026-11-30 09:00", "2026-11-30 10:00"]


@pytest.mark.parametrize(
    ("start", "end", "duration", "expected"),
    [
        ("00:00", "23:59", 480, ["00:00", "08:00"]),
        ("21:00", "23:59", 60, ["21:00", "22:00"]),
        ("23:00", "23:59", 59, ["23:00"]),
        ("23:50", "23:59", 5, ["23:50"]),
        ("23:59", "23:59:59", 5, []),
        ("22:30", "23:59:59.999999", 30, ["22:30", "23:00"]),
    ],
)
def test_windows_near_midnight_end(start: str, end: str, duration: int, expected: list[str]):
    offers = offered_times([slot(1, start, end, duration)], MONDAY, MONDAY)

    assert [f"{offer.local.start:%H:%M}" for offer in offers] == expected


def test_an_offer_carries_its_wall_clock_its_instants_and_its_seats():
    [offer] = offered_times([slot(1, "09:00", "10:30", 90, capacity=4)], MONDAY, MONDAY)

    assert offer.span == Span(datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2026, 11, 30, 9, 30, tzinfo=UTC))
    assert (offer.local.start, offer.local.end, offer.local.timezone) == (time(9), time(10, 30), "Europe/Paris")
    assert offer.seats_left == 4


# Held time


def test_a_booked_session_is_no_longer_bookable_and_its_neighbours_are():
    offers = offered_times([slot()], MONDAY, MONDAY)

    assert bookable(offers, [hold(offers[1])]) == [offers[0], offers[2]]


def test_a_group_loses_a_seat_a_booking_and_closes_when_it_is_full():
    offers = offered_times([slot(capacity=3)], MONDAY, MONDAY)

    seats = [
        [time.seats_left for time in bookable(offers, [hold(offers[0])] * taken) if time.span == offers[0].span]
        for taken in range(5)
    ]

    assert seats == [[3], [2], [1], [], []]


def test_a_session_of_another_rule_closes_a_group_at_once():
    offers = offered_times([slot(capacity=3)], MONDAY, MONDAY)

    assert bookable(offers, [hold(offers[0], slot_id=SlotId(UUID(int=99)))]) == offers[1:]


@pytest.mark.parametrize("later", [timedelta(minutes=1), timedelta(minutes=-1), timedelta(minutes=59)])
def test_whatever_overlaps_closes_even_by_a_minute(later: timedelta):
    [offer] = offered_times([slot(1, "10:00", "11:00", capacity=3)], MONDAY, MONDAY)

    assert bookable([offer], [hold(offer, later)]) == []


@pytest.mark.parametrize("later", [timedelta(hours=1), timedelta(hours=-1)])
def test_back_to_back_does_not_overlap(later: timedelta):
    [offer] = offered_times([slot(1, "10:00", "11:00")], MONDAY, MONDAY)

    assert bookable([offer], [hold(offer, later)], [hold(offer, later).span]) == [offer]


def test_a_booking_without_a_rule_closes_what_it_overlaps():
    [offer] = offered_times([slot(1, "10:00", "11:00")], MONDAY, MONDAY)

    assert bookable([offer], [HeldTime(offer.span, None)]) == []


def test_a_person_who_is_busy_is_offered_nothing_then_even_in_a_group():
    offers = offered_times([slot(capacity=3)], MONDAY, MONDAY)

    assert bookable(offers, busy=[offers[1].span]) == [offers[0], offers[2]]


# Horizon


def test_a_session_is_bookable_after_now_and_before_the_horizon():
    offers = offered_times([slot(1, "09:00", "13:00")], MONDAY, MONDAY)

    times = bookable_times(offers, [], [], now=offers[0].span.starts_at, horizon_ends_at=offers[3].span.starts_at)

    assert times == offers[1:3]


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Europe/Paris", datetime(2026, 11, 30, 8, tzinfo=UTC), datetime(2027, 1, 11, 23, tzinfo=UTC)),
        ("Europe/Paris", datetime(2026, 11, 30, 23, 30, tzinfo=UTC), datetime(2027, 1, 12, 23, tzinfo=UTC)),
        ("Europe/Paris", datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 4, 12, 22, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 30, 2, tzinfo=UTC), datetime(2027, 1, 11, 5, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 3, 12, 12, tzinfo=UTC), datetime(2026, 4, 23, 22, tzinfo=UTC)),  # no midnight
    ],
)
def test_the_horizon_ends_with_the_last_day_on_the_wall_clock(zone: str, now: datetime, expected: datetime):
    assert horizon_ends_at(now, zone) == expected


def test_a_horizon_in_an_unknown_zone_is_refused():
    with pytest.raises(UnknownZone):
        horizon_ends_at(LONG_AGO, "Mars/Phobos")


# Finding


def test_a_start_on_the_wall_is_resolved_once_or_refused():
    assert resolve_local(date(2026, 10, 25), time(2, 30), "Europe/Paris") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with pytest.raises(LocalTimeDoesNotExist):
        resolve_local(date(2026, 3, 29), time(2, 30), "Europe/Paris")
    with pytest.raises(UnknownZone):
        resolve_local(date(2026, 3, 29), time(2, 30), "Mars/Phobos")


# Clock changes


@pytest.mark.parametrize("zone", ZONES)
def test_nine_o_clock_stays_nine_o_clock_for_two_years(zone: str):
    first, last = date(2026, 1, 1), date(2027, 12, 31)

    offers = offered_times(every_day("09:00", "10:00", 60, zone), first, last)

    assert [offer.local.day for offer in offers] == [first + n * A_DAY for n in range(730)]
    for offer in offers:
        local = offer.span.starts_at.astimezone(ZoneInfo(zone))
        assert (local.date(), local.time()) == (offer.local.day, time(9))
        assert (offer.local.start, offer.local.end, offer.span.minutes) == (time(9), time(10), 60)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("duration", [15, 45, 60])
def test_nothing_starts_in_the_gap_of_spring_and_the_repeated_hour_is_offered_once(zone: str, duration: int):
    rules = every_day("00:00", "23:59", duration, zone)

    for day in transition_days(zone, date(2026, 1, 1), date(2027, 12, 31)):
        offers = offered_times(rules, day, day)
        walls = [offer.local.start for offer in offers]
        read_back = [offer.span.starts_at.astimezone(ZoneInfo(zone)) for offer in offers]

        assert [local.replace(tzinfo=None) for local in read_back] == [datetime.combine(day, wall) for wall in walls]
        assert all(local.fold == 0 for local in read_back)
        assert walls == sorted(set(walls))
        assert all(not one.span.overlaps(next_one.span) for one, next_one in pairwise(offers))


def test_the_gap_and_the_repeated_hour_in_paris_minute_for_minute():
    def half_hours(day: date) -> list[str]:
        offers = offered_times([slot(0, "01:00", "04:00", 30)], day, day)
        return [f"{offer.local.start:%H:%M} {offer.span.starts_at:%H:%M}Z" for offer in offers]

    assert half_hours(date(2026, 3, 29)) == ["01:00 00:00Z", "01:30 00:30Z", "03:00 01:00Z", "03:30 01:30Z"]
    assert half_hours(date(2026, 10, 25)) == [
        "01:00 23:00Z",
        "01:30 23:30Z",
        "02:00 00:00Z",
        "02:30 00:30Z",
        "03:00 02:00Z",
        "03:30 02:30Z",
    ]


def test_a_session_that_the_clocks_jump_ahead_during_does_not_run_into_the_next():
    offers = offered_times([slot(0, "01:00", "05:00", 45)], date(2026, 3, 29), date(2026, 3, 29))

    assert [f"{offer.local.start:%H:%M}-{offer.local.end:%H:%M}" for offer in offers] == [
        "01:00-01:45",
        "01:45-03:30",
        "04:00-04:45",
    ]


def test_a_session_is_never_longer_than_its_window_even_in_spring():
    offers = offered_times([slot(0, "01:30", "03:15", 60)], date(2026, 3, 29), date(2026, 3, 29))

    assert offers == []


# Properties


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


# Drafts

GOOD = SlotDraft(time(9), time(12), "Europe/Paris", day_of_week=1, duration_minutes=60)


@pytest.mark.parametrize(
    "draft",
    [
        GOOD,
        replace(GOOD, day_of_week=0),
        replace(GOOD, day_of_week=6),
        replace(GOOD, day_of_week=None, date_specific=date(2026, 12, 2)),
        replace(GOOD, duration_minutes=5),
        replace(GOOD, duration_minutes=180),
        replace(GOOD, start_time=time(0), end_time=time(8), duration_minutes=480),
        replace(GOOD, max_concurrent_bookings=100),
        replace(GOOD, end_time=time(23, 59)),
        replace(GOOD, timezone="Australia/Lord_Howe"),
    ],
)
def test_a_good_draft_is_accepted(draft: SlotDraft):
    validate_draft(draft)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"start_time": time(12)}, InvalidTimeRange),
        ({"start_time": time(13)}, InvalidTimeRange),
        ({"start_time": time(9, 0, 30)}, InvalidTimeRange),
        ({"start_time": time(9, tzinfo=UTC)}, InvalidTimeRange),
        ({"end_time": time(12, tzinfo=UTC)}, InvalidTimeRange),
        ({"start_time": time(9, tzinfo=UTC), "end_time": time(12, tzinfo=UTC)}, InvalidTimeRange),
        ({"start_time": time(9, tzinfo=timezone(timedelta(hours=1)))}, InvalidTimeRange),
        ({"start_time": time(9, tzinfo=ZoneInfo("Europe/Paris"))}, InvalidTimeRange),
        ({"timezone": "Mars/Phobos"}, UnknownZone),
        ({"timezone": "../../etc/passwd"}, UnknownZone),
        ({"timezone": "/etc/localtime"}, UnknownZone),
        ({"timezone": "Europe"}, UnknownZone),
        ({"timezone": ""}, UnknownZone),
        ({"timezone": "Europe/Paris\0"}, UnknownZone),
        ({"timezone": "\ud800"}, UnknownZone),
        ({"timezone": "x" * 5000}, UnknownZone),
        ({"timezone": "right/Europe/Paris"}, UnknownZone),
        ({"timezone": "localtime"}, UnknownZone),
        ({"timezone": "Factory"}, UnknownZone),
        ({"duration_minutes": 0}, InvalidSlot),
        ({"duration_minutes": -60}, InvalidSlot),
        ({"duration_minutes": 4}, InvalidSlot),
        ({"duration_minutes": 181}, InvalidSlot),
        ({"duration_minutes": 481, "start_time": time(0), "end_time": time(23)}, InvalidSlot),
        ({"duration_minutes": 10**12}, InvalidSlot),
        ({"max_concurrent_bookings": 0}, InvalidSlot),
        ({"max_concurrent_bookings": -1}, InvalidSlot),
        ({"max_concurrent_bookings": 101}, InvalidSlot),
        ({"day_of_week": 7}, InvalidSlot),
        ({"day_of_week": -1}, InvalidSlot),
        ({"day_of_week": None}, InvalidSlot),
        ({"date_specific": date(2026, 12, 2)}, InvalidSlot),
    ],
)
def test_a_bad_draft_is_refused_with_its_code(change: dict[str, object], refusal: type[Refusal]):
    with pytest.raises(refusal):
        validate_draft(replace(GOOD, **change))
