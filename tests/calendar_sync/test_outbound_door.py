"""Where a request may go, and what may come back: the addresses that a server names, and answers made to harm."""

import gzip
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest import mock

import httpx
import pytest
from werkzeug.wrappers import Request, Response

from creneau.calendar_sync.caldav import open_caldav
from creneau.calendar_sync.calendar import CalendarError, CalendarRefused, HostNotAllowed, HostUnknown, OtherHost
from creneau.calendar_sync.discovery import FoundCalendar, discover_caldav
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.multistatus import NotMultistatus, read_multistatus

from .conftest import LOOPBACK, PASSWORD, USER
from .test_caldav import Server, calendar_that_answers
from .test_calendar_contract import link_to
from .test_discovery import CALENDAR, IS_CALENDAR

TYPED = "https://dav.example.org/"
ELSEWHERE = [
    ("http://dav.example.org/dav/", HostNotAllowed),  # from a sealed line to an open one
    ("https://stranger.example/dav/", OtherHost),
    ("//stranger.example/dav/", OtherHost),
    ("https://dav.example.org.stranger.example/", OtherHost),
    ("https://dav.example.org@stranger.example/", HostNotAllowed),
    ("https://eve:x@dav.example.org/dav/", HostNotAllowed),
    ("https://127.0.0.1/", OtherHost),
    ("https://[::1]/", OtherHost),
    ("https://example.org.evil.org/", OtherHost),
    ("ftp://dav.example.org/", HostNotAllowed),
    ("file:///etc/passwd", HostNotAllowed),
    ("gopher://dav.example.org:70/", HostNotAllowed),
]


def searched(respond: Callable[[httpx.Request], httpx.Response]) -> tuple[list[FoundCalendar] | Exception, list[str]]:
    """Search an account behind TLS; return what came of it, and every address that was asked with the password."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        assert "Authorization" in request.headers
        asked.append(str(request.url))
        return respond(request)

    client = httpx.Client(transport=httpx.MockTransport(answer), auth=(USER, PASSWORD), follow_redirects=False)
    with mock.patch("creneau.calendar_sync.discovery.open_client", return_value=client):
        try:
            return discover_caldav(Hosts())(TYPED, USER, PASSWORD), asked
        except CalendarError as error:
            return error, asked


def listing(href: str, kind: str = "", more: str = "") -> httpx.Response:
    return httpx.Response(207, text=CALENDAR.format(href=href, kind=kind, name="x", more=more))


def principal(href: str) -> str:
    return f"<current-user-principal><href>{href}</href></current-user-principal>"


def home(href: str) -> str:
    return f"<C:calendar-home-set><href>{href}</href></C:calendar-home-set>"


def where_it_leads(step: str, target: str) -> Callable[[httpx.Request], httpx.Response]:
    def respond(request: httpx.Request) -> httpx.Response:
        match step, request.url.path:
            case "redirection", "/":
                return httpx.Response(307, headers={"Location": target})
            case "second redirection", "/":
                return httpx.Response(301, headers={"Location": "/dav/"})
            case "second redirection", _:
                return httpx.Response(302, headers={"Location": target})
            case "principal", _:
                return listing("/", more=principal(target))
            case "home", _:
                return listing("/", more=principal("/me/") + home(target))
            case _, "/":
                return listing("/", more=principal("/me/") + home("/home/"))
            case _:
                return listing(target, IS_CALENDAR)

    return respond


@pytest.mark.parametrize("step", ["redirection", "second redirection", "principal", "home", "calendar"])
@pytest.mark.parametrize(("target", "error"), ELSEWHERE)
def test_wherever_a_server_leads_the_password_goes_to_its_own_host_alone(step: str, target: str, error: type) -> None:
    came, asked = searched(where_it_leads(step, target))
    assert type(came) is error
    assert {httpx.URL(url).copy_with(path="/") for url in asked} == {httpx.URL(TYPED)}


def test_a_name_is_looked_up_once_a_connection_and_what_was_checked_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    found, dialled = iter(["127.0.0.1", "169.254.169.254"]), []
    look_up, connect = socket.getaddrinfo, socket.create_connection
    with Server(lambda _: Response(status=204)).running() as server:
        port = int(server.url.split(":")[2].split("/")[0])

        def resolve(host: str, *arguments: Any, **options: Any) -> list[Any]:
            if host != "dav.internal":
                return look_up(host, *arguments, **options)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(found), port))]

        def dial(address: tuple[str, int], *arguments: Any, **options: Any) -> socket.socket:
            dialled.append(address[0])
            return connect(address, *arguments, **options)

        monkeypatch.setattr(socket, "create_connection", dial)
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        url = f"http://dav.internal:{port}/c/"
        with open_caldav(LOOPBACK)(link_to(url)) as calendar:
            calendar.put(f"{url}a.ics", b"x", None)
            with pytest.raises(HostNotAllowed):  # the server ended the connection, and the name leads elsewhere now
                calendar.put(f"{url}b.ics", b"x", None)
        assert dialled == ["127.0.0.1"]
        assert [request.host for request in server.asked] == [f"dav.internal:{port}"]


@pytest.mark.parametrize(
    "host", ["0177.0.0.1", "127.1", "0x7f000001", "017700000001", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "[::]"]
)
def test_this_machine_is_refused_however_it_is_spelled(host: str) -> None:
    url = f"https://{host}/c/"
    with pytest.raises(CalendarError) as refused, open_caldav(Hosts())(link_to(url)) as calendar:
        calendar.get(f"{url}a.ics")
    assert type(refused.value).__name__ in {"HostNotAllowed", "HostUnknown"}, "never dialled"


@pytest.mark.parametrize("port", [65536, 99999999])
def test_a_port_that_is_none_is_no_address(port: int) -> None:
    with pytest.raises(HostUnknown):
        discover_caldav(LOOPBACK)(f"http://127.0.0.1:{port}/", USER, PASSWORD)


def test_hrefs_of_a_listing_that_are_somewhere_else_are_no_objects_of_the_calendar() -> None:
    def respond(request: Request) -> Response:
        hrefs = (
            f"{request.path}mine.ics", "https://stranger.example/paul/sessions/a.ics", "//stranger.example/x.ics",
            "/eve/b.ics", f"{request.path}../../eve/c.ics", "http://eve@127.0.0.1:1/d.ics", "http://[", "http://a:b:c/",
        )  # fmt: skip
        responses = "".join(
            f'<response><href>{href}</href><propstat><prop><getetag>"1"</getetag></prop>'
            "<status>HTTP/1.1 200 OK</status></propstat></response>"
            for href in hrefs
        )
        return Response(f'<multistatus xmlns="DAV:">{responses}</multistatus>', 207)

    with calendar_that_answers(respond) as (calendar, server):
        assert list(calendar.list_changes(None).etags) == [f"{server.url}mine.ics"]
        assert {request.method for request in server.asked} == {"PROPFIND"}


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE m [<!ENTITY l0 "ha">{entities}]><multistatus xmlns="DAV:">&l9;</multistatus>'.encode()


def test_answers_that_are_made_to_harm_are_refused() -> None:
    deep = b"<multistatus xmlns='DAV:'>" + b"<response>" * 30_000 + b"</response>" * 30_000 + b"</multistatus>"
    outside = b'<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]><multistatus xmlns="DAV:">&x;</multistatus>'
    encodings = [f'<?xml version="1.0" encoding="{name}"?><m/>'.encode() for name in ("shift_jis", "none", "idna")]
    for body in (laughs(), outside, b"<html><body>Sign in</body></html>", b"\x00" * 100, b'{"a": 1}', *encodings):
        with (
            calendar_that_answers(lambda _, body=body: Response(body, 207)) as (calendar, _server),
            pytest.raises(CalendarRefused),
        ):
            calendar.list_changes(None)
    status = "<response><href>/a</href><status>HTTP/1.1 {} Gone</status></response>"
    for number in ("²", "4" * 5000, "-404"):
        [one] = read_multistatus(f'<multistatus xmlns="DAV:">{status.format(number)}</multistatus>'.encode())
        assert one.status is None
    with suppress(NotMultistatus):  # as good an answer
        assert len(read_multistatus(deep)) <= 1


def test_what_unpacks_without_end_is_cut_and_what_nobody_asked_for_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 16_000_000)
    for encoding, body in (("gzip", bomb), ("br", b"x"), ("zstd", b"x"), ("gzip, br", b"x")):

        def respond(_: Request, body: bytes = body, encoding: str = encoding) -> Response:
            return Response(body, 200, headers={"Content-Encoding": encoding})

        with calendar_that_answers(respond) as (calendar, server), pytest.raises(CalendarRefused):
            calendar.get(f"{server.url}a.ics")
    small = gzip.compress(b"BEGIN:VCALENDAR")
    with calendar_that_answers(lambda _: Response(small, headers={"Content-Encoding": "gzip"})) as (calendar, server):
        assert calendar.get(f"{server.url}a.ics").ics == b"BEGIN:VCALENDAR"
        assert server.asked[0].headers["Accept-Encoding"] == "identity"
