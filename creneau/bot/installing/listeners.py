"""The ends that Slack tells of: the app was taken out of a workspace, or its token was revoked."""

from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt import App

from creneau.bot.stranger import workspace_of
from creneau.core.services.installations import InstallationService

log = structlog.get_logger()


class InstallingListeners:
    def __init__(self, installations: InstallationService) -> None:
        self._installations = installations

    def register(self, app: App) -> None:
        app.event("app_uninstalled")(self.uninstalled)
        app.event("tokens_revoked")(self.revoked)

    def uninstalled(self, body: Mapping[str, Any]) -> None:
        self._end(workspace_of(body), "app_uninstalled")

    def revoked(self, body: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """A revoked token of a person is none of ours: the app has only the bot's."""
        if (event.get("tokens") or {}).get("bot"):
            self._end(workspace_of(body), "tokens_revoked")

    def _end(self, team_id: str | None, reason: str) -> None:
        if team_id and self._installations.end_of_team(team_id):
            log.warning("slack.installation_ended", team_id=team_id, reason=reason)
