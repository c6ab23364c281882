"""The payloads that Slack sends to an app, built from what a person did."""

from typing import Any

from creneau.demo.slack.messages import Message
from creneau.demo.slack.values import STATEFUL
from creneau.demo.slack.views import View
from creneau.demo.slack.workspace import ENTERPRISE, Json, Person, Workspace

TOKEN = "legacy-verification-token"  # noqa: S105 (Slack sends it still; nobody must rely on it)
CHANNEL_NAME = "directmessage"


def command(
    workspace: Workspace, person: Person, name: str, text: str, *, trigger_id: str, response_url: str
) -> dict[str, str]:
    return {
        "token": TOKEN,
        "team_id": workspace.team_id,
        "team_domain": workspace.domain,
        "channel_id": workspace.channel_of(person.id),
        "channel_name": CHANNEL_NAME,
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def interaction(kind: str, workspace: Workspace, person: Person, **more: Any) -> Json:
    """The part that all interactive payloads share."""
    return {
        "type": kind,
        "team": workspace.team(),
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.home_team_id or workspace.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": TOKEN,
        "enterprise": {"id": ENTERPRISE, "name": "Local"} if person.enterprise_teams else None,
        "is_enterprise_install": False,
        **more,
    }


def where(workspace: Workspace, surface: View | Message) -> Json:
    """Say where an element stands. The message itself is not sent when it is ephemeral."""
    if isinstance(surface, View):
        return {"container": {"type": "view", "view_id": surface.id}, "view": surface.to_slack()}
    place: Json = {
        "container": {
            "type": "message",
            "message_ts": surface.ts,
            "channel_id": surface.channel,
            "is_ephemeral": surface.is_ephemeral,
        },
        "channel": {"id": surface.channel, "name": CHANNEL_NAME},
    }
    if not surface.is_ephemeral:
        place["message"] = surface.to_slack(workspace)
    return place


def action(block: Json, element: Json, value: Any, action_ts: str) -> Json:
    """Build one entry of `actions`; `value` is what the person chose, None for a button."""
    kind = element["type"]
    entry: Json = {
        "type": kind,
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": action_ts,
    }
    if kind == "button":
        return {**entry, **{key: element[key] for key in ("text", "value", "style", "url") if key in element}}
    if kind == "overflow":
        return {**entry, "selected_option": value}
    key, initial, _ = STATEFUL[kind]
    entry[key] = value
    return {**entry, **{name: element[name] for name in (initial, "placeholder") if name in element}}


def event(workspace: Workspace, body: Json, event_id: str, event_time: int) -> Json:
    return {
        "token": TOKEN,
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "context_enterprise_id": None,
        "api_app_id": workspace.app_id,
        "event": body,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": event_time,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{event_id}",
    }
