"""How many requests an account gets at once: a slow server holds up four threads, and no other account."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from uuid import UUID, uuid5

from creneau.calendar_sync.calendar import AccountBusy, Calendar, OpenCalendar
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.calendar_server import MOST_AT_ONCE

AT_ONCE = MOST_AT_ONCE
COME_BACK = timedelta(seconds=5)

Hold = Callable[[UUID], AbstractContextManager[bool]]
"""Holds a name for the time of a block; false when somebody else holds it."""


class Lanes:
    """At most `AT_ONCE` requests of a link at a time among all who share what `hold` holds, or as many as its server
    bears. Whoever comes too many does not wait: a thread that waits is one that others lack.
    """

    def __init__(self, hold: Hold) -> None:
        self._hold = hold

    @contextmanager
    def take(self, link: CalendarLink) -> Iterator[None]:
        """Have one lane of an account, for one request at a time. Raises: AccountBusy."""
        for number in range(min(AT_ONCE, link.server.at_once)):
            with self._hold(uuid5(link.id, f"lane {number}")) as is_ours:
                if is_ours:
                    yield
                    return
        raise AccountBusy(COME_BACK)

    def around(self, open_calendar: OpenCalendar) -> OpenCalendar:
        """Return what opens a calendar in a lane of its account, and keeps it until the calendar is closed."""

        @contextmanager
        def open_one(link: CalendarLink) -> Iterator[Calendar]:
            with self.take(link), open_calendar(link) as calendar:
                yield calendar

        return open_one
