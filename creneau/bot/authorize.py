"""Which workspace a request comes from, from our own table: no network call before the acknowledgement."""

from collections.abc import Callable

from slack_bolt.authorization import AuthorizeResult

from creneau.core.services.slack import SlackService


def create_authorize(slack: SlackService) -> Callable[..., AuthorizeResult | None]:
    """Return Bolt's authorize function: None for a workspace that no organization has."""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult | None:
        installation = slack.find_installation_of_team(team_id) if team_id else None
        if installation is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=installation.team_id,
            bot_token=installation.bot_token,
            bot_id=installation.bot_id,
            bot_user_id=installation.bot_user_id,
        )

    return authorize
