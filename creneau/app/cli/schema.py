"""`creneau migrate`."""

import click

from creneau.app.postgres import open_postgres
from creneau.app.settings import read_database_settings
from creneau.core.storage import schema


@click.command()
def migrate() -> None:
    """Bring the database's schema up to date. Safe to run again."""
    with open_postgres(read_database_settings()) as urls:
        schema.migrate(urls.owner)
        click.echo(f"The schema is at revision {schema.current_revision(urls.owner)}.")
