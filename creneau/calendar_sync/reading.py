"""Reading one calendar: what is new or changed since the last time is fetched, and what it blocks is worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic

from creneau.calendar_sync.calendar import Calendar, CalendarObject, CalendarUnavailable, Changes, SyncTokenInvalid
from creneau.calendar_sync.expander import Expander
from creneau.calendar_sync.times import Frame, Unreadable, read_times
from creneau.calendar_sync.watch import Watch
from creneau.core.domain.busy import BusyObject, BusyReading, ReadingProgress
from creneau.core.domain.ids import OrganizationId, UserId
from creneau.core.domain.time import Span
from creneau.core.services.busy import BusyService

AT_ONCE = 100
WHOLE_EVERY = timedelta(hours=24)
LOOK_BACK = timedelta(days=1)
AHEAD = timedelta(days=400)
"""Recurrences are worked out this far, and again when less than `LEAST_AHEAD` of it is left."""
LEAST_AHEAD = timedelta(days=370)

OwnSpans = Mapping[str, Span | None]
"""By UID, the time at which an event of ours blocks nothing; None: at no time it does."""


@dataclass(frozen=True, slots=True)
class Source:
    """A calendar that counts for a consultant, by its address, and how far it was read."""

    organization_id: OrganizationId
    consultant_id: UserId
    url: str
    progress: ReadingProgress
    lists_whole: bool = False
    """Everything is listed each time: the server would call a token that it forgot good."""


def window_at(now: datetime) -> Span:
    return Span(now - LOOK_BACK, now + AHEAD)


class Budget:
    """The time one account may take in all; what was read until then is kept, and the next round goes on from there."""

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds

    def require(self) -> None:
        """Raises: CalendarUnavailable when nothing is left."""
        if monotonic() > self._ends:
            raise CalendarUnavailable


class CalendarReading:
    """One pass over one calendar, with a watch over our own sessions where they are put into it."""

    def __init__(
        self,
        busy: BusyService,
        calendar: Calendar,
        source: Source,
        frame: Frame,
        own: OwnSpans,
        expander: Expander,
        budget: Budget,
        watch: Watch | None = None,
    ) -> None:
        self._busy = busy
        self._calendar = calendar
        self._source = source
        self._frame = frame
        self._own = own
        self._expander = expander
        self._budget = budget
        self._watch = watch

    def run(self, now: datetime) -> None:
        """Read what is new. Raises: CalendarError; what was fetched before is kept."""
        progress = self._source.progress
        is_elsewhere = progress.zone not in (None, self._frame.zone)
        changes = self._list(now, is_whole=is_elsewhere or self._source.lists_whole)
        if self._watch is not None:
            self._watch.examine(changes)
        fetched, gone = self._fetch(changes, is_known_good=not is_elsewhere)
        if self._watch is not None:
            self._watch.conclude(changes)
        expanded_until = progress.expanded_until
        if is_elsewhere or expanded_until is None or expanded_until < now + LEAST_AHEAD:
            self._expand_further(fetched)
            expanded_until = self._frame.window.ends_at
        whole_at = now if changes.is_whole else progress.whole_at
        token = changes.token or (None if changes.is_whole else progress.token)
        self._record(
            BusyReading(
                (),
                tuple(sorted(gone)),
                progress=ReadingProgress(token, whole_at, self._frame.zone, expanded_until, progress.chosen_at),
            )
        )

    def _list(self, now: datetime, *, is_whole: bool) -> Changes:
        """Everything once a day, and where a server cannot say what changed since; else what changed."""
        progress = self._source.progress
        if is_whole or progress.token is None or progress.whole_at is None or now - progress.whole_at >= WHOLE_EVERY:
            return self._calendar.list_changes(None)
        try:
            return self._calendar.list_changes(progress.token)
        except SyncTokenInvalid:
            return self._calendar.list_changes(None)

    def _fetch(self, changes: Changes, *, is_known_good: bool) -> tuple[set[str], set[str]]:
        """Fetch what differs from what is known, and keep it; return which that was, and what is gone."""
        if not changes.is_whole and not changes.etags and not changes.gone:
            return set(), set()
        source = self._source
        known = self._busy.list_known_objects(source.organization_id, source.consultant_id, source.url)
        gone = set(changes.gone)
        if changes.is_whole:
            gone |= known.keys() - changes.etags.keys()
        wanted = [
            href for href, etag in changes.etags.items() if not is_known_good or etag is None or known.get(href) != etag
        ]
        for first in range(0, len(wanted), AT_ONCE):
            hrefs = wanted[first : first + AT_ONCE]
            self._budget.require()
            found = self._calendar.get_many(hrefs)
            gone |= set(hrefs) - found.keys()
            objects = [self._to_busy(href, one, changes.etags[href]) for href, one in found.items()]
            self._keep(objects)
        return set(wanted), gone

    def _to_busy(self, href: str, found: CalendarObject, etag: str | None) -> BusyObject:
        """The etag is that of the listing: an object that changed since is told of again."""
        etag = etag or found.etag
        if self._watch is not None:
            self._watch.see(href, etag, found.ics)
        try:
            times = read_times(found.ics, self._frame)
        except Unreadable:
            return BusyObject(href, etag, "", (), is_doubtful=True)
        read = BusyObject(href, etag, times.uid, times.spans, times.recurrence, times.is_doubtful)
        if times.recurrence is not None:
            read = self._expand(read, is_doubtful=times.is_doubtful)
        if times.uid in self._own:
            own = self._own[times.uid]
            return replace(read, spans=tuple(span for span in read.spans if own is not None and span != own))
        return read

    def _expand(self, read: BusyObject, *, is_doubtful: bool) -> BusyObject:
        assert read.recurrence is not None  # noqa: S101 - whoever calls asked
        self._budget.require()
        expanded = self._expander.expand(read.recurrence, self._frame.zone, self._frame.window)
        return replace(read, spans=expanded.spans, is_doubtful=is_doubtful or expanded.is_doubtful)

    def _expand_further(self, fetched: set[str]) -> None:
        """Work out the rest of what recurs: the window has moved on since it was read."""
        source = self._source
        stored = self._busy.list_recurring(source.organization_id, source.consultant_id, source.url)
        further = [
            self._expand(one, is_doubtful=one.is_doubtful)
            for one in stored
            if one.href not in fetched and one.uid not in self._own
        ]
        self._keep(further)

    def _keep(self, objects: Sequence[BusyObject]) -> None:
        source = self._source
        self._busy.keep_objects(
            source.organization_id, source.consultant_id, source.url, objects, source.progress.chosen_at
        )

    def _record(self, reading: BusyReading) -> None:
        source = self._source
        self._busy.record_busy(source.organization_id, source.consultant_id, source.url, reading)
