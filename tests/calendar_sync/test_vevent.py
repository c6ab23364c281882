"""What a session looks like in a calendar, read back the way a calendar client does."""

from datetime import UTC, datetime
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creneau.calendar_sync.feed import render_feed, render_object
from creneau.calendar_sync.vevent import bookable_event, render_vevent, session_event
from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.calendar_words import CalendarDetail, tell
from creneau.core.domain.feeds import BookableHours
from creneau.core.i18n.reader import Reader

from .samples import BOOKING, booking

READER = Reader("en", "Europe/Paris")


HOURS = BookableHours(BOOKING.slot_id, BOOKING.span, 3, BOOKING.updated_at)


def for_consultant(of: Booking = BOOKING) -> bytes:
    return render_object(session_event(of, of.consultant_id, READER, "creneau"))


def for_beneficiary(of: Booking = BOOKING) -> bytes:
    return render_object(session_event(of, of.beneficiary_id, READER, "creneau"))


def parse(ics: bytes) -> Any:
    (event,) = icalendar.Calendar.from_ical(ics).walk("VEVENT")
    return event


def test_a_session_reads_back_as_it_was_agreed() -> None:
    event = parse(for_consultant())
    said = {name: value.to_ical().decode() for name, value in event.items()}
    assert said == {
        "UID": "019a0000-0000-7000-8000-0000000000a7@creneau",
        "SEQUENCE": "1",
        "DTSTAMP": "20261130T093015Z",
        "LAST-MODIFIED": "20261130T093015Z",
        "DTSTART": "20261203T080000Z",
        "DTEND": "20261203T100000Z",
        "SUMMARY": f"Appt {BOOKING.reference}",
        "STATUS": "CONFIRMED",
        "TRANSP": "OPAQUE",
        "CLASS": "PRIVATE",
        "LOCATION": "Remote",
    }


def test_the_beneficiary_reads_a_title_without_a_reference() -> None:
    assert parse(for_beneficiary())["SUMMARY"] == "Appointment"


@pytest.mark.parametrize(
    ("level", "consultant", "beneficiary"),
    [
        (CalendarDetail.NEUTRAL, f"Appt {BOOKING.reference}", "Appointment"),
        (CalendarDetail.NAMED, f"Marie; Durand · {BOOKING.reference}", "Marie; Durand"),
        (
            CalendarDetail.DETAILED,
            f"Marie; Durand · Working session · {BOOKING.reference}",
            "Marie; Durand · Working session",
        ),
    ],
)
def test_a_title_tells_as_much_as_the_centre_lets_it(level: CalendarDetail, consultant: str, beneficiary: str) -> None:
    told = tell(level, "Marie; Durand", BOOKING.session_type)
    for owner_id, title in ((BOOKING.consultant_id, consultant), (BOOKING.beneficiary_id, beneficiary)):
        ics = render_object(session_event(BOOKING, owner_id, READER, "creneau", told))
        assert parse(ics)["SUMMARY"] == title


def test_both_sides_see_the_same_uid_and_an_update_keeps_it() -> None:
    moved = booking(version=3, updated_at=datetime(2026, 12, 1, tzinfo=UTC))
    assert parse(for_consultant())["UID"] == parse(for_beneficiary())["UID"] == parse(for_consultant(moved))["UID"]
    assert parse(for_consultant(moved))["SEQUENCE"] == 2


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"meeting_format": MeetingFormat.VIDEO, "meeting_location": "ignored"}, "Remote"),
        ({"meeting_format": MeetingFormat.PHONE}, "By phone"),
        (
            {"meeting_format": MeetingFormat.IN_PERSON, "meeting_location": "Salle 2, 3 rue des Lilas"},
            "Salle 2, 3 rue des Lilas",
        ),
        ({"meeting_format": MeetingFormat.IN_PERSON, "meeting_location": None}, None),
    ],
)
def test_the_place_is_neutral_or_the_one_agreed(changes: dict[str, Any], place: str | None) -> None:
    assert parse(for_consultant(booking(**changes))).get("LOCATION") == place


def test_nothing_says_what_the_session_is_about_or_opens_it() -> None:
    for ics in (for_consultant(), for_beneficiary()):
        text = ics.decode().lower()
        for word in ("bilan", "organizer", "attendee", "method", "meet.example.org", "follow", "description", "url"):
            assert word not in text


def test_bookable_hours_take_no_time() -> None:
    event = parse(render_object(bookable_event(HOURS, READER, "creneau")))
    assert event["TRANSP"] == "TRANSPARENT"
    assert event["SEQUENCE"] == 3
    assert event.start == BOOKING.span.starts_at


def test_the_same_booking_gives_the_same_bytes() -> None:
    assert for_consultant() == for_consultant(booking())


NASTY = [
    "Salle\r\nATTENDEE:mailto:eve@example.org",
    "Salle\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil",
    "Salle\rX-EVIL:1",
    "a;b,c:d\\n\\",
    'q"uo^te',
    "nul\x00 bell\x07 nel\x85 ls\u2028 ps\u2029 end",
    "é" * 250,
    "\U0001f600" * 120,
]


@pytest.mark.parametrize("text", NASTY)
def test_a_text_cannot_break_out_of_its_property(text: str) -> None:
    assert_contained(text)


@given(st.text(max_size=255))
def test_no_text_at_all_breaks_out_of_its_property(text: str) -> None:
    assert_contained(text)


def assert_contained(text: str) -> None:
    ics = for_consultant(booking(meeting_format=MeetingFormat.IN_PERSON, meeting_location=text))
    for line in ics.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
    for line in unfold(ics):
        assert not any(ord(character) < 32 or ord(character) == 127 for character in line)
    names = [line.split(":")[0].split(";")[0] for line in unfold(ics)]
    assert names.count("BEGIN") == names.count("END") == 2
    assert "ATTENDEE" not in names
    assert not [name for name in names if name.startswith("X-")]
    event = parse(ics)
    assert event["UID"] == f"{BOOKING.id}@creneau"
    kept = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    found = " ".join("".join(c if c.isprintable() else " " for c in str(event.get("LOCATION", ""))).split())
    assert found == kept


def unfold(ics: bytes) -> list[str]:
    return ics.replace(b"\r\n ", b"").decode().split("\r\n")


def test_lines_end_in_crlf_and_fold_between_characters() -> None:
    place = "Salle des fêtes " * 15
    body = render_feed(
        "Rendez-vous",
        [
            session_event(
                booking(meeting_format=MeetingFormat.IN_PERSON, meeting_location=place),
                BOOKING.consultant_id,
                READER,
                "creneau",
            )
        ],
    )
    assert body.endswith(b"END:VCALENDAR\r\n")
    assert body.count(b"\n") == body.count(b"\r\n")
    for line in body.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # a fold inside a character would not decode


def test_a_vevent_alone_has_no_envelope() -> None:
    lines = render_vevent(session_event(BOOKING, BOOKING.consultant_id, READER, "creneau"))
    assert lines.startswith(b"BEGIN:VEVENT\r\n")
    assert lines.endswith(b"END:VEVENT\r\n")
