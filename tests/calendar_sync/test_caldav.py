"""The CalDAV client against servers that misbehave."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpcore
import httpx
import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from creneau.calendar_sync.caldav import LARGEST_BODY, CaldavCalendar, open_caldav
from creneau.calendar_sync.calendar import (
    AuthenticationFailed,
    CalendarRefused,
    CalendarUnavailable,
    HostNotAllowed,
    NotThere,
    PreconditionFailed,
    UidTaken,
)
from creneau.calendar_sync.feed import render_object
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.own_object import put_object
from creneau.calendar_sync.transport import GuardedTransport
from creneau.calendar_sync.vevent import CalendarEvent
from creneau.core.domain.time import Span

from .conftest import LOOPBACK
from .test_calendar_contract import START, link_to

NINE = "Thu, 03 Dec 2026 09:00:00 GMT"

Answer = Callable[[Request], Response]


class Server:
    """Answers everything alike and keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[Request] = []
        self._answer = answer
        self._server = make_server("127.0.0.1", 0, self._app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}/paul/sessions/"

    def _app(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data(cache=True)
        self.asked.append(request)
        return self._answer(request)(environ, start_response)

    @contextmanager
    def running(self) -> Iterator["Server"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()


@contextmanager
def calendar_that_answers(answer: Answer) -> Iterator[tuple[Any, Server]]:
    with Server(answer).running() as server, open_caldav(LOOPBACK)(link_to(server.url)) as calendar:
        yield calendar, server


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_not_followed_and_not_a_success(status: int) -> None:
    with calendar_that_answers(lambda _: Response(status=status, headers={"Location": "/login"})) as (calendar, server):
        for send in (
            lambda: calendar.put(f"{server.url}a.ics", b"x", None),
            lambda: calendar.delete(f"{server.url}a.ics", '"1"'),
        ):
            with pytest.raises(CalendarRefused) as refused:
                send()
            assert refused.value.status == status
        assert [request.path for request in server.asked] == ["/paul/sessions/a.ics"] * 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (202, CalendarRefused),
        (207, CalendarRefused),
        (400, CalendarRefused),
        (401, AuthenticationFailed),
        (403, CalendarRefused),
        (404, NotThere),
        (405, CalendarRefused),
        (408, CalendarUnavailable),
        (409, CalendarRefused),
        (410, NotThere),
        (412, PreconditionFailed),
        (413, CalendarRefused),
        (415, CalendarRefused),
        (418, CalendarRefused),
        (423, CalendarUnavailable),
        (425, CalendarUnavailable),
        (429, CalendarUnavailable),
        (500, CalendarUnavailable),
        (501, CalendarRefused),
        (502, CalendarUnavailable),
        (503, CalendarUnavailable),
        (504, CalendarUnavailable),
        (507, CalendarRefused),
    ],
)
def test_a_status_other_than_success_is_an_error_of_its_kind(status: int, error: type[Exception]) -> None:
    with calendar_that_answers(lambda _: Response(status=status)) as (calendar, server):
        for send in (
            lambda: calendar.put(f"{server.url}a.ics", b"x", None),
            lambda: calendar.put(f"{server.url}a.ics", b"x", '"1"'),
            lambda: calendar.get(f"{server.url}a.ics"),
            *([] if error is NotThere else [lambda: calendar.delete(f"{server.url}a.ics", '"1"')]),
        ):
            with pytest.raises(error) as raised:
                send()
            assert type(raised.value) is error


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_is_a_success(status: int) -> None:
    with calendar_that_answers(lambda _: Response(status=status, headers={"ETag": '"7"'})) as (calendar, server):
        assert calendar.put(f"{server.url}a.ics", b"x", None) == '"7"'
        calendar.delete(f"{server.url}a.ics", '"7"')
    put, delete = server.asked
    assert put.headers["If-None-Match"] == "*"
    assert "If-Match" not in put.headers
    assert put.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert delete.headers["If-Match"] == '"7"'


CONFLICT = (
    '<?xml version="1.0"?><d:error xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
    "<c:{mark}><d:href>/paul/private/a%40b.ics</d:href></c:{mark}></d:error>"
)


@pytest.mark.parametrize(
    ("status", "mark"),
    [(409, "no-uid-conflict"), (412, "no-uid-conflict"), (403, "unique-scheduling-object-resource")],
)
def test_our_event_that_was_taken_to_another_calendar_makes_way_where_a_uid_stands_once(status: int, mark: str) -> None:
    ours = render_object(CalendarEvent("u@creneau", Span(START, START + timedelta(hours=1)), START, "Appt"))
    there: dict[str, bytes] = {"/paul/private/a@b.ics": ours}

    def answer(asked: Request) -> Response:
        if asked.method == "PUT" and there:
            return Response(CONFLICT.format(mark=mark), status, content_type="application/xml")
        if asked.method == "GET":
            return Response(there[asked.path], headers={"ETag": '"5"'})
        if asked.method == "DELETE":
            del there[asked.path]
        return Response(status=201, headers={"ETag": '"6"'})

    with calendar_that_answers(answer) as (calendar, server):
        with pytest.raises(UidTaken):
            calendar.put(f"{server.url}a.ics", ours, None)
        assert put_object(calendar, f"{server.url}a.ics", ours, None, "u@creneau") == '"6"'
        assert there == {}
        there["/paul/private/a@b.ics"] = ours.replace(b"u@creneau", b"theirs")
        with pytest.raises(CalendarRefused):
            put_object(calendar, f"{server.url}a.ics", ours, None, "u@creneau")
        assert there, "somebody else's stays"


def test_every_question_in_xml_says_that_it_is() -> None:
    """Cyrus answers 415 to others."""

    def answer(asked: Request) -> Response:
        if not asked.headers.get("Content-Type", "").startswith("application/xml"):
            return Response(status=415)
        return Response(TRASHED.format("<d:sync-token>2</d:sync-token>"), 207, content_type="application/xml")

    with calendar_that_answers(answer) as (calendar, server):
        calendar.list_changes(None)
        calendar.list_changes("1")
        calendar.get_many([])
        with pytest.raises(CalendarRefused):
            calendar.get(f"{server.url}a.ics")
        calendar.get_many([f"{server.url}a.ics"])
        asked = [request.method for request in server.asked if request.headers.get("Content-Type")]
    assert asked == ["PROPFIND", "REPORT", "REPORT"]


IN_THE_TRASH = {
    400: "Deleted calendar object with uid already exists in this calendar collection.",
    403: "A calendar object with URI a-deleted.ics already exists in calendar 23, therefore this object can't be moved"
    " into the trashbin",
}
SABRE = '<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"><s:message>{}</s:message></d:error>'
TRASHED = """<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">{}</d:multistatus>"""
TRASHED_ONE = """<d:response><d:href>/remote.php/dav/calendars/paul/trashbin/objects/{}.ics</d:href><d:propstat><d:prop>
<c:calendar-data>{}</c:calendar-data></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"""


def test_what_lies_in_nextclouds_trash_is_out_of_the_way_and_nothing_else_of_it() -> None:
    ours = render_object(CalendarEvent("u@creneau", Span(START, START + timedelta(hours=1)), START, "Appt"))
    trash = {"41": ours, "42": ours.replace(b"u@creneau", b"u@creneau.example")}
    home = "/remote.php/dav/calendars/paul/"
    refused = 400

    def answer(asked: Request) -> Response:
        if asked.path.startswith(f"{home}trashbin/objects/"):
            if asked.method == "DELETE":
                del trash[asked.path.rpartition("/")[2].removesuffix(".ics")]
                return Response(status=204)
            found = "".join(TRASHED_ONE.format(name, ics.decode()) for name, ics in trash.items())
            return Response(TRASHED.format(found), 207, content_type="application/xml")
        if asked.method == "GET":
            return Response(ours, headers={"ETag": '"1"'})
        if "41" in trash:
            return Response(SABRE.format(IN_THE_TRASH[refused]), refused, content_type="application/xml")
        return Response(status=201, headers={"ETag": '"6"'})

    with Server(answer).running() as server:
        url = str(httpx.URL(server.url).copy_with(path=f"{home}sessions/"))
        with open_caldav(LOOPBACK)(link_to(url)) as calendar:
            assert calendar.put(f"{url}a.ics", ours, None) == '"6"'
            assert trash.keys() == {"42"}
            trash["41"], refused = ours, 403
            calendar.delete(f"{url}a.ics", '"6"')
            assert trash.keys() == {"42"}
            trash["41"], refused = ours, 400
            with pytest.raises(CalendarRefused):
                calendar.put(f"{url}a.ics", ours.replace(b"u@creneau", b"v@creneau"), None)
            assert trash.keys() == {"41", "42"}


@pytest.mark.parametrize("etag", ['W/"7"', "7", "", '""', '"é"'])
def test_an_etag_that_if_match_cannot_use_is_none(etag: str) -> None:
    with calendar_that_answers(lambda _: Response(status=201, headers={"ETag": etag})) as (calendar, server):
        assert calendar.put(f"{server.url}a.ics", b"x", None) is None


@pytest.mark.parametrize("status", [404, 410])
def test_deleting_what_is_gone_is_done(status: int) -> None:
    with calendar_that_answers(lambda _: Response(status=status)) as (calendar, server):
        calendar.delete(f"{server.url}a.ics", '"1"')
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "120"}, timedelta(minutes=2)),
        ({"Retry-After": "9" * 5000}, timedelta(hours=1)),
        ({"Retry-After": "Thu, 03 Dec 2026 09:10:00 GMT", "Date": NINE}, timedelta(minutes=10)),
        ({"Retry-After": "Thu, 03 Dec 2026 08:00:00 GMT", "Date": NINE}, timedelta()),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_a_busy_server_says_when_to_come_back(headers: dict[str, str], wait: timedelta | None) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(503, headers=headers))
    with httpx.Client(transport=transport) as client, pytest.raises(CalendarUnavailable) as unavailable:
        CaldavCalendar(client, "https://dav.example.org/c/").put("https://dav.example.org/c/a.ics", b"x", None)
    assert unavailable.value.retry_after == wait


def test_credentials_go_to_the_calendars_own_origin_only() -> None:
    with (
        Server(lambda _: Response(status=201)).running() as elsewhere,
        calendar_that_answers(lambda _: Response(status=201)) as (calendar, server),
    ):
        port = server.url.split(":")[2].split("/")[0]
        for href in (
            f"{elsewhere.url}a.ics",
            f"http://localhost:{port}/paul/sessions/a.ics",
            f"https://127.0.0.1:{port}/paul/sessions/a.ics",
            f"http://eve@127.0.0.1:{port}/paul/sessions/a.ics",
            "/paul/sessions/a.ics",
            "http://[",
        ):
            with pytest.raises(HostNotAllowed):
                calendar.put(href, b"x", None)
        assert elsewhere.asked == server.asked == []
        calendar.put(f"{server.url}a.ics", b"x", None)
        assert server.asked[0].authorization.username == "paul"
        assert server.asked[0].authorization.password == "s3cret-and-läng"


def test_netrc_and_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with calendar_that_answers(lambda _: Response(status=201)) as (calendar, server):
        calendar.put(f"{server.url}a.ics", b"x", None)
    assert len(server.asked) == 1


def test_a_body_without_end_is_refused() -> None:
    def endless(_: Request) -> Response:
        return Response(iter(lambda: b"x" * 65536, None), 200)

    with calendar_that_answers(endless) as (calendar, server), pytest.raises(CalendarRefused):
        calendar.get(f"{server.url}a.ics")
    assert LARGEST_BODY < 64 * 1024 * 1024


def test_a_password_does_not_travel_in_the_clear_to_a_public_host(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: resolved)
    with open_caldav(LOOPBACK)(link_to("http://dav.example.org/c/")) as calendar, pytest.raises(HostNotAllowed):
        calendar.get("http://dav.example.org/c/a.ics")


@pytest.mark.parametrize("private", ["127.0.0.1", "169.254.169.254"])
def test_a_name_that_also_leads_into_a_private_network_is_refused(
    monkeypatch: pytest.MonkeyPatch, private: str
) -> None:
    resolved = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("93.184.216.34", private)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: resolved)
    with open_caldav(Hosts())(link_to("https://dav.example.org/c/")) as calendar, pytest.raises(HostNotAllowed):
        calendar.get("https://dav.example.org/c/a.ics")


@pytest.mark.parametrize("url", ["http://2130706433/c/", "http://0x7f.1/c/", "http://[::1]/c/", "http://localhost/c/"])
def test_other_spellings_of_this_machine_are_refused(url: str) -> None:
    with open_caldav(Hosts())(link_to(url)) as calendar, pytest.raises(HostNotAllowed):
        calendar.get(f"{url}a.ics")


def test_a_name_that_nobody_knows_is_unavailable() -> None:
    with open_caldav(Hosts())(link_to("https://dav.invalid/c/")) as calendar, pytest.raises(CalendarUnavailable):
        calendar.get("https://dav.invalid/c/a.ics")


def test_what_does_not_speak_http_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def garble() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"220 mail.example.org ESMTP\r\n")

        thread = threading.Thread(target=garble, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/c/"
        with open_caldav(LOOPBACK)(link_to(url)) as calendar, pytest.raises(CalendarUnavailable):
            calendar.get(f"{url}a.ics")
        thread.join()


def test_a_request_ends_by_its_deadline_however_slowly_bytes_drip() -> None:
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                while not done.wait(0.02):
                    try:
                        connection.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        transport = GuardedTransport(LOOPBACK, httpx.create_ssl_context(), deadline_seconds=0.3)
        with httpx.Client(transport=transport, timeout=20) as client, pytest.raises(httpcore.ReadTimeout):
            client.get(f"http://127.0.0.1:{listener.getsockname()[1]}/")
        done.set()
        thread.join()
