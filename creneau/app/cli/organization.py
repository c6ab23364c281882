"""`creneau org`: the centres."""

from datetime import timedelta
from uuid import UUID

import click
from slack_sdk.errors import SlackApiError, SlackClientError

from creneau.app.cli.opening import open_creneau
from creneau.app.settings import SettingsInvalid
from creneau.app.slack_clients import open_slack_clients
from creneau.app.wiring import Creneau
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.slack import BotTokens, SlackGrant, SlackInstallation


@click.group()
def org() -> None:
    """Centres: each is one tenant and one Slack workspace."""


@org.command("add")
@click.argument("name")
@click.option("--timezone", default="Europe/Paris", show_default=True)
@click.option("--locale", type=click.Choice(["fr", "en"]), default="fr", show_default=True)
def add(name: str, timezone: str, locale: str) -> None:
    """Add a centre. With SLACK_BOT_TOKEN set, link it to the workspace that the token belongs to."""
    with open_creneau() as creneau:
        workspace = _find_workspace(creneau)
        organization = creneau.people.add_organization(name, workspace.team_id if workspace else None, timezone, locale)
        if workspace:
            creneau.slack.save_installation(SlackInstallation(organization.id, workspace))
        click.echo(organization.id)


@org.command("link")
@click.argument("organization", type=click.UUID)
def link(organization: UUID) -> None:
    """Link a centre to the workspace that SLACK_BOT_TOKEN belongs to, or give it a new token for it."""
    with open_creneau() as creneau:
        workspace = _find_workspace(creneau)
        if workspace is None:
            raise SettingsInvalid(["SLACK_BOT_TOKEN: is not set"])
        tenant = OrganizationId(organization)
        creneau.people.link_slack_team(tenant, workspace.team_id)
        creneau.slack.save_installation(SlackInstallation(tenant, workspace))
        click.echo(workspace.team_id)


@org.command("install-link")
@click.argument("organization", type=click.UUID)
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 30), help="How long the link lives.")
def install_link(organization: UUID, days: int) -> None:
    """Print a link by which somebody installs the app in their workspace, and so gives it to a centre."""
    with open_creneau() as creneau:
        centre = creneau.people.get_organization(OrganizationId(organization))
        if creneau.settings.slack_client_id is None:
            raise SettingsInvalid(
                ["SLACK_CLIENT_ID: is not set; without it use SLACK_BOT_TOKEN and `creneau org link`"]
            )
        click.echo(creneau.install_link(centre.id, timedelta(days=days)))


def _find_workspace(creneau: Creneau) -> SlackGrant | None:
    """Ask Slack whose token SLACK_BOT_TOKEN is; None when it is not set."""
    if creneau.settings.slack_bot_token is None:
        return None
    token = creneau.settings.slack_bot_token.get_secret_value()
    try:
        answer = open_slack_clients(creneau.settings)(token).auth_test()
    except SlackApiError as error:
        raise click.ClickException(f"slack.refused: SLACK_BOT_TOKEN: {error.response['error']}") from None
    except (SlackClientError, OSError) as error:
        raise click.ClickException(f"slack.unreachable: {type(error).__name__}") from None
    return SlackGrant(answer["team_id"], answer["bot_id"], answer["user_id"], BotTokens(token))
