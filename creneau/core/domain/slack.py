"""The app in a Slack workspace: what Slack granted, and the organization that it was granted to."""

from dataclasses import dataclass, field
from datetime import datetime

from creneau.core.domain.ids import OrganizationId


@dataclass(frozen=True, slots=True)
class BotTokens:
    """The bot token. With a refresh token it ends at `expires_at` and is changed for another before; else it lasts."""

    bot_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SlackGrant:
    """What a workspace gave us when the app was installed in it."""

    team_id: str
    bot_id: str
    bot_user_id: str
    tokens: BotTokens


@dataclass(frozen=True, slots=True)
class SlackInstallation:
    """The app as installed in an organization's workspace."""

    organization_id: OrganizationId
    grant: SlackGrant

    @property
    def team_id(self) -> str:
        return self.grant.team_id

    @property
    def bot_id(self) -> str:
        return self.grant.bot_id

    @property
    def bot_user_id(self) -> str:
        return self.grant.bot_user_id

    @property
    def bot_token(self) -> str:
        return self.grant.tokens.bot_token
