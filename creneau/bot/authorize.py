"""Which workspace a request comes from, without asking anybody: its token is found when something is said to Slack.

Bolt authorizes before it lets a listener acknowledge. So nothing is read here: neither Slack nor the database can be
slow enough to lose the three seconds that an acknowledgement has.
"""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic, sleep
from typing import Any

from slack_bolt import BoltContext, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from creneau.bot.calling import TOKEN_ENDED
from creneau.bot.stranger import NotRegistered
from creneau.core.domain.errors import Refusal
from creneau.core.services.slack import SlackService

_REMEMBERED_SECONDS = 60
_TOO_MANY = 429
_MOST_WAITED = timedelta(seconds=3)
"""How long somebody is left in front of a window while Slack lets us wait; longer, they are told."""


class SlackBusy(Refusal):
    """Slack asked us to call less often, for longer than anybody would wait in front of a window."""

    code = "slack.busy"


class WorkspaceTokens:
    """The bot token of each workspace, remembered for a minute, so that a window opens while the database is slow."""

    def __init__(self, slack: SlackService) -> None:
        self._slack = slack
        self._known: dict[str, tuple[str, float]] = {}
        """By workspace: the token, and until when it is believed. As many as have the app, and no more."""

    def get(self, team_id: str | None) -> str:
        """Raises: `slack.not_registered` for a workspace that no organization has."""
        token, until = self._known.get(team_id or "", ("", 0.0))
        if monotonic() < until:
            return token
        installation = self._slack.find_installation_of_team(team_id) if team_id else None
        if installation is None or team_id is None:
            raise NotRegistered
        self._known[team_id] = installation.bot_token, monotonic() + _REMEMBERED_SECONDS
        return installation.bot_token

    def park(self, team_id: str | None, method: str, wait: timedelta) -> None:
        """Let what we send to a workspace on our own initiative wait with a method."""
        installation = self._slack.find_installation_of_team(team_id) if team_id else None
        if installation is not None:
            self._slack.park_method(installation.organization_id, method, wait)

    def replace(self, team_id: str | None, ended: str) -> str | None:
        """Return the token that came in the place of one that Slack ended; None when there is no other yet.

        Raises: `slack.not_registered`.
        """
        self._known.pop(team_id or "", None)
        token = self.get(team_id)
        return token if token != ended else None


class WorkspaceClient(WebClient):
    """A client that finds its workspace's token with its first call. Raises: `slack.not_registered` where none is."""

    def __init__(self, tokens: WorkspaceTokens, workspace_id: str | None, like: WebClient) -> None:
        super().__init__(
            base_url=like.base_url,
            timeout=like.timeout,
            ssl=like.ssl,
            proxy=like.proxy,
            headers=like.headers,
            retry_handlers=list(like.retry_handlers),
        )
        self._tokens = tokens
        self._workspace_id = workspace_id

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        """Call, once more after a short wait that Slack asks for. Raises: `slack.busy` where it is a long one."""
        try:
            return self._call(api_method, **arguments)
        except SlackApiError as error:
            if error.response.status_code != _TOO_MANY:
                raise
            wait = timedelta(seconds=int(error.response.headers.get("Retry-After", 30)))
            self._tokens.park(self._workspace_id, api_method, wait)
            if wait > _MOST_WAITED:
                raise SlackBusy from error
        sleep(wait.total_seconds())
        return self._call(api_method, **arguments)

    def _call(self, api_method: str, **arguments: Any) -> SlackResponse:
        if self.token is None:
            self.token = self._tokens.get(self._workspace_id)
        try:
            return super().api_call(api_method, **arguments)
        except SlackApiError as error:
            if error.response.get("error") not in TOKEN_ENDED:
                raise
            token = self._tokens.replace(self._workspace_id, self.token)
            if token is None:
                raise
            self.token = token  # the app was installed again, or the token changed, since it was remembered
            return super().api_call(api_method, **arguments)


def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Bolt's authorize function: every signed request is let through; who is behind it, listeners ask the core."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def create_workspace_clients(tokens: WorkspaceTokens) -> Callable[..., BoltResponse]:
    """Return the middleware that gives a request the client of its workspace."""

    def give_client(context: BoltContext, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002 - Bolt's name
        context["client"] = WorkspaceClient(tokens, context.team_id, context.client)
        return next()

    return give_client
