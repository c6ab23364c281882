"""What is asked of a calendar collection to read it, and what its answers mean: listing (RFC 4918), synchronization
(RFC 6578) and many objects at once (RFC 4791 section 7.9). Pure."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit
from xml.sax.saxutils import escape

from creneau.calendar_sync.calendar import CalendarObject, Changes, HostNotAllowed, NotThere
from creneau.calendar_sync.multistatus import CALDAV, DAV, Multistatus, Resource

_GONE = frozenset({404, 410})
_MORE = 507
_LONGEST = 2000
"""What an index takes beside a calendar's own address. No program names its objects like that."""
_UNRESERVED_IN_PATHS = "~@!$&'()*+,;=:-._"

LISTING = b"""<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:"><prop><resourcetype/><getetag/><sync-token/></prop></propfind>"""


def sync_request(token: str) -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<sync-collection xmlns="DAV:"><sync-token>{escape(token)}</sync-token><sync-level>1</sync-level>
<prop><getetag/></prop></sync-collection>""".encode()


def multiget_request(hrefs: Iterable[str]) -> bytes:
    asked = "".join(f"<href>{escape(path_of(href))}</href>" for href in hrefs)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>
{asked}</C:calendar-multiget>""".encode()


def canonical(href: str, base: str = "") -> str:
    """Return an href as an absolute address in the one spelling that hrefs are compared in.

    Servers name the same object with `@` and with `%40`. A `%2F` within a name is no slash between two. Raises:
    HostNotAllowed for what is no address.
    """
    try:
        parts = urlsplit(urljoin(base, href))
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise HostNotAllowed from error
    default = {"http": 80, "https": 443}.get(parts.scheme)
    where = f"[{host}]" if ":" in host else host
    netloc = where if port in (None, default) else f"{where}:{port}"
    path = "/".join(map(_spell, parts.path.split("/")))
    return urlunsplit((parts.scheme, netloc, path, "", ""))


def _spell(name: str) -> str:
    return quote(unquote(name, errors="surrogateescape"), safe=_UNRESERVED_IN_PATHS, errors="surrogateescape")


def path_of(href: str) -> str:
    return urlsplit(href).path


def to_changes(answer: Multistatus, calendar_url: str, *, is_whole: bool) -> Changes:
    """Read a listing. Only what a response itself says is gone is gone: a property may be missing for any reason.

    Raises: NotThere when it is the calendar that is gone.
    """
    etags: dict[str, str | None] = {}
    gone: set[str] = set()
    token = answer.sync_token
    home = canonical(calendar_url)
    for resource in answer.resources:
        href = _place(resource, calendar_url)
        if href.rstrip("/") == home.rstrip("/"):
            if resource.status in _GONE:
                raise NotThere
            token = token or resource.text(f"{DAV}sync-token") or None
            is_whole = is_whole and resource.status != _MORE
        elif not _is_object(resource, href, home):
            continue
        elif resource.status in _GONE:
            gone.add(href)
        else:
            etags[href] = strong_etag(resource.text(f"{DAV}getetag"))
    return Changes(etags, frozenset(gone - etags.keys()), token, is_whole)


def has_more(answer: Multistatus, calendar_url: str) -> bool:
    """Tell whether a server cut its answer short: the rest begins at the new token (RFC 6578 section 3.6)."""
    home = canonical(calendar_url).rstrip("/")
    return any(one.status == _MORE and _place(one, calendar_url).rstrip("/") == home for one in answer.resources)


def to_objects(answer: Multistatus, asked: Sequence[str], calendar_url: str) -> dict[str, CalendarObject]:
    """Return the objects of a multiget by href as it was asked for. Without calendar data an object is not there."""
    names = {canonical(href): href for href in asked}
    found: dict[str, CalendarObject] = {}
    for resource in answer.resources:
        name = names.get(_place(resource, calendar_url))
        text = resource.properties.get(f"{CALDAV}calendar-data")
        if name is not None and text is not None and text.text:
            etag = strong_etag(resource.text(f"{DAV}getetag"))
            found[name] = CalendarObject(text.text.encode(), etag)
    return found


def strong_etag(value: str) -> str | None:
    """Return an entity tag when it is strong and quoted: If-Match compares by nothing less (RFC 9110 8.8.3).

    One with characters that no header can carry is none either.
    """
    etag = value.strip()
    is_strong = len(etag) > 2 and etag[0] == etag[-1] == '"' and etag.isascii() and etag.isprintable()
    return etag if is_strong else None


def _place(resource: Resource, calendar_url: str) -> str:
    """Return where a server says that a resource is; nothing for what is no address: the others still count."""
    try:
        return canonical(resource.href, calendar_url)
    except HostNotAllowed:
        return ""


def _is_object(resource: Resource, href: str, home: str) -> bool:
    return (
        href.startswith(home)
        and len(href) <= _LONGEST
        and not href.endswith("/")
        and not resource.has(f"{DAV}resourcetype", f"{DAV}collection")
    )
