"""A few connections to one calendar for more threads than that: a thread has one while a request is under way."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from queue import LifoQueue
from types import TracebackType
from typing import Self

from creneau.calendar_sync.calendar import (
    AccountBusy,
    AuthenticationFailed,
    Calendar,
    CalendarObject,
    CalendarUnavailable,
    Changes,
    HostNotAllowed,
    OpenCalendar,
)
from creneau.core.domain.calendar import CalendarLink


class Abandoned(Exception):
    """Not asked: another request has found that the account is in trouble."""


@dataclass(slots=True)
class _Line:
    """One connection, opened when it is first needed, and anew when the link is another."""

    link: CalendarLink | None = None
    calendar: Calendar | None = None
    stack: ExitStack = field(default_factory=ExitStack)

    def open(self, open_calendar: OpenCalendar, link: CalendarLink) -> Calendar:
        if self.calendar is None or self.link != link:
            self.close()
            self.link, self.calendar = link, self.stack.enter_context(open_calendar(link))
        return self.calendar

    def close(self) -> None:
        self.link = self.calendar = None
        self.stack.close()


class Connections:
    """At most `at_once` requests at a time; what is read and written of them in the database goes on beside them.

    Use as a context manager, that ends when no thread asks any more.
    """

    def __init__(self, open_calendar: OpenCalendar, at_once: int) -> None:
        self._open_calendar = open_calendar
        self._lines = [_Line() for _ in range(at_once)]
        self._free: LifoQueue[_Line] = LifoQueue()  # the one used last is open
        for line in self._lines:
            self._free.put(line)
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for line in self._lines:
            line.close()

    @contextmanager
    def open(self, link: CalendarLink) -> Iterator[Calendar]:
        """Give a calendar whose every request waits for a connection. Its methods raise Abandoned, too."""
        yield _Shared(self, link)

    @contextmanager
    def line(self, link: CalendarLink) -> Iterator[Calendar]:
        line = self._free.get()
        try:
            if self._is_over:
                raise Abandoned
            yield line.open(self._open_calendar, link)
        except AccountBusy:
            raise
        except (AuthenticationFailed, CalendarUnavailable, HostNotAllowed):
            self._is_over = True  # before anybody else has the line: some servers lock accounts
            raise
        finally:
            self._free.put(line)


@dataclass(frozen=True, slots=True)
class _Shared:
    connections: Connections
    link: CalendarLink

    def put(self, href: str, ics: bytes, if_match: str | None) -> str | None:
        with self.connections.line(self.link) as calendar:
            return calendar.put(href, ics, if_match)

    def get(self, href: str) -> CalendarObject:
        with self.connections.line(self.link) as calendar:
            return calendar.get(href)

    def delete(self, href: str, if_match: str) -> None:
        with self.connections.line(self.link) as calendar:
            calendar.delete(href, if_match)

    def list_changes(self, token: str | None) -> Changes:
        with self.connections.line(self.link) as calendar:
            return calendar.list_changes(token)

    def get_many(self, hrefs: Sequence[str]) -> Mapping[str, CalendarObject]:
        with self.connections.line(self.link) as calendar:
            return calendar.get_many(hrefs)
