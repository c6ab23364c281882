"""What the doctor says of Slack: each workspace is asked once who we are there, and what we may do."""

from collections.abc import Callable, Iterator
from http import HTTPStatus

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from creneau.app.doctor.finding import Finding, failure, ok, warning
from creneau.app.manifest import bot_scopes
from creneau.core.domain.ids import OrganizationId
from creneau.core.secrets import SecretUnreadable
from creneau.core.services.slack import SlackService

_SCOPES = "x-oauth-scopes"


def examine_slack(
    organizations: list[OrganizationId], slack: SlackService, open_client: Callable[[str], WebClient]
) -> Iterator[Finding]:
    """Ask about each organization; end with the first time that Slack cannot be reached."""
    if not organizations:
        yield warning(
            "slack",
            "No centre is linked to a workspace: Slack was not asked.",
            "Install the app: `creneau org install-link`, or `creneau org link` with SLACK_BOT_TOKEN.",
        )
    for organization_id in organizations:
        try:
            yield _examine(organization_id, slack, open_client)
        except (SlackClientError, OSError) as error:
            yield warning(
                "slack",
                f"Slack could not be reached ({type(error).__name__}).",
                "See whether this machine reaches https://slack.com, then run this again.",
            )
            return


def _examine(organization_id: OrganizationId, slack: SlackService, open_client: Callable[[str], WebClient]) -> Finding:
    again = f"Install the app again: `creneau org install-link {organization_id}`, or `creneau org link`."
    where = f"the workspace of centre {organization_id}"
    try:
        installation = slack.find_installation(organization_id)
        if installation is None:
            return failure("slack", f"The installation in {where} has ended.", again)
        answer = open_client(installation.bot_token).auth_test()
    except SecretUnreadable:
        return failure("slack", f"No key at hand opens the token of {where}.", again)
    except SlackApiError as error:
        if error.response.status_code != HTTPStatus.OK:
            raise
        return failure("slack", f"Slack refuses the token of {where}: {error.response.get('error')}.", again)
    told = {name.lower(): value for name, value in answer.headers.items()}.get(_SCOPES)
    if told is None:
        return warning("slack", f"Slack did not say which scopes {where} granted.", "Run this again later.")
    missing = set(bot_scopes()) - {scope.strip() for scope in told.split(",")}
    if missing:
        return failure(
            "slack",
            f"In {where} the app lacks {', '.join(sorted(missing))}.",
            f"Give the app the scopes of manifest.yml at https://api.slack.com/apps. {again}",
        )
    return ok("slack", f"In {where} the app has every scope of manifest.yml.")
