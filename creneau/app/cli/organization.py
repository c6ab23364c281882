"""`creneau org`: the centres."""

from dataclasses import dataclass, field
from uuid import UUID

import click
from slack_sdk.errors import SlackApiError, SlackClientError

from creneau.app.cli.opening import open_creneau
from creneau.app.settings import SettingsInvalid
from creneau.app.wiring import Creneau, slack_client
from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.messages import SlackInstallation


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
            creneau.slack.save_installation(workspace.of(organization.id))
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
        creneau.slack.save_installation(workspace.of(tenant))
        click.echo(workspace.team_id)


@dataclass(frozen=True, slots=True)
class _Workspace:
    team_id: str
    bot_id: str
    bot_user_id: str
    token: str = field(repr=False)

    def of(self, organization_id: OrganizationId) -> SlackInstallation:
        return SlackInstallation(organization_id, self.team_id, self.bot_id, self.bot_user_id, self.token)


def _find_workspace(creneau: Creneau) -> _Workspace | None:
    """Ask Slack whose token SLACK_BOT_TOKEN is; None when it is not set."""
    if creneau.settings.slack_bot_token is None:
        return None
    token = creneau.settings.slack_bot_token.get_secret_value()
    try:
        answer = slack_client(creneau.settings, token).auth_test()
    except SlackApiError as error:
        raise click.ClickException(f"slack.refused: SLACK_BOT_TOKEN: {error.response['error']}") from None
    except (SlackClientError, OSError) as error:
        raise click.ClickException(f"slack.unreachable: {type(error).__name__}") from None
    return _Workspace(answer["team_id"], answer["bot_id"], answer["user_id"], token)
