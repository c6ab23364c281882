"""The operator's mail server, as one address names it."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_PORTS = {"smtps": 465, "smtp": 587}


class Security(StrEnum):
    TLS = "TLS"
    """From the first byte (RFC 8314)."""
    STARTTLS = "STARTTLS"
    """Asked for, and nothing is said without."""
    PLAIN = "PLAIN"
    """To this machine itself, or where the operator allows it by name."""


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str, may_be_plain: frozenset[str] = frozenset()) -> "MailServer":
        """Read `smtps://user:password@host:465` or `smtp://user:password@host:587`, %-encoded where it must be.

        `smtp` begins TLS by STARTTLS, but for a host of this machine and those that `may_be_plain`. Raises: ValueError.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("must be smtps://user:password@host:port or smtp://...")
        try:
            port = parts.port or _PORTS[parts.scheme]
        except ValueError:
            raise ValueError("must have a port between 1 and 65535") from None
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        if any(ord(character) < ord(" ") for character in username + password + parts.hostname):
            raise ValueError("must not hold control characters")
        if parts.scheme == "smtps":
            security = Security.TLS
        elif parts.hostname in _LOOPBACK | may_be_plain:
            security = Security.PLAIN
        else:
            security = Security.STARTTLS
        return cls(parts.hostname, port, security, username, password)
