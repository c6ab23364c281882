"""Wall clocks, instants, spans, and the identifiers made from them."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creneau.core.domain.ids import uuid7
from creneau.core.domain.time import LocalSpan, Span, find_zone, to_instant, to_local_span, to_span_of_days

ZONES = [
    "Europe/Paris",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "UTC",
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_CENTURY = timedelta(days=36500)
instants = st.timedeltas(timedelta(days=2000), A_CENTURY).map(lambda since: EPOCH + since)
walls = st.integers(50 * 365 * 1440, 67 * 365 * 1440).map(
    lambda minutes: (EPOCH + timedelta(minutes=minutes)).replace(tzinfo=None)  # 2019 to 2036
)


@given(walls, st.sampled_from(ZONES))
def test_an_instant_reads_back_as_the_wall_clock_it_came_from(wall: datetime, zone_name: str):
    zone = ZoneInfo(zone_name)

    instant = to_instant(wall.date(), wall.time(), zone)

    if instant is not None:
        assert instant.tzinfo is UTC
        assert instant.astimezone(zone).replace(tzinfo=None, fold=0) == wall
        assert instant.astimezone(zone).fold == 0


@given(walls, st.sampled_from(ZONES))
def test_only_wall_clocks_that_no_instant_reads_as_have_none(wall: datetime, zone_name: str):
    zone = ZoneInfo(zone_name)
    near = wall.replace(tzinfo=UTC)
    offsets = {(near + timedelta(hours=hours)).astimezone(zone).utcoffset() for hours in range(-48, 49)}

    reads_as = {near - offset for offset in offsets if offset is not None}
    is_on_the_wall = any(instant.astimezone(zone).replace(tzinfo=None, fold=0) == wall for instant in reads_as)

    assert (to_instant(wall.date(), wall.time(), zone) is not None) == is_on_the_wall


@pytest.mark.parametrize(
    ("zone", "day", "wall", "expected"),
    [
        ("Europe/Paris", date(2026, 3, 29), "01:59", "2026-03-29T00:59"),
        ("Europe/Paris", date(2026, 3, 29), "02:00", None),
        ("Europe/Paris", date(2026, 3, 29), "02:59", None),
        ("Europe/Paris", date(2026, 3, 29), "03:00", "2026-03-29T01:00"),
        ("Europe/Paris", date(2026, 10, 25), "02:30", "2026-10-25T00:30"),
        ("Europe/Paris", date(2026, 10, 25), "03:00", "2026-10-25T02:00"),
        ("Australia/Lord_Howe", date(2026, 10, 4), "02:15", None),
        ("Australia/Lord_Howe", date(2026, 10, 4), "02:30", "2026-10-03T15:30"),
        ("Africa/Cairo", date(2026, 4, 24), "00:30", None),
        ("Asia/Tokyo", date.min, "00:00", None),  # before the calendar begins
        ("America/New_York", date.max, "23:00", None),
        ("Pacific/Apia", date(2011, 12, 30), "12:00", None),  # a day that Samoa left out
    ],
)
def test_gaps_have_no_instant_and_repeated_times_mean_their_first_pass(
    zone: str, day: date, wall: str, expected: str | None
):
    instant = to_instant(day, time.fromisoformat(wall), ZoneInfo(zone))

    assert instant == (datetime.fromisoformat(expected).replace(tzinfo=UTC) if expected else None)


def test_a_wall_clock_that_says_second_pass_still_means_the_first():
    paris = ZoneInfo("Europe/Paris")

    assert to_instant(date(2026, 10, 25), time(2, 30, fold=1), paris) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_wall_clock_of_a_span_over_midnight_is_of_the_day_it_starts():
    span = Span(datetime(2026, 12, 1, 22, 30, tzinfo=UTC), datetime(2026, 12, 2, 0, 0, tzinfo=UTC))

    assert to_local_span(span, ZoneInfo("Europe/Paris")) == LocalSpan(
        date(2026, 12, 1), time(23, 30), time(1, 0), "Europe/Paris"
    )


def test_days_are_as_long_as_the_wall_clock_makes_them():
    paris = ZoneInfo("Europe/Paris")

    assert to_span_of_days(date(2026, 3, 29), date(2026, 3, 29), paris).minutes == 23 * 60
    assert to_span_of_days(date(2026, 10, 25), date(2026, 10, 25), paris).minutes == 25 * 60
    assert to_span_of_days(date(2026, 6, 1), date(2026, 6, 7), paris).minutes == 7 * 24 * 60


def test_spans_that_touch_do_not_overlap():
    at = [datetime(2026, 12, 1, hour, tzinfo=UTC) for hour in range(4)]

    assert not Span(at[0], at[1]).overlaps(Span(at[1], at[2]))
    assert Span(at[0], at[2]).overlaps(Span(at[1], at[3]))
    assert Span(at[0], at[3]).overlaps(Span(at[1], at[2]))


def test_a_zone_is_found_by_its_iana_name_and_nothing_else():
    assert find_zone("Europe/Paris") == ZoneInfo("Europe/Paris")
    assert find_zone("Mars/Phobos") is None
    assert find_zone("../../etc/passwd") is None
    assert find_zone("right/Europe/Paris") is None


@given(instants, st.binary(min_size=10, max_size=10))
def test_a_uuid7_has_its_version_its_variant_and_the_milliseconds_of_its_instant(at: datetime, random: bytes):
    made = uuid7(at, random)

    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert made.int >> 80 == (at - EPOCH) // timedelta(milliseconds=1)


@given(st.lists(instants, min_size=2), st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_uuid7s_sort_by_their_milliseconds_whatever_the_random_bytes(ats: list[datetime], random: bytes, other: bytes):
    for earlier, later in pairwise(sorted(ats)):
        if later - earlier >= timedelta(milliseconds=1):
            assert uuid7(earlier, random) < uuid7(later, other)
            assert str(uuid7(earlier, random)) < str(uuid7(later, other))


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_uuid7s_of_one_instant_differ_by_74_random_bits(random: bytes, other: bytes):
    at = datetime(2026, 12, 1, tzinfo=UTC)
    kept = (1 << 76) - 1 & ~(0x3 << 62)  # all but version and variant

    same = int.from_bytes(random, "big") & kept == int.from_bytes(other, "big") & kept

    assert (uuid7(at, random) == uuid7(at, other)) is same
