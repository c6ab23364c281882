"""An object of ours on a server: put over a copy of it, taken out, never mistaken for somebody else's."""

from icalendar import Calendar as ICalendar

from creneau.calendar_sync.calendar import (
    Calendar,
    CalendarObject,
    CalendarRefused,
    ForeignObject,
    NotThere,
    PreconditionFailed,
    UidTaken,
)
from creneau.calendar_sync.collection import canonical

TRIES = 3
PRECONDITION_FAILED = 412


def put_object(calendar: Calendar, href: str, ics: bytes, etag: str | None, uid: str) -> str | None:
    """Put our object, over a copy of it that has changed or appeared meanwhile, never over somebody else's.

    Where a server wants a UID once in all calendars of an account, our event that was taken to another one leaves it.

    Raises: ForeignObject; CalendarRefused when the server finds fault with the condition again and again: some
    answer 412 to an object they dislike.
    """
    for _ in range(TRIES):
        try:
            return calendar.put(href, ics, etag)
        except PreconditionFailed:
            etag = _find_etag(calendar, href, uid)
        except UidTaken as taken:
            make_way(calendar, href, taken, uid)
    raise CalendarRefused(PRECONDITION_FAILED)


def remove_object(calendar: Calendar, href: str, etag: str | None, uid: str) -> None:
    """Delete our object, unless it is gone already or somebody else's stands in its place."""
    for _ in range(TRIES):
        try:
            etag = etag or _find_etag(calendar, href, uid)
        except ForeignObject:
            return
        if etag is None:
            return
        try:
            calendar.delete(href, etag)
        except PreconditionFailed:
            etag = None
        else:
            return
    raise CalendarRefused(PRECONDITION_FAILED)


def _find_etag(calendar: Calendar, href: str, uid: str) -> str | None:
    """Return what to match our object by, None when nothing is there. Raises: ForeignObject."""
    found = find_ours(calendar, href, uid)
    return None if found is None else found.etag or "*"


def find_ours(calendar: Calendar, href: str, uid: str) -> CalendarObject | None:
    """Return our object as it stands there, None when nothing does. Raises: ForeignObject."""
    try:
        found = calendar.get(href)
    except NotThere:
        return None
    if uid not in _uids(found.ics):
        raise ForeignObject
    return found


def make_way(calendar: Calendar, href: str, taken: UidTaken, uid: str) -> None:
    """Take our event out of the other calendar in which a server wants it no more. Raises: UidTaken: it is not told."""
    if taken.href is None or taken.href == canonical(href):
        raise taken
    remove_object(calendar, taken.href, None, uid)


def _uids(ics: bytes) -> set[str]:
    try:
        return {str(event.get("uid")) for event in ICalendar.from_ical(ics).walk("VEVENT")}
    except ValueError:
        return set()
