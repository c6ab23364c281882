"""ReadingService: reading consultants' accounts: whose turn it is, one reader at a time, and telling when it fails."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from creneau.core.clock import Clock
from creneau.core.domain.busy import ReadingProgress
from creneau.core.domain.calendar import REFUSED_FOR, PushFailure
from creneau.core.domain.events import CalendarPushWanted, CalendarReadAgain, CalendarUnread
from creneau.core.domain.ids import BookingId, OrganizationId, UserId
from creneau.core.domain.people import User
from creneau.core.domain.time import Span
from creneau.core.services.following import Follow
from creneau.core.storage import busy, jobs, policies, pushed_objects, readings, users
from creneau.core.storage.database import Database, Transaction

TELL_AFTER = timedelta(hours=4)
"""How old busy time may grow before its consultant is told, where the policy sets no limit."""
LOOK_BACK = timedelta(days=1)

_GIVEN_UP_AFTER = timedelta(minutes=10)
_FIRST_WAIT = timedelta(minutes=2)
_LONGEST_WAIT = timedelta(hours=1)
_A_WHILE = timedelta(days=365)
_TRIES_OF_A_PASSWORD = 2


@dataclass(frozen=True, slots=True)
class Account:
    """What there is to read for a consultant: the calendars that count, and what in them is our own."""

    consultant: User
    calendars: dict[str, ReadingProgress]
    own_sessions: dict[BookingId, Span]


class ReadingService:
    def __init__(self, database: Database, clock: Clock, follow: Follow) -> None:
        self._database = database
        self._clock = clock
        self._follow = follow

    def list_due(self) -> list[tuple[OrganizationId, UserId]]:
        """List whose accounts are due to be read, of every organization."""
        with self._database.without_tenant() as tx:
            return busy.list_to_read(tx, self._clock.now())

    def begin(self, organization_id: OrganizationId, consultant_id: UserId) -> Account | None:
        """Take an account to read it; None when somebody else reads it, or none is linked. `end` must follow."""
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            if not readings.begin(tx, organization_id, consultant_id, now, now - _GIVEN_UP_AFTER):
                return None
            return Account(
                users.get(tx, organization_id, consultant_id),
                busy.list_chosen(tx, organization_id, consultant_id),
                readings.list_own_spans(tx, organization_id, consultant_id, now - LOOK_BACK),
            )

    def end(self, organization_id: OrganizationId, consultant_id: UserId) -> None:
        with self._database.transaction(organization_id) as tx:
            readings.end(tx, organization_id, consultant_id)

    def record_success(self, organization_id: OrganizationId, consultant_id: UserId) -> None:
        """Record that all calendars of an account were read. Whoever was told that they were not hears of it.

        What the server did not take some hours ago is sent again.
        """
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            state = readings.find(tx, organization_id, consultant_id)
            readings.record_success(tx, organization_id, consultant_id)
            if state is not None and state.stale_told_at is not None:
                readings.record_told(tx, organization_id, consultant_id, None)
                jobs.add(tx, self._follow(CalendarReadAgain(organization_id, consultant_id, now)))
            if pushed_objects.is_refused_since(tx, organization_id, consultant_id, now - REFUSED_FOR):
                jobs.add(tx, self._follow(CalendarPushWanted(organization_id, consultant_id, now)))

    def record_failure(
        self,
        organization_id: OrganizationId,
        consultant_id: UserId,
        failure: PushFailure,
        retry_after: timedelta | None = None,
    ) -> None:
        """Record why an account could not be read. It is asked again later and later; a wrong password, not at all.

        The consultant is told once: when busy time is too old, or at once where nothing gets better by itself.
        """
        now = self._clock.now()
        with self._database.transaction(organization_id) as tx:
            state = readings.find(tx, organization_id, consultant_id)
            if state is None:
                return
            is_over = failure is PushFailure.WRONG_PASSWORD and state.failures + 1 >= _TRIES_OF_A_PASSWORD
            wait = _A_WHILE if is_over else max(_wait(state.failures), retry_after or timedelta())
            readings.record_failure(tx, organization_id, consultant_id, failure, now, now + wait)
            if state.stale_told_at is None and (is_over or self._is_stale(tx, organization_id, consultant_id, now)):
                readings.record_told(tx, organization_id, consultant_id, now)
                jobs.add(tx, self._follow(CalendarUnread(organization_id, consultant_id, now)))

    def _is_stale(self, tx: Transaction, organization_id: OrganizationId, consultant_id: UserId, now: datetime) -> bool:
        read_at = busy.find_oldest_reading(tx, organization_id, consultant_id)
        limit = policies.get(tx, organization_id, consultant_id).busy_max_age_minutes
        return read_at is not None and now - read_at > (timedelta(minutes=limit) if limit else TELL_AFTER)


def _wait(failures: int) -> timedelta:
    doublings: int = 2 ** min(failures, 10)
    return min(_FIRST_WAIT * doublings, _LONGEST_WAIT)
