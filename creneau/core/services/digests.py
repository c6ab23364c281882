"""DigestService: the schedule of daily digests. Leases what is due, says what to send, records what came of it."""

from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid5

from creneau.core.clock import Clock
from creneau.core.domain.diary import Diary
from creneau.core.domain.preferences import DigestLease
from creneau.core.storage import digests
from creneau.core.storage.database import Database
from creneau.core.storage.digests import DigestState
from creneau.core.usecases import digests as digest_usecases

LEASE = timedelta(minutes=2)
MOST_AT_ONCE = 50
_FIRST_RETRY = timedelta(seconds=30)
_LONGEST_RETRY = timedelta(minutes=15)


class DigestService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def claim_due(self) -> list[DigestLease]:
        """Lease the digests that are due, of every organization: no other worker gets them meanwhile."""
        with self._database.without_tenant() as tx:
            return digests.claim_due(tx, self._clock.now(), LEASE, MOST_AT_ONCE)

    def hold(self, lease: DigestLease) -> AbstractContextManager[bool]:
        """Keep every other sender from a digest, whatever the lease says; false when another has it in hand."""
        return self._database.fence.hold(uuid5(lease.user_id, lease.day.isoformat()))

    def find_due(self, lease: DigestLease) -> Diary | None:
        """Return the diary to tell of, or None: a quiet day, a morning that is over, somebody who wants none."""
        with self._database.transaction(lease.organization_id) as tx:
            return digest_usecases.find_due(tx, lease, self._clock.now())

    def record_sent(self, lease: DigestLease) -> None:
        with self._database.transaction(lease.organization_id) as tx:
            digest_usecases.conclude(tx, lease, DigestState.SENT, self._clock.now())

    def record_failed(self, lease: DigestLease, error: str) -> None:
        """Give up on the digest of a day."""
        with self._database.transaction(lease.organization_id) as tx:
            digest_usecases.conclude(tx, lease, DigestState.FAILED, self._clock.now(), error)

    def record_postponed(self, lease: DigestLease, error: str, wait: timedelta | None = None) -> None:
        """Try again later, until the morning is over: after `wait`, or longer with each attempt."""
        now = self._clock.now()
        backoff = wait or min(_FIRST_RETRY * 2 ** (lease.attempt - 1), _LONGEST_RETRY)
        with self._database.transaction(lease.organization_id) as tx:
            digests.postpone(tx, lease, now + backoff, now, error)
