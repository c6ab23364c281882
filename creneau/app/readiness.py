"""Whether the service can do its work: the database answers, and its schema is the one this version was built for."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from creneau.core.storage.database import Database
from creneau.core.storage.schema import newest_revision


class Readiness:
    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self) -> Mapping[str, bool]:
        try:
            with self._database.without_tenant() as tx:
                revision = tx.scalar(text("select version_num from alembic_version"))
        except SQLAlchemyError:
            return {"database": False, "migrations": False}
        return {"database": True, "migrations": revision == newest_revision()}
