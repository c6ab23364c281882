"""Feeds as bytes."""

from datetime import timedelta
from uuid import UUID

import icalendar
import pytest

from creneau.calendar_sync.feed import etag_of, render_feed, render_object, render_stream
from creneau.calendar_sync.session_feed import render_busy, render_sessions
from creneau.calendar_sync.vevent import busy_event, render_vevent, session_event
from creneau.calendar_sync.vfreebusy import render_vfreebusy
from creneau.core.domain.booking import MeetingFormat, SessionType
from creneau.core.domain.calendar_words import Told
from creneau.core.domain.feeds import FeedSession
from creneau.core.domain.ids import BookingId, UserId
from creneau.core.domain.time import Span
from creneau.core.i18n.reader import Reader

from .samples import BOOKING

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
        BookingId(UUID(int=number << 64 | 0xA7)),
        BOOKING.consultant_id if number % 3 else UserId(UUID(int=9)),
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
    named = [one._replace(told=Told("Zoé \ue000" * 9, SessionType.REVIEW)) for one in SESSIONS]
    told = [*SESSIONS, *named]
    sessions = [render_vevent(session_event(one, owner, reader, domain, one.told)) for one in told]
    assert render_sessions(told, owner, reader, domain) == b"".join(sessions)
    busy = [render_vevent(busy_event(one, owner, reader, domain)) for one in SESSIONS]
    assert render_busy(SESSIONS, owner, reader, domain) == b"".join(busy)


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
