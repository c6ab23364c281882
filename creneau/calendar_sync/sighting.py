"""How an event of ours stands in a calendar now: what a person did to its time, told apart from other words. Pure."""

from icalendar import Calendar

from creneau.calendar_sync.times import PARSER_ERRORS, Frame, is_declined, read_span
from creneau.core.domain.calendar_change import ChangeKind, Sighting
from creneau.core.domain.time import Span

_RECURS = ("rrule", "rdate", "recurrence-id")


def look_at(ics: bytes, uid: str, href: str, etag: str | None, session: Span, frame: Frame) -> Sighting | None:
    """Return what became of the session's event; None where it cannot be read, which is no evidence of anything.

    Titles, alarms, colours and what a server adds are never looked at: they are kept.
    """
    try:
        events = [one for one in Calendar.from_ical(ics).walk("VEVENT") if str(one.get("uid", "")) == uid]
        if not events:
            return None
        if len(events) > 1 or any(events[0].get(name) is not None for name in _RECURS):
            return Sighting(href, etag, ChangeKind.REPEATED, None)
        event = events[0]
        if str(event.get("status", "")).upper() == "CANCELLED" or is_declined(event, frame.addresses):
            return Sighting(href, etag, ChangeKind.DECLINED, None)
        span = read_span(event, frame.zone)
    except PARSER_ERRORS:
        return None
    return Sighting(href, etag, None if span == session else ChangeKind.MOVED, span)
