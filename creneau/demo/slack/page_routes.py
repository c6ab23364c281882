"""The routes of the browser page: the page itself, a stream of changes, and one POST a gesture."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request, send_from_directory

from creneau.demo.slack import panels, snapshot
from creneau.demo.slack.actor import Actor
from creneau.demo.slack.gestures import Surface
from creneau.demo.slack.workspace import Json
from creneau.demo.slack.world import World

PAGE = Path(__file__).parent / "page"
LOCAL_NAMES = {"127.0.0.1", "localhost"}
HEARTBEAT_SECONDS = 15
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data:"
Gesture = Callable[[Actor, Json], Json | None]


class PageRoutes:
    """Thin over `actor`: unpack, do, answer the new screen."""

    def __init__(self, world: World, find_actor: Callable[[str, str], Actor], shown: Sequence[panels.Panel]) -> None:
        self._world = world
        self._find_actor = find_actor
        self._panels = shown
        self.blueprint = Blueprint("page", __name__)
        self.blueprint.add_url_rule("/", view_func=self.index)
        self.blueprint.add_url_rule("/favicon.ico", view_func=self.icon)
        self.blueprint.add_url_rule("/ui/directory", view_func=self.directory)
        self.blueprint.add_url_rule("/ui/screen", view_func=self.screen)
        self.blueprint.add_url_rule("/ui/changes", view_func=self.changes)
        self.blueprint.add_url_rule("/ui/<gesture>", view_func=self.perform, methods=["POST"])
        self.blueprint.add_url_rule("/ui/panels/<panel>/<button>", view_func=self.press_panel, methods=["POST"])

    def index(self) -> Response:
        response = send_from_directory(PAGE, "index.html")
        response.headers["Content-Security-Policy"] = POLICY
        return response

    def icon(self) -> Response:
        return send_from_directory(PAGE, "icon.svg")

    def directory(self) -> Json:
        return snapshot.directory(self._world)

    def screen(self) -> Json:
        return self._screen(self._actor(request.args.get("team"), request.args.get("user")))

    def changes(self) -> Response:
        return Response(self._versions(), content_type="text/event-stream", headers={"Cache-Control": "no-store"})

    def perform(self, gesture: str) -> Json:
        """Do one gesture, only for the page's own origin."""
        body = _own_body()
        if gesture not in GESTURES:
            abort(404)
        actor = self._actor(body.get("team"), body.get("user"))
        try:
            result = GESTURES[gesture](actor, body)
        except LookupError as gone:
            abort(409, str(gone))
        return {"result": result, "screen": self._screen(actor)}

    def press_panel(self, panel: str, button: str) -> Json:
        """Press a button of a panel, only for the page's own origin."""
        body = _own_body()
        actor = self._actor(body.get("team"), body.get("user"))
        try:
            panels.press(self._panels, panel, button)
        except LookupError as unknown:
            abort(404, str(unknown))
        self._world.changed()
        return {"result": None, "screen": self._screen(actor)}

    def _versions(self) -> Iterator[str]:
        seen = -1
        while not self._world.is_closed:
            version = self._world.wait_for_change(seen, HEARTBEAT_SECONDS)
            news = json.dumps({"epoch": self._world.epoch, "version": version})
            yield f"data: {news}\n\n" if version != seen else ": still here\n\n"
            seen = version

    def _screen(self, actor: Actor) -> Json:
        return snapshot.screen(self._world, actor, self._panels)

    def _actor(self, team_id: str | None, user_id: str | None) -> Actor:
        try:
            return self._find_actor(team_id or "", user_id or "")
        except LookupError:
            abort(404, "nobody of that id")


def _own_body() -> Json:
    """Return what the page sent; anybody else is refused."""
    if request.headers.get("Origin") != request.host_url.rstrip("/"):
        abort(403, "only the page itself may do this")
    if urlsplit(request.host_url).hostname not in LOCAL_NAMES:
        abort(403, "only on this machine")
    body: Json = request.get_json()
    return body


def _surface(actor: Actor, body: Json) -> Surface:
    """Find the view or message a gesture is about. Raises: LookupError when it is gone."""
    wanted = body["surface"]
    views = [*actor.stack, *([actor.home] if actor.home else [])]
    for surface in views:
        if surface.id == wanted:
            return surface
    for message in actor.messages:
        if message.ts == wanted:
            return message
    raise LookupError(f"{wanted} is not on the screen any more")


def _element(actor: Actor, body: Json) -> tuple[Surface, Json, Json]:
    surface = _surface(actor, body)
    return surface, *surface.element(body["block_id"], body["action_id"])


def _command(actor: Actor, body: Json) -> None:
    name, _, text = body["text"].strip().partition(" ")
    if name.startswith("/"):
        actor.command(name, text.strip())
    else:
        actor.say(body["text"])


def _shortcut(actor: Actor, body: Json) -> None:
    actor.shortcut(body["callback_id"])


def _home(actor: Actor, body: Json) -> None:
    actor.open_home(body["tab"])


def _press(actor: Actor, body: Json) -> None:
    """Press a button. One that was drawn again while a person thought about it (new ids) is still the same button."""
    surface = _surface(actor, body)
    try:
        found = surface.element(body["block_id"], body["action_id"])
    except LookupError:
        same = ((b, e) for b, e in surface.elements() if _is_same_button(e, body))
        again = next(same, None)
        if again is None:
            raise
        found = again
    actor.gestures.press(surface, *found)


def _is_same_button(element: Json, body: Json) -> bool:
    return element["action_id"] == body["action_id"] and element.get("value") == body.get("value")


def _enter(actor: Actor, body: Json) -> None:
    actor.gestures.enter(*_element(actor, body), body["value"])


def _keep(actor: Actor, body: Json) -> None:
    actor.gestures.keep(*_element(actor, body), body["value"])


def _suggest(actor: Actor, body: Json) -> Json:
    options, groups = actor.gestures.suggest(*_element(actor, body), body["query"])
    return {"options": options, "option_groups": groups}


def _submit(actor: Actor, body: Json) -> Any:
    surface = _surface(actor, body)
    if surface is not actor.modal:
        raise LookupError("another modal is on top now")
    return actor.submit()


def _close(actor: Actor, body: Json) -> None:
    if actor.modal is not None:
        actor.close_modal(is_whole_stack=bool(body.get("is_whole_stack")))


def _dismiss(actor: Actor, body: Json) -> None:
    actor.dismiss(body.get("ts"))


GESTURES: dict[str, Gesture] = {
    "command": _command,
    "shortcut": _shortcut,
    "home": _home,
    "press": _press,
    "enter": _enter,
    "keep": _keep,
    "suggest": _suggest,
    "submit": _submit,
    "close": _close,
    "dismiss": _dismiss,
}
