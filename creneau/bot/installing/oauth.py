"""Slack's OAuth, as the app needs it: where to send a browser, a code for tokens, new tokens for old, and giving back.

https://docs.slack.dev/authentication/installing-with-oauth and /using-token-rotation
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.error import URLError

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth import AuthorizeUrlGenerator

from creneau.bot.installing.errors import InstallOrgWide, InstallRefusedBySlack, InstallUnavailable
from creneau.core.domain.slack import BotTokens, SlackGrant

log = structlog.get_logger()

_UNREACHED = (SlackClientError, URLError, OSError)
_NOT_TAKEN = frozenset({"invalid_refresh_token", "token_revoked", "account_inactive", "app_not_installed"})


class RotationRefused(Exception):
    """Slack does not take this refresh token: no other will come of it."""


class RotationUnavailable(Exception):
    """Slack could not be asked for new tokens, or not now."""


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """What the app's page at Slack calls Client ID and Client Secret."""

    client_id: str
    client_secret: str = field(repr=False)


class SlackOAuth:
    """`client` carries the API's address and no token."""

    def __init__(
        self, credentials: AppCredentials, client: WebClient, scopes: Sequence[str], redirect_url: str
    ) -> None:
        self._credentials = credentials
        self._client = client
        self._redirect_url = redirect_url
        self._authorize = AuthorizeUrlGenerator(
            client_id=credentials.client_id,
            redirect_uri=redirect_url,
            scopes=scopes,
            authorization_url=client.base_url.removesuffix("/").removesuffix("/api") + "/oauth/v2/authorize",
        )

    def authorize_url(self, state: str) -> str:
        return self._authorize.generate(state)

    def exchange(self, code: str, now: datetime) -> SlackGrant:
        """Return what a workspace granted. Raises: `install.refused`, `install.unavailable`, `install.enterprise`."""
        try:
            answer = self._client.oauth_v2_access(
                client_id=self._credentials.client_id,
                client_secret=self._credentials.client_secret,
                code=code,
                redirect_uri=self._redirect_url,
            )
            tokens = _tokens(answer, now)
            if answer.get("is_enterprise_install") or not answer.get("team"):
                self.give_back(tokens.bot_token)
                raise InstallOrgWide
            bot_id = self._client.auth_test(token=tokens.bot_token)["bot_id"]
            return SlackGrant(answer["team"]["id"], bot_id, answer["bot_user_id"], tokens)
        except SlackApiError as error:
            log.warning("slack.install_refused", problem=str(error.response.get("error")))
            raise InstallRefusedBySlack from error
        except _UNREACHED as error:
            raise InstallUnavailable from error

    def refresh(self, refresh_token: str, now: datetime) -> BotTokens:
        """Return new tokens; the bot token before them lives on until its own end.

        Raises: RotationRefused, RotationUnavailable.
        """
        try:
            answer = self._client.oauth_v2_access(
                client_id=self._credentials.client_id,
                client_secret=self._credentials.client_secret,
                grant_type="refresh_token",
                refresh_token=refresh_token,
            )
        except SlackApiError as error:
            problem = str(error.response.get("error"))
            raise (RotationRefused if problem in _NOT_TAKEN else RotationUnavailable)(problem) from error
        except _UNREACHED as error:
            raise RotationUnavailable(type(error).__name__) from error
        return _tokens(answer, now)

    def give_back(self, bot_token: str) -> None:
        """End a token that we will not keep. What it does not reach ends with the app's removal from the workspace."""
        try:
            self._client.auth_revoke(token=bot_token)
        except (SlackApiError, *_UNREACHED) as error:
            log.warning("slack.token_not_given_back", problem=type(error).__name__)


def _tokens(answer: Any, now: datetime) -> BotTokens:
    lasts = answer.get("expires_in")
    expires_at = now + timedelta(seconds=int(lasts)) if lasts else None
    return BotTokens(answer["access_token"], answer.get("refresh_token"), expires_at)
