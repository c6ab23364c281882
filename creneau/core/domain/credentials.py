"""How an account on somebody else's server is entered, and which credentials can be kept and sent."""

from enum import StrEnum

from creneau.core.domain.errors import TextInvalid
from creneau.core.domain.text import clean_text

_LONGEST_USERNAME = 255
_LONGEST_SECRET = 4096


class CredentialKind(StrEnum):
    """How an account is entered: with a user name and a password, or with a token alone (RFC 6750)."""

    PASSWORD = "PASSWORD"  # noqa: S105 - a kind, not a password
    TOKEN = "TOKEN"  # noqa: S105 - the same


def require_credentials(username: str, password: str, credential: CredentialKind = CredentialKind.PASSWORD) -> None:
    """Raise `text.invalid` unless a calendar's user name and password, or token, can be kept and sent."""
    clean_username(username, credential)
    require_secret(password)


def clean_username(value: str, credential: CredentialKind) -> str:
    """Return the user name as it is kept; who enters with a token need not have one."""
    username = clean_text("username", value, _LONGEST_USERNAME)
    if username is None and credential is CredentialKind.TOKEN:
        return ""
    if username is None or ":" in username:  # RFC 7617 section 2: a colon ends the user name
        raise TextInvalid(field="username", longest=_LONGEST_USERNAME)
    return username


def require_secret(value: str) -> None:
    """Passwords and tokens are kept to the letter, surrounding space included."""
    if not value or len(value) > _LONGEST_SECRET or not value.isprintable():
        raise TextInvalid(field="password", longest=_LONGEST_SECRET)
