"""Bring one session in a consultant's calendar in line with its booking. May run twice, and at once with itself."""

from typing import Any

import structlog
from icalendar import Calendar as ICalendar

from creneau.calendar_sync.calendar import (
    Calendar,
    CalendarRefused,
    ForeignObject,
    NotThere,
    OpenCalendar,
    PreconditionFailed,
    UidTaken,
)
from creneau.calendar_sync.collection import canonical
from creneau.calendar_sync.feed import render_object
from creneau.calendar_sync.overlay import lay_over
from creneau.calendar_sync.plan import Clear, Create, Move, Nothing, Remove, Update, plan_push
from creneau.calendar_sync.vevent import session_event, uid_of
from creneau.core.domain.calendar import CalendarSession
from creneau.core.domain.calendar_words import Told
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.i18n.reader import Reader
from creneau.core.services.calendars import CalendarService

_ROUNDS = 3
_TRIES = 3
_PRECONDITION_FAILED = 412

log = structlog.get_logger()


def push_session(
    service: CalendarService,
    open_calendar: OpenCalendar,
    domain: str,
    organization_id: OrganizationId,
    booking_id: BookingId,
) -> None:
    """Create, update or remove a session's event; do nothing when its consultant has no calendar linked.

    After each step it is seen whether the booking is still the same: a cancellation that came during the PUT found
    nothing to remove yet.

    Raises: CalendarError, the core's `booking.not_found` and `user.not_found`, SecretUnreadable.
    """
    for _ in range(_ROUNDS):
        session = service.get_session(organization_id, booking_id)
        if session.link is None:
            return
        step = plan_push(session, session.link, _render(session, session.told, domain))
        if isinstance(step, Nothing):
            return
        with open_calendar(session.link) as calendar:
            _carry_out(service, calendar, session, step, domain)
        if not isinstance(step, Clear) and service.is_current(session):
            return


def _render(session: CalendarSession, told: Told, domain: str) -> bytes:
    reader = Reader.from_user(session.consultant)
    return render_object(session_event(session.booking, session.consultant.id, reader, domain, told))


def _carry_out(
    service: CalendarService,
    calendar: Calendar,
    session: CalendarSession,
    step: Create | Update | Remove | Clear | Move,
    domain: str,
) -> None:
    uid = uid_of(session.booking.id, domain)
    said = log.bind(
        organization_id=str(session.booking.organization_id),
        booking_id=str(session.booking.id),
        version=session.booking.version,
    )
    match step:
        case Create(href, ics):
            service.record_attempt(session, href)
            service.record_push(session, href, put_object(calendar, href, ics, None, uid))
            said.info("calendar.session_created")
        case Move(old_href, old_etag, href, ics, keeps_words):
            theirs = _find_words(calendar, old_href, uid) if keeps_words else None
            put = ics if theirs is None else lay_over(theirs, ics, _render(session, session.told_before, domain))
            _clear(calendar, old_href, old_etag, uid, said)
            service.record_attempt(session, href, is_edited=theirs is not None)
            etag = put_object(calendar, href, put, None, uid)
            service.record_push(session, href, etag, is_edited=theirs is not None)
            said.info("calendar.session_moved")
        case Update(href, etag, ics, keeps_words):
            if keeps_words:
                before = _render(session, session.told_before, domain)
                service.record_push(session, href, _put_over(calendar, href, ics, before, uid), is_edited=True)
            else:
                service.record_push(session, href, put_object(calendar, href, ics, etag, uid))
            said.info("calendar.session_updated")
        case Remove(href, etag):
            remove_object(calendar, href, etag, uid)
            service.record_removal(session)
            said.info("calendar.session_removed")
        case Clear(href, etag):
            _clear(calendar, href, etag, uid, said)
            service.record_removal(session)


def _clear(calendar: Calendar, href: str, etag: str | None, uid: str, said: Any) -> None:
    """Take an object out of the calendar before, if that may be: it may be another account's, or read-only by now."""
    try:
        remove_object(calendar, href, etag, uid)
    except CalendarRefused as error:
        said.warning("calendar.old_session_stays", status=error.status)


def _find_words(calendar: Calendar, href: str, uid: str) -> bytes | None:
    """Return our object as its consultant has edited it, None when it is gone or cannot be had."""
    try:
        found = calendar.get(href)
    except (CalendarRefused, NotThere):
        return None
    return found.ics if uid in _uids(found.ics) else None


def put_object(calendar: Calendar, href: str, ics: bytes, etag: str | None, uid: str) -> str | None:
    """Put our object, over a copy of it that has changed or appeared meanwhile, never over somebody else's.

    Where a server wants a UID once in all calendars of an account, our event that was taken to another one leaves it.

    Raises: ForeignObject; CalendarRefused when the server finds fault with the condition again and again: some
    answer 412 to an object they dislike.
    """
    for _ in range(_TRIES):
        try:
            return calendar.put(href, ics, etag)
        except PreconditionFailed:
            etag = _find_etag(calendar, href, uid)
        except UidTaken as taken:
            if taken.href is None or taken.href == canonical(href):
                raise
            remove_object(calendar, taken.href, None, uid)
    raise CalendarRefused(_PRECONDITION_FAILED)


def _put_over(calendar: Calendar, href: str, ics: bytes, before: bytes, uid: str) -> str | None:
    """Put our object with what its consultant wrote into it, as it stands there now. Raises: as `put_object`."""
    for _ in range(_TRIES):
        try:
            found = calendar.get(href)
        except NotThere:
            return put_object(calendar, href, ics, None, uid)
        if uid not in _uids(found.ics):
            raise ForeignObject
        try:
            return calendar.put(href, lay_over(found.ics, ics, before), found.etag or "*")
        except PreconditionFailed:
            continue
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
    try:
        found = calendar.get(href)
    except NotThere:
        return None
    if uid not in _uids(found.ics):
        raise ForeignObject
    return found.etag or "*"


def _uids(ics: bytes) -> set[str]:
    try:
        return {str(event.get("uid")) for event in ICalendar.from_ical(ics).walk("VEVENT")}
    except ValueError:
        return set()
