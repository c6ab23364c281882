"""OperationsService: what whoever runs the service asks of it."""

from collections.abc import Collection
from datetime import timedelta

from creneau.core.clock import Clock
from creneau.core.domain.condition import BackupCondition, CalendarCondition, DatabaseCondition
from creneau.core.domain.figures import Figures
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.jobs import FailedJob
from creneau.core.storage import condition, failed_jobs, figures
from creneau.core.storage.database import Database


class OperationsService:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def read_figures(self) -> Figures:
        """Read counts and ages of all organizations together; nothing in them tells whose they are."""
        with self._database.without_tenant() as tx:
            return figures.read(tx, self._clock.now())

    def find_worker_age(self) -> timedelta | None:
        """Return how long ago a worker last gave a sign of life; None when there is none."""
        with self._database.without_tenant() as tx:
            return figures.worker_age(tx)

    def read_database(self) -> DatabaseCondition:
        """Read what Postgres says of itself. Needs no schema."""
        with self._database.without_tenant() as tx:
            return condition.read_database(tx, self._clock.now)

    def read_calendars(self) -> CalendarCondition:
        with self._database.without_tenant() as tx:
            return condition.read_calendars(tx)

    def read_backups(self) -> BackupCondition:
        with self._database.without_tenant() as tx:
            return condition.read_backups(tx)

    def list_installed(self) -> list[OrganizationId]:
        """List the organizations that have the app in their Slack workspace."""
        with self._database.without_tenant() as tx:
            return condition.list_installed(tx)

    def list_failed_jobs(self, most: int = 100) -> list[FailedJob]:
        """List the jobs that were given up, of every organization, the last one first."""
        with self._database.without_tenant() as tx:
            return failed_jobs.list_failed(tx, most)

    def run_again(self, ids: Collection[int] | None = None, task: str | None = None) -> int:
        """Put failed jobs into the queue again: some, those of a task, or all of them; return how many."""
        with self._database.without_tenant() as tx:
            return failed_jobs.run_again(tx, ids, task)
