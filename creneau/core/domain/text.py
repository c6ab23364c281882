"""What text people may give us: bounded, and free of control characters that break calendars and logs."""

import re
import unicodedata

from creneau.core.domain.errors import LinkInvalid, TextInvalid

_ALLOWED_CONTROLS = frozenset("\n\t")
_HTTPS = re.compile(r"https://[^\s/?#<>|@\[\]]+(?:[/?#][^\s<>|]*)?")


def clean_text(field: str, value: str | None, longest: int) -> str | None:
    """Return a text without surrounding space, None when nothing is left.

    Raises: `text.invalid` when it is longer than `longest` or holds control characters or lone surrogates.
    """
    stripped = (value or "").strip()
    if len(stripped) > longest:
        raise TextInvalid(field=field, longest=longest)
    for character in stripped:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in _ALLOWED_CONTROLS:
            raise TextInvalid(field=field, longest=longest)
    return stripped or None


def clean_link(field: str, value: str | None, longest: int) -> str | None:
    """Return an https address, None when empty. Raises: `text.invalid`, `link.invalid`."""
    link = clean_text(field, value, longest)
    if link is not None and not _HTTPS.fullmatch(link):
        raise LinkInvalid(field=field, longest=longest)
    return link
