"""Bring one session in a consultant's calendar in line with its booking. May run twice, and at once with itself."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog

from creneau.calendar_sync.calendar import (
    Calendar,
    CalendarRefused,
    ForeignObject,
    OpenCalendar,
    PreconditionFailed,
)
from creneau.calendar_sync.feed import render_object
from creneau.calendar_sync.overlay import is_edited, lay_over
from creneau.calendar_sync.own_object import OwnObject, find_ours, put_object, put_over, remove_object
from creneau.calendar_sync.plan import Clear, Create, Move, Nothing, Remove, Update, href_of, plan_push
from creneau.calendar_sync.vevent import session_event, uid_of
from creneau.core.domain.calendar import CalendarSession
from creneau.core.domain.calendar_words import Told
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.i18n.reader import Reader
from creneau.core.services.calendars import CalendarService

_ROUNDS = 3
_BAD_REQUEST = 400
OF_ONE_OBJECT = frozenset({400, 403, 405, 409, 412, 413, 415, 422, 507})
"""Statuses that say no to an object, not to an account: the next one may be taken."""

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
    nothing to remove yet. What the server does not take of this one session is recorded, and no failure.

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
            try:
                _Push(service, calendar, session, domain).carry_out(step)
            except CalendarRefused as error:
                if error.status not in OF_ONE_OBJECT:
                    raise
                service.record_refusal(session, error.status)
                _log_of(session).warning("calendar.session_refused", status=error.status)
                return
        if not isinstance(step, Clear) and service.is_current(session):
            return


def _render(session: CalendarSession, told: Told, domain: str) -> bytes:
    reader = Reader.from_user(session.consultant)
    return render_object(session_event(session.booking, session.consultant.id, reader, domain, told))


def _log_of(session: CalendarSession) -> Any:
    booking = session.booking
    return log.bind(organization_id=str(booking.organization_id), booking_id=str(booking.id), version=booking.version)


class _Push:
    """One step of one session. Wherever it is cut short, what was recorded before leads the next one on."""

    def __init__(self, service: CalendarService, calendar: Calendar, session: CalendarSession, domain: str) -> None:
        self._service = service
        self._calendar = calendar
        self._session = session
        self._uid = uid_of(session.booking.id, domain)
        self._before = _render(session, session.told_before, domain)
        self._log = _log_of(session)

    def carry_out(self, step: Create | Update | Remove | Clear | Move) -> None:
        match step:
            case Create():
                self._create(step)
                self._log.info("calendar.session_created")
            case Move():
                self._move(step)
                self._log.info("calendar.session_moved")
            case Update(href, etag, ics, keeps_words):
                self._record(href, self._put(href, ics, etag, is_there=keeps_words))
                self._log.info("calendar.session_updated")
            case Remove(href, etag, leaves_href):
                if leaves_href is not None:
                    self._clear(leaves_href)
                remove_object(self._calendar, href, etag, self._uid)
                self._service.record_removal(self._session)
                self._log.info("calendar.session_removed")
            case Clear(href, etag, leaves_href):
                if leaves_href is not None:
                    self._clear(leaves_href)
                self._clear(href, etag)
                self._service.record_removal(self._session)

    def _create(self, step: Create) -> None:
        self._service.record_attempt(self._session, step.href)
        try:
            self._record(step.href, self._put(step.href, step.ics, None))
        except CalendarRefused as error:
            link = self._session.link
            if error.status != _BAD_REQUEST or link is None:
                raise
            # A name that was used before may be kept for what was deleted there.
            fresh = href_of(self._session, link, f"-{self._session.booking.version}")
            self._service.record_attempt(self._session, fresh)
            self._record(fresh, self._put(fresh, step.ics, None))

    def _move(self, step: Move) -> None:
        if not step.keeps_words and self._has_left(step.leaves[0], step.etag):
            self._service.record_attempt(self._session, step.href)
            self._record(step.href, self._put(step.href, step.ics, None))
            return
        source, theirs = self._find_words((step.href, *step.leaves))
        for place in step.leaves:
            if place != source:
                self._clear(place)
        if source is None or theirs is None or source == step.href:
            self._service.record_attempt(self._session, step.href, is_edited=theirs is not None)
            self._record(step.href, self._put(step.href, step.ics, None, is_there=theirs is not None))
            return
        # First there, then away from here: the words are in one of the two places all the time.
        edited = is_edited(theirs, self._before)
        ics = lay_over(theirs, step.ics, self._before) if edited else step.ics
        self._service.record_attempt(self._session, step.href, is_edited=edited, leaves_href=source)
        etag = put_object(self._calendar, step.href, ics, None, self._uid)
        self._clear(source)
        self._record(step.href, OwnObject(ics, etag, edited))

    def _put(self, href: str, ics: bytes, etag: str | None, *, is_there: bool = False) -> OwnObject:
        """Put our object; over one that has changed, or may have, with what its consultant wrote into it.

        Raises: as `put_over`.
        """
        wanted = self._lay_over(href, ics) if is_there else OwnObject(ics, etag)
        return put_over(self._calendar, href, wanted, lambda: self._lay_over(href, ics), self._uid)

    def _lay_over(self, href: str, ics: bytes) -> OwnObject:
        """Return what to put at an href, and what it is matched by. Raises: ForeignObject."""
        found = find_ours(self._calendar, href, self._uid)
        if found is None:
            return OwnObject(ics, None)
        edited = is_edited(found.ics, self._before)
        return OwnObject(lay_over(found.ics, ics, self._before) if edited else ics, found.etag or "*", edited)

    def _record(self, href: str, put: OwnObject) -> None:
        self._service.record_push(self._session, href, put.etag, is_edited=put.is_edited)

    def _has_left(self, href: str, etag: str | None) -> bool:
        """Take out an object that is as we put it; tell whether it is gone, or cannot be taken out."""
        if etag is None:
            return False
        try:
            self._calendar.delete(href, etag)
        except PreconditionFailed:
            return False
        except CalendarRefused as error:
            self._let_stay(error)
        return True

    def _clear(self, href: str, etag: str | None = None) -> None:
        """Take an object out of the calendar before, if that may be."""
        try:
            remove_object(self._calendar, href, etag, self._uid)
        except CalendarRefused as error:
            self._let_stay(error)

    def _let_stay(self, error: CalendarRefused) -> None:
        """The calendar before may be another account's, or read-only by now."""
        self._log.warning("calendar.old_session_stays", status=error.status)

    def _find_words(self, places: Sequence[str]) -> tuple[str | None, bytes | None]:
        """Return the first place that holds our object with words of its consultant, else that holds it at all."""
        held: list[tuple[str, bytes]] = []
        for place in places:
            with suppress(CalendarRefused, ForeignObject):
                found = find_ours(self._calendar, place, self._uid)
                if found is not None:
                    held.append((place, found.ics))
        edited = (one for one in held if is_edited(one[1], self._before))
        return next(edited, held[0] if held else (None, None))
