"""The product opened for one command: settings read, Postgres there, everything wired."""

from collections.abc import Iterator
from contextlib import contextmanager

from creneau.app.logging import configure_logging
from creneau.app.postgres import open_postgres
from creneau.app.settings import read_settings
from creneau.app.wiring import Creneau, wire


@contextmanager
def open_creneau() -> Iterator[Creneau]:
    """Raises: SettingsInvalid, EmbeddedPostgresFailed."""
    configure_logging()
    settings = read_settings()
    with open_postgres(settings) as urls:
        creneau = wire(settings, urls.runtime)
        try:
            yield creneau
        finally:
            creneau.close()
