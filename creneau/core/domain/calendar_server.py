"""Which CalDAV server an account lives on, as far as it tells, and in what it is not like the others."""

from enum import StrEnum


class ServerKind(StrEnum):
    BAIKAL = "BAIKAL"
    CYRUS = "CYRUS"
    DAVICAL = "DAVICAL"
    FASTMAIL = "FASTMAIL"
    GMX = "GMX"
    GOOGLE = "GOOGLE"
    ICLOUD = "ICLOUD"
    NEXTCLOUD = "NEXTCLOUD"
    OPEN_XCHANGE = "OPEN_XCHANGE"
    PURELYMAIL = "PURELYMAIL"
    RADICALE = "RADICALE"
    SABRE = "SABRE"
    SOGO = "SOGO"
    STALWART = "STALWART"
    XANDIKOS = "XANDIKOS"
    ZIMBRA = "ZIMBRA"
    UNKNOWN = "UNKNOWN"

    @property
    def at_once(self) -> int:
        """How many requests an account of this server may have under way."""
        return _AT_ONCE.get(self, MOST_AT_ONCE)

    @property
    def refuses_old_tokens(self) -> bool:
        """Tell whether a synchronization token that the server forgot is refused, and not answered with "no news"."""
        return self not in _TAKE_ANY_TOKEN

    @property
    def heeds_if_none_match(self) -> bool:
        """Tell whether `If-None-Match: *` does what it says: create, and never overwrite."""
        return self not in _HEED_NO_IF_NONE_MATCH


MOST_AT_ONCE = 4
_AT_ONCE = {ServerKind.GMX: 1, ServerKind.OPEN_XCHANGE: 2}
_TAKE_ANY_TOKEN = frozenset({ServerKind.DAVICAL, ServerKind.PURELYMAIL, ServerKind.SOGO, ServerKind.STALWART})
_HEED_NO_IF_NONE_MATCH = frozenset({ServerKind.GOOGLE, ServerKind.SOGO, ServerKind.ZIMBRA})
