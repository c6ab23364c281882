"""New tokens for the workspaces that rotate them, well before the old ones end.

The lease gives each installation to one process, and no transaction waits for Slack. An answer that was lost is asked
for again; a refresh token works once, so if Slack had heard us it says no then, and the token in hand lasts until its
end: time for an administrator to install the app again.
"""

import procrastinate
import structlog

from creneau.bot.installing.oauth import RotationRefused, RotationUnavailable, SlackOAuth
from creneau.core.clock import Clock
from creneau.core.domain.ids import OrganizationId
from creneau.core.services.installations import InstallationService
from creneau.core.services.slack import SlackService

log = structlog.get_logger()

ROTATE_TOKENS = "slack.rotate_tokens"
EVERY_FIVE_MINUTES = "*/5 * * * *"


class TokenRotation:
    def __init__(
        self, oauth: SlackOAuth | None, installations: InstallationService, slack: SlackService, clock: Clock
    ) -> None:
        self._oauth = oauth
        self._installations = installations
        self._slack = slack
        self._clock = clock

    def register(self, app: procrastinate.App) -> None:
        @app.periodic(cron=EVERY_FIVE_MINUTES)
        @app.task(name=ROTATE_TOKENS, queueing_lock=ROTATE_TOKENS)
        def rotate(timestamp: int) -> None:
            count = self.rotate_due()
            if count:
                log.info("slack.tokens_rotated", count=count, tick=timestamp)

    def rotate_due(self) -> int:
        """Change the tokens that end soon; return how many were changed."""
        if self._oauth is None:
            return 0
        leased = self._installations.lease_rotations()
        return sum(self._rotate(self._oauth, organization_id) for organization_id in leased)

    def _rotate(self, oauth: SlackOAuth, organization_id: OrganizationId) -> bool:
        installation = self._slack.find_installation(organization_id)
        refresh_token = installation.grant.tokens.refresh_token if installation else None
        if refresh_token is None:
            return False
        try:
            tokens = oauth.refresh(refresh_token, self._clock.now())
        except RotationUnavailable as problem:
            log.warning("slack.rotation_postponed", organization_id=str(organization_id), problem=str(problem))
            return False
        except RotationRefused as problem:
            self._installations.record_rotation_refused(organization_id, refresh_token)
            log.warning("slack.rotation_refused", organization_id=str(organization_id), problem=str(problem))
            return False
        return self._installations.record_rotated(organization_id, refresh_token, tokens)
