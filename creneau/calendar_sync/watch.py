"""Watching our own sessions in the calendar that they are put into, while it is read: one signal is never enough."""

from creneau.calendar_sync.calendar import Calendar, CalendarMistrusted, Changes, NotThere
from creneau.calendar_sync.collection import canonical
from creneau.calendar_sync.lines import unfold
from creneau.calendar_sync.sighting import look_at
from creneau.calendar_sync.times import Frame
from creneau.calendar_sync.vevent import uid_of
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.calendar_change import ChangeKind, Watched, is_mass_loss
from creneau.core.services.calendar_changes import CalendarChangeService


class Watch:
    """One pass over one calendar: `examine` its listing, `see` each object that is fetched, then `conclude`."""

    def __init__(
        self, changes: CalendarChangeService, calendar: Calendar, link: CalendarLink, frame: Frame, domain: str
    ) -> None:
        self._changes = changes
        self._calendar = calendar
        self._link = link
        self._frame = frame
        self._watched = self._list_watched()
        self._uids = {watched.booking_id: uid_of(watched.booking_id, domain) for watched in self._watched}
        self._seen: set[object] = set()

    def _list_watched(self) -> list[Watched]:
        return self._changes.list_watched(self._link.organization_id, self._link.consultant_id)

    def examine(self, changes: Changes) -> None:
        """Stop before anything is believed when too many sessions are gone at once. Raises: CalendarMistrusted."""
        gone = self._gone(changes)
        if is_mass_loss(len(gone), len(self._watched)):
            still = self._list_watched()  # what was cancelled or moved meanwhile has left with good reason
            self._watched = [watched for watched in self._watched if watched in still]
            gone = self._gone(changes)
        if is_mass_loss(len(gone), len(self._watched)):
            self._changes.record_suspicion(self._link.organization_id, self._link.consultant_id, len(gone))
            raise CalendarMistrusted
        self._changes.clear_suspicion(self._link.organization_id, self._link.consultant_id)

    def see(self, href: str, etag: str | None, ics: bytes) -> None:
        """Take down how a session stands there, where the object is one of ours: by its address, or by its UID."""
        unfolded = unfold(ics)
        for watched in self._watched:
            is_here = canonical(watched.href) == href
            if not is_here and self._uids[watched.booking_id].encode() not in unfolded:
                continue
            uid = self._uids[watched.booking_id]
            where = watched.href if is_here else self._spell(href)
            seen = look_at(ics, uid, where, etag, watched.span, self._frame)
            if seen is not None:
                self._seen.add(watched.booking_id)
                self._changes.record_seen(self._link.organization_id, watched, seen)

    def _spell(self, href: str) -> str:
        """Return an address as one below the calendar's own: by that it is known to stand there."""
        url = self._link.calendar_url
        return url + href.removeprefix(canonical(url)) if href.startswith(canonical(url)) else href

    def conclude(self, changes: Changes) -> None:
        """Look for what was not there, this time or the last. Raises: CalendarError."""
        gone = {watched.booking_id for watched in self._gone(changes)}
        for watched in self._watched:
            is_open = watched.change is not None and watched.change.kind is ChangeKind.GONE
            is_waiting = is_open and watched.change is not None and watched.change.asked_at is None
            if watched.booking_id in self._seen or not (watched.booking_id in gone or is_waiting):
                continue
            try:
                found = self._calendar.get(watched.href)
            except NotThere:
                self._miss(watched)
            else:
                self.see(canonical(watched.href), found.etag, found.ics)

    def _miss(self, watched: Watched) -> None:
        organization_id, consultant_id = self._link.organization_id, self._link.consultant_id
        if not self._changes.is_in_another_calendar(
            organization_id, consultant_id, watched.booking_id, self._link.calendar_url
        ):
            self._changes.record_missing(organization_id, watched)

    def _gone(self, changes: Changes) -> list[Watched]:
        """Return the sessions that a listing says are gone, but for those that are known to be."""
        gone = []
        for watched in self._watched:
            href = canonical(watched.href)
            is_known = watched.change is not None and watched.change.kind is ChangeKind.GONE
            if not is_known and (href in changes.gone or (changes.is_whole and href not in changes.etags)):
                gone.append(watched)
        return gone
