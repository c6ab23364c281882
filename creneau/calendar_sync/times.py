"""What a calendar object blocks: its times, read without its words. Pure.

Of each event only what says when, and whether it blocks, is looked at and kept: titles and places stay where they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Component, Event

from creneau.core.domain.time import Span

_KEPT = ("uid", "dtstart", "dtend", "duration", "rrule", "rdate", "exdate", "recurrence-id", "status", "transp")
_RECURS = ("rrule", "rdate", "recurrence-id")
_A_DAY = timedelta(days=1)
_LONGEST_UID = 500


PARSER_ERRORS = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError)
"""What the parser raises at nonsense: other people's files are full of it."""


class Unreadable(Exception):
    """Not iCalendar, or with times that mean nothing: what it blocks is not known."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What times are read for: whose zone, which addresses are the owner's (lower case), and between which instants."""

    zone: str
    addresses: frozenset[str]
    window: Span


@dataclass(frozen=True, slots=True)
class ObjectTimes:
    """The times of one object. `recurrence` is what remains to be expanded, then `spans` is empty.

    `is_doubtful`: a zone in it is not known, so that the owner's was taken.
    """

    uid: str
    spans: tuple[Span, ...]
    recurrence: bytes | None = None
    is_doubtful: bool = False


def read_times(ics: bytes, frame: Frame) -> ObjectTimes:
    """Raises: Unreadable."""
    try:
        return _read(ics, frame)
    except PARSER_ERRORS as error:
        raise Unreadable from error


def _read(ics: bytes, frame: Frame) -> ObjectTimes:
    calendar = Calendar.from_ical(ics)
    events = [one for one in calendar.walk("VEVENT") if isinstance(one, Event)]
    uid = str(events[0].get("uid", "")).replace("\0", "")[:_LONGEST_UID] if events else ""
    bare = [_bare(event, frame.addresses) for event in events]
    is_doubtful = any(_has_unknown_zone(event) for event in bare)
    if any(event.get(name) is not None for event in bare for name in _RECURS):
        return ObjectTimes(uid, (), _render(calendar, bare), is_doubtful)
    spans = [span for event in bare if blocks(event) and (span := read_span(event, frame.zone))]
    return ObjectTimes(uid, merge(spans, frame.window), None, is_doubtful)


def blocks(event: Component) -> bool:
    """Tell whether an event takes its owner's time: what is free, cancelled or declined does not."""
    return str(event.get("transp", "")).upper() != "TRANSPARENT" and str(event.get("status", "")).upper() != "CANCELLED"


def is_declined(event: Component, addresses: frozenset[str]) -> bool:
    """Tell whether the owner, known by some addresses, said no to an event (RFC 5545 section 3.2.12)."""
    attendees = event.get("attendee", [])
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        address = str(attendee).lower().removeprefix("mailto:")
        if address in addresses and str(attendee.params.get("partstat", "")).upper() == "DECLINED":
            return True
    return False


def to_instants(start: date, end: date, zone: str) -> Span | None:
    """Return the instants of two ends as they stand in an event; None where nothing lies between them.

    A day, and a time of no zone, is the owner's (RFC 5545 section 3.3.5). One that ends on the day that it begins is
    meant to take that day, though its end should be the next (section 3.6.1).
    """
    if start == end and not isinstance(start, datetime):
        end = start + _A_DAY
    starts_at, ends_at = _to_instant(start, zone), _to_instant(end, zone)
    if starts_at >= ends_at and type(start) is type(end) and _wall(start) < _wall(end):
        ends_at = starts_at + (_wall(end) - _wall(start))  # the clocks jump over one of the ends
    return Span(starts_at, ends_at) if starts_at < ends_at else None


def merge(spans: Iterable[Span], window: Span) -> tuple[Span, ...]:
    """Return spans in order, those that touch as one, without what ends before the window."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda one: one.starts_at):
        if span.ends_at <= window.starts_at:
            continue
        if merged and span.starts_at <= merged[-1].ends_at:
            merged[-1] = Span(merged[-1].starts_at, max(merged[-1].ends_at, span.ends_at))
        else:
            merged.append(span)
    return tuple(merged)


def read_span(event: Component, zone: str) -> Span | None:
    """Return the time of one event, None where it has no length. Raises: PARSER_ERRORS."""
    start = event.decoded("dtstart")
    if event.get("dtend") is not None:
        end = event.decoded("dtend")
    elif event.get("duration") is not None:
        end = _add(start, event.decoded("duration"))
    else:
        end = start if isinstance(start, datetime) else start + _A_DAY
    return to_instants(start, end, zone)


def _add(start: date, duration: timedelta) -> date:
    """Whole days go by the calendar, anything else by the clock (RFC 5545 section 3.8.2.5)."""
    is_exact = duration % _A_DAY and isinstance(start, datetime) and start.tzinfo is not None
    return (start.astimezone(UTC) if is_exact and isinstance(start, datetime) else start) + duration


def _to_instant(value: date, zone: str) -> datetime:
    has_zone = isinstance(value, datetime) and value.tzinfo is not None
    moment = value if isinstance(value, datetime) and has_zone else _wall(value).replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC)


def _wall(value: date) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return moment.replace(tzinfo=None)


def _bare(event: Event, addresses: frozenset[str]) -> Event:
    """Return an event's times alone. A no of the owner's is kept as a cancellation."""
    bare = Event()
    for name in _KEPT:
        if event.get(name) is not None:
            bare[name] = event[name]
    if is_declined(event, addresses):
        bare["status"] = "CANCELLED"
    if not isinstance(bare.decoded("dtstart"), date):
        raise Unreadable
    return bare


def _has_unknown_zone(event: Component) -> bool:
    """Tell whether an end has a zone that is not known: it was read as a time of none."""
    for name in ("dtstart", "dtend"):
        found: Any = event.get(name)
        if found is None or not found.params.get("tzid"):
            continue
        value = event.decoded(name)
        if isinstance(value, datetime) and value.tzinfo is None:
            return True
    return False


def _render(calendar: Component, events: Iterable[Event]) -> bytes:
    bare = Calendar()
    bare.add("version", "2.0")
    bare.add("prodid", "-//Creneau//Creneau//EN")
    for zone in calendar.walk("VTIMEZONE"):
        bare.add_component(zone)
    for event in events:
        bare.add_component(event)
    rendered: bytes = bare.to_ical()
    return rendered
