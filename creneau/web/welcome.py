"""The page at the root: says what this server is, in the browser's language. Everything else happens in Slack."""

import base64
import hashlib

from flask import Blueprint, Response, request
from markupsafe import Markup

from creneau.core.i18n.catalog import DEFAULT_LOCALE, LOCALES
from creneau.core.i18n.reader import Reader

_POLICY = "default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'"
_STYLE = (
    "body{font:18px/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1.5rem;color:#12343b}"
    "h1{font-size:2.2rem;color:#0f4c5c;margin:0}a{color:#0f4c5c}"
)


def welcome_blueprint(document_path: str) -> Blueprint:
    """Serve `/`; `document_path` is where the API describes itself."""
    blueprint = Blueprint("welcome", __name__)
    policy = _POLICY.format(digest=_digest(_STYLE))

    @blueprint.get("/")
    def welcome() -> Response:
        locale = request.accept_languages.best_match(LOCALES, DEFAULT_LOCALE)
        response = Response(
            _page(Reader(locale, "Europe/Paris"), document_path), content_type="text/html; charset=utf-8"
        )
        response.headers["Content-Security-Policy"] = policy
        response.headers["Vary"] = "Accept-Language"
        return response

    return blueprint


def _page(reader: Reader, document_path: str) -> str:
    return Markup(
        '<!doctype html><html lang="{lang}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Creneau</title><style>{style}</style>'
        '<h1>Creneau</h1><p>{about}</p><p><a href="{document}">{api}</a></p></html>'
    ).format(
        lang=reader.locale,
        style=Markup(_STYLE),  # noqa: S704 - the constant above
        about=reader.text("Appointments are booked in Slack: type /book, or open this app's Home."),
        document=document_path,
        api=reader.text("Description of the API (OpenAPI)"),
    )


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
