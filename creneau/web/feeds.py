"""Calendar feeds over HTTP. The address is the secret: whatever does not open a feed is the same 404."""

import gzip
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid5

from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Request, Response

from creneau.calendar_sync.feed import etag_of, render_feed, render_stream, render_subscription
from creneau.calendar_sync.series import Revision, render_vavailability
from creneau.calendar_sync.session_feed import render_busy, render_sessions
from creneau.calendar_sync.vevent import bookable_event
from creneau.calendar_sync.vfreebusy import render_vfreebusy
from creneau.core.domain.feeds import Feed, FeedKind
from creneau.core.i18n.reader import Reader
from creneau.core.services.feeds import FeedService
from creneau.web.calendar_programs import program_of
from creneau.web.doors import Door
from creneau.web.observing import ROUTE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_KEPT = {"Cache-Control": "private, max-age=300, must-revalidate", "Vary": "Accept-Encoding"}
_HEADERS = {
    **_KEPT,
    "Content-Disposition": "inline",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}
_NOT_FOUND = Response("Not found\n", 404, {**_HEADERS, "Cache-Control": "no-store"}, content_type="text/plain")
_ADDRESS = re.compile("/feeds/([^/]+)/([^/]+)")
_ROUTE = "/feeds/<token>/<file>"
_METHODS = ("GET", "HEAD")
_EVENTS = "text/calendar; charset=utf-8"
_FREE_BUSY = "text/calendar; component=VFREEBUSY; charset=utf-8"
_AVAILABILITY = "text/calendar; component=VAVAILABILITY; charset=utf-8"
_QUICKLY = 5  # gzip's level: a fifth of the time of the best, and as small but for some percent


@dataclass(frozen=True, slots=True)
class _File:
    """One way to read a feed. `is_kept`: it is about sessions alone, and its entity tag is kept."""

    kind: FeedKind
    render: Callable[[Feed, Reader], bytes]
    content_type: str = _EVENTS
    is_kept: bool = False


def feeds_door(service: FeedService, domain: str) -> Door:
    """Serve `/feeds/<token>/<file>`. `domain` is what event UIDs end in."""
    pages = _Pages(service, domain)
    files = {
        "sessions.ics": _File(FeedKind.SESSIONS, pages.sessions, is_kept=True),
        "busy.ics": _File(FeedKind.BUSY, pages.busy, is_kept=True),
        "busy.ifb": _File(FeedKind.BUSY, pages.free_busy, _FREE_BUSY),
        "availability.ics": _File(FeedKind.AVAILABILITY, pages.availability),
        "vavailability.ics": _File(FeedKind.AVAILABILITY, pages.series, _AVAILABILITY),
    }

    def answer(request: Request) -> "WSGIApplication | None":
        found = _ADDRESS.fullmatch(request.environ["PATH_INFO"])
        if found is None:
            return None
        request.environ[ROUTE] = _ROUTE
        if request.method not in _METHODS:
            raise MethodNotAllowed(_METHODS)
        token, wanted = found[1], files.get(found[2])
        opened = service.open_feed(token, wanted.kind if wanted else FeedKind.SESSIONS)
        if wanted is None or opened is None:
            return _NOT_FOUND
        variant = "-gzip" if _wants_gzip(request) else ""
        etag = service.find_etag(opened) if wanted.is_kept else None
        program = program_of(request.environ.get("HTTP_USER_AGENT", ""))
        if etag is not None and _has(request, etag + variant):
            service.record_fetch(opened, program)
            return _unchanged(etag + variant)
        body = wanted.render(opened, Reader(opened.owner.locale, opened.owner.timezone))
        etag = etag_of(body)
        service.record_fetch(opened, program, etag if wanted.is_kept else None)
        return _answer(request, body, etag + variant, wanted.content_type, opened)

    return answer


class _Pages:
    """What each file says."""

    def __init__(self, service: FeedService, domain: str) -> None:
        self._service = service
        self._domain = domain

    def sessions(self, feed: Feed, reader: Reader) -> bytes:
        sessions = self._service.list_sessions(feed.owner)
        events = render_sessions(sessions, reader, self._domain)
        return render_subscription(reader.text("Appointments"), events)

    def busy(self, feed: Feed, reader: Reader) -> bytes:
        events = render_busy(self._service.list_sessions(feed.owner), feed.owner.user_id, reader, self._domain)
        return render_subscription(reader.text("Busy times"), events)

    def free_busy(self, feed: Feed, _reader: Reader) -> bytes:
        window = self._service.window()
        spans = [session.span for session in self._service.list_sessions(feed.owner)]
        uid = f"{uuid5(feed.owner.user_id, 'busy')}@{self._domain}"
        return render_stream(render_vfreebusy(uid, window, spans, feed.changed_at or window.starts_at))

    def availability(self, feed: Feed, reader: Reader) -> bytes:
        events = (
            bookable_event(hours, reader, self._domain) for hours in self._service.list_bookable_hours(feed.owner)
        )
        return render_feed(reader.text("Bookable hours"), events)

    def series(self, feed: Feed, reader: Reader) -> bytes:
        told = self._service.tell_series(feed.owner)
        revision = Revision(told.sequence, told.changed_at)
        return render_vavailability(told.series, feed.owner.user_id, reader.text("Bookable"), revision, self._domain)


def _answer(request: Request, body: bytes, etag: str, content_type: str, feed: Feed) -> Response:
    """Return a feed. Compressed it has another tag: the bytes are others (RFC 9110 section 8.8.3.3)."""
    response = Response(headers=_HEADERS, content_type=content_type)
    if _wants_gzip(request):
        body = gzip.compress(body, _QUICKLY, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    response.set_etag(etag)
    response.last_modified = feed.changed_at if feed.owner.kind is not FeedKind.AVAILABILITY else None
    # A date cannot tell a feed from the one before it: sessions leave, and enter as days pass. The entity tag can.
    environ = {name: value for name, value in request.environ.items() if name != "HTTP_IF_MODIFIED_SINCE"}
    response.make_conditional(environ)
    response.headers.pop("Date", None)  # the server says it, and once is enough (RFC 9110 section 5.3)
    return response


def _unchanged(etag: str) -> "WSGIApplication":
    headers = [*_KEPT.items(), ("ETag", f'"{etag}"')]

    def answer(_: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("304 NOT MODIFIED", headers)
        return ()

    return answer


def _has(request: Request, etag: str) -> bool:
    """Tell whether whoever asks has what a tag stands for; reading a list of tags costs more than one comparison."""
    said = request.environ.get("HTTP_IF_NONE_MATCH")
    return bool(said) and (said == f'"{etag}"' or request.if_none_match.contains_weak(etag))


def _wants_gzip(request: Request) -> bool:
    said = request.environ.get("HTTP_ACCEPT_ENCODING")
    return bool(said) and request.accept_encodings.best_match(("gzip", "identity"), default="identity") == "gzip"
