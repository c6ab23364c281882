"""Calendar feeds over HTTP. The address is the secret: whatever does not open a feed is the same 404."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid5

from flask import Blueprint, Response, abort, request

from creneau.calendar_sync.feed import etag_of, render_feed, render_stream, render_subscription
from creneau.calendar_sync.session_feed import render_busy, render_sessions
from creneau.calendar_sync.vevent import bookable_event
from creneau.calendar_sync.vfreebusy import render_vfreebusy
from creneau.core.domain.feeds import Feed, FeedKind
from creneau.core.i18n.reader import Reader
from creneau.core.services.feeds import FeedService
from creneau.web.calendar_programs import program_of

_HEADERS = {
    "Content-Disposition": "inline",
    "Cache-Control": "private, max-age=300, must-revalidate",
    "Vary": "Accept-Encoding",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}
_EVENTS = "text/calendar; charset=utf-8"
_FREE_BUSY = "text/calendar; component=VFREEBUSY; charset=utf-8"
_QUICKLY = 5  # gzip's level: a fifth of the time of the best, and as small but for some percent


@dataclass(frozen=True, slots=True)
class _File:
    """One way to read a feed. `is_kept`: it is about sessions alone, and its entity tag is kept."""

    kind: FeedKind
    render: Callable[[Feed, Reader], bytes]
    content_type: str = _EVENTS
    is_kept: bool = False


def feeds_blueprint(service: FeedService, domain: str) -> Blueprint:
    """Serve `/feeds/<token>/<file>`. `domain` is what event UIDs end in."""
    blueprint = Blueprint("feeds", __name__)
    pages = _Pages(service, domain)
    files = {
        "sessions.ics": _File(FeedKind.SESSIONS, pages.sessions, is_kept=True),
        "busy.ics": _File(FeedKind.BUSY, pages.busy, is_kept=True),
        "busy.ifb": _File(FeedKind.BUSY, pages.free_busy, _FREE_BUSY),
        "availability.ics": _File(FeedKind.AVAILABILITY, pages.availability),
    }

    @blueprint.get("/feeds/<token>/<file>")
    def feed(token: str, file: str) -> Response:
        wanted = files.get(file)
        opened = service.open_feed(token, wanted.kind if wanted else FeedKind.SESSIONS)
        if wanted is None or opened is None:
            abort(404)
        etag = service.find_etag(opened) if wanted.is_kept else None
        program = program_of(request.headers.get("User-Agent", ""))
        if etag is not None and request.if_none_match.contains_weak(_variant(etag)):
            service.record_fetch(opened, program)
            return _unchanged(etag)
        body = wanted.render(opened, Reader(opened.owner.locale, opened.owner.timezone))
        etag = etag_of(body)
        service.record_fetch(opened, program, etag if wanted.is_kept else None)
        return _answer(body, etag, wanted.content_type, opened)

    @blueprint.errorhandler(404)
    def not_found(_error: Exception) -> Response:
        return Response("Not found\n", 404, {**_HEADERS, "Cache-Control": "no-store"}, content_type="text/plain")

    return blueprint


class _Pages:
    """What each file says."""

    def __init__(self, service: FeedService, domain: str) -> None:
        self._service = service
        self._domain = domain

    def sessions(self, feed: Feed, reader: Reader) -> bytes:
        sessions = self._service.list_sessions(feed.owner)
        events = render_sessions(sessions, feed.owner.user_id, reader, self._domain)
        return render_subscription(reader.text("Appointments"), events)

    def busy(self, feed: Feed, reader: Reader) -> bytes:
        events = render_busy(self._service.list_sessions(feed.owner), reader, self._domain)
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


def _answer(body: bytes, etag: str, content_type: str, feed: Feed) -> Response:
    response = Response(headers=_HEADERS, content_type=content_type)
    if _wants_gzip():
        body = gzip.compress(body, _QUICKLY, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
    response.set_data(body)
    response.set_etag(_variant(etag))
    response.last_modified = feed.changed_at if feed.owner.kind is not FeedKind.AVAILABILITY else None
    # A date cannot tell a feed from the one before it: sessions leave, and enter as days pass. The entity tag can.
    environ = {name: value for name, value in request.environ.items() if name != "HTTP_IF_MODIFIED_SINCE"}
    response.make_conditional(environ)
    return response


def _unchanged(etag: str) -> Response:
    response = Response(status=304, headers=_HEADERS)
    response.set_etag(_variant(etag))
    return response


def _wants_gzip() -> bool:
    return request.accept_encodings.best_match(("gzip", "identity"), default="identity") == "gzip"


def _variant(etag: str) -> str:
    """Return the tag of what is sent: compressed, the bytes are others (RFC 9110 section 8.8.3.3)."""
    return f"{etag}-gzip" if _wants_gzip() else etag
