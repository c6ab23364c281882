"""`creneau org`: the centres."""

import click
from slack_sdk.errors import SlackApiError, SlackClientError

from creneau.app.cli.opening import open_creneau
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
        team_id = workspace["team_id"] if workspace else None
        organization = creneau.people.add_organization(name, team_id, timezone, locale)
        if workspace:
            creneau.slack.save_installation(
                SlackInstallation(
                    OrganizationId(organization.id),
                    workspace["team_id"],
                    workspace["bot_id"],
                    workspace["user_id"],
                    workspace["token"],
                )
            )
        click.echo(organization.id)


def _find_workspace(creneau: Creneau) -> dict[str, str] | None:
    token = creneau.settings.slack_bot_token
    if token is None:
        return None
    try:
        answer = slack_client(creneau.settings, token.get_secret_value()).auth_test()
    except SlackApiError as error:
        raise click.ClickException(f"slack.refused: SLACK_BOT_TOKEN: {error.response['error']}") from None
    except (SlackClientError, OSError) as error:
        raise click.ClickException(f"slack.unreachable: {type(error).__name__}") from None
    return {name: answer[name] for name in ("team_id", "bot_id", "user_id")} | {"token": token.get_secret_value()}
