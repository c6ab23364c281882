"""Where Slack's requests arrive: one address for commands, interactions and events."""

from collections.abc import Callable

from flask import Blueprint, Request, Response, request


def slack_blueprint(handle: Callable[[Request], Response]) -> Blueprint:
    """Mount the Bolt app. It checks the signature over the raw body, so nothing may read the form before it."""
    blueprint = Blueprint("slack", __name__)

    @blueprint.post("/slack/events")
    def events() -> Response:
        return handle(request)

    return blueprint
