"""Reading a consultant's account: every calendar that counts, one reader at a time, with a sentence for what failed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import structlog

from creneau.calendar_sync.calendar import (
    AccountBusy,
    AuthenticationFailed,
    CalendarError,
    CalendarUnavailable,
    OpenCalendar,
)
from creneau.calendar_sync.expander import Expander
from creneau.calendar_sync.failures import failure_of
from creneau.calendar_sync.reading import Budget, CalendarReading, OwnSpans, Source, window_at
from creneau.calendar_sync.times import Frame
from creneau.calendar_sync.vevent import uid_of, uid_of_busy
from creneau.calendar_sync.watch import Watch
from creneau.core.clock import Clock
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.people import User
from creneau.core.domain.time import Span
from creneau.core.secrets import SecretUnreadable
from creneau.core.services.busy import BusyService
from creneau.core.services.calendar_changes import CalendarChangeService
from creneau.core.services.calendars import CalendarService
from creneau.core.services.readings import Account, ReadingService

ACCOUNT_SECONDS = 240.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pull:
    """Everything that reading an account needs."""

    readings: ReadingService
    busy: BusyService
    calendars: CalendarService
    changes: CalendarChangeService
    open_calendar: OpenCalendar
    clock: Clock
    domain: str
    """What the UIDs of our own events end in."""
    account_seconds: float = ACCOUNT_SECONDS

    def read_account(self, organization_id: OrganizationId, consultant_id: UserId) -> bool:
        """Read what changed; tell whether it was our turn: nobody reads an account that somebody else is reading.

        What fails is recorded, and raised when it is no fault of the account's.

        Raises: AccountBusy.
        """
        account = self.readings.begin(organization_id, consultant_id)
        if account is None:
            return False
        try:
            self._read(organization_id, consultant_id, account)
        finally:
            self.readings.end(organization_id, consultant_id)
        return True

    def _read(self, organization_id: OrganizationId, consultant_id: UserId, account: Account) -> None:
        failed: Exception | None = None
        with self._recording(organization_id, consultant_id):
            link = self.calendars.find_link(organization_id, consultant_id)
            if link is None:
                return
            budget = Budget(self.account_seconds)
            with Expander() as expander:
                for url in account.calendars:
                    try:
                        self._read_calendar(link, account, url, expander, budget)
                    except AuthenticationFailed:
                        raise  # asking for the next one with the same password may lock the account
                    except CalendarError as error:
                        failed = failed or error
            if failed is not None:
                raise failed
            self.readings.record_success(organization_id, consultant_id)

    def _read_calendar(
        self, link: CalendarLink, account: Account, url: str, expander: Expander, budget: Budget
    ) -> None:
        lists_whole = not link.server.refuses_old_tokens
        source = Source(link.organization_id, link.consultant_id, url, account.calendars[url], lists_whole)
        frame = Frame(account.consultant.timezone, _addresses(link, account.consultant), window_at(self.clock.now()))
        own = own_spans(account.own_sessions, account.consultant.id, self.domain)
        with self.open_calendar(replace(link, calendar_url=url)) as calendar:
            is_ours = url == link.calendar_url
            watch = Watch(self.changes, calendar, link, frame, self.domain) if is_ours else None
            CalendarReading(self.busy, calendar, source, frame, own, expander, budget, watch).run(self.clock.now())

    @contextmanager
    def _recording(self, organization_id: OrganizationId, consultant_id: UserId) -> Iterator[None]:
        """Record what an account's own fault is, and go on."""
        try:
            yield
        except AccountBusy:
            raise
        except (CalendarError, SecretUnreadable) as error:
            failure = failure_of(error)
            assert failure is not None  # noqa: S101 - these have one
            retry_after = error.retry_after if isinstance(error, CalendarUnavailable) else None
            self.readings.record_failure(organization_id, consultant_id, failure, retry_after)
            log.warning("calendar.reading_failed", consultant_id=str(consultant_id), reason=type(error).__name__)


def own_spans(sessions: Mapping[BookingId, Span], consultant_id: UserId, domain: str) -> OwnSpans:
    """Return by UID where events of ours block nothing: a session where it is booked, the copy in a busy feed never."""
    own: dict[str, Span | None] = {uid_of_busy(booking_id, consultant_id, domain): None for booking_id in sessions}
    return own | {uid_of(booking_id, domain): span for booking_id, span in sessions.items()}


def _addresses(link: CalendarLink, consultant: User) -> frozenset[str]:
    """By which the owner of an account is invited, as far as we know."""
    known = {consultant.email.lower(), link.username.lower()}
    return frozenset(address for address in known if "@" in address)
