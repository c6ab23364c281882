"""A session as a VEVENT (RFC 5545): what it says to the owner of a calendar, and its bytes. Pure.

It is neutral unless its centre chose otherwise: whoever looks over the owner's shoulder learns of an appointment and no
more. It has no ORGANIZER and
no ATTENDEE, because servers send invitations to those by themselves.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid5

from creneau.calendar_sync.lines import fold, instant, text_line
from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.calendar_words import NOTHING_TOLD, Told
from creneau.core.domain.feeds import BookableHours
from creneau.core.domain.ids import BookingId, UserId
from creneau.core.domain.time import Span
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import session_type_name


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


_SEPARATOR = " · "


def uid_of(booking_id: BookingId, domain: str) -> str:
    """Return the name of a session in every calendar, for ever."""
    return f"{booking_id}@{domain}"


def uid_of_busy(booking_id: BookingId, owner_id: UserId, domain: str) -> str:
    """Return the name of a session in its owner's busy feed.

    It is neither the session's nor that of the other side: whoever has two feeds cannot tell who meets whom.
    """
    return f"{uuid5(booking_id, f'busy {owner_id}')}@{domain}"


def session_event(
    booking: Booking, owner_id: UserId, reader: Reader, domain: str, told: Told = NOTHING_TOLD
) -> CalendarEvent:
    """Return what a session looks like in the calendar of its consultant or of its beneficiary."""
    return CalendarEvent(
        uid=uid_of(booking.id, domain),
        span=booking.span,
        modified_at=booking.updated_at,
        summary=summary_of(reader, booking.reference, told, is_consultant=booking.consultant_id == owner_id),
        sequence=booking.version - 1,
        location=location_of(booking.meeting_format, booking.meeting_location, reader),
    )


def bookable_event(hours: BookableHours, reader: Reader, domain: str) -> CalendarEvent:
    """Return hours in which a consultant can be booked, as an event that takes none of their time."""
    return CalendarEvent(
        uid=f"{uuid5(hours.slot_id, hours.span.starts_at.isoformat())}@{domain}",
        span=hours.span,
        modified_at=hours.changed_at,
        summary=reader.text("Bookable"),
        sequence=hours.sequence,
        is_opaque=False,
        is_private=False,
    )


def render_vevent(event: CalendarEvent) -> bytes:
    """Return the folded lines of a VEVENT, each ended by CRLF. The same event gives the same bytes."""
    span = event.span
    head = head_of(event.uid, event.sequence, event.modified_at, span.starts_at, span.ends_at)
    tail = tail_of(event.summary, event.location, is_opaque=event.is_opaque, is_private=event.is_private)
    return (head + tail).encode()


def head_of(uid: str, sequence: int, modified_at: datetime, starts_at: datetime, ends_at: datetime) -> str:
    """Return the lines that tell one event from another: its name, its revision, its time."""
    stamp = instant(modified_at)
    return (
        f"BEGIN:VEVENT\r\n{fold(f'UID:{uid}')}SEQUENCE:{sequence}\r\nDTSTAMP:{stamp}\r\nLAST-MODIFIED:{stamp}\r\n"
        f"DTSTART:{instant(starts_at)}\r\nDTEND:{instant(ends_at)}\r\n"
    )


def tail_of(summary: str, location: str | None = None, *, is_opaque: bool = True, is_private: bool = True) -> str:
    """Return the lines that say what an event is, and its end."""
    lines = (
        text_line("SUMMARY", summary),
        "STATUS:CONFIRMED\r\n",
        "TRANSP:OPAQUE\r\n" if is_opaque else "TRANSP:TRANSPARENT\r\n",
        "CLASS:PRIVATE\r\n" if is_private else "",
        text_line("LOCATION", location) if location else "",
        "END:VEVENT\r\n",
    )
    return "".join(lines)


def summary_of(reader: Reader, reference: str, told: Told = NOTHING_TOLD, *, is_consultant: bool) -> str:
    """Return the title of a session to its consultant or to its beneficiary, with what may be told."""
    kind = session_type_name(reader, told.session_type) if told.session_type else None
    words = [word for word in (told.name, kind) if word]
    if is_consultant:
        return _SEPARATOR.join([*words, reference]) if words else reader.text("Appt {reference}", reference=reference)
    return _SEPARATOR.join(words) if words else reader.text("Appointment")


def location_of(meeting_format: MeetingFormat, place: str | None, reader: Reader) -> str | None:
    """Return where to be. A link is left out: it opens the meeting for whoever reads it."""
    match meeting_format:
        case MeetingFormat.VIDEO:
            return reader.text("Remote")
        case MeetingFormat.PHONE:
            return reader.text("By phone")
        case MeetingFormat.IN_PERSON:
            return place
