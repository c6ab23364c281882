"""The one suite that every Calendar passes: in memory, and on real servers."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from creneau.calendar_sync.calendar import Calendar, NotThere, OpenCalendar, PreconditionFailed, SyncTokenInvalid
from creneau.calendar_sync.feed import render_object
from creneau.calendar_sync.memory import MemoryCalendar
from creneau.calendar_sync.vevent import CalendarEvent
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.ids import CalendarLinkId, OrganizationId, UserId
from creneau.core.domain.time import Span

from .conftest import PASSWORD, USER
from .xandikos_server import XandikosServer

START = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)
UID = "0190c0de-0000-7000-8000-000000000001@creneau"


def link_to(url: str) -> CalendarLink:
    nobody = UUID(int=0)
    return CalendarLink(CalendarLinkId(nobody), OrganizationId(nobody), UserId(nobody), url, USER, PASSWORD)


def an_object(summary: str = "Appt A7F3") -> bytes:
    return render_object(CalendarEvent(UID, Span(START, START + timedelta(hours=2)), START, summary))


@pytest.fixture(params=["memory", "radicale", "xandikos"])
def server_url(request: pytest.FixtureRequest) -> str:
    """The address of a calendar of each kind; in memory any will do."""
    match request.param:
        case "radicale":
            url: str = request.getfixturevalue("calendar_url")
            return url
        case "xandikos":
            server: XandikosServer = request.getfixturevalue("xandikos")
            return server.create_calendar()
    return "memory://"


@pytest.fixture
def calendar(server_url: str, open_calendar: OpenCalendar) -> Iterator[Calendar]:
    if server_url == "memory://":
        yield MemoryCalendar()
        return
    with open_calendar(link_to(server_url)) as opened:
        yield opened


@pytest.fixture
def href(server_url: str) -> str:
    return f"{server_url}{uuid4()}.ics"


def test_what_was_put_can_be_got_with_the_same_etag(calendar: Calendar, href: str) -> None:
    etag = calendar.put(href, an_object(), if_match=None)
    found = calendar.get(href)
    assert etag is not None
    assert found.etag == etag
    assert UID.encode() in found.ics


def test_a_taken_href_is_not_created_again(calendar: Calendar, href: str) -> None:
    calendar.put(href, an_object(), if_match=None)
    with pytest.raises(PreconditionFailed):
        calendar.put(href, an_object("another"), if_match=None)
    assert b"another" not in calendar.get(href).ics


def test_an_update_with_the_current_etag_changes_the_object(calendar: Calendar, href: str) -> None:
    first = calendar.put(href, an_object(), if_match=None)
    second = calendar.put(href, an_object("moved"), if_match=first)
    assert second != first
    assert b"moved" in calendar.get(href).ics


def test_an_update_with_an_old_etag_is_refused(calendar: Calendar, href: str) -> None:
    first = calendar.put(href, an_object(), if_match=None)
    calendar.put(href, an_object("second"), if_match=first)
    with pytest.raises(PreconditionFailed):
        calendar.put(href, an_object("third"), if_match=first)
    assert b"second" in calendar.get(href).ics


@pytest.mark.parametrize("etag", ['"no-such"', "*"])
def test_what_is_not_there_is_not_updated(calendar: Calendar, href: str, etag: str) -> None:
    with pytest.raises(PreconditionFailed):
        calendar.put(href, an_object(), if_match=etag)
    with pytest.raises(NotThere):
        calendar.get(href)


def test_a_deleted_object_is_gone(calendar: Calendar, href: str) -> None:
    etag = calendar.put(href, an_object(), if_match=None)
    assert etag is not None
    calendar.delete(href, if_match=etag)
    with pytest.raises(NotThere):
        calendar.get(href)


def test_a_changed_object_is_not_deleted_by_its_old_etag(calendar: Calendar, href: str) -> None:
    first = calendar.put(href, an_object(), if_match=None)
    assert first is not None
    calendar.put(href, an_object("changed"), if_match=first)
    with pytest.raises(PreconditionFailed):
        calendar.delete(href, if_match=first)
    assert b"changed" in calendar.get(href).ics


def test_whatever_is_there_can_be_updated_and_deleted_by_a_star(calendar: Calendar, href: str) -> None:
    calendar.put(href, an_object(), if_match=None)
    calendar.put(href, an_object("starred"), if_match="*")
    assert b"starred" in calendar.get(href).ics
    calendar.delete(href, if_match="*")
    with pytest.raises(NotThere):
        calendar.get(href)


def test_deleting_what_is_gone_ends_with_it_gone(calendar: Calendar, href: str) -> None:
    etag = calendar.put(href, an_object(), if_match=None)
    assert etag is not None
    calendar.delete(href, if_match=etag)
    with suppress(PreconditionFailed):  # as many servers answer; a caller looks whether it is there
        calendar.delete(href, if_match=etag)
    with pytest.raises(NotThere):
        calendar.get(href)


def test_a_calendar_can_be_used_again_after_a_refusal(calendar: Calendar, href: str) -> None:
    with pytest.raises(NotThere):
        calendar.get(href)
    assert calendar.put(href, an_object(), if_match=None) is not None


def test_everything_is_listed_with_its_etag_and_nothing_else(calendar: Calendar, href: str) -> None:
    assert dict(calendar.list_changes(None).etags) == {}
    etag = calendar.put(href, an_object(), if_match=None)
    changes = calendar.list_changes(None)
    assert (dict(changes.etags), changes.gone, changes.is_whole) == ({href: etag}, frozenset(), True)


def test_what_changed_since_is_told_once(calendar: Calendar, href: str) -> None:
    other, third = f"{href[:-4]}-b.ics", f"{href[:-4]}-c.ics"
    calendar.put(href, an_object(), if_match=None)
    calendar.put(third, an_object().replace(b"000001@", b"000003@"), if_match=None)
    token = calendar.list_changes(None).token
    assert token is not None

    calendar.delete(href, if_match="*")
    etag = calendar.put(other, an_object().replace(b"000001@", b"000002@"), if_match=None)
    changes = calendar.list_changes(token)
    assert (dict(changes.etags), changes.gone, changes.is_whole) == ({other: etag}, {href}, False)

    idle = calendar.list_changes(changes.token)
    assert (dict(idle.etags), idle.gone) == ({}, frozenset())


def test_a_token_of_another_calendar_is_refused(calendar: Calendar, href: str) -> None:
    calendar.put(href, an_object(), if_match=None)
    with pytest.raises(SyncTokenInvalid):
        calendar.list_changes("http://example.org/no-such-token")


def test_many_are_got_at_once_and_those_that_are_gone_are_missing(calendar: Calendar, href: str) -> None:
    hrefs = [f"{href[:-4]}-{number}.ics" for number in range(3)]
    for number, one in enumerate(hrefs[:2]):
        calendar.put(one, an_object(f"nb. {number}").replace(b"000001@", b"00001%d@" % number), if_match=None)
    found = calendar.get_many(hrefs)
    assert found.keys() == set(hrefs[:2])
    assert b"nb. 1" in found[hrefs[1]].ics
    assert found[hrefs[1]].etag == calendar.get(hrefs[1]).etag
