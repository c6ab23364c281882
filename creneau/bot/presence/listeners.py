"""Events about people of a workspace: most are changes of a status or a picture, and nothing comes of them."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import App

from creneau.bot.stranger import workspace_of
from creneau.core.services.presence import PresenceService


class PresenceListeners:
    def __init__(self, presence: PresenceService) -> None:
        self._presence = presence

    def register(self, app: App) -> None:
        app.event("user_change")(self.heard_of)
        app.event("team_join")(self.heard_of)

    def heard_of(self, body: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        team_id, profile = workspace_of(body), event.get("user")
        if team_id is None or not isinstance(profile, Mapping) or not isinstance(profile.get("id"), str):
            return
        if profile.get("deleted"):
            self._presence.hear_of_leaving(team_id, profile["id"])
        else:
            self._presence.hear_of_being_there(team_id, profile["id"])
