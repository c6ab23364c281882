"""Calendar feeds over HTTP, as calendar clients ask for them."""

import re
from datetime import timedelta

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.http import http_date

from creneau.calendar_sync.feed import render_object
from creneau.calendar_sync.vevent import session_event
from creneau.core.domain.booking import Booking
from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.people import User
from creneau.core.i18n.reader import Reader
from creneau.core.services.feeds import FeedService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from creneau.web.feeds import feeds_blueprint
from tests.conftest import Centre, MovableClock, new_id


@pytest.fixture
def service(database: Database, clock: MovableClock) -> FeedService:
    return FeedService(database, clock, new_id)


@pytest.fixture
def client(service: FeedService) -> FlaskClient:
    app = Flask(__name__)
    app.register_blueprint(feeds_blueprint(service, "creneau"))
    return app.test_client()


def book(centre: Centre, nth: int = 5, place: str | None = None) -> Booking:
    beneficiary = centre.actor(centre.beneficiary)
    free = centre.scheduling.get_available_slots_for_consultant(beneficiary, centre.consultant.id)
    request = BookingRequest(centre.bilan.id, centre.consultant.id, free[nth].span.starts_at, meeting_location=place)
    booking = centre.scheduling.create_session_booking(beneficiary, request)
    return centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)


def url(service: FeedService, user: User, kind: FeedKind = FeedKind.SESSIONS) -> str:
    return f"/feeds/{service.issue_feed_token(user, kind)}/{kind}.ics"


def test_a_feed_is_a_calendar_with_the_headers_that_clients_and_proxies_need(
    client: FlaskClient, service: FeedService, centre: Centre
) -> None:
    booking = book(centre)
    answer = client.get(url(service, centre.beneficiary))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["Cache-Control"] == "private, max-age=300, must-revalidate"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert re.fullmatch(r'"[0-9a-f]{64}"', answer.headers["ETag"])
    assert answer.headers["Last-Modified"] == http_date(booking.updated_at)
    assert "Set-Cookie" not in answer.headers


def test_a_session_has_the_same_name_in_the_feed_as_on_the_consultants_server(
    client: FlaskClient, service: FeedService, centre: Centre
) -> None:
    booking = book(centre)
    reader = Reader.from_user(centre.consultant)
    (pushed,) = icalendar.Calendar.from_ical(
        render_object(session_event(booking, centre.consultant.id, reader, "creneau"))
    ).walk("VEVENT")
    for user in (centre.consultant, centre.beneficiary):
        (event,) = icalendar.Calendar.from_ical(client.get(url(service, user)).data).walk("VEVENT")
        assert event["UID"] == pushed["UID"] == f"{booking.id}@creneau"
        assert (event.start, event.end) == (booking.span.starts_at, booking.span.ends_at)


def test_what_did_not_change_is_not_sent_again(
    client: FlaskClient, service: FeedService, centre: Centre, clock: MovableClock
) -> None:
    book(centre)
    address = url(service, centre.beneficiary)
    first = client.get(address)
    clock.move(hours=3)
    assert client.get(address).data == first.data
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    weak = client.get(address, headers={"If-None-Match": f'W/{first.headers["ETag"]}, "other"'})
    assert weak.status_code == 304
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_cancelled_session_leaves_the_feed_whatever_the_client_remembers(
    client: FlaskClient, service: FeedService, centre: Centre, clock: MovableClock
) -> None:
    booking = book(centre, nth=20)  # more than a day ahead: the beneficiary may still cancel
    address = url(service, centre.beneficiary)
    first = client.get(address)
    centre.scheduling.cancel_booking(centre.actor(centre.beneficiary), booking.id)
    for remembered in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
        {"If-Modified-Since": http_date(clock.now() + timedelta(days=1))},
    ):
        answer = client.get(address, headers=remembered)
        assert answer.status_code == 200
        assert b"VEVENT" not in answer.data


def test_head_says_the_same_without_a_body(client: FlaskClient, service: FeedService, centre: Centre) -> None:
    book(centre)
    address = url(service, centre.beneficiary)
    got, asked = client.get(address), client.head(address)
    assert asked.status_code == 200
    assert asked.data == b""
    assert dict(asked.headers) == dict(got.headers)


def test_whatever_opens_no_feed_is_the_same_404(client: FlaskClient, service: FeedService, centre: Centre) -> None:
    revoked = url(service, centre.beneficiary)
    service.issue_feed_token(centre.beneficiary, FeedKind.SESSIONS)
    wrong_kind = url(service, centre.consultant).replace("sessions.ics", "busy.ics")
    no_kind = url(service, centre.admin).replace("sessions.ics", "notes.ics")
    unknown = "/feeds/unknown/sessions.ics"
    answers = [client.get(address) for address in (revoked, wrong_kind, no_kind, unknown, "/feeds/%00/sessions.ics")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert len({str(answer.headers) for answer in answers}) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_feed_is_read_only(client: FlaskClient, service: FeedService, centre: Centre, method: str) -> None:
    assert client.open(url(service, centre.beneficiary), method=method).status_code == 405


@pytest.mark.parametrize("accept", ["", "text/html", "application/json"])
def test_any_accept_header_gets_a_calendar(
    client: FlaskClient, service: FeedService, centre: Centre, accept: str
) -> None:
    answer = client.get(url(service, centre.beneficiary), headers={"Accept": accept})
    assert answer.content_type == "text/calendar; charset=utf-8"


def test_the_busy_feed_tells_when_and_nothing_else(client: FlaskClient, service: FeedService, centre: Centre) -> None:
    booking = book(centre, place="3 rue des Lilas")
    body = client.get(url(service, centre.consultant, FeedKind.BUSY)).data
    (event,) = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert (event.start, event.end) == (booking.span.starts_at, booking.span.ends_at)
    assert event["TRANSP"] == "OPAQUE"
    for secret in (str(booking.id), booking.reference, "Lilas", "LOCATION"):
        assert secret not in body.decode()


def test_the_availability_feed_holds_a_consultants_hours_and_nobody_elses(
    client: FlaskClient, service: FeedService, centre: Centre
) -> None:
    address = url(service, centre.consultant, FeedKind.AVAILABILITY)
    body = client.get(address).data
    events = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert len(events) == len({event["UID"] for event in events}) >= 29
    assert {event["TRANSP"] for event in events} == {"TRANSPARENT"}
    assert client.get(address).data == body
    assert b"VEVENT" not in client.get(url(service, centre.beneficiary, FeedKind.AVAILABILITY)).data


def test_no_feed_names_anybody_or_says_what_it_is_about(
    client: FlaskClient, service: FeedService, centre: Centre
) -> None:
    book(centre)
    for user in (centre.consultant, centre.beneficiary):
        for kind in FeedKind:
            said = client.get(url(service, user, kind)).text.lower()
            for word in ("bilan", "durand", "martin", "avenir", "@example.org", "organizer", "attendee", "method"):
                assert word not in said
