"""What an object of another program blocks: each way in which calendars say when, and that they do not mean it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from creneau.calendar_sync.expander import Expander
from creneau.calendar_sync.times import Frame, Unreadable, read_times
from creneau.core.domain.time import Span

from .ics import OWN_ZONE, an_object, event, one

WINDOW = Span(datetime(2026, 11, 29, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
FRAME = Frame("Europe/Paris", frozenset({"paul@example.org"}), WINDOW)
PARIS = "TZID=Europe/Paris"


@pytest.fixture(scope="module")
def expander() -> Iterator[Expander]:
    with Expander() as opened:
        yield opened


def blocked(expander: Expander, ics: bytes, frame: Frame = FRAME) -> list[str]:
    """Return what an object blocks, in UTC: `1201 08:00-09:00` within a day, with both days otherwise."""
    times = read_times(ics, frame)
    spans = times.spans
    if times.recurrence is not None:
        spans = expander.expand(times.recurrence, frame.zone, frame.window).spans
    return [shown(span) for span in spans]


def shown(span: Span) -> str:
    end = "%H:%M" if span.starts_at.date() == span.ends_at.date() else "%m%d %H:%M"
    return f"{span.starts_at:%m%d %H:%M}-{span.ends_at.strftime(end)}"


NINE = (f"DTSTART;{PARIS}:20261201T090000", f"DTEND;{PARIS}:20261201T100000")


@pytest.mark.parametrize(
    ("ics", "expected"),
    [
        pytest.param(one(*NINE), ["1201 08:00-09:00"], id="zone"),
        pytest.param(one("DTSTART:20261201T090000Z", "DURATION:PT90M"), ["1201 09:00-10:30"], id="duration"),
        pytest.param(one("DTSTART:20261201T090000", "DURATION:PT30M"), ["1201 08:00-08:30"], id="floating"),
        pytest.param(
            one(
                "DTSTART;TZID=W. Europe Standard Time:20261201T090000",
                "DTEND;TZID=W. Europe Standard Time:20261201T100000",
            ),
            ["1201 08:00-09:00"],
            id="windows zone",
        ),
        pytest.param(
            an_object(event("DTSTART;TZID=Home:20261201T090000", "DURATION:PT1H"), zones=OWN_ZONE),
            ["1201 06:00-07:00"],
            id="zone of its own",
        ),
        pytest.param(one("DTSTART;VALUE=DATE:20261201"), ["1130 23:00-1201 23:00"], id="a day without an end"),
        pytest.param(
            one("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261203"), ["1130 23:00-1202 23:00"], id="two days"
        ),
        pytest.param(
            one("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261201"),
            ["1130 23:00-1201 23:00"],
            id="a day that ends on itself",
        ),
        pytest.param(one("DTSTART:20261201T090000Z"), [], id="no length"),
        pytest.param(one("DTSTART:20261201T090000Z", "DTEND:20261201T080000Z"), [], id="ends before it begins"),
        pytest.param(one(*NINE, "TRANSP:TRANSPARENT"), [], id="transparent"),
        pytest.param(one(*NINE, "STATUS:CANCELLED"), [], id="cancelled"),
        pytest.param(one(*NINE, "STATUS:TENTATIVE"), ["1201 08:00-09:00"], id="tentative"),
        pytest.param(one(*NINE, "ATTENDEE;PARTSTAT=DECLINED:mailto:Paul@Example.org"), [], id="declined"),
        pytest.param(
            one(
                *NINE,
                "ATTENDEE;PARTSTAT=DECLINED:mailto:someone@example.org",
                "ATTENDEE;PARTSTAT=ACCEPTED:mailto:paul@example.org",
            ),
            ["1201 08:00-09:00"],
            id="declined by somebody else",
        ),
        pytest.param(one("DTSTART:20261101T090000Z", "DTEND:20261101T100000Z"), [], id="past"),
        pytest.param(an_object(), [], id="no event"),
    ],
)
def test_an_event_blocks_what_it_says(expander: Expander, ics: bytes, expected: list[str]):
    assert blocked(expander, ics) == expected


@pytest.mark.parametrize(
    ("ics", "expected"),
    [
        pytest.param(
            one(f"DTSTART;{PARIS}:20261115T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4"),
            ["1129 08:00-09:00", "1206 08:00-09:00"],
            id="count begins before the window",
        ),
        pytest.param(
            one(
                f"DTSTART;{PARIS}:20261201T090000",
                "DURATION:PT1H",
                "RRULE:FREQ=DAILY;COUNT=4",
                f"EXDATE;{PARIS}:20261202T090000",
                f"RDATE;{PARIS}:20261210T090000",
            ),
            ["1201 08:00-09:00", "1203 08:00-09:00", "1204 08:00-09:00", "1210 08:00-09:00"],
            id="exdate and rdate",
        ),
        pytest.param(
            an_object(
                event("DTSTART:20261201T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3"),
                event("RECURRENCE-ID:20261202T090000Z", "DTSTART:20261220T150000Z", "DURATION:PT2H"),
                event(
                    "RECURRENCE-ID:20261203T090000Z", "DTSTART:20261203T090000Z", "DURATION:PT1H", "STATUS:CANCELLED"
                ),
            ),
            ["1201 09:00-10:00", "1220 15:00-17:00"],
            id="one moved, one cancelled",
        ),
        pytest.param(
            an_object(event("RECURRENCE-ID:20261202T090000Z", "DTSTART:20261220T150000Z", "DURATION:PT2H")),
            ["1220 15:00-17:00"],
            id="a moved one without its series",
        ),
        pytest.param(
            one(f"DTSTART;{PARIS}:20270327T023000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3"),
            ["0327 01:30-02:30", "0328 01:30-02:30", "0329 00:30-01:30"],
            id="over the hour that is not there",
        ),
        pytest.param(
            one("DTSTART;VALUE=DATE:20261201", "RRULE:FREQ=DAILY;COUNT=3"), ["1130 23:00-1203 23:00"], id="whole days"
        ),
        pytest.param(
            one("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261201", "RRULE:FREQ=WEEKLY;COUNT=2"),
            ["1130 23:00-1201 23:00", "1207 23:00-1208 23:00"],
            id="whole days that end on themselves",
        ),
        pytest.param(
            one("DTSTART:20261201T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;UNTIL=20261208T090000Z"),
            ["1201 08:00-09:00", "1208 08:00-09:00"],
            id="floating until an instant",
        ),
    ],
)
def test_what_recurs_blocks_each_time(expander: Expander, ics: bytes, expected: list[str]):
    assert blocked(expander, ics) == expected


def test_an_unknown_zone_is_taken_as_the_owners_and_said_to_be_doubtful():
    times = read_times(one("DTSTART;TZID=Mars/Base:20261201T090000", "DURATION:PT1H"), FRAME)
    assert ([shown(span) for span in times.spans], times.is_doubtful) == (["1201 08:00-09:00"], True)


@pytest.mark.parametrize(
    "ics",
    [
        b"",
        b"<html>log in</html>",
        one("SUMMARY:when?"),
        one("DTSTART:2026"),
        one(*NINE)[:-40],
        one("DTSTART:99999999T0"),
    ],
)
def test_what_means_nothing_is_unreadable(ics: bytes):
    with pytest.raises(Unreadable):
        read_times(ics, FRAME)


def test_the_words_of_what_recurs_are_not_kept():
    secret = one(*NINE, "RRULE:FREQ=DAILY", "SUMMARY:Oncology", "LOCATION:Hospital", "ATTENDEE:mailto:dr@example.org")
    kept = read_times(secret, FRAME).recurrence
    assert kept is not None
    assert b"RRULE:FREQ=DAILY" in kept
    for word in (b"Oncology", b"Hospital", b"dr@example.org"):
        assert word not in kept


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=7",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",  # never comes: the library looks for it until the year 9999
    ],
)
def test_a_rule_that_is_too_much_blocks_all_it_could_and_is_doubtful(rule: str):
    recurrence = read_times(one("DTSTART:20261210T090000Z", "DURATION:PT1M", f"RRULE:{rule}"), FRAME).recurrence
    assert recurrence is not None
    with Expander(object_seconds=1.0) as expander:
        expanded = expander.expand(recurrence, FRAME.zone, FRAME.window)
        assert (expanded.spans, expanded.is_doubtful) == (
            (Span(datetime(2026, 12, 10, 9, tzinfo=UTC), WINDOW.ends_at),),
            True,
        )
        daily = read_times(one("DTSTART:20261210T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2"), FRAME)
        assert daily.recurrence is not None
        assert len(expander.expand(daily.recurrence, FRAME.zone, FRAME.window).spans) == 2, "the next one is worked out"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("DTSTART;TZID=Europe/Paris:00010101T000000", [WINDOW]),
        ("DTSTART;VALUE=DATE:00010101", [WINDOW]),
        ("DTSTART:99991231T235959Z", []),
        ("DTSTART;TZID=America/New_York:99991231T230000", []),
    ],
)
def test_a_rule_that_is_too_much_may_begin_where_no_clock_goes(expander: Expander, start: str, expected: list[Span]):
    recurrence = read_times(one(start, "RRULE:FREQ=MINUTELY"), FRAME).recurrence
    assert recurrence is not None
    expanded = expander.expand(recurrence, FRAME.zone, FRAME.window)
    assert (list(expanded.spans), expanded.is_doubtful) == (expected, True)


def test_a_rule_that_cannot_be_read_is_doubtful(expander: Expander):
    recurrence = read_times(one(*NINE, "RRULE:FREQ=WEEKLYISH"), FRAME).recurrence
    assert recurrence is not None
    assert expander.expand(recurrence, FRAME.zone, FRAME.window).is_doubtful
