"""Slack's OAuth: a page that asks whether a workspace wants the app, codes for tokens, and tokens that end.

https://docs.slack.dev/authentication/installing-with-oauth and /using-token-rotation
"""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from markupsafe import Markup

from creneau.demo.slack.api_arguments import Arguments
from creneau.demo.slack.api_errors import ApiError
from creneau.demo.slack.workspace import Json, Workspace
from creneau.demo.slack.world import World

CODE_SECONDS = 600
ROTATED_SECONDS = 43_200
_STYLE = (
    "body{font:18px/1.5 system-ui;max-width:32rem;margin:12vh auto;padding:0 1rem}button{font:inherit;margin:.3rem}"
)


@dataclass
class Token:
    workspace: Workspace
    expires_at: float | None = None
    is_revoked: bool = False


@dataclass
class Code:
    workspace: Workspace
    redirect_uri: str
    scopes: str
    expires_at: float


@dataclass
class OAuth:
    """The one app that this Slack knows. With `rotates` set, tokens end after `token_seconds`."""

    world: World
    client_id: str = "0000.local"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))
    rotates: bool = False
    token_seconds: int = ROTATED_SECONDS
    is_org_wide: bool = False

    def __post_init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._refresh: dict[str, Workspace] = {}
        self._codes: dict[str, Code] = {}
        self.blueprint = Blueprint("oauth", __name__)
        self.blueprint.add_url_rule("/oauth/v2/authorize", view_func=self.ask)
        self.blueprint.add_url_rule("/oauth/v2/authorize", "answer", self.answer, methods=["POST"])

    def ask(self) -> Response:
        """Ask which workspace wants the app."""
        given = request.args
        if given.get("client_id") != self.client_id:
            return Response("Invalid client_id parameter", 400)
        hidden = Markup("").join(
            Markup('<input type="hidden" name="{}" value="{}">').format(name, given.get(name, ""))
            for name in ("state", "redirect_uri", "scope")
        )
        allow = Markup("").join(
            Markup('<p><button name="team" value="{}">Allow in {}</button></p>').format(one.team_id, one.name)
            for one in self.world.workspaces.values()
        )
        return Response(
            Markup(
                '<!doctype html><html lang="en"><title>Local Slack</title><style>{}</style><main><h1>{}</h1>'
                '<p>The app asks for: {}.</p><form method="post">{}{}<button name="team" value="">Cancel</button>'
                "</form></main></html>"
            ).format(
                Markup(_STYLE),  # noqa: S704 - the constant above
                self.world.manifest.name,
                given.get("scope", "").replace(",", ", "),
                hidden,
                allow,
            )
        )

    def answer(self) -> Any:
        """Send the browser back with a code, or with `access_denied`."""
        given = request.form
        workspace = self.world.workspaces.get(given.get("team", ""))
        more = {"code": self.issue_code(workspace, given["redirect_uri"], given["scope"])} if workspace else {}
        query = urlencode({**(more or {"error": "access_denied"}), "state": given["state"]})
        return redirect(f"{given['redirect_uri']}?{query}")

    def issue_code(self, workspace: Workspace, redirect_uri: str, scopes: str) -> str:
        code = secrets.token_urlsafe(16)
        self._codes[code] = Code(workspace, redirect_uri, scopes, self.world.clock() + CODE_SECONDS)
        return code

    def access(self, arguments: Arguments, credentials: tuple[str, str]) -> tuple[Workspace, Json]:
        """Answer `oauth.v2.access`: a code, or a refresh token, for tokens; each is taken once."""
        if credentials[0] != self.client_id:
            raise ApiError("invalid_client_id")
        if credentials[1] != self.client_secret:
            raise ApiError("bad_client_secret")
        if arguments.values.get("grant_type") == "refresh_token":
            workspace = self._refresh.pop(arguments.text("refresh_token"), None)
            if workspace is None:
                raise ApiError("invalid_refresh_token")
            return workspace, self._grant(workspace, "")
        code = self._codes.pop(arguments.text("code", error="invalid_code"), None)
        if code is None or code.expires_at <= self.world.clock():
            raise ApiError("invalid_code")
        if code.redirect_uri != arguments.values.get("redirect_uri"):
            raise ApiError("bad_redirect_uri")
        return code.workspace, self._grant(code.workspace, code.scopes)

    def revoke(self, token: str) -> Json:
        """Answer `auth.revoke`."""
        self._known(token).is_revoked = True
        return {"revoked": True}

    def end(self, workspace: Workspace) -> None:
        """End every token of a workspace, as removing the app does."""
        for token in self._tokens.values():
            token.is_revoked |= token.workspace is workspace
        self._tokens.setdefault(workspace.bot_token, Token(workspace)).is_revoked = True
        self._refresh = {key: one for key, one in self._refresh.items() if one is not workspace}

    def workspace_of(self, token: str) -> Workspace:
        """Raises: ApiError for a token that is unknown, revoked or over."""
        known = self._known(token)
        if known.is_revoked:
            raise ApiError("token_revoked")
        if known.expires_at is not None and known.expires_at <= self.world.clock():
            raise ApiError("token_expired")
        return known.workspace

    def _known(self, token: str) -> Token:
        if token not in self._tokens:  # a workspace that had the app from the start
            found = next((one for one in self.world.workspaces.values() if one.bot_token == token), None)
            if found is None:
                raise ApiError("invalid_auth")
            self._tokens[token] = Token(found)
        return self._tokens[token]

    def _grant(self, workspace: Workspace, scopes: str) -> Json:
        token = f"xoxe.xoxb-{secrets.token_hex(12)}" if self.rotates else self._lasting_token(workspace)
        lasts: Json = {}
        expires_at = None
        if self.rotates:
            refresh = f"xoxe-{secrets.token_hex(12)}"
            self._refresh[refresh] = workspace
            expires_at = self.world.clock() + self.token_seconds
            lasts = {"refresh_token": refresh, "expires_in": self.token_seconds}
        self._tokens[token] = Token(workspace, expires_at)
        return {
            "app_id": workspace.app_id,
            "authed_user": {},
            "scope": scopes,
            "token_type": "bot",
            "access_token": token,
            "bot_user_id": workspace.bot_user_id,
            "team": None if self.is_org_wide else {"id": workspace.team_id, "name": workspace.name},
            "enterprise": {"id": "E0LOCAL", "name": "Local"} if self.is_org_wide else None,
            "is_enterprise_install": self.is_org_wide,
            **lasts,
        }

    def _lasting_token(self, workspace: Workspace) -> str:
        """Return the token that the workspace has: installing again gives no other while it lives."""
        known = [workspace.bot_token, *(token for token, one in self._tokens.items() if one.workspace is workspace)]
        living = (token for token in known if token and not (token in self._tokens and self._tokens[token].is_revoked))
        return next(living, f"xoxb-{secrets.token_hex(12)}")
