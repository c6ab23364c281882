"""Web API methods that show modals and home tabs, and the checks that acks with a view share with them."""

from typing import Any

from creneau.demo.slack.api_arguments import Arguments
from creneau.demo.slack.api_errors import ApiError
from creneau.demo.slack.api_people import get_person
from creneau.demo.slack.blocks import is_too_large, problems_of_view
from creneau.demo.slack.views import DEEPEST_STACK, View
from creneau.demo.slack.workspace import Json, Workspace
from creneau.demo.slack.world import Trigger, World


def open_view(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    trigger = _live_trigger(world, workspace, arguments)
    body = checked_view(world, workspace, arguments.nested("view"), "modal")
    trigger.is_used = True
    view = world.new_view(workspace, trigger.user_id, body)
    world.screen(workspace.team_id, trigger.user_id).stack = [view]
    world.changed()
    return {"view": view.to_slack()}


def push(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    trigger = _live_trigger(world, workspace, arguments)
    body = checked_view(world, workspace, arguments.nested("view"), "modal")
    view = push_on_stack(world, workspace, trigger.user_id, body)
    trigger.is_used = True
    return {"view": view.to_slack()}


def update(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    if not arguments.has("view_id") and not arguments.has("external_id"):
        raise ApiError("invalid_arguments", ["[ERROR] must provide view_id or external_id"])
    view_id, external_id = arguments.text("view_id", ""), arguments.text("external_id", "")
    views = world.open_views(workspace)
    view = next((one for one in views if one.id == view_id or (external_id and one.external_id == external_id)), None)
    if view is None:
        raise ApiError("not_found")
    body = checked_view(world, workspace, arguments.nested("view"), view.body["type"], replacing=view)
    _check_hash(arguments, view)
    view.show(body, world.clock())
    world.changed()
    return {"view": view.to_slack()}


def publish(world: World, workspace: Workspace, arguments: Arguments) -> Json:
    person = get_person(workspace, arguments.text("user_id", error="user_not_found"))
    screen = world.screen(workspace.team_id, person.id)
    body = checked_view(world, workspace, arguments.nested("view"), "home", replacing=screen.home)
    if screen.home is None:
        screen.home = world.new_view(workspace, person.id, body)
    else:
        _check_hash(arguments, screen.home)
        screen.home.show(body, world.clock())
    world.changed()
    return {"view": screen.home.to_slack()}


def checked_view(
    world: World, workspace: Workspace, body: Any, kind: str, *, replacing: View | None = None
) -> dict[str, Any]:
    """Return the body if Slack would show it there. Raises: ApiError with every reason."""
    if body is None:
        raise ApiError("invalid_arguments", ["[ERROR] missing required field: view [json-pointer:]"])
    if is_too_large(body):
        raise ApiError("view_too_large")
    problems = problems_of_view(body)
    if not problems and body["type"] != kind:
        problems = [f"[ERROR] must be a {kind} [json-pointer:/view/type]"]
    if problems:
        raise ApiError("invalid_arguments", problems)
    external_id = body.get("external_id")
    others = (view for view in world.open_views(workspace) if view is not replacing)
    if external_id and any(view.external_id == external_id for view in others):
        raise ApiError("duplicate_external_id")
    return dict(body)


def push_on_stack(world: World, workspace: Workspace, user_id: str, body: Json) -> View:
    stack = world.screen(workspace.team_id, user_id).stack
    if not stack:
        raise ApiError("invalid_trigger_id", ["[ERROR] there is no modal to push on"])
    if len(stack) >= DEEPEST_STACK:
        raise ApiError("push_limit_reached")
    view = world.new_view(workspace, user_id, body, previous=stack[-1])
    stack.append(view)
    world.changed()
    return view


def _live_trigger(world: World, workspace: Workspace, arguments: Arguments) -> Trigger:
    trigger = world.triggers.get(arguments.text("trigger_id", error="invalid_trigger_id"))
    if trigger is None or trigger.team_id != workspace.team_id:
        raise ApiError("invalid_trigger_id")
    if trigger.is_used:
        raise ApiError("exchanged_trigger_id")
    if world.clock() > trigger.expires_at:
        raise ApiError("expired_trigger_id")
    return trigger


def _check_hash(arguments: Arguments, view: View) -> None:
    if arguments.has("hash") and arguments.text("hash", "") != view.hash:
        raise ApiError("hash_conflict")
