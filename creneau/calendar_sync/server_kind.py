"""Telling servers apart by what they say of themselves: headers, DAV classes, addresses. Pure.

What is not told apart is served by the rules that hold everywhere; a wrong guess costs requests, never an event.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from creneau.core.domain.calendar_server import ServerKind

_BY_HOST = (
    ("icloud.com", ServerKind.ICLOUD),
    ("google.com", ServerKind.GOOGLE),
    ("googleusercontent.com", ServerKind.GOOGLE),
    ("fastmail.com", ServerKind.FASTMAIL),
    ("messagingengine.com", ServerKind.FASTMAIL),
    ("gmx.net", ServerKind.GMX),
    ("gmx.com", ServerKind.GMX),
    ("web.de", ServerKind.GMX),
    ("mailbox.org", ServerKind.OPEN_XCHANGE),
    ("purelymail.com", ServerKind.PURELYMAIL),
)
_BY_SERVER = (
    ("cyrus", ServerKind.CYRUS),
    ("stalwart", ServerKind.STALWART),
    ("xandikos", ServerKind.XANDIKOS),
    ("radicale", ServerKind.RADICALE),
    ("open-xchange", ServerKind.OPEN_XCHANGE),
    ("sogo", ServerKind.SOGO),
    ("applehttpserver", ServerKind.ICLOUD),
)
_BY_HEADER = (
    ("x-davical-version", ServerKind.DAVICAL),
    ("x-nextcloud-well-known", ServerKind.NEXTCLOUD),
)
_BY_PATH = (
    ("/remote.php/dav/", ServerKind.NEXTCLOUD),
    ("/sogo/dav/", ServerKind.SOGO),
    ("/davical/", ServerKind.DAVICAL),
    ("/caldav.php/", ServerKind.DAVICAL),
    ("/dav.php/", ServerKind.BAIKAL),
    ("/cal.php/", ServerKind.BAIKAL),
)
_BY_CLASS = (
    ({"nc-calendar-search"}, ServerKind.NEXTCLOUD),
    ({"nextcloud-checksum-update"}, ServerKind.NEXTCLOUD),
    ({"add-member", "sync-collection", "quota"}, ServerKind.XANDIKOS),
)
_OF_RADICALE = ["1", "2", "3", "calendar-access", "addressbook", "extended-mkcol"]
_OF_ZIMBRA = {"version-control", "calendar-schedule", "calendar-auto-schedule"}


def tell_server(url: str, headers: Mapping[str, str]) -> ServerKind:
    """Return which server answered at an address. `headers` are those of an OPTIONS, by lower-case names."""
    parts = urlsplit(url)
    host, path = (parts.hostname or "").lower(), parts.path.lower()
    server = headers.get("server", "").lower()
    classes = [one.strip().lower() for one in headers.get("dav", "").split(",")]
    guesses = (
        *(kind for name, kind in _BY_HOST if host == name or host.endswith(f".{name}")),
        *(kind for mark, kind in _BY_SERVER if mark in server),
        *(kind for name, kind in _BY_HEADER if name in headers),
        *(kind for marks, kind in _BY_CLASS if marks <= set(classes)),
        *(kind for mark, kind in _BY_PATH if mark in path),
        *([ServerKind.SABRE] if "x-sabre-version" in headers else []),
        *([ServerKind.RADICALE] if classes == _OF_RADICALE else []),
        *([ServerKind.ZIMBRA] if set(classes) >= _OF_ZIMBRA else []),
    )
    return guesses[0] if guesses else ServerKind.UNKNOWN
