"""Calls of Slack's Web API for an organization, each with an outcome: done, refused for good, or worth another try.

The SDK's own retries are off: its default posts twice when an answer is lost. Jobs retry instead.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.error import URLError

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from creneau.core.domain.ids import OrganizationId
from creneau.core.domain.slack import SlackInstallation
from creneau.core.services.installations import InstallationService
from creneau.core.services.slack import SlackService

_EXPIRED = "token_expired"
TOKEN_ENDED = frozenset({"token_revoked", "account_inactive", "invalid_auth", _EXPIRED})
"""How Slack says that a bot token is good for nothing any more."""

log = structlog.get_logger()

_TOO_MANY = 429
_SERVER_ERROR = 500
_WORTH_RETRYING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited"})


class SlackUnavailable(Exception):
    """Slack could not be reached, or asked us to wait: the same call may succeed later."""

    def __init__(self, problem: str, retry_after: timedelta | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class SlackRefused(Exception):
    """Slack understood and said no (`channel_not_found`, `account_inactive`, ...): trying again is useless."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class RecipientLeft(SlackRefused):
    """Whoever this is for has no account in Slack any more: Slack was not asked."""

    def __init__(self) -> None:
        super().__init__("recipient_left")


class SlackCalls:
    """Calls with the bot token of an organization's workspace. `open_client` makes a client from a token."""

    def __init__(
        self, slack: SlackService, installations: InstallationService, open_client: Callable[[str], WebClient]
    ) -> None:
        self._slack = slack
        self._installations = installations
        self._open_client = open_client

    def call(self, organization_id: OrganizationId, method: str, **arguments: Any) -> dict[str, Any]:
        """Return what Slack answered. Raises: SlackUnavailable, SlackRefused."""
        installation, parked = self._slack.find_access(organization_id, method)
        if installation is None:
            raise SlackRefused("not_installed")
        if parked:
            raise SlackUnavailable("parked", parked)
        try:
            answer = self._open_client(installation.bot_token).api_call(method, json=arguments)
        except SlackApiError as error:
            outcome = self._outcome(installation, error)
            if isinstance(outcome, SlackUnavailable) and outcome.retry_after:
                self._slack.park_method(organization_id, method, outcome.retry_after)
            raise outcome from error
        except (SlackClientError, URLError, OSError) as error:
            raise SlackUnavailable(type(error).__name__) from error
        data: dict[str, Any] = dict(answer.data) if isinstance(answer.data, dict) else {}
        return data

    def _outcome(self, installation: SlackInstallation, error: SlackApiError) -> SlackUnavailable | SlackRefused:
        """Tell what came of a call. A token that Slack does not take any more ends the installation, until the next."""
        outcome = _outcome(error)
        if not isinstance(outcome, SlackRefused) or outcome.problem not in TOKEN_ENDED:
            return outcome
        if outcome.problem == _EXPIRED and installation.grant.tokens.refresh_token:
            return SlackUnavailable(outcome.problem)  # a new token is on its way
        organization_id = installation.organization_id
        if self._installations.end(organization_id, installation.bot_token):
            log.warning("slack.installation_ended", organization_id=str(organization_id), reason=outcome.problem)
        return outcome


def _outcome(error: SlackApiError) -> SlackUnavailable | SlackRefused:
    response = error.response
    if response.status_code == _TOO_MANY:
        return SlackUnavailable("ratelimited", timedelta(seconds=int(response.headers.get("Retry-After", 30))))
    problem = response.get("error") if isinstance(response.data, dict) else None
    if response.status_code >= _SERVER_ERROR or problem is None or problem in _WORTH_RETRYING:
        return SlackUnavailable(problem or f"http_{response.status_code}")
    return SlackRefused(str(problem))
