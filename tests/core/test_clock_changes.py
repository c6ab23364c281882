"""Rules on the days when the clocks of a zone change, in twenty zones."""

from datetime import date, datetime, time
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.core.asking import offered_times
from tests.core.rules import A_DAY, every_day, slot

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


def transition_days(zone_name: str, first: date, last: date) -> list[date]:
    """The days on which the clocks of a zone change."""
    zone = ZoneInfo(zone_name)
    noons = [datetime.combine(first + n * A_DAY, time(12), tzinfo=zone) for n in range(-1, (last - first).days + 1)]
    pairs = pairwise(noons)
    return [day.date() for before, day in pairs if before.utcoffset() != day.utcoffset()]


@pytest.mark.parametrize("zone", ZONES)
def test_nine_o_clock_stays_nine_o_clock_for_two_years(zone: str):
    first, last = date(2026, 1, 1), date(2027, 12, 31)

    offers = offered_times(every_day("09:00", "10:00", 60, zone), first, last)

    assert [offer.local.day for offer in offers] == [first + n * A_DAY for n in range(730)]
    for offer in offers:
        local = offer.span.starts_at.astimezone(ZoneInfo(zone))
        assert (local.date(), local.time()) == (offer.local.day, time(9))
        assert (offer.local.start, offer.local.end, offer.span.minutes) == (time(9), time(10), 60)


def test_a_rule_that_ends_where_the_clocks_jump_ends_at_that_instant():
    day, zone = date(2026, 10, 4), "Australia/Lord_Howe"

    last = offered_times(every_day("01:00", "02:00", 30, zone), day, day)[-1]

    assert (last.local.start, last.local.end, last.span.minutes) == (time(1, 30), time(2, 30), 30)


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
