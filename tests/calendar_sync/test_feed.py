"""Feeds as bytes."""

import icalendar

from creneau.calendar_sync.feed import etag_of, render_feed, render_object
from creneau.calendar_sync.vevent import session_event
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
