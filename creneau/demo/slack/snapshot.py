"""What the page draws: one person's screen as plain JSON."""

from collections.abc import Sequence

from creneau.demo.slack.actor import Actor
from creneau.demo.slack.messages import Message
from creneau.demo.slack.panels import Panel
from creneau.demo.slack.views import View
from creneau.demo.slack.wording import words_for
from creneau.demo.slack.workspace import Json, Person
from creneau.demo.slack.world import World


def directory(world: World) -> Json:
    """List workspaces, people and what the app offers: the part that does not change."""
    manifest = world.manifest
    return {
        "epoch": world.epoch,
        "app": {"name": manifest.name, "description": manifest.description, "color": manifest.color},
        "can_write": manifest.can_write_to_app,
        "commands": [
            {"command": one.command, "description": one.description, "usage_hint": one.usage_hint}
            for one in manifest.commands
        ],
        "shortcuts": [
            {"callback_id": one.callback_id, "name": one.name, "description": one.description}
            for one in manifest.shortcuts
        ],
        "workspaces": [
            {
                "team_id": workspace.team_id,
                "name": workspace.name,
                "people": [_person(one) for one in workspace.people if not one.is_bot and not one.deleted],
            }
            for workspace in world.workspaces.values()
        ],
    }


def screen(world: World, actor: Actor, panels: Sequence[Panel]) -> Json:
    """Draw one person's screen, and the panels beside it."""
    with world.lock:
        return {
            "version": world.version,
            "person": _person(actor.person),
            "team_id": actor.workspace.team_id,
            "words": words_for(actor.person.locale),
            "panels": [panel.show(actor.person) for panel in panels],
            "notices": list(actor.notices),
            "received": _received(world),
            "messages": [_message(message) for message in actor.messages],
            "modal": _view(actor.modal, depth=len(actor.stack)) if actor.modal else None,
            "home": _view(actor.home, depth=1) if actor.home else None,
        }


def _received(world: World) -> Json:
    """Count what each person got from the app, so that the page can mark the news."""
    return {
        workspace.team_id: {
            person.id: sum(one.is_from_app for one in world.conversation(workspace, workspace.channel_of(person.id)))
            for person in workspace.people
        }
        for workspace in world.workspaces.values()
    }


def _person(person: Person) -> Json:
    return {
        "id": person.id,
        "name": person.name,
        "real_name": person.real_name,
        "title": person.title,
        "tz": person.tz,
        "locale": person.locale,
    }


def _message(message: Message) -> Json:
    return {
        "ts": message.ts,
        "author_id": message.author_id,
        "is_from_app": message.is_from_app,
        "is_ephemeral": message.is_ephemeral,
        "is_edited": message.is_edited,
        "text": message.text,
        "blocks": message.blocks,
        "values": message.values,
    }


def _view(view: View, depth: int) -> Json:
    return {
        "id": view.id,
        "hash": view.hash,
        "title": view.title,
        "submit": view.submit_label,
        "close": (view.body.get("close") or {}).get("text", ""),
        "depth": depth,
        "blocks": view.blocks,
        "values": view.values,
        "errors": view.errors,
        "trouble": view.trouble,
    }
