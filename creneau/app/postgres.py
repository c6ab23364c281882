"""Which Postgres: the one that DATABASE_URL names, else an embedded one that lives as long as it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from creneau.app.settings import DatabaseSettings
from creneau.core.storage.embedded import EmbeddedPostgres


@dataclass(frozen=True, slots=True)
class PostgresUrls:
    """The same database for the service and for migrations."""

    runtime: str = field(repr=False)
    owner: str = field(repr=False)


@contextmanager
def open_postgres(settings: DatabaseSettings) -> Iterator[PostgresUrls]:
    """Raises: EmbeddedPostgresFailed."""
    if settings.database_url is not None:
        runtime = settings.database_url.get_secret_value()
        owner = settings.owner_database_url
        yield PostgresUrls(runtime, owner.get_secret_value() if owner else runtime)
        return
    with EmbeddedPostgres(settings.home) as embedded:
        yield PostgresUrls(embedded.runtime_url, embedded.owner_url)
