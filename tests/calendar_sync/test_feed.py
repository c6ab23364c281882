"""Feeds as bytes."""

from datetime import timedelta
from uuid import UUID, uuid5

import icalendar
import pytest

from creneau.calendar_sync.feed import etag_of, render_feed, render_object, render_stream
from creneau.calendar_sync.session_feed import render_busy, render_sessions
from creneau.calendar_sync.vevent import CalendarEvent, render_vevent, session_event
from creneau.calendar_sync.vfreebusy import render_vfreebusy
from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.feeds import FeedSession
from creneau.core.domain.ids import BookingId, UserId
from creneau.core.domain.time import Span
from creneau.core.i18n.reader import Reader

from .samples import BOOKING, booking

EVENT = session_event(BOOKING, BOOKING.consultant_id, Reader("fr", "Europe/Paris"), "creneau")


def test_a_feed_has_a_name_and_says_how_often_to_come_back() -> None:
    lines = render_feed("Rendez-vous", [EVENT]).decode().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    for line in (
        "VERSION:2.0",
        "PRODID:-//Creneau//Creneau//EN",
        "NAME:Rendez-vous",
        "X-WR-CALNAME:Rendez-vous",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ):
        assert lines.count(line) == 1


def test_no_method_in_what_is_subscribed_to_or_stored() -> None:
    assert b"METHOD" not in render_feed("n", [EVENT]) + render_object(EVENT)


def test_an_empty_feed_is_a_calendar() -> None:
    assert icalendar.Calendar.from_ical(render_feed("n", [])).walk("VEVENT") == []


def test_the_event_is_the_same_in_a_feed_and_on_a_server() -> None:
    (in_feed,) = icalendar.Calendar.from_ical(render_feed("n", [EVENT])).walk("VEVENT")
    (on_server,) = icalendar.Calendar.from_ical(render_object(EVENT)).walk("VEVENT")
    assert in_feed.to_ical() == on_server.to_ical()


def test_the_entity_tag_follows_the_bytes() -> None:
    one, two = render_feed("n", [EVENT]), render_feed("n", [])
    assert etag_of(one) == etag_of(render_feed("n", [EVENT]))
    assert etag_of(one) != etag_of(two)


SESSIONS = [
    FeedSession(
        str(UUID(int=number << 64 | 0xA7)),
        number % 3 > 0,
        BOOKING.span.starts_at + timedelta(days=number),
        BOOKING.span.ends_at + timedelta(days=number),
        number,
        BOOKING.updated_at + timedelta(minutes=number),
        meeting_format,
        place,
    )
    for number, (meeting_format, place) in enumerate(
        [
            (MeetingFormat.VIDEO, None),
            (MeetingFormat.IN_PERSON, "Salle 2; 3, rue des Lilas"),
            (MeetingFormat.IN_PERSON, "Salle des fêtes " * 12),
            (MeetingFormat.IN_PERSON, "\ue000"),
            (MeetingFormat.PHONE, None),
            (MeetingFormat.VIDEO, None),
        ],
        start=1,
    )
]


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("domain", ["creneau", "a-long-name-of-a-host." * 3 + "example.org"])
def test_many_sessions_are_rendered_as_each_alone(locale: str, domain: str) -> None:
    reader, owner = Reader(locale, "Europe/Paris"), BOOKING.consultant_id
    named = [one._replace(detail="DETAILED", other_name="Zoé \ue000" * 9, session_type="REVIEW") for one in SESSIONS]
    told = [*SESSIONS, *named]
    alone = [render_vevent(session_event(agreed(one), owner, reader, domain, one.told)) for one in told]
    assert render_sessions(told, reader, domain) == b"".join(alone)
    busy = [render_vevent(busy_event(one, owner, reader, domain)) for one in SESSIONS]
    assert render_busy(SESSIONS, owner, reader, domain) == b"".join(busy)


def agreed(shown: FeedSession) -> Booking:
    return booking(
        id=BookingId(UUID(shown.written_id)),
        consultant_id=BOOKING.consultant_id if shown.is_consultant else BOOKING.beneficiary_id,
        span=shown.span,
        version=shown.version,
        updated_at=shown.updated_at,
        meeting_format=MeetingFormat(shown.meeting_format),
        meeting_location=shown.meeting_location,
    )


def busy_event(shown: FeedSession, owner_id: UserId, reader: Reader, domain: str) -> CalendarEvent:
    name = uuid5(UUID(shown.written_id), f"busy {owner_id}")
    return CalendarEvent(f"{name}@{domain}", shown.span, shown.updated_at, reader.text("Busy"), shown.version - 1)


def test_busy_time_says_nothing_but_busy_under_a_name_of_its_own() -> None:
    reader, owner = Reader("en", "Europe/Paris"), BOOKING.consultant_id
    session = SESSIONS[1]._replace(detail="DETAILED", other_name="Marie", session_type="REVIEW")
    (event,) = icalendar.Calendar.from_ical(render_stream(render_busy([session], owner, reader, "creneau"))).walk(
        "VEVENT"
    )
    assert set(event) == {
        "UID",
        "SEQUENCE",
        "DTSTAMP",
        "LAST-MODIFIED",
        "DTSTART",
        "DTEND",
        "SUMMARY",
        "STATUS",
        "TRANSP",
        "CLASS",
    }
    assert (event["SUMMARY"], event["TRANSP"]) == ("Busy", "OPAQUE")
    assert session.written_id not in event["UID"]
    later = render_busy([session._replace(version=9)], owner, reader, "creneau")
    other = render_busy([session], BOOKING.beneficiary_id, reader, "creneau")
    assert event["UID"].encode() in later
    assert event["UID"].encode() not in other


def test_busy_spans_are_joined_and_in_order() -> None:
    at = BOOKING.span.starts_at
    hour = timedelta(hours=1)
    spans = [Span(at + 3 * hour, at + 4 * hour), Span(at, at + 2 * hour), Span(at + hour, at + 3 * hour)]
    window = Span(at - timedelta(days=90), at + timedelta(days=400))
    body = render_stream(render_vfreebusy("u@creneau", window, spans, BOOKING.updated_at))
    (busy,) = icalendar.Calendar.from_ical(body).walk("VFREEBUSY")
    assert busy["FREEBUSY"].to_ical() == b"20261203T080000Z/20261203T120000Z"
    assert busy["FREEBUSY"].params["FBTYPE"] == "BUSY"
    assert (busy.start, busy.end, busy["UID"]) == (window.starts_at, window.ends_at, "u@creneau")
