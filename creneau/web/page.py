"""Our own pages: one look, and headers that let nothing in and nothing out. No script, no asset from anywhere."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, render_template, request
from markupsafe import Markup

from creneau.core.i18n.catalog import DEFAULT_LOCALE, LOCALES
from creneau.core.i18n.reader import Reader

_STYLE = """
:root{color-scheme:light dark;--ink:#12343b;--soft:#4b636a;--paper:#fff;--line:#7b8f95;--lead:#0f4c5c;--wrong:#a3231a}
@media (prefers-color-scheme:dark){:root{--ink:#e8f0f1;--soft:#a9bcc1;--paper:#10191b;--line:#6f868d;--lead:#7cc4d6;
--wrong:#ff9a8f}}
*{box-sizing:border-box}
body{font:17px/1.55 system-ui,sans-serif;margin:0;color:var(--ink);background:var(--paper)}
main{max-width:34rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.25;color:var(--lead);margin:0 0 .5rem}
a{color:var(--lead)}
.who{color:var(--soft);margin:0 0 1.5rem}
label,legend{display:block;font-weight:600;margin:1.25rem 0 .3rem;padding:0}
fieldset{border:0;margin:0;padding:0}
.hint+fieldset{margin-top:1.75rem}
input[type=text],input[type=url],input[type=password]{width:100%;font:inherit;padding:.65rem .75rem;color:inherit;
background:transparent;border:1px solid var(--line);border-radius:.5rem}
input[aria-invalid=true]{border-color:var(--wrong);border-width:2px}
:focus-visible{outline:3px solid var(--lead);outline-offset:2px}
.hint{color:var(--soft);font-size:.92rem;margin:.3rem 0 0}
.wrong{color:var(--wrong);margin:.3rem 0 0;font-weight:600}
.choice{display:flex;gap:.7rem;align-items:baseline;font-weight:400;margin:.6rem 0}
.choice small{display:block;color:var(--soft);overflow-wrap:anywhere}
button{font:inherit;font-weight:600;margin-top:1.75rem;padding:.75rem 1.4rem;border:0;border-radius:.5rem;
background:var(--lead);color:var(--paper);min-height:3rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1rem;margin:1.5rem 0;padding:1rem 0;
border-block:1px solid var(--line)}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2rem 0 .25rem}
.said{border-left:4px solid var(--lead);padding:.1rem 0 .1rem .9rem;margin:1rem 0;font-weight:600}
.acts{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
.acts form{display:contents}
.acts button,.acts .button{margin-top:0}
.button{display:inline-flex;align-items:center;justify-content:center;padding:.75rem 1.4rem;min-height:3rem;
border:2px solid var(--lead);border-radius:.5rem;font-weight:600;text-decoration:none;line-height:1.2}
.quiet{background:transparent;color:var(--lead);border:2px solid var(--lead)}
.grave{background:var(--wrong)}
.days{display:grid;grid-template-columns:repeat(auto-fill,minmax(6.5rem,1fr));gap:.5rem;
list-style:none;margin:.5rem 0;padding:0}
.days a{display:flex;align-items:center;justify-content:center;min-height:2.75rem;padding:.25rem;
border:1px solid var(--line);border-radius:.5rem;text-decoration:none}
.days a[aria-current]{background:var(--lead);color:var(--paper);border-color:var(--lead);font-weight:600}
summary{padding:.6rem 0;color:var(--lead);cursor:pointer}
@media (max-width:30rem){button,.button{width:100%}}
"""
_POLICY = "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": _POLICY.format(digest=_DIGEST),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def page(template: str, reader: Reader, status: int = 200, **shown: object) -> Response:
    """Render a template of ours in a reader's language. What is shown is escaped there."""
    style = Markup(_STYLE)  # noqa: S704 - the constant above
    html = render_template(template, lang=reader.locale, style=style, **shown)
    return Response(html, status, headers=_HEADERS, content_type="text/html; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


def visitor() -> Reader:
    """Return the reader whom the request's browser speaks for."""
    return Reader(request.accept_languages.best_match(LOCALES, DEFAULT_LOCALE), "Europe/Paris")


def told(
    reader: Reader, lines: Sequence[str], link: Link | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    """Say something to a visitor whom we do not know."""
    response = page("message.html", reader, status, words={"title": "Creneau", "lines": lines, "link": link})
    response.headers["Vary"] = "Accept-Language"
    return response
