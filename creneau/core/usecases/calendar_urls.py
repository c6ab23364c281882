"""Addresses of calendars as people and programs give them."""

from urllib.parse import urlsplit

from creneau.core.domain.errors import TextInvalid
from creneau.core.domain.text import clean_text

_LONGEST = 500


def clean_calendar_url(value: str, field: str = "calendar_url") -> str:
    """Return the address of a calendar with a slash at its end: http(s), with a host, without credentials or query.

    Raises: `text.invalid`.
    """
    refusal = TextInvalid(field=field, longest=_LONGEST)
    url = clean_text(field, value, _LONGEST - 1) or ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise refusal from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise refusal
    if "@" in parts.netloc or parts.query or parts.fragment or "\\" in url or any(c.isspace() for c in url):
        raise refusal
    return url if url.endswith("/") else f"{url}/"
