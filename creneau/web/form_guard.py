"""What keeps forms of our own pages ours: a cookie and a hidden field say the same, and no other site sends them."""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from flask import Response, request

_COOKIE = "creneau_page"
_NONCE = re.compile(r"[\w-]{43}", re.ASCII)
_LARGEST_FORM = 64 * 1024
_OWN_SITES = (None, "same-origin", "none")  # a browser that does not say is held to the cookie alone


@dataclass(frozen=True, slots=True)
class FormGuard:
    """For the pages below a path; `lives` is for how long a form may stay open."""

    path: str
    lives: timedelta
    is_https: bool

    def new_nonce(self) -> str:
        return secrets.token_urlsafe(32)

    def keep_nonce(self) -> str:
        """Return the nonce that the browser has, so that two pages side by side both work; else a new one."""
        kept = request.cookies.get(_COOKIE, "")
        return kept if _NONCE.fullmatch(kept) else self.new_nonce()

    def limit(self) -> None:
        """Take no form that is larger than ours ever are."""
        request.max_content_length = _LARGEST_FORM

    def give(self, response: Response, nonce: str) -> Response:
        """Send a page with the other half of the nonce in its forms."""
        response.set_cookie(
            _COOKIE,
            nonce,
            max_age=self.lives,
            path=self.path,
            secure=self.is_https,
            httponly=True,
            samesite="Strict",
        )
        return response

    def is_ours(self) -> bool:
        """Tell whether a form comes back from the browser and the page that it was given to."""
        given, kept = request.form.get("nonce", ""), request.cookies.get(_COOKIE, "")
        is_same = bool(kept) and compare_digest(given.encode(), kept.encode())
        return is_same and request.headers.get("Sec-Fetch-Site") in _OWN_SITES
