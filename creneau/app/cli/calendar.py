"""`creneau calendar`: consultants' own calendars, and the feeds that calendar programs subscribe to."""

from uuid import UUID

import click

from creneau.app.cli.opening import open_creneau
from creneau.app.cli.user import ORGANIZATION
from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.people import Actor


@click.group()
def calendar() -> None:
    """CalDAV calendars and ICS feeds."""


@calendar.command("link")
@ORGANIZATION
@click.option("--consultant", required=True, help="E-mail.")
@click.option("--url", required=True, help="The address of the calendar itself, ending in a slash.")
@click.option("--username", required=True)
@click.password_option(confirmation_prompt=False, help="An app password; asked for when not given.")
def link(organization: UUID, consultant: str, url: str, username: str, password: str) -> None:
    """Put a consultant's sessions into their CalDAV calendar from now on, and those already confirmed too."""
    with open_creneau() as creneau:
        person = creneau.people.get_user_by_email(OrganizationId(organization), consultant)
        linked = creneau.calendars.link_calendar(Actor.from_user(person), person.id, url, username, password)
        click.echo(linked.id)


@calendar.command("feed")
@ORGANIZATION
@click.option("--user", "email", required=True, help="E-mail.")
@click.option("--kind", type=click.Choice([kind.value for kind in FeedKind]), default="sessions", show_default=True)
def feed(organization: UUID, email: str, kind: str) -> None:
    """Print a new secret feed address for a person. The one before stops working."""
    with open_creneau() as creneau:
        person = creneau.people.get_user_by_email(OrganizationId(organization), email)
        token = creneau.feeds.issue_feed_token(person, FeedKind(kind))
        click.echo(f"{creneau.settings.base_url.rstrip('/')}/feeds/{token}/{kind}.ics")
