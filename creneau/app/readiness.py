"""Whether the service can do its work: the database answers, its schema is this version's, and a worker is alive."""

from collections.abc import Mapping
from datetime import timedelta

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from creneau.core.services.operations import OperationsService
from creneau.core.storage.database import Database
from creneau.core.storage.schema import newest_revision

WORKER_SILENT_AFTER = timedelta(seconds=45)
"""A worker gives a sign of life every ten seconds; after thirty its jobs are others' to rescue."""


class Readiness:
    def __init__(self, database: Database, operations: OperationsService) -> None:
        self._database = database
        self._operations = operations
        self._newest = newest_revision()

    def __call__(self) -> Mapping[str, bool]:
        try:
            with self._database.without_tenant() as tx:
                revision = tx.scalar(text("select version_num from alembic_version"))
            age = self._operations.find_worker_age()
        except (SQLAlchemyError, psycopg.Error):
            return {"database": False, "migrations": False, "worker": False}
        is_alive = age is not None and age < WORKER_SILENT_AFTER
        return {"database": True, "migrations": revision == self._newest, "worker": is_alive}
