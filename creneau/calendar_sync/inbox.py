"""Telling an account's scheduling inbox when its owner is available, where the server has one and they asked for it."""

import hashlib
from datetime import UTC, datetime

import structlog

from creneau.calendar_sync.calendar import (
    Account,
    CalendarRefused,
    HostNotAllowed,
    NotThere,
    PreconditionFailed,
)
from creneau.calendar_sync.lines import unfold
from creneau.calendar_sync.series import Revision, render_vavailability, uid_of_availability
from creneau.core.domain.hours_calendar import TRIED, HoursWork, InboxNote
from creneau.core.services.published_hours import PublishedHoursService

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)

log = structlog.get_logger()


def tell_inbox(hours: PublishedHoursService, account: Account, work: HoursWork, summary: str, domain: str) -> None:
    """Say there what hours a consultant has, or nothing any more. What they said there themselves is left alone.

    A server that keeps no such property, or names an inbox that is not its own, is none of the consultant's trouble.
    Raises: CalendarError.
    """
    note = work.calendar.inbox
    is_wanted = work.calendar.tells_inbox and not work.calendar.is_ending
    if not is_wanted and note is None:
        return
    series = [work.series[slot_id] for slot_id in sorted(work.series)]
    told = render_vavailability(series, work.consultant.id, summary, Revision(0, _NO_TIME), domain)
    digest = hashlib.sha256(told).hexdigest()
    if is_wanted and note is not None and note.digest == digest:
        return
    uid = uid_of_availability(work.consultant.id, domain).encode()
    try:
        url = note.url if note is not None else account.find_inbox()
        if url is None:
            return
        there = account.get_availability(url)
        if there is not None and uid not in unfold(there):
            log.info("calendar.inbox_left_alone", consultant_id=str(work.consultant.id))
            hours.record_inbox(work, None)
            return
        if is_wanted:
            hours.record_inbox(work, InboxNote(url, TRIED))
            account.set_availability(url, told)
            hours.record_inbox(work, InboxNote(url, digest))
        else:
            if there is not None:
                account.set_availability(url, None)
            hours.record_inbox(work, None)
    except (CalendarRefused, HostNotAllowed, NotThere, PreconditionFailed):
        log.info("calendar.inbox_refused", consultant_id=str(work.consultant.id))
        hours.record_inbox(work, None)
