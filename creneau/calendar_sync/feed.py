"""Events as an iCalendar stream: for a subscription, or for one object on a server. Pure, and always the same bytes.

There is no METHOD: a feed does not need one, and METHOD:PUBLISH would require an ORGANIZER (RFC 5546 section 3.2.1).
"""

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from icalendar import Calendar

from creneau.calendar_sync.vevent import CalendarEvent, render_vevent

PRODID = "-//Creneau//Creneau//EN"
REFRESH_INTERVAL = timedelta(hours=1)

_END = b"END:VCALENDAR\r\n"


def render_object(event: CalendarEvent) -> bytes:
    """Return the body of a calendar object resource (RFC 4791 section 4.1): one event, no METHOD."""
    return _render(_calendar(), [event])


def render_feed(name: str, events: Iterable[CalendarEvent]) -> bytes:
    """Return a feed to subscribe to, with its name and how often to ask for it (RFC 7986, and what came before)."""
    calendar = _calendar()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return _render(calendar, events)


def etag_of(body: bytes) -> str:
    """Return the strong entity tag of a body, without its quotes."""
    return hashlib.sha256(body).hexdigest()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODID)
    return calendar


def _render(calendar: Calendar, events: Iterable[CalendarEvent]) -> bytes:
    # The envelope and each event are rendered alone: events can be joined, and kept, as bytes.
    envelope: bytes = calendar.to_ical()
    return envelope.removesuffix(_END) + b"".join(map(render_vevent, events)) + _END
