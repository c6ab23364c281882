"""Bringing bookable hours in line in a calendar of a consultant's account. May run twice, and at once with itself."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import structlog

from creneau.calendar_sync.calendar import (
    Account,
    Calendar,
    CalendarRefused,
    NotThere,
    OpenAccount,
    OpenCalendar,
)
from creneau.calendar_sync.hours_plan import AdoptEtag, HoursStep, PutHours, RemoveHours, plan_hours
from creneau.calendar_sync.inbox import tell_inbox
from creneau.calendar_sync.own_object import put_object, remove_object
from creneau.calendar_sync.series import Revision, digest_of, render_series, uid_of_series
from creneau.core.clock import Clock
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.hours_calendar import HoursObject, HoursWork
from creneau.core.domain.ids import OrganizationId, SlotId, UserId
from creneau.core.i18n.reader import Reader
from creneau.core.services.published_hours import PublishedHoursService

_ROUNDS = 4

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Publishing:
    """Everything that showing hours needs."""

    hours: PublishedHoursService
    open_calendar: OpenCalendar
    open_account: OpenAccount
    clock: Clock
    domain: str
    """What the UIDs of our own events end in."""

    def bring_in_line(self, link: CalendarLink, organization_id: OrganizationId, consultant_id: UserId) -> None:
        """Put, change and take away until nothing is left to do: what was wanted meanwhile is seen then.

        Raises: CalendarError, `user.not_found`.
        """
        just_put: frozenset[SlotId] = frozenset()
        for _ in range(_ROUNDS):
            work = self.hours.find_work(organization_id, consultant_id)
            if work is None:
                return
            with self.open_account(link) as account:
                self._make(account, work)
                steps = self._list_steps(link, work, just_put)
                if not steps:
                    self._clear(account, link, work)
                    tell_inbox(self.hours, account, work, self._summary(work), self.domain)
                    if self.hours.finish(work):
                        return
            with self._open(link, work) as calendar:
                for step in steps:
                    self._carry_out(calendar, work, step)
            just_put = frozenset(step.slot_id for step in steps if isinstance(step, PutHours))

    def _make(self, account: Account, work: HoursWork) -> None:
        """Make the calendar that is ours alone, where that is the one that is wanted."""
        where = work.calendar
        if where.url == where.own_url and not where.is_made and not where.is_ending:
            account.make_calendar(where.url, Reader.from_user(work.consultant).text("Bookable hours"))
            self.hours.record_made(work)
            log.info("calendar.hours_calendar_made", consultant_id=str(work.consultant.id))

    def _list_steps(self, link: CalendarLink, work: HoursWork, just_put: frozenset[SlotId]) -> list[HoursStep]:
        """Raises: NotThere when its owner deleted the calendar: they are not to find it made again."""
        with self._open(link, work) as calendar:
            try:
                listed = calendar.list_changes(None).etags
            except NotThere:
                if not work.calendar.is_ending:
                    raise
                listed = {}
        return plan_hours(work.calendar.url, self._digests(work), work.known, listed, just_put)

    def _carry_out(self, calendar: Calendar, work: HoursWork, step: HoursStep) -> None:
        uid = uid_of_series(step.slot_id, self.domain)
        said = log.bind(consultant_id=str(work.consultant.id), slot_id=str(step.slot_id))
        match step:
            case PutHours(slot_id, href, etag, sequence):
                revision = Revision(sequence, self.clock.now())
                digest = self._digests(work)[slot_id]
                made = HoursObject(href, etag, digest, sequence, revision.changed_at)
                self.hours.record_put(work, slot_id, made, is_tried=True)
                ics = render_series(work.series[slot_id], self._summary(work), revision, self.domain)
                etag = put_object(calendar, href, ics, etag, uid)
                self.hours.record_put(work, slot_id, replace(made, etag=etag))
                said.info("calendar.hours_put", sequence=sequence)
            case AdoptEtag(slot_id, etag):
                self.hours.record_put(work, slot_id, replace(work.known[slot_id], etag=etag))
            case RemoveHours(slot_id, href, etag):
                try:
                    remove_object(calendar, href, etag, uid)
                except CalendarRefused as error:  # it may not be written to any more: it is no longer ours
                    said.warning("calendar.hours_stay", status=error.status)
                self.hours.record_removal(work, slot_id)

    def _clear(self, account: Account, link: CalendarLink, work: HoursWork) -> None:
        """Remove the calendar that was made for hours once they go elsewhere, unless its owner put something there."""
        own_url = work.calendar.own_url
        if own_url is None or not work.calendar.is_made:
            return
        if own_url == work.calendar.url and not work.calendar.is_ending:
            return
        with self.open_calendar(replace(link, calendar_url=own_url)) as calendar:
            try:
                is_empty = not calendar.list_changes(None).etags
            except NotThere:
                is_empty = False
        if is_empty:
            account.remove_calendar(own_url)
        self.hours.record_cleared(work)

    def _open(self, link: CalendarLink, work: HoursWork) -> AbstractContextManager[Calendar]:
        return self.open_calendar(replace(link, calendar_url=work.calendar.url))

    def _digests(self, work: HoursWork) -> Mapping[SlotId, str]:
        summary = self._summary(work)
        return {slot_id: digest_of(series, summary, self.domain) for slot_id, series in work.series.items()}

    def _summary(self, work: HoursWork) -> str:
        return Reader.from_user(work.consultant).text("Bookable")
