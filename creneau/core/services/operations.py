"""OperationsService: what whoever runs the service asks of it."""

from datetime import timedelta

from creneau.core.clock import Clock
from creneau.core.domain.figures import Figures
from creneau.core.storage import figures
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
