"""An object of ours on a server: put over a copy of it, taken out, never mistaken for somebody else's."""

from collections.abc import Callable
from dataclasses import dataclass, replace

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

_TRIES = 3
_PRECONDITION_FAILED = 412


@dataclass(frozen=True, slots=True)
class OwnObject:
    """An object of ours, and what it is matched by where it stands: `is_edited` with its consultant's words."""

    ics: bytes
    etag: str | None
    is_edited: bool = False


def put_object(calendar: Calendar, href: str, ics: bytes, etag: str | None, uid: str) -> str | None:
    """Put our object, over a copy of it that has changed or appeared meanwhile. Raises: as `put_over`."""
    return put_over(
        calendar, href, OwnObject(ics, etag), lambda: OwnObject(ics, _find_etag(calendar, href, uid)), uid
    ).etag


def put_over(
    calendar: Calendar, href: str, wanted: OwnObject, look_again: Callable[[], OwnObject], uid: str
) -> OwnObject:
    """Put our object; where another stands there than was known, what is wanted then. Return it as it stands now.

    Where a server wants a UID once in all calendars of an account, our event that was taken to another one leaves it.

    Raises: ForeignObject, never to be put over; CalendarRefused when the server finds fault with the condition again
    and again: some answer 412 to an object they dislike.
    """
    for _ in range(_TRIES):
        try:
            return replace(wanted, etag=calendar.put(href, wanted.ics, wanted.etag))
        except PreconditionFailed:
            wanted = look_again()
        except UidTaken as taken:
            _make_way(calendar, href, taken, uid)
    raise CalendarRefused(_PRECONDITION_FAILED)


def remove_object(calendar: Calendar, href: str, etag: str | None, uid: str) -> None:
    """Delete our object, unless it is gone already or somebody else's stands in its place."""
    for _ in range(_TRIES):
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
    raise CalendarRefused(_PRECONDITION_FAILED)


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


def _make_way(calendar: Calendar, href: str, taken: UidTaken, uid: str) -> None:
    """Take our event out of the other calendar in which a server wants it no more. Raises: UidTaken: it is not told."""
    if taken.href is None or taken.href == canonical(href):
        raise taken
    remove_object(calendar, taken.href, None, uid)


def _uids(ics: bytes) -> set[str]:
    try:
        return {str(event.get("uid")) for event in ICalendar.from_ical(ics).walk("VEVENT")}
    except ValueError:
        return set()
