"""HousekeepingService: what is removed by age, of all organizations, by a nightly job."""

from collections.abc import Collection

from creneau.core.clock import Clock
from creneau.core.domain.idempotency import KEPT_FOR
from creneau.core.domain.rates import WINDOW
from creneau.core.storage import failed_jobs, idempotency, rates, slack_inbox
from creneau.core.storage.database import Database


class HousekeepingService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def remove_old_idempotency_keys(self) -> int:
        """Remove the keys under which no request may be made again, and return how many there were."""
        with self._database.without_tenant() as tx:
            return idempotency.remove_old(tx, self._clock.now() - KEPT_FOR)

    def remove_old_request_rates(self) -> int:
        """Remove the counts of who has not asked for a while, and return how many there were."""
        with self._database.without_tenant() as tx:
            return rates.remove_old(tx, self._clock.now() - WINDOW)

    def remove_old_slack_requests(self) -> int:
        """Forget the requests of Slack that cannot come again, and return how many there were."""
        with self._database.without_tenant() as tx:
            return slack_inbox.remove_old(tx, self._clock.now() - slack_inbox.KEPT_FOR)

    def forget_failed_jobs(self, tasks: Collection[str]) -> int:
        """Forget jobs that failed an hour ago and come again, by the clock or as one of `tasks`; return how many."""
        with self._database.without_tenant() as tx:
            return failed_jobs.forget(tx, tasks)
