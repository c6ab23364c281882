"""A session as a VEVENT (RFC 5545): what it says to the owner of a calendar, and its bytes. Pure.

It is neutral: whoever looks over the owner's shoulder learns of an appointment and no more. It has no ORGANIZER and
no ATTENDEE, because servers send invitations to those by themselves.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid5

from icalendar import Event

from creneau.core.domain.availability import HORIZON
from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.feeds import BookableHours
from creneau.core.domain.ids import BookingId, UserId
from creneau.core.domain.time import Span
from creneau.core.i18n.reader import Reader

_UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """What a VEVENT says. `modified_at` is when it came to say so: never the present, or every copy would differ."""

    uid: str
    span: Span
    modified_at: datetime
    summary: str
    sequence: int = 0
    location: str | None = None
    is_opaque: bool = True
    is_private: bool = True


def uid_of(booking_id: BookingId, domain: str) -> str:
    """Return the name of a session in every calendar, for ever."""
    return f"{booking_id}@{domain}"


def session_event(booking: Booking, owner_id: UserId, reader: Reader, domain: str) -> CalendarEvent:
    """Return what a session looks like in the calendar of its consultant or of its beneficiary."""
    return CalendarEvent(
        uid=uid_of(booking.id, domain),
        span=booking.span,
        modified_at=booking.updated_at,
        summary=(
            reader.text("Appt {reference}", reference=booking.reference)
            if owner_id == booking.consultant_id
            else reader.text("Appointment")
        ),
        sequence=booking.version - 1,
        location=_location(booking, reader),
    )


def busy_event(booking: Booking, reader: Reader, domain: str) -> CalendarEvent:
    """Return what others may know of a session: that its owner has no time then.

    The UID is another one than the session's, so that the two feeds cannot be told to speak of the same booking.
    """
    return CalendarEvent(
        uid=f"{uuid5(booking.id, 'busy')}@{domain}",
        span=booking.span,
        modified_at=booking.updated_at,
        summary=reader.text("Busy"),
        sequence=booking.version - 1,
    )


def bookable_event(hours: BookableHours, reader: Reader, domain: str) -> CalendarEvent:
    """Return hours in which a consultant can be booked, as an event that takes none of their time."""
    return CalendarEvent(
        uid=f"{uuid5(hours.slot_id, hours.span.starts_at.isoformat())}@{domain}",
        span=hours.span,
        modified_at=hours.span.starts_at - HORIZON,  # when they came to be bookable
        summary=reader.text("Bookable"),
        is_opaque=False,
        is_private=False,
    )


def render_vevent(event: CalendarEvent) -> bytes:
    """Return the folded lines of a VEVENT, each ended by CRLF. The same event gives the same bytes."""
    vevent = Event()
    vevent.add("uid", event.uid)
    vevent.add("sequence", event.sequence)
    vevent.add("dtstamp", event.modified_at)
    vevent.add("last-modified", event.modified_at)
    vevent.add("dtstart", event.span.starts_at)
    vevent.add("dtend", event.span.ends_at)
    vevent.add("summary", _one_line(event.summary))
    vevent.add("status", "CONFIRMED")
    vevent.add("transp", "OPAQUE" if event.is_opaque else "TRANSPARENT")
    if event.is_private:
        vevent.add("class", "PRIVATE")
    if event.location:
        vevent.add("location", _one_line(event.location))
    rendered: bytes = vevent.to_ical()
    return rendered


def _location(booking: Booking, reader: Reader) -> str | None:
    """Where to be. A link is left out: it opens the meeting for whoever reads it."""
    match booking.meeting_format:
        case MeetingFormat.VIDEO:
            return reader.text("Remote")
        case MeetingFormat.PHONE:
            return reader.text("By phone")
        case MeetingFormat.IN_PERSON:
            return booking.meeting_location


def _one_line(text: str) -> str:
    """Return a text without line breaks and without the characters that servers refuse or store differently."""
    spaced = "".join(" " if unicodedata.category(character) in _UNSAFE else character for character in text)
    return " ".join(spaced.split())
