"""Calendar feeds over HTTP. The address is the secret: whatever does not open a feed is the same 404."""

from datetime import datetime

from flask import Blueprint, Response, abort, request

from creneau.calendar_sync.feed import etag_of, render_feed
from creneau.calendar_sync.vevent import CalendarEvent, bookable_event, busy_event, session_event
from creneau.core.domain.booking import Booking
from creneau.core.domain.feeds import FeedKind, FeedOwner
from creneau.core.i18n.reader import Reader
from creneau.core.services.feeds import FeedService

_HEADERS = {
    "Content-Disposition": "inline",
    "Cache-Control": "private, max-age=300, must-revalidate",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
}


def feeds_blueprint(feed_service: FeedService, domain: str) -> Blueprint:
    """Serve `/feeds/<token>/{sessions,availability,busy}.ics`. `domain` is what event UIDs end in."""
    blueprint = Blueprint("feeds", __name__)

    @blueprint.get("/feeds/<token>/<kind>.ics")
    def feed(token: str, kind: str) -> Response:
        owner = feed_service.find_owner(token)
        if owner is None or owner.kind != kind:
            abort(404)
        reader = Reader.from_user(owner.user)
        if owner.kind is FeedKind.AVAILABILITY:
            hours = feed_service.list_bookable_hours(owner)
            events = [bookable_event(run, reader, domain) for run in hours]
            return _answer(render_feed(_name(owner, reader), events), modified_at=None)
        sessions = feed_service.list_sessions(owner)
        events = [_event(booking, owner, reader, domain) for booking in sessions.bookings]
        return _answer(render_feed(_name(owner, reader), events), sessions.modified_at)

    @blueprint.errorhandler(404)
    def not_found(_error: Exception) -> Response:
        return Response("Not found\n", 404, {**_HEADERS, "Cache-Control": "no-store"}, content_type="text/plain")

    return blueprint


def _event(booking: Booking, owner: FeedOwner, reader: Reader, domain: str) -> CalendarEvent:
    if owner.kind is FeedKind.BUSY:
        return busy_event(booking, reader, domain)
    return session_event(booking, owner.user.id, reader, domain)


def _name(owner: FeedOwner, reader: Reader) -> str:
    match owner.kind:
        case FeedKind.SESSIONS:
            return reader.text("Appointments")
        case FeedKind.AVAILABILITY:
            return reader.text("Bookable hours")
        case FeedKind.BUSY:
            return reader.text("Busy times")


def _answer(body: bytes, modified_at: datetime | None) -> Response:
    response = Response(body, headers=_HEADERS, content_type="text/calendar; charset=utf-8")
    response.set_etag(etag_of(body))
    response.last_modified = modified_at
    # A date cannot tell a feed from the one before it: sessions leave, and enter as days pass. The entity tag can.
    environ = {name: value for name, value in request.environ.items() if name != "HTTP_IF_MODIFIED_SINCE"}
    response.make_conditional(environ)
    return response
