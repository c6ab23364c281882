"""`creneau token`: bearer tokens for the API."""

from datetime import timedelta
from uuid import UUID

import click

from creneau.app.cli.opening import open_creneau
from creneau.app.cli.user import ORGANIZATION
from creneau.core.domain.ids import OrganizationId


@click.command()
@ORGANIZATION
@click.option("--user", "email", required=True, help="E-mail of the person the token speaks for.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366))
def token(organization: UUID, email: str, days: int) -> None:
    """Print a token for the REST API."""
    with open_creneau() as creneau:
        person = creneau.people.get_user_by_email(OrganizationId(organization), email)
        click.echo(creneau.issue_token(person, timedelta(days=days)))
