"""Pushing what a calendar lacks: several at once, each over a connection that is kept."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from creneau.calendar_sync.calendar import (
    AccountBusy,
    Calendar,
    CalendarError,
    CalendarRefused,
    ForeignObject,
    OpenCalendar,
)
from creneau.calendar_sync.lanes import AT_ONCE
from creneau.calendar_sync.push import push_session
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.ids import BookingId, OrganizationId
from creneau.core.secrets import SecretUnreadable
from creneau.core.services.calendars import CalendarService

Note = Callable[[BookingId, Exception], None]


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

    def work() -> None:
        with ExitStack() as stack:
            kept = _kept_open(open_calendar, stack)
            while left and not trouble:
                try:
                    booking_id = left.popleft()
                except IndexError:  # another thread took the last
                    return
                try:
                    push_session(service, kept, domain, organization_id, booking_id)
                except AccountBusy as error:  # somebody else's pushes are under way: those that are open go on
                    left.append(booking_id)
                    busy.append(error)
                    return
                except (CalendarError, SecretUnreadable) as error:
                    note(booking_id, error)
                    if not isinstance(error, CalendarRefused | ForeignObject):
                        trouble.append(error)

    busy: list[AccountBusy] = []
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push") as pool:
        for thread in [pool.submit(work) for _ in range(min(AT_ONCE, len(left)))]:
            thread.result()
    if trouble:
        raise trouble[0]
    if left:
        raise busy[0]


def _kept_open(open_calendar: OpenCalendar, stack: ExitStack) -> OpenCalendar:
    """Return what opens a link's calendar once, and gives it again as long as the link is the same."""
    kept: list[tuple[CalendarLink, Calendar]] = []

    @contextmanager
    def open_again(link: CalendarLink) -> Iterator[Calendar]:
        if not kept or kept[0][0] != link:
            stack.close()
            kept[:] = [(link, stack.enter_context(open_calendar(link)))]
        yield kept[0][1]

    return open_again
