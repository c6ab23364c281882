"""`creneau user` and `creneau bilan`: the people of a centre, and who works with whom."""

from uuid import UUID

import click

from creneau.app.cli.opening import open_creneau
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.people import Role

ORGANIZATION = click.option("--organization", type=click.UUID, required=True, help="As `creneau org add` printed it.")


@click.group()
def user() -> None:
    """Beneficiaries, consultants, administrators."""


@user.command("add")
@ORGANIZATION
@click.option("--role", type=click.Choice([role.value for role in Role], case_sensitive=False), required=True)
@click.option("--name", required=True)
@click.option("--email", required=True)
@click.option("--slack-user", help="The Slack member id (U...): profile, three dots, Copy member ID.")
@click.option("--timezone", help="Default: the centre's.")
@click.option("--locale", type=click.Choice(["fr", "en"]), help="Default: the centre's.")
def add_user(
    organization: UUID,
    role: str,
    name: str,
    email: str,
    slack_user: str | None,
    timezone: str | None,
    locale: str | None,
) -> None:
    """Add a person to a centre."""
    with open_creneau() as creneau:
        centre = creneau.people.get_organization(OrganizationId(organization))
        added = creneau.people.add_user(centre, Role(role.upper()), name, email, slack_user, timezone, locale)
        click.echo(added.id)


@user.command("list")
@ORGANIZATION
def list_users(organization: UUID) -> None:
    """List the people of a centre: id, role, e-mail, Slack member id."""
    with open_creneau() as creneau:
        centre = creneau.people.get_organization(OrganizationId(organization))
        for person in creneau.people.list_users(centre.id):
            click.echo(f"{person.id}  {person.role:<11}  {person.email}  {person.slack_user_id or '-'}")


@click.group()
def bilan() -> None:
    """Bilans de compétences: sessions are booked on an open one."""


@bilan.command("open")
@ORGANIZATION
@click.option("--beneficiary", required=True, help="E-mail.")
@click.option("--consultant", required=True, help="E-mail.")
@click.option("--hours", type=click.FloatRange(0, 24), help="What was bought. Default: only the legal limit holds.")
def open_bilan(organization: UUID, beneficiary: str, consultant: str, hours: float | None) -> None:
    """Open a bilan of a beneficiary with a consultant."""
    with open_creneau() as creneau:
        tenant = OrganizationId(organization)
        opened = creneau.people.open_bilan(
            creneau.people.get_user_by_email(tenant, beneficiary),
            creneau.people.get_user_by_email(tenant, consultant),
            None if hours is None else round(hours * 60),
        )
        click.echo(opened.id)
