"""Where a workspace installs the app: off to Slack with a state that this browser alone can bring back, and a page."""

from collections.abc import Mapping
from typing import Protocol

from flask import Blueprint, Response, request

from creneau.core.domain.errors import Refusal
from creneau.core.i18n.vocabulary import in_words
from creneau.web.errors import status_of
from creneau.web.page import Link, told, visitor

REDIRECT_PATH = "/slack/oauth_redirect"
BROWSER_COOKIE = "creneau_slack_install"
_COOKIE_SECONDS = 600


class Installing(Protocol):
    """What an installation does, without HTTP; both raise refusals."""

    def start(self, link: str | None) -> tuple[str, str]:
        """Return the address to go to, and the browser's secret."""

    def finish(self, answer: Mapping[str, str], browser: str | None) -> str:
        """Return the id of the workspace."""


def slack_install_blueprint(installing: Installing) -> Blueprint:
    blueprint = Blueprint("slack_install", __name__)

    @blueprint.get("/slack/install")
    def install() -> Response:
        address, browser = installing.start(request.args.get("link"))
        response = Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})
        # Lax, because the browser comes back by a link on Slack's page.
        response.set_cookie(
            BROWSER_COOKIE, browser, _COOKIE_SECONDS, path="/slack/", secure=True, httponly=True, samesite="Lax"
        )
        return response

    @blueprint.get(REDIRECT_PATH)
    def oauth_redirect() -> Response:
        team_id = installing.finish(request.args.to_dict(), request.cookies.get(BROWSER_COOKIE))
        reader = visitor()
        said = reader.text("The app is installed. Its Home in Slack says what comes next.")
        response = told(
            reader, [said], Link(reader.text("Open Slack"), f"https://slack.com/app_redirect?team={team_id}")
        )
        response.delete_cookie(BROWSER_COOKIE, path="/slack/", secure=True, httponly=True, samesite="Lax")
        return response

    @blueprint.errorhandler(Refusal)
    def refused(refusal: Refusal) -> Response:
        reader = visitor()
        return told(
            reader, [reader.text(refusal.code, **in_words(reader, refusal.details))], status=status_of(type(refusal))
        )

    return blueprint
