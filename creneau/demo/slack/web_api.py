"""The Web API: finds the workspace of a token, the method, the ordered fault, and keeps a record of every call."""

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request

from creneau.demo.slack import api_chat, api_people, api_views
from creneau.demo.slack.api_arguments import Arguments, read_arguments
from creneau.demo.slack.api_errors import ApiError
from creneau.demo.slack.faults import Call, Fault, Faults
from creneau.demo.slack.oauth import OAuth
from creneau.demo.slack.workspace import Json, Workspace
from creneau.demo.slack.world import World

Handler = Callable[[World, Workspace, Arguments], Json]


@dataclass(frozen=True)
class Method:
    handler: Handler
    scope: str | None = None


METHODS = {
    "auth.test": Method(api_people.auth_test),
    "team.info": Method(api_people.team_info, "team:read"),
    "users.info": Method(api_people.users_info, "users:read"),
    "users.list": Method(api_people.users_list, "users:read"),
    "users.lookupByEmail": Method(api_people.users_lookup_by_email, "users:read.email"),
    "conversations.open": Method(api_people.conversations_open, "im:write"),
    "conversations.info": Method(api_people.conversations_info, "im:read"),
    "conversations.history": Method(api_people.conversations_history, "im:history"),
    "chat.postMessage": Method(api_chat.post_message, "chat:write"),
    "chat.postEphemeral": Method(api_chat.post_ephemeral, "chat:write"),
    "chat.update": Method(api_chat.update, "chat:write"),
    "chat.delete": Method(api_chat.delete, "chat:write"),
    "chat.getPermalink": Method(api_chat.get_permalink),
    "views.open": Method(api_views.open_view),
    "views.push": Method(api_views.push),
    "views.update": Method(api_views.update),
    "views.publish": Method(api_views.publish),
}


class WebApi:
    """Answers `/api/<method>`. `open_socket` makes the URL of a Socket Mode connection for the app-level token."""

    def __init__(
        self, world: World, faults: Faults, oauth: OAuth, app_token: str, open_socket: Callable[[], str]
    ) -> None:
        self.world = world
        self._oauth = oauth
        self.faults = faults
        self.calls: list[Call] = []
        self._app_token = app_token
        self._open_socket = open_socket
        self.blueprint = Blueprint("web_api", __name__)
        self.blueprint.add_url_rule("/api/<method>", view_func=self.answer, methods=["GET", "POST"])

    def answer(self, method: str) -> Response:
        """Answer one call, or spoil it when a fault was ordered."""
        fault = self.faults.take(method)
        if fault is not None and not fault.is_after_effect:
            self._record(method, None, Arguments({}), {"ok": False, "error": fault.error or "fault"}, fault.status)
            return self._spoil(fault)
        workspace: Workspace | None = None
        arguments = Arguments({})
        try:
            arguments, token = read_arguments(request)
            workspace, body = self._call(method, arguments, token)
            body = {"ok": True, **body}
        except ApiError as refusal:
            body = {"ok": False, "error": refusal.code}
            if refusal.messages:
                body |= {"errors": refusal.messages, "response_metadata": {"messages": refusal.messages}}
        self._record(method, workspace, arguments, body, 200)
        if fault is not None:
            return self._spoil(fault)
        granted = {"x-oauth-scopes": ",".join(sorted(_scopes_of(workspace)))} if workspace else {}
        return Response(json.dumps(body), headers=granted, content_type="application/json; charset=utf-8")

    def _call(self, method: str, arguments: Arguments, token: str | None) -> tuple[Workspace | None, Json]:
        if method == "apps.connections.open":
            if token != self._app_token:
                raise ApiError("not_allowed_token_type" if token else "not_authed")
            return None, {"url": self._open_socket()}
        if method == "oauth.v2.access":
            given = request.authorization
            credentials = (given.username or "", given.password or "") if given else ("", "")
            return self._oauth.access(arguments, credentials)
        if method == "auth.revoke":
            return self._workspace_of(token), self._oauth.revoke(token or "")
        if method not in METHODS:
            raise ApiError("unknown_method")
        workspace = self._workspace_of(token)
        known = METHODS[method]
        if known.scope is not None and not workspace.has_scope(known.scope):
            raise ApiError("missing_scope", [f"[ERROR] needed: {known.scope}"])
        with self.world.lock:
            body = known.handler(self.world, workspace, arguments)
            return workspace, json.loads(json.dumps(body))

    def _workspace_of(self, token: str | None) -> Workspace:
        if not token:
            raise ApiError("not_authed")
        return self._oauth.workspace_of(token)

    def _record(self, method: str, workspace: Workspace | None, arguments: Arguments, body: Json, status: int) -> None:
        error = None if body["ok"] else str(body["error"])
        team_id = workspace.team_id if workspace else None
        with self.world.lock:
            call = Call(method, team_id, arguments.values, status, error, tuple(body.get("errors", ())))
            self.calls.append(call)
            self.world.changed()

    def _spoil(self, fault: Fault) -> Response:
        if fault.is_dropped:
            connection: socket.socket = request.environ["werkzeug.socket"]
            connection.shutdown(socket.SHUT_RDWR)
            return Response(status=503)
        if fault.status == 429:
            headers = {"Retry-After": str(fault.retry_after)}
            return Response('{"ok":false,"error":"ratelimited"}', 429, headers, content_type="application/json")
        if fault.error is not None:
            return Response(json.dumps({"ok": False, "error": fault.error}), content_type="application/json")
        return Response("upstream error", fault.status)


def _scopes_of(workspace: Workspace) -> frozenset[str]:
    if workspace.scopes is not None:
        return workspace.scopes
    return frozenset({"commands"} | {method.scope for method in METHODS.values() if method.scope})
