"""A calendar in memory, with the manners of a CalDAV server: for tests and trials."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from creneau.calendar_sync.calendar import Calendar, CalendarObject, NotThere, PreconditionFailed
from creneau.core.domain.calendar import CalendarLink


@dataclass
class MemoryCalendar:
    objects: dict[str, CalendarObject] = field(default_factory=dict)
    _revisions: Iterator[int] = field(default_factory=lambda: count(1))

    def put(self, href: str, ics: bytes, if_match: str | None) -> str | None:
        if if_match is None:
            if href in self.objects:
                raise PreconditionFailed
        else:
            self._require(href, if_match)
        etag = f'"{next(self._revisions)}"'
        self.objects[href] = CalendarObject(ics, etag)
        return etag

    def get(self, href: str) -> CalendarObject:
        if href not in self.objects:
            raise NotThere
        return self.objects[href]

    def delete(self, href: str, if_match: str) -> None:
        if if_match == "*" and href not in self.objects:
            return
        self._require(href, if_match)
        del self.objects[href]

    @contextmanager
    def open(self, _link: CalendarLink) -> Iterator[Calendar]:
        """Serve as the calendar of any link."""
        yield self

    def _require(self, href: str, if_match: str) -> None:
        found = self.objects.get(href)
        if found is None or if_match not in ("*", found.etag):
            raise PreconditionFailed
