"""A local Slack: enough of the real one, and as strict, to show and to test an app without a workspace."""

from creneau.demo.slack.actor import Actor
from creneau.demo.slack.manifest import Command, Manifest, Shortcut
from creneau.demo.slack.messages import Message
from creneau.demo.slack.panels import Panel, PanelButton
from creneau.demo.slack.server import SlackStandIn
from creneau.demo.slack.views import View
from creneau.demo.slack.workspace import Person, Workspace

__all__ = [
    "Actor",
    "Command",
    "Manifest",
    "Message",
    "Panel",
    "PanelButton",
    "Person",
    "Shortcut",
    "SlackStandIn",
    "View",
    "Workspace",
]
