"""`creneau calendar`: consultants' own calendars, and the feeds that calendar programs subscribe to."""

from uuid import UUID

import click

from creneau.app.cli.opening import open_creneau
from creneau.app.cli.user import ORGANIZATION
from creneau.calendar_sync.calendar import CalendarError
from creneau.calendar_sync.discovery import Discover
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.credentials import CredentialKind, require_credentials
from creneau.core.domain.errors import CalendarNotLinked
from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.hours_calendar import HoursWish
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.people import Actor


@click.group()
def calendar() -> None:
    """CalDAV calendars and ICS feeds."""


@calendar.command("link")
@ORGANIZATION
@click.option("--consultant", required=True, help="E-mail.")
@click.option("--url", required=True, help="The address of the calendar itself, ending in a slash.")
@click.option("--username", default="", help="Needed with a password.")
@click.option(
    "--credential",
    type=click.Choice([kind.value for kind in CredentialKind], case_sensitive=False),
    default=CredentialKind.PASSWORD.value,
    show_default=True,
    help="Whether what is asked for is a password, or a bearer token that needs no user name.",
)
@click.password_option(confirmation_prompt=False, help="An app password, or a token; asked for when not given.")
@click.option("--busy", "busy_urls", multiple=True, help="Another calendar of the account whose events close times.")
@click.option("--unchecked", is_flag=True, help="Take the calendars as they are given, without asking the server.")
def link(
    organization: UUID,
    consultant: str,
    url: str,
    username: str,
    credential: str,
    password: str,
    busy_urls: tuple[str, ...],
    *,
    unchecked: bool,
) -> None:
    """Put a consultant's sessions into their CalDAV calendar from now on, and those already confirmed too.

    What else stands in it, or in a --busy calendar, closes the consultant's time. The account is tried first, and that
    the calendars are there.
    """
    kind = CredentialKind(credential.upper())
    with open_creneau() as creneau:
        person = creneau.people.get_user_by_email(OrganizationId(organization), consultant)
        server = ServerKind.UNKNOWN
        if not unchecked:
            require_credentials(username, password, kind)
            server = _check(creneau.discover, url, busy_urls, (username, password, kind))
        linked = creneau.calendars.link_calendar(
            Actor.from_user(person),
            person.id,
            url,
            username,
            password,
            busy_urls=busy_urls,
            credential=kind,
            server=server,
        )
        click.echo(linked.id)


def _check(
    discover: Discover, url: str, busy_urls: tuple[str, ...], credentials: tuple[str, str, CredentialKind]
) -> ServerKind:
    """Return the server that has these calendars. Fails with those that it has where one is not there."""
    try:
        found = discover(url, *credentials)
    except CalendarError as error:
        message = f"The server could not be asked: {type(error).__name__}"
        raise click.ClickException(message) from error
    known = [calendar.url for calendar in found]
    for wanted in (url, *busy_urls):
        if f"{wanted.rstrip('/')}/" not in known:
            message = f"No such calendar: {wanted}. There are: {' '.join(known)}"
            raise click.ClickException(message)
    return found[0].server


@calendar.command("sync")
@ORGANIZATION
@click.option("--consultant", required=True, help="E-mail.")
def sync(organization: UUID, consultant: str) -> None:
    """Read a consultant's calendars now."""
    with open_creneau() as creneau:
        person = creneau.people.get_user_by_email(OrganizationId(organization), consultant)
        actor = Actor.from_user(person)
        if creneau.calendars.find_health(actor, person.id) is None:
            raise CalendarNotLinked
        if not creneau.pull.read_account(actor.organization_id, person.id):
            raise click.ClickException("A worker is reading these calendars right now.")
        health = creneau.calendars.find_health(actor, person.id)
        if health is not None and health.read_failure is not None:
            raise click.ClickException(f"Not read: {health.read_failure}")
        click.echo(f"read; {health.doubtful if health else 0} events could not be read in full")


@calendar.command("hours")
@ORGANIZATION
@click.option("--consultant", required=True, help="E-mail.")
@click.option("--url", help="A calendar of the account to show them in; without it one is made for them.")
@click.option("--inbox", is_flag=True, help="Also tell the server that the consultant is unavailable at other times.")
@click.option("--hide", is_flag=True, help="Take them out of the account again.")
def hours(organization: UUID, consultant: str, url: str | None, *, inbox: bool, hide: bool) -> None:
    """Show a consultant's bookable hours in their CalDAV account, or hide them. A worker does it."""
    with open_creneau() as creneau:
        person = creneau.people.get_user_by_email(OrganizationId(organization), consultant)
        actor = Actor.from_user(person)
        if hide:
            creneau.hours.hide_hours(actor, person.id)
        else:
            creneau.hours.show_hours(actor, person.id, HoursWish(url, inbox))
        click.echo("hidden" if hide else "shown")


@calendar.command("unlink")
@ORGANIZATION
@click.option("--consultant", required=True, help="E-mail.")
@click.option("--keep", is_flag=True, help="Leave what stands in the calendar; otherwise a worker removes it.")
def unlink(organization: UUID, consultant: str, *, keep: bool) -> None:
    """Put nothing more into a consultant's calendar, and leave nothing of ours behind."""
    with open_creneau() as creneau:
        person = creneau.people.get_user_by_email(OrganizationId(organization), consultant)
        creneau.calendars.unlink_calendar(Actor.from_user(person), person.id, removes_sessions=not keep)
        click.echo("unlinked")


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
