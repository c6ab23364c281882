"""An installation from the first click to the end: what `/slack/install` and `/slack/oauth_redirect` do.

The state is a ticket that names the organization and the browser it was begun in; it lives ten minutes, and installs
once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import structlog

from creneau.bot.installing.errors import InstallCancelled, InstallNotConfigured, InstallRefusedBySlack
from creneau.bot.installing.oauth import SlackOAuth
from creneau.core.clock import Clock
from creneau.core.domain.errors import HasAnotherWorkspace, TicketInvalid, WorkspaceUnknown
from creneau.core.domain.ids import OrganizationId
from creneau.core.services.installations import InstallationService
from creneau.core.tickets import Tickets

log = structlog.get_logger()

LINK, STATE = "slack-install-link", "slack-install-state"
STATE_LIVES = timedelta(minutes=10)


class Installer:
    """`oauth` None: the server has no credentials of a Slack app that workspaces can install themselves."""

    def __init__(
        self, oauth: SlackOAuth | None, installations: InstallationService, tickets: Tickets, clock: Clock
    ) -> None:
        self._oauth = oauth
        self._installations = installations
        self._tickets = tickets
        self._clock = clock

    def issue_link(self, organization_id: OrganizationId, lives: timedelta) -> str:
        """Return the ticket of an install link: whoever follows it may give the organization its workspace."""
        return self._tickets.issue(LINK, {"organization": str(organization_id)}, self._clock.now() + lives)

    def start(self, link: str | None) -> tuple[str, str]:
        """Return Slack's page to go to, and the secret that the browser keeps until it comes back.

        Without a link the app can be installed again where it was. Raises: `install.not_configured`, `ticket.invalid`.
        """
        oauth = self._require_oauth()
        organization = self._tickets.read(LINK, link)["organization"] if link else ""
        browser = secrets.token_urlsafe(32)
        values = {"organization": organization, "browser": _digest(browser), "nonce": secrets.token_urlsafe(16)}
        return oauth.authorize_url(self._tickets.issue(STATE, values, self._clock.now() + STATE_LIVES)), browser

    def finish(self, answer: Mapping[str, str], browser: str | None) -> str:
        """Keep the installation that Slack's answer stands for; return the workspace's id.

        A workspace that will have no centre gets its token back, so that none has an app that does not answer.
        Raises: `ticket.invalid`, `install.cancelled`, `install.enterprise`, `install.refused`, `install.unavailable`,
        and what `InstallationService.install` refuses.
        """
        oauth = self._require_oauth()
        state = answer.get("state", "")
        values = self._tickets.read(STATE, state)
        if browser is None or not hmac.compare_digest(values["browser"], _digest(browser)):
            raise TicketInvalid
        if "error" in answer:
            raise InstallCancelled if answer["error"] == "access_denied" else InstallRefusedBySlack
        named = OrganizationId(UUID(values["organization"])) if values["organization"] else None
        grant = oauth.exchange(answer.get("code", ""), self._clock.now())
        try:
            organization = self._installations.install(grant, named, state)
        except (WorkspaceUnknown, HasAnotherWorkspace):
            # The workspace is nobody's. In one that has a centre, the token in our hands may be the very one in use.
            oauth.give_back(grant.tokens.bot_token)
            raise
        log.info("slack.installed", organization_id=str(organization.id), team_id=grant.team_id)
        return grant.team_id

    def _require_oauth(self) -> SlackOAuth:
        if self._oauth is None:
            raise InstallNotConfigured
        return self._oauth


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()
