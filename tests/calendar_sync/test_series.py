"""Bookable hours as series, read back by other people's parsers and expanded by them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from dateutil.tz import tzical
from hypothesis import given, settings
from hypothesis import strategies as st

from creneau.calendar_sync.series import Revision, digest_of, render_series, render_vavailability
from creneau.calendar_sync.vtimezone import render_vtimezone
from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.bookable_series import Hours, to_series, years_around
from creneau.core.domain.ids import ExceptionId, OrganizationId, SlotId, UserId
from creneau.core.domain.time_off import ExceptionKind, TimeOff

PARIS = "Europe/Paris"
FIRST, LAST = years_around(date(2026, 11, 30))
CREATED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NOBODY = OrganizationId(UUID(int=1)), UserId(UUID(int=2))
REVISION = Revision(3, CREATED)
RULE = AvailabilitySlot(
    SlotId(UUID("019a0000-0000-7000-8000-000000000005")),
    *NOBODY,
    time(9),
    time(12),
    PARIS,
    2,
    None,
    60,
    1,
    None,
    is_available=True,
    created_at=CREATED,
)
TUESDAYS = [date(2026, 11, 3) + timedelta(days=7 * number) for number in range(61)]


def off(first: date, last: date | None = None, hours: tuple[int, int] | None = None, kind=ExceptionKind.TIME_OFF):
    start, end = (time(hours[0]), time(hours[1])) if hours else (None, None)
    return TimeOff(ExceptionId(UUID(int=9)), *NOBODY, kind, first, last or first, start, end, PARIS)


def shown(rule: AvailabilitySlot, *exceptions: TimeOff, holidays: frozenset[date] = frozenset()) -> list[Hours]:
    """Return the hours of a rule as a calendar program shows them."""
    series = to_series(rule, exceptions, holidays, FIRST, LAST)
    if series is None:
        return []
    calendar = icalendar.Calendar.from_ical(render_series(series, "Bookable", REVISION, "creneau"))
    return expanded(calendar)


def expanded(calendar: icalendar.Calendar, kind: str = "VEVENT") -> list[Hours]:
    found = recurring_ical_events.of(calendar, components=[kind]).between(FIRST - timedelta(7), LAST + timedelta(400))
    hours = [Hours(one.start.date(), one.start.time(), one.end.time()) for one in found]
    return sorted(hours, key=lambda one: (one.day, one.start))


def regular(*days: date) -> list[Hours]:
    return [Hours(day, time(9), time(12)) for day in days]


def test_a_weekly_rule_is_one_series_at_the_same_hour_in_summer_and_in_winter():
    assert shown(RULE) == regular(*TUESDAYS)
    assert TUESDAYS[-1] == date(2027, 12, 28)


def test_days_that_are_closed_are_left_out_and_half_taken_ones_are_cut():
    told = shown(
        RULE,
        off(date(2026, 12, 7), date(2026, 12, 12)),
        off(TUESDAYS[2], kind=ExceptionKind.CLOSED),
        off(TUESDAYS[3], hours=(8, 10)),
        off(TUESDAYS[4], hours=(10, 11)),
        off(TUESDAYS[6], hours=(9, 11)),
        off(TUESDAYS[7], hours=(12, 14)),
        holidays=frozenset({TUESDAYS[1]}),
    )
    assert told[:7] == [
        *regular(TUESDAYS[0]),
        Hours(TUESDAYS[3], time(10), time(12)),
        Hours(TUESDAYS[4], time(9), time(10)),
        Hours(TUESDAYS[4], time(11), time(12)),
        Hours(TUESDAYS[6], time(11), time(12)),
        *regular(TUESDAYS[7], TUESDAYS[8]),
    ]
    assert len(told) == len(TUESDAYS) - 3 + 1


def test_what_is_left_is_told_where_a_session_fits():
    long = replace(RULE, duration_minutes=120)
    assert TUESDAYS[4] not in [hours.day for hours in shown(long, off(TUESDAYS[4], hours=(10, 11)))]


def test_rules_of_one_day_have_their_hours_on_other_days_than_the_weeks():
    day = date(2026, 12, 25)
    once = replace(RULE, day_of_week=None, date_specific=day)
    assert shown(once, off(day, kind=ExceptionKind.CLOSED), holidays=frozenset({day})) == regular(day)
    assert shown(once, off(day, hours=(10, 11))) == [Hours(day, time(9), time(10)), Hours(day, time(11), time(12))]
    assert shown(once, off(day)) == []


def test_a_rule_without_days_has_no_series():
    assert shown(replace(RULE, is_available=False)) == []
    assert shown(replace(RULE, recurring_until=date(2026, 11, 2))) == []
    assert shown(replace(RULE, recurring_until=date(2026, 11, 10))) == regular(*TUESDAYS[:2])


@settings(max_examples=20, deadline=None)
@given(
    zone=st.sampled_from(
        [
            PARIS,
            "America/New_York",
            "America/St_Johns",
            "Africa/Casablanca",
            "Asia/Kolkata",
            "Australia/Lord_Howe",
            "Etc/UTC",
        ]
    ),
    day=st.integers(0, 6),
    opens=st.integers(0, 20),
    length=st.integers(1, 3),
    taken=st.lists(st.tuples(st.dates(date(2026, 10, 1), date(2027, 12, 31)), st.integers(0, 22)), max_size=6),
)
def test_a_series_comes_back_as_the_domain_has_it(zone: str, day: int, opens: int, length: int, taken: list):
    rule = replace(RULE, timezone=zone, day_of_week=day, start_time=time(opens), end_time=time(opens + length))
    exceptions = [off(on, hours=(hour, hour + 1)) for on, hour in taken]
    series = to_series(rule, exceptions, frozenset(), FIRST, LAST)
    assert series is not None
    days, left = series.first, []
    cut = {hours.day for hours in series.cut}
    while days <= series.until:
        if days not in series.left_out and days not in cut:
            left.append(Hours(days, series.start, series.end))
        days += timedelta(days=7)
    meant = sorted([*left, *series.cut], key=lambda h: (h.day, h.start))
    assert expanded(icalendar.Calendar.from_ical(render_series(series, "Bookable", REVISION, "creneau"))) == meant
    told = icalendar.Calendar.from_ical(render_vavailability([series], NOBODY[1], "Bookable", REVISION, "creneau"))
    plain = icalendar.Calendar()
    for available in told.walk("AVAILABLE"):
        event = icalendar.Event()
        event.update(available)
        plain.add_component(event)
    assert expanded(plain) == meant


def test_a_series_takes_no_time_keeps_its_name_and_says_how_often_it_changed():
    [event] = icalendar.Calendar.from_ical(
        render_series(to_series(RULE, (), frozenset(), FIRST, LAST), "Réservable", REVISION, "creneau")
    ).walk("VEVENT")
    assert event["TRANSP"] == "TRANSPARENT"
    assert (event["SEQUENCE"], event["DTSTAMP"].dt, event["SUMMARY"]) == (3, CREATED, "Réservable")
    assert event["DTSTART"].params["TZID"] == PARIS
    later = to_series(replace(RULE, end_time=time(13)), (), frozenset(), FIRST, LAST)
    assert event["UID"].encode() in render_series(later, "", REVISION, "creneau")
    assert digest_of(later, "", "creneau") != digest_of(to_series(RULE, (), frozenset(), FIRST, LAST), "", "creneau")


def test_hours_as_vavailability_are_read_back_in_their_zone():
    series = to_series(RULE, [off(TUESDAYS[4], hours=(10, 11))], frozenset({TUESDAYS[1]}), FIRST, LAST)
    read = icalendar.Calendar.from_ical(render_vavailability([series], NOBODY[1], "Bookable", REVISION, "creneau"))
    [availability] = read.walk("VAVAILABILITY")
    first, *others = availability.walk("AVAILABLE")
    assert availability["BUSYTYPE"] == "BUSY-UNAVAILABLE"
    assert first["DTSTART"].dt == datetime(2026, 11, 3, 9, 0, tzinfo=ZoneInfo(PARIS))
    assert [one["DTSTART"].dt.hour for one in others] == [9, 11]
    assert len(read.walk("VTIMEZONE")) == 1


@pytest.mark.parametrize(
    "name",
    [
        PARIS,
        "Europe/Dublin",
        "America/St_Johns",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Etc/UTC",
    ],
)
def test_another_parser_reads_a_zone_as_the_tz_database_has_it(name: str):
    said = f"BEGIN:VCALENDAR\r\n{render_vtimezone(name, 2026, 2027)}END:VCALENDAR\r\n".replace("\r\n", "\n")
    read, meant = tzical(StringIO(said)).get(name), ZoneInfo(name)
    assert read is not None
    walls = [
        datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None) + timedelta(hours=7 * number) for number in range(2500)
    ]
    wrong = [wall for wall in walls if wall.replace(tzinfo=read).utcoffset() != wall.replace(tzinfo=meant).utcoffset()]
    skipped = {
        wall
        for wall in wrong
        if wall.replace(tzinfo=meant).utcoffset() != wall.replace(tzinfo=meant, fold=1).utcoffset()
    }
    assert set(wrong) <= skipped, "but for clock times that do not exist, or twice"
