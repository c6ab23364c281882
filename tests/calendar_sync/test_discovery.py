"""From an address as people type it to the calendars of their account: on Radicale, and on servers that misbehave."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from werkzeug.wrappers import Request, Response

from creneau.calendar_sync.calendar import (
    AuthenticationFailed,
    CalendarUnavailable,
    HostNotAllowed,
    HostUnknown,
    NoCalendar,
    NotCaldav,
    OtherHost,
    TlsFailed,
)
from creneau.calendar_sync.discovery import FoundCalendar, discover_caldav, to_url
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.multistatus import NotMultistatus, read_multistatus
from creneau.demo.radicale_server import RadicaleServer

from .conftest import LOOPBACK, PASSWORD, USER
from .test_caldav import Server

discover = discover_caldav(LOOPBACK)

CALENDAR = """<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><response>
<href>{href}</href><propstat><prop><resourcetype><collection/>{kind}</resourcetype><displayname>{name}</displayname>{more}
</prop><status>HTTP/1.1 200 OK</status></propstat></response></multistatus>"""
IS_CALENDAR = "<C:calendar/>"


def answer(body: str, status: int = 207) -> Response:
    return Response(body, status, content_type="application/xml; charset=utf-8")


def found_at(respond: Callable[[Request], Response], path: str = "/dav/") -> list[FoundCalendar]:
    with Server(respond).running() as server:
        return discover(server.url.replace("/paul/sessions/", path), USER, PASSWORD)


@pytest.fixture
def two_calendars(radicale: RadicaleServer) -> list[str]:
    return [radicale.create_calendar(USER, f"{name}-{uuid4().hex[:6]}") for name in ("sessions", "family")]


def test_the_calendars_of_an_account_are_found_from_the_host_alone(radicale: RadicaleServer, two_calendars: list[str]):
    found = discover(radicale.url, USER, PASSWORD)

    assert set(two_calendars) <= {calendar.url for calendar in found}
    assert {calendar.name for calendar in found} >= {url.rstrip("/").rsplit("/", 1)[1] for url in two_calendars}


def test_the_address_of_a_calendar_puts_that_one_first(radicale: RadicaleServer, two_calendars: list[str]):
    found = discover(two_calendars[1].rstrip("/"), USER, PASSWORD)

    assert found[0].url == two_calendars[1]
    assert two_calendars[0] in [calendar.url for calendar in found]


def test_a_wrong_password_is_told_from_everything_else(radicale: RadicaleServer, two_calendars: list[str]):
    for address in (radicale.url, two_calendars[0]):
        with pytest.raises(AuthenticationFailed):
            discover(address, USER, "wrong")


def test_a_server_that_lists_for_anybody_but_knows_nobody_is_not_logged_in_to():
    anybody = CALENDAR.format(
        href="/dav/", kind="", name="", more="<current-user-principal><unauthenticated/></current-user-principal>"
    )
    with pytest.raises(AuthenticationFailed):
        found_at(lambda _: answer(anybody))


@pytest.mark.parametrize(
    "page", [Response("<html>Welcome</html>", 200), Response("nothing", 404), Response("no", 405), answer("<a/>")]
)
def test_what_is_no_caldav_server_is_said_to_be_none(page: Response):
    with pytest.raises(NotCaldav):
        found_at(lambda _: page)


@pytest.mark.parametrize("address", ["", "ftp://dav.example.org", "https://paul:x@dav.example.org", "https://", "a b"])
def test_an_address_that_is_none_is_refused_before_anything_is_asked(address: str):
    with pytest.raises((NotCaldav, HostUnknown)):
        discover(address, USER, PASSWORD)


def test_an_address_without_a_scheme_is_a_secure_one():
    assert str(to_url(" caldav.icloud.com ")) == "https://caldav.icloud.com"


def test_a_name_that_does_not_exist_is_said_not_to():
    with pytest.raises(HostUnknown):
        discover("https://nowhere.invalid/", USER, PASSWORD)


@pytest.mark.parametrize(
    "address", ["https://10.1.2.3/", "http://93.184.216.34/", "https://169.254.169.254/", "127.0.0.1"]
)
def test_a_private_address_and_an_open_line_are_refused(address: str):
    with pytest.raises(HostNotAllowed):
        discover_caldav(Hosts())(address, USER, PASSWORD)


def test_a_server_that_does_not_speak_tls_is_said_not_to(radicale: RadicaleServer):
    with pytest.raises(TlsFailed):
        discover(radicale.url.replace("http://", "https://"), USER, PASSWORD)


def test_a_server_that_is_down_is_one_to_try_again():
    with Server(lambda _: Response()).running() as server:
        url = server.url
    with pytest.raises(CalendarUnavailable) as said:
        discover(url, USER, PASSWORD)
    assert type(said.value) is CalendarUnavailable


def test_the_well_known_address_leads_to_where_the_calendars_are():
    asked = []

    def respond(request: Request) -> Response:
        asked.append((request.path, request.authorization is not None))
        if request.path == "/.well-known/caldav":
            return Response(status=301, headers={"Location": "/dav/principals/"})
        if request.path == "/dav/principals/":
            return answer(
                CALENDAR.format(
                    href="/dav/principals/",
                    kind="",
                    name="",
                    more="<current-user-principal><href>/dav/principals/paul/</href></current-user-principal>",
                )
            )
        if request.path == "/dav/principals/paul/":
            home = "<C:calendar-home-set><href>/dav/calendars/paul/</href></C:calendar-home-set>"
            return answer(CALENDAR.format(href=request.path, kind="", name="", more=home))
        if request.path.startswith("/dav/calendars/paul/"):
            return answer(CALENDAR.format(href="/dav/calendars/paul/work", kind=IS_CALENDAR, name="Work", more=""))
        return Response(status=404)

    (found,) = found_at(respond, "/")

    assert found.name == "Work"
    assert found.url.endswith("/dav/calendars/paul/work/")
    assert all(is_logged_in for _, is_logged_in in asked)


def test_a_password_is_not_taken_to_another_host():
    def respond(_: Request) -> Response:
        return Response(status=302, headers={"Location": "http://stranger.example/dav/"})

    with pytest.raises(OtherHost) as said:
        found_at(respond)
    assert said.value.host == "stranger.example"


def test_redirections_without_an_end_are_not_followed_without_one():
    with pytest.raises(NotCaldav):
        found_at(lambda request: Response(status=302, headers={"Location": f"{request.path}x"}))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (
            IS_CALENDAR,
            '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>',
        ),
        (IS_CALENDAR, "<current-user-privilege-set><privilege><read/></privilege></current-user-privilege-set>"),
        ("", ""),
    ],
    ids=["of tasks", "of somebody else, to read", "no calendar"],
)
def test_only_calendars_of_events_that_may_be_written_to_are_offered(kind: str, more: str):
    me = "<current-user-principal><href>/p/</href></current-user-principal>"
    home = "<C:calendar-home-set><href>/p/</href></C:calendar-home-set>"
    with pytest.raises(NoCalendar):
        found_at(lambda _: answer(CALENDAR.format(href="/p/", kind=kind, name="x", more=me + home + more)))


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY b "c">]><multistatus xmlns="DAV:"/>',
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><multistatus xmlns="DAV:"/>'.encode("utf-16"),
        b"<multistatus>",
        b"",
        b"{}",
        b'<other xmlns="DAV:"/>',
    ],
)
def test_an_answer_with_a_document_type_or_that_is_no_multistatus_is_refused(body: bytes):
    with pytest.raises(NotMultistatus):
        read_multistatus(body)
