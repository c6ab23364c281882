"""The server's few pages for people: plain, without scripts, in the language that the browser asks for."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, request
from markupsafe import Markup

from creneau.core.i18n.catalog import DEFAULT_LOCALE, LOCALES
from creneau.core.i18n.reader import Reader

_STYLE = (
    "body{font:18px/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1.5rem;color:#12343b}"
    "h1{font-size:2.2rem;color:#0f4c5c;margin:0}a{color:#0f4c5c}"
)
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


def visitor() -> Reader:
    """Return the reader whom the request's browser speaks for."""
    return Reader(request.accept_languages.best_match(LOCALES, DEFAULT_LOCALE), "Europe/Paris")


def page(
    reader: Reader, paragraphs: Sequence[str], link: Link | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    body = Markup("").join(Markup("<p>{}</p>").format(paragraph) for paragraph in paragraphs)
    if link:
        body += Markup('<p><a href="{url}">{text}</a></p>').format(url=link.url, text=link.text)
    html = Markup(
        '<!doctype html><html lang="{lang}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Creneau</title><style>{style}</style>'
        "<main><h1>Creneau</h1>{body}</main></html>"
    ).format(lang=reader.locale, style=Markup(_STYLE), body=body)  # noqa: S704 - the constant above
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Vary"] = "Accept-Language"
    return response
