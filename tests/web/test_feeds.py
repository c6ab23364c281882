"""Calendar feeds over HTTP, as calendar clients ask for them."""

import gzip
import re
from datetime import datetime, timedelta

import icalendar
import pytest
import recurring_ical_events
import vobject
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.http import http_date

from creneau.calendar_sync.feed import render_object
from creneau.calendar_sync.vevent import session_event
from creneau.core.domain.booking import Booking
from creneau.core.domain.feeds import CalendarProgram, FeedKind
from creneau.core.domain.people import User
from creneau.core.domain.time_off import TimeOffDraft
from creneau.core.i18n.reader import Reader
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.feeds import FeedService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from creneau.web.doors import open_doors
from creneau.web.feeds import feeds_door
from tests.conftest import MONDAY, Centre, MovableClock, new_id
from tests.statements import record_statements


@pytest.fixture
def service(database: Database, clock: MovableClock) -> FeedService:
    return FeedService(database, clock, new_id)


@pytest.fixture
def client(service: FeedService) -> FlaskClient:
    app = Flask(__name__)
    open_doors(app, {"/feeds/": feeds_door(service, "creneau")})
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
    assert "Date" not in answer.headers, "the server's own, which would stand beside it"


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
    assert again.headers["Vary"] == first.headers["Vary"]
    assert "Content-Disposition" not in again.headers
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
    assert client.get("/feeds/").status_code == client.get("/feeds/a/b/c").status_code == 404
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
    theirs = client.get(url(service, centre.beneficiary, FeedKind.BUSY)).data
    (other,) = icalendar.Calendar.from_ical(theirs).walk("VEVENT")
    assert event["UID"] != other["UID"], "two feeds side by side would tell who meets whom"


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


def test_other_parsers_read_every_feed_the_same(client: FlaskClient, service: FeedService, centre: Centre) -> None:
    book(centre, 5, "Salle des fêtes; 3, rue des Lilas, bâtiment B, " * 4)
    book(centre, 60)
    for kind in FeedKind:
        body = client.get(url(service, centre.consultant, kind)).data
        ours = sorted(
            (str(event["UID"]), event.start, event.end, str(event["SUMMARY"]), str(event.get("LOCATION", "")))
            for event in icalendar.Calendar.from_ical(body).walk("VEVENT")
        )
        theirs = sorted(
            (
                event.uid.value,
                event.dtstart.value,
                event.dtend.value,
                event.summary.value,
                event.location.value if hasattr(event, "location") else "",
            )
            for event in vobject.readOne(body.decode()).vevent_list
        )
        assert theirs == ours
        span = ours[0][1] - timedelta(days=60), ours[0][1] + timedelta(days=120)
        happening = recurring_ical_events.of(icalendar.Calendar.from_ical(body)).between(*span)
        assert sorted((str(event["UID"]), event.start) for event in happening) == [one[:2] for one in ours]


def test_a_free_busy_address_is_opened_by_the_token_of_the_busy_feed_alone(
    client: FlaskClient, service: FeedService, centre: Centre
) -> None:
    booking = book(centre, place="3 rue des Lilas")
    busy = url(service, centre.consultant, FeedKind.BUSY).replace("busy.ics", "busy.ifb")
    answer = client.get(busy)
    assert answer.content_type == "text/calendar; component=VFREEBUSY; charset=utf-8"
    span = booking.span
    assert f"FREEBUSY;FBTYPE=BUSY:{span.starts_at:%Y%m%dT%H%M%SZ}/{span.ends_at:%Y%m%dT%H%M%SZ}" in answer.text
    read = vobject.readOne(answer.text).vfreebusy.freebusy.value
    assert read == [(span.starts_at, span.ends_at)]
    for secret in (str(booking.id), booking.reference, "Lilas", "Martin", "ORGANIZER", "METHOD"):
        assert secret not in answer.text
    assert client.get(busy, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    for kind in (FeedKind.SESSIONS, FeedKind.AVAILABILITY):
        other = url(service, centre.consultant, kind).replace(f"{kind}.ics", "busy.ifb")
        assert client.get(other).status_code == 404


def test_hours_are_told_as_vavailability_that_moves_only_with_them(
    client: FlaskClient, service: FeedService, centre: Centre, clock: MovableClock, database: Database
) -> None:
    address = url(service, centre.consultant, FeedKind.AVAILABILITY).replace("availability.ics", "vavailability.ics")
    owner = service.open_feed(address.split("/")[2], FeedKind.AVAILABILITY).owner

    def told() -> tuple[icalendar.Component, list[tuple[datetime, datetime]]]:
        calendar = icalendar.Calendar.from_ical(client.get(address).data)
        [availability] = calendar.walk("VAVAILABILITY")
        plain = icalendar.Calendar()
        for available in availability.walk("AVAILABLE"):
            event = icalendar.Event()
            event.update(available)
            plain.add_component(event)
        found = recurring_ical_events.of(plain).between(MONDAY + timedelta(days=7), MONDAY + timedelta(days=28))
        return availability, sorted((one.start, one.end) for one in found)

    first = client.get(address)
    assert first.content_type == "text/calendar; component=VAVAILABILITY; charset=utf-8"
    before, hours = told()
    runs = service.list_bookable_hours(owner)
    span = MONDAY + timedelta(days=7), MONDAY + timedelta(days=28)
    assert (
        hours
        == [(run.span.starts_at, run.span.ends_at) for run in runs if span[0] <= run.span.starts_at < span[1]]
        != []
    )
    book(centre, 20)  # sessions are another feed's
    clock.move(hours=3)
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304

    day = hours[0][0].date()
    availability = AvailabilityService(database, clock, new_id)
    availability.add_time_off(
        centre.actor(centre.consultant), centre.consultant.id, TimeOffDraft(day, day, "Europe/Paris")
    )
    after, fewer = told()
    assert fewer == [one for one in hours if one[0].date() != day]
    assert [int(one["SEQUENCE"]) for one in (before, after)] == [0, 1]
    assert (before["DTSTAMP"].dt, after["DTSTAMP"].dt) == (MONDAY, clock.now())
    assert before["UID"] == after["UID"]

    other = url(service, centre.consultant).replace("sessions.ics", "vavailability.ics")
    assert client.get(other).status_code == 404
    empty = url(service, centre.beneficiary, FeedKind.AVAILABILITY).replace("availability.ics", "vavailability.ics")
    assert "BEGIN:AVAILABLE" not in client.get(empty).text


def test_a_feed_is_compressed_for_those_who_ask_and_has_another_tag_then(
    client: FlaskClient, service: FeedService, centre: Centre, clock: MovableClock
) -> None:
    book(centre)
    clock.move(hours=1)
    address = url(service, centre.consultant)
    plain, small = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert small.headers["ETag"] != plain.headers["ETag"]
    assert small.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).data == plain.data
    asked = {"Accept-Encoding": "gzip", "If-None-Match": small.headers["ETag"]}
    assert client.get(address, headers=asked).status_code == 304
    assert client.get(address, headers={"If-None-Match": small.headers["ETag"]}).status_code == 200
    head = client.head(address, headers={"Accept-Encoding": "gzip"})
    assert head.data == b""
    assert {**head.headers, "Date": ""} == {**small.headers, "Date": ""}


def test_a_feed_takes_as_many_statements_however_much_it_says(
    client: FlaskClient, service: FeedService, centre: Centre, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = record_statements(monkeypatch)

    def statements_of(address: str, **headers: str) -> int:
        sent.clear()
        client.get(address, headers=headers)
        return len(sent)

    addresses = {kind: url(service, centre.consultant, kind) for kind in FeedKind}
    unknown = statements_of("/feeds/unknown/sessions.ics")
    before = {kind: statements_of(address) for kind, address in addresses.items()}
    for nth in (5, 12, 20):
        book(centre, nth)
    clock.move(minutes=3)
    etag = client.get(addresses[FeedKind.SESSIONS]).headers["ETag"]
    after = {kind: statements_of(address) for kind, address in addresses.items()}
    assert after[FeedKind.SESSIONS] < before[FeedKind.SESSIONS] + 1
    assert after[FeedKind.BUSY] == before[FeedKind.BUSY] <= 5
    assert after[FeedKind.AVAILABILITY] <= before[FeedKind.AVAILABILITY] == 7
    assert statements_of(addresses[FeedKind.SESSIONS], **{"If-None-Match": etag}) == unknown == 1


def test_a_feed_that_is_taken_back_is_answered_with_the_same_work_as_one_that_never_was(
    client: FlaskClient, service: FeedService, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    book(centre)
    revoked = url(service, centre.consultant)
    service.revoke_feed_token(centre.actor(centre.consultant), FeedKind.SESSIONS)
    sent = record_statements(monkeypatch)
    work = []
    for address in (revoked, "/feeds/unknown/sessions.ics", revoked.replace("sessions.ics", "other.ics")):
        sent.clear()
        assert client.get(address).status_code == 404
        work.append(list(sent))
    assert work[0] == work[1] == work[2] != []


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        ("macOS/14.5 (23F79) CalendarAgent/961.5.1", CalendarProgram.APPLE),
        ("iOS/17.5.1 (21F90) dataaccessd/1.0", CalendarProgram.APPLE),
        ("Google-Calendar-Importer", CalendarProgram.GOOGLE),
        ("Microsoft.Exchange/15.20 (Calendar)", CalendarProgram.OUTLOOK),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.3.0", CalendarProgram.THUNDERBIRD),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", CalendarProgram.BROWSER),
        ("ICSx5/2.2 (okhttp/4)", CalendarProgram.ANDROID),
        ("curl/8.5.0", CalendarProgram.OTHER),
        ("", CalendarProgram.OTHER),
    ],
)
def test_the_owner_learns_which_program_fetched_and_no_more_of_it(
    client: FlaskClient, service: FeedService, centre: Centre, agent: str, program: CalendarProgram
) -> None:
    client.get(url(service, centre.consultant), headers={"User-Agent": agent})
    assert service.list_issued(centre.actor(centre.consultant))[FeedKind.SESSIONS].fetch.program is program
