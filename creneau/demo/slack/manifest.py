"""What the stand-in knows of the app: its name, commands, shortcuts and event subscriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Command:
    command: str
    description: str = ""
    usage_hint: str = ""


@dataclass(frozen=True)
class Shortcut:
    callback_id: str
    name: str
    description: str = ""


@dataclass(frozen=True)
class Manifest:
    """The parts of an app manifest that a person sees. Empty lists let every command, shortcut and event through."""

    name: str = "Creneau"
    description: str = ""
    color: str = "#0f4c5c"
    commands: tuple[Command, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    bot_events: frozenset[str] = frozenset()
    can_write_to_app: bool = False

    @classmethod
    def from_manifest(cls, document: Mapping[str, Any]) -> Self:
        """Read a Slack app manifest (the parsed YAML or JSON)."""
        about = document["display_information"]
        features = document.get("features", {})
        subscriptions = document.get("settings", {}).get("event_subscriptions", {})
        home = features.get("app_home", {})
        return cls(
            name=about["name"],
            description=about.get("description", ""),
            color=about.get("background_color", cls.color),
            commands=tuple(
                Command(entry["command"], entry.get("description", ""), entry.get("usage_hint", ""))
                for entry in features.get("slash_commands", [])
            ),
            shortcuts=tuple(
                Shortcut(entry["callback_id"], entry["name"], entry.get("description", ""))
                for entry in features.get("shortcuts", [])
                if entry.get("type") == "global"
            ),
            bot_events=frozenset(subscriptions.get("bot_events", [])),
            can_write_to_app=not home.get("messages_tab_read_only_enabled", True),
        )

    def knows_command(self, command: str) -> bool:
        return not self.commands or any(entry.command == command for entry in self.commands)

    def is_subscribed(self, event_type: str) -> bool:
        return not self.bot_events or event_type in self.bot_events
