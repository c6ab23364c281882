"""The program that expands recurrences, for `expander`: a process of its own, because a rule can go on for ever.

It says a line when it is ready. Then it reads an object a line and answers with its spans, or with null when it cannot.
What it is given has times alone.
"""

import json
import resource
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import recurring_ical_events
from icalendar import Calendar

from creneau.calendar_sync.times import blocks, merge, to_instants
from creneau.core.domain.time import Span

MOST_BYTES = 1 << 30
_AROUND = timedelta(days=2)
"""Zones, and days that are longer than others: what is too much is cut off again."""


def expand(ics: bytes, zone: str, window: Span) -> tuple[Span, ...]:
    """Return when a recurring object blocks within a window. Raises whatever its rules make the library raise."""
    found = recurring_ical_events.of(Calendar.from_ical(ics)).between(
        window.starts_at - _AROUND, window.ends_at + _AROUND
    )
    ends = [(event.start, event.end) for event in found if blocks(event)]
    spans = [span for start, end in ends if (span := to_instants(start, end, zone))]
    return merge((span for span in spans if span.starts_at < window.ends_at), window)


def whole_time(ics: bytes, zone: str, window: Span) -> Span | None:
    """Return all the time that an object could block: for one that is too much to be expanded."""
    starts: list[date] = [event.decoded("dtstart") for event in Calendar.from_ical(ics).walk("VEVENT")]
    first = min((_begin(start, zone) for start in starts), default=window.starts_at)
    return Span(max(first, window.starts_at), window.ends_at) if first < window.ends_at else None


def _begin(start: date, zone: str) -> datetime:
    """Return the instant of a start; one near it where that lies beyond what can be counted in UTC."""
    try:
        span = to_instants(start, start + timedelta(days=1), zone)
    except OverflowError:
        span = None
    return span.starts_at if span else datetime(start.year, 1, 1, tzinfo=UTC)


def serve() -> None:
    with suppress(ValueError, OSError):  # a system that knows no such limit has the deadline
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    _say([])
    for line in sys.stdin:
        asked = json.loads(line)
        window = Span(datetime.fromisoformat(asked["since"]), datetime.fromisoformat(asked["until"]))
        try:
            spans = expand(asked["ics"].encode(), asked["zone"], window)
            told = [[span.starts_at.isoformat(), span.ends_at.isoformat()] for span in spans]
        except Exception:  # noqa: BLE001 - the library raises anything at a rule it cannot read
            told = None
        _say(told)


def _say(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
