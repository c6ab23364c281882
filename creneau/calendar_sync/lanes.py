"""How many requests an account gets at once: a slow server holds up four threads of a worker, and no other account."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock

from creneau.calendar_sync.calendar import AccountBusy, Calendar, OpenCalendar
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.calendar_server import MOST_AT_ONCE
from creneau.core.domain.ids import CalendarLinkId

AT_ONCE = MOST_AT_ONCE
COME_BACK = timedelta(seconds=5)


def in_lanes(open_calendar: OpenCalendar, at_once: int = AT_ONCE) -> OpenCalendar:
    """Return what opens at most so many calendars of a link at the same time in this process, or as many as its server
    bears.

    Whoever comes too many does not wait: a thread that waits is one that others lack. Raises: AccountBusy.
    """
    open_now: Counter[CalendarLinkId] = Counter()
    lock = Lock()

    @contextmanager
    def open_one(link: CalendarLink) -> Iterator[Calendar]:
        with lock:
            if open_now[link.id] >= min(at_once, link.server.at_once):
                raise AccountBusy(COME_BACK)
            open_now[link.id] += 1
        try:
            with open_calendar(link) as calendar:
                yield calendar
        finally:
            with lock:
                open_now[link.id] -= 1
                if not open_now[link.id]:
                    del open_now[link.id]

    return open_one
