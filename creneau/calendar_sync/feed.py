"""Events as an iCalendar stream: for a subscription, or for one object on a server. Pure, and always the same bytes.

There is no METHOD: a feed does not need one, and METHOD:PUBLISH would require an ORGANIZER (RFC 5546 section 3.2.1).
"""

import hashlib
from collections.abc import Iterable

from creneau.calendar_sync.lines import text_line
from creneau.calendar_sync.vevent import CalendarEvent, render_vevent

PRODID = "-//Creneau//Creneau//EN"
RENDERING = "2"
"""To be raised with every change of what the same sessions look like: it ends what clients and we have kept."""

_BEGIN = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\n".encode()
_EVERY_HOUR = b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n"
_END = b"END:VCALENDAR\r\n"


def render_object(event: CalendarEvent) -> bytes:
    """Return the body of a calendar object resource (RFC 4791 section 4.1): one event, no METHOD."""
    return render_stream(render_vevent(event))


def render_feed(name: str, events: Iterable[CalendarEvent]) -> bytes:
    """Return a feed of events to subscribe to."""
    return render_subscription(name, b"".join(map(render_vevent, events)))


def render_subscription(name: str, components: bytes) -> bytes:
    """Return components as a feed, with its name and how often to ask for it (RFC 7986, and what came before)."""
    said = f"{text_line('NAME', name)}{text_line('X-WR-CALNAME', name)}".encode()
    return render_stream(said + _EVERY_HOUR + components)


def render_stream(content: bytes) -> bytes:
    return _BEGIN + content + _END


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of a body, without its quotes."""
    return hashlib.sha256(body).hexdigest()
