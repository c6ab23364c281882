"""Bring a database's schema to the newest migration. The only module that connects as the owner of the tables."""

from collections.abc import Callable
from pathlib import Path
from time import sleep

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

LOCK_TIMEOUT = "200ms"
PAUSE_SECONDS = 1.0
TRIES = 60

_MIGRATIONS = Path(__file__).parents[2] / "migrations"


class SchemaBusy(RuntimeError):
    """A migration did not get the lock of a table in all its tries: somebody's transaction is open for too long."""


def migrate(owner_url: str, revision: str = "head", pause: Callable[[float], None] = sleep) -> None:
    """Apply the migrations up to a revision. Safe to run again, by two processes at once, and beside live traffic.

    Whoever wants a table queues behind a migration that waits for its lock. So it waits for a moment only, lets the
    others pass, and tries again; each migration is a transaction of its own. Raises: SchemaBusy.
    """
    with _owner_engine(owner_url).connect() as connection:
        connection.exec_driver_sql("select pg_advisory_lock(hashtext('creneau migrations'))")
        connection.exec_driver_sql(f"set lock_timeout = '{LOCK_TIMEOUT}'")  # after the one that may be waited for
        connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        for _ in range(TRIES):
            try:
                command.upgrade(config, revision)
                connection.commit()
            except OperationalError as error:
                if not isinstance(error.orig, LockNotAvailable):
                    raise
                connection.rollback()
                pause(PAUSE_SECONDS)
            else:
                return
        raise SchemaBusy("a table is in use by a transaction that does not end: end it, and run this again")


def roll_back(owner_url: str, revision: str) -> None:
    """Undo the migrations after a revision (`base` for all)."""
    with _owner_engine(owner_url).connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        connection.commit()


def current_revision(owner_url: str) -> str | None:
    with _owner_engine(owner_url).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def is_known(revision: str) -> bool:
    """Tell whether a revision is one of this version's."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def make_roles(owner_url: str) -> None:
    """Make the roles that the schema speaks of, where a cluster has none yet."""
    first = ScriptDirectory.from_config(_config()).get_revision("0001")
    with psycopg.connect(owner_conninfo(owner_url)) as connection:
        connection.execute(first.module.ROLES)


def owner_conninfo(url: str) -> str:
    """Return a libpq conninfo by which the owner of the tables logs in."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.conninfo.make_conninfo(plain, connect_timeout=5)


def _owner_engine(url: str) -> Engine:
    conninfo = owner_conninfo(url)
    return create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(conninfo), poolclass=NullPool)
