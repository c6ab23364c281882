"""A calendar in memory, with the manners of a CalDAV server: for tests and trials."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from creneau.calendar_sync.calendar import (
    Calendar,
    CalendarObject,
    Changes,
    NotThere,
    PreconditionFailed,
    SyncTokenInvalid,
)
from creneau.core.domain.calendar import CalendarLink


@dataclass
class MemoryCalendar:
    objects: dict[str, CalendarObject] = field(default_factory=dict)
    _revisions: Iterator[int] = field(default_factory=lambda: count(1))
    _log: list[str] = field(default_factory=list)
    """The hrefs that changed, in order: a token counts how many of them were told."""

    def put(self, href: str, ics: bytes, if_match: str | None) -> str | None:
        if if_match is None:
            if href in self.objects:
                raise PreconditionFailed
        else:
            self._require(href, if_match)
        etag = f'"{next(self._revisions)}"'
        self.objects[href] = CalendarObject(ics, etag)
        self._log.append(href)
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
        self._log.append(href)

    def list_changes(self, token: str | None) -> Changes:
        now = str(len(self._log))
        if token is None:
            return Changes({href: found.etag for href, found in self.objects.items()}, frozenset(), now, is_whole=True)
        if not token.isdigit() or int(token) > len(self._log):
            raise SyncTokenInvalid
        changed = set(self._log[int(token) :])
        etags = {href: self.objects[href].etag for href in changed & self.objects.keys()}
        return Changes(etags, frozenset(changed - self.objects.keys()), now, is_whole=False)

    def get_many(self, hrefs: Sequence[str]) -> Mapping[str, CalendarObject]:
        return {href: self.objects[href] for href in hrefs if href in self.objects}

    @contextmanager
    def open(self, _link: CalendarLink) -> Iterator[Calendar]:
        """Serve as the calendar of any link."""
        yield self

    def _require(self, href: str, if_match: str) -> None:
        found = self.objects.get(href)
        if found is None or if_match not in ("*", found.etag):
            raise PreconditionFailed
