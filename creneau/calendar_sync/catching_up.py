"""Pushing what a calendar lacks: several at once, over connections that are kept."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from creneau.calendar_sync.calendar import (
    AccountBusy,
    CalendarError,
    CalendarRefused,
    ForeignObject,
    OpenCalendar,
)
from creneau.calendar_sync.connections import Abandoned, Connections
from creneau.calendar_sync.lanes import AT_ONCE
from creneau.calendar_sync.push import push_session
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.secrets import SecretUnreadable
from creneau.core.services.calendars import CalendarService

Note = Callable[[BookingId, Exception], None]
_THREADS = AT_ONCE + 2
"""More than there are connections: what one reads and writes of a session goes on while others' requests are out."""


def push_all(
    service: CalendarService,
    open_calendar: OpenCalendar,
    domain: str,
    organization_id: OrganizationId,
    booking_ids: Sequence[BookingId],
    note: Note,
) -> None:
    """Push sessions of one consultant, four at once. What is one session's own trouble is noted, and the others go on.

    Raises: the first CalendarError that is the account's, or SecretUnreadable, once nothing is under way any more.
    """
    left = deque(booking_ids)
    trouble: list[Exception] = []
    busy: list[AccountBusy] = []

    def work() -> None:
        while not trouble and (booking_id := _take(left)) is not None:
            try:
                push_session(service, connections.open, domain, organization_id, booking_id)
            except Abandoned:
                return
            except AccountBusy as error:  # somebody else's pushes are under way: those that are open go on
                left.append(booking_id)
                busy.append(error)
                return
            except (CalendarError, SecretUnreadable) as error:
                note(booking_id, error)
                if not isinstance(error, CalendarRefused | ForeignObject):
                    trouble.append(error)

    with (
        Connections(open_calendar, AT_ONCE) as connections,
        ThreadPoolExecutor(_THREADS, thread_name_prefix="push") as pool,
    ):
        for thread in [pool.submit(work) for _ in range(min(_THREADS, len(left)))]:
            thread.result()
    if trouble:
        raise trouble[0]
    if left:
        raise busy[0]


def _take(left: deque[BookingId]) -> BookingId | None:
    try:
        return left.popleft()
    except IndexError:
        return None
