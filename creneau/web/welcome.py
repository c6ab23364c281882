"""The page at the root: says what this server is, in the browser's language. Everything else happens in Slack."""

from flask import Blueprint, Response

from creneau.web.page import Link, told, visitor


def welcome_blueprint(document_path: str) -> Blueprint:
    """Serve `/`; `document_path` is where the API describes itself."""
    blueprint = Blueprint("welcome", __name__)

    @blueprint.get("/")
    def welcome() -> Response:
        reader = visitor()
        about = reader.text("Appointments are booked in Slack: type /book, or open this app's Home.")
        return told(reader, [about], Link(reader.text("Description of the API (OpenAPI)"), document_path))

    return blueprint
