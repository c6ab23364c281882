"""Servers told apart, and what is done otherwise for some; accounts that are entered with a token."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from werkzeug.wrappers import Request, Response

from creneau.calendar_sync.caldav import open_caldav
from creneau.calendar_sync.calendar import AccountBusy, PreconditionFailed
from creneau.calendar_sync.discovery import discover_caldav
from creneau.calendar_sync.lanes import Lanes
from creneau.calendar_sync.memory import MemoryCalendar
from creneau.calendar_sync.server_kind import tell_server
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.credentials import CredentialKind
from creneau.core.domain.errors import TextInvalid
from creneau.core.domain.people import Actor
from creneau.core.storage.database import Database
from creneau.demo.radicale_server import RadicaleServer

from .conftest import LOOPBACK, PASSWORD, USER, Bench
from .test_caldav import Server
from .test_calendar_contract import link_to
from .xandikos_server import XandikosServer

RADICALE = "1, 2, 3, calendar-access, addressbook, extended-mkcol"


@pytest.mark.parametrize(
    ("url", "headers", "kind"),
    [
        ("https://p42-caldav.icloud.com/1/calendars/x/", {}, ServerKind.ICLOUD),
        ("https://apidata.googleusercontent.com/caldav/v2/x/events/", {"dav": "1, calendar-access"}, ServerKind.GOOGLE),
        ("https://caldav.fastmail.com/dav/calendars/x/", {"server": "Cyrus-HTTP/3.12"}, ServerKind.FASTMAIL),
        ("https://dav.example/dav/calendars/x/", {"server": "Cyrus-HTTP/3.6.1"}, ServerKind.CYRUS),
        ("https://cloud.example/remote.php/dav/calendars/p/x/", {"dav": "1, 3"}, ServerKind.NEXTCLOUD),
        (
            "https://cloud.example/dav/x/",
            {"dav": "1, nc-calendar-search", "x-sabre-version": "4"},
            ServerKind.NEXTCLOUD,
        ),
        ("https://dav.example/dav.php/calendars/p/x/", {"x-sabre-version": "4.6"}, ServerKind.BAIKAL),
        ("https://dav.example/calendars/p/x/", {"x-sabre-version": "4.6"}, ServerKind.SABRE),
        ("https://mail.example/SOGo/dav/p/Calendar/x/", {}, ServerKind.SOGO),
        ("https://dav.mailbox.org/caldav/x/", {}, ServerKind.OPEN_XCHANGE),
        ("https://caldav.gmx.net/begenda/dav/p/x/", {}, ServerKind.GMX),
        ("https://dav.example/davical/caldav.php/p/x/", {}, ServerKind.DAVICAL),
        ("https://dav.example/dav/cal/p/x/", {"server": "Stalwart/0.15"}, ServerKind.STALWART),
        (
            "https://z.example/dav/p/x/",
            {"dav": "1, version-control, calendar-schedule, calendar-auto-schedule"},
            ServerKind.ZIMBRA,
        ),
        ("https://dav.example/p/x/", {"dav": RADICALE}, ServerKind.RADICALE),
        ("https://noticloud.com/p/x/", {"dav": "1, 2"}, ServerKind.UNKNOWN),
    ],
)
def test_a_server_is_told_by_its_address_and_its_headers(url: str, headers: dict[str, str], kind: ServerKind):
    assert tell_server(url, headers) is kind


def test_real_servers_are_told_when_they_are_connected(radicale: RadicaleServer, xandikos: XandikosServer):
    radicale.create_calendar(USER, "told")
    found = discover_caldav(LOOPBACK)
    assert {calendar.server for calendar in found(radicale.url, USER, PASSWORD)} == {ServerKind.RADICALE}
    assert {calendar.server for calendar in found(xandikos.create_calendar(), USER, PASSWORD)} == {ServerKind.XANDIKOS}


@pytest.mark.parametrize(("status", "puts"), [(404, 1), (200, 0)])
def test_where_a_condition_to_create_is_not_heeded_it_is_looked_first(status: int, puts: int):
    def answer(asked: Request) -> Response:
        return Response(status=status if asked.method == "GET" else 201, headers={"ETag": '"1"'})

    with Server(answer).running() as server:
        link = replace(link_to(server.url), server=ServerKind.GOOGLE)
        with open_caldav(LOOPBACK)(link) as calendar:
            if puts:
                assert calendar.put(f"{server.url}a.ics", b"x", None) == '"1"'
            else:
                with pytest.raises(PreconditionFailed):
                    calendar.put(f"{server.url}a.ics", b"x", None)
    sent = [asked for asked in server.asked if asked.method == "PUT"]
    assert len(sent) == puts
    assert not any("If-None-Match" in asked.headers for asked in sent)


def test_an_account_has_as_many_requests_at_once_as_its_server_bears(database: Database):
    link = replace(link_to("https://caldav.gmx.net/x/"), server=ServerKind.GMX)
    opened = Lanes(database.fence.hold).around(MemoryCalendar().open)
    with opened(link), pytest.raises(AccountBusy), opened(link):
        pass
    with opened(replace(link, server=ServerKind.UNKNOWN)), opened(replace(link, server=ServerKind.UNKNOWN)):
        pass


def test_an_account_is_entered_with_a_token_that_is_kept_sealed(bench: Bench):
    own, token = Actor.from_user(bench.centre.consultant), "t0ken." * 300
    with pytest.raises(TextInvalid):
        bench.service.link_calendar(own, own.user_id, bench.calendar_url, "", PASSWORD)
    with Server(lambda _: Response(status=201, headers={"ETag": '"1"'})).running() as server:
        bench.service.link_calendar(
            own, own.user_id, server.url, "", token, credential=CredentialKind.TOKEN, server=ServerKind.GOOGLE
        )
        booking = bench.confirm(bench.book())
        link: CalendarLink = bench.session(booking).link
        assert (link.password, link.credential, link.server) == (token, CredentialKind.TOKEN, ServerKind.GOOGLE)
        assert token not in repr(link)
        with open_caldav(LOOPBACK)(link) as calendar:
            calendar.delete(f"{server.url}a.ics", '"1"')
    assert server.asked[-1].headers["Authorization"] == f"Bearer {token}"
    with bench.service._database.transaction(own.organization_id) as tx:
        [sealed] = tx.scalars(text("select password_sealed from calendar_links"))
    assert b"t0ken" not in bytes(sealed)
    health = bench.service.find_health(own, own.user_id)
    assert (health.username, health.server) == ("", ServerKind.GOOGLE)
