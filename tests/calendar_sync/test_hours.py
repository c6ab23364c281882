"""Bookable hours in a calendar of the consultant's account: on real servers, and on ones that do not go along."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from unittest.mock import Mock
from uuid import UUID

import icalendar
import pytest
from werkzeug.wrappers import Request, Response

from creneau.calendar_sync.caldav_account import open_caldav_account
from creneau.calendar_sync.calendar import (
    Account,
    CalendarNotMade,
    CalendarRefused,
    Changes,
    HostNotAllowed,
    NotThere,
    OpenAccount,
)
from creneau.calendar_sync.hours_plan import AdoptEtag, PutHours, RemoveHours, plan_hours
from creneau.calendar_sync.memory import MemoryCalendar
from creneau.calendar_sync.publishing import Publishing
from creneau.core.domain.calendar import CalendarLink, HoursHealth, PushFailure
from creneau.core.domain.errors import CalendarNotLinked, HoursNotApart, TextInvalid
from creneau.core.domain.events import BookableHoursChanged, HoursPublishedAgain, HoursUnpublished
from creneau.core.domain.hours_calendar import HoursObject, HoursWish
from creneau.core.domain.ids import SlotId
from creneau.core.domain.people import Actor
from creneau.core.domain.slot_change import SlotChange
from creneau.core.domain.time_off import TimeOffDraft
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.calendar_changes import CalendarChangeService
from creneau.core.services.published_hours import PublishedHoursService
from creneau.core.services.readings import ReadingService
from creneau.core.storage.database import Database
from tests.conftest import Published, new_id

from .conftest import DOMAIN, LOOPBACK, PASSWORD, USER, Bench
from .test_caldav import Server
from .xandikos_server import XandikosServer

TUESDAY = date(2026, 12, 1)


@dataclass
class Shown:
    """A bench whose consultant's hours can be shown."""

    bench: Bench
    publishing: Publishing
    availability: AvailabilityService
    published: Published

    @property
    def hours(self) -> PublishedHoursService:
        return self.publishing.hours

    @property
    def consultant(self) -> Actor:
        return Actor.from_user(self.bench.centre.consultant)

    def show(self, url: str | None = None, *, tells_inbox: bool = False) -> None:
        self.hours.show_hours(self.consultant, self.consultant.user_id, HoursWish(url, tells_inbox))

    def hide(self) -> None:
        self.hours.hide_hours(self.consultant, self.consultant.user_id)

    def bring(self, publishing: Publishing | None = None) -> None:
        tenant, own = self.consultant.organization_id, self.consultant.user_id
        link = self.bench.service.find_link(tenant, own)
        assert link is not None
        (publishing or self.publishing).bring_in_line(link, tenant, own)

    def health(self) -> HoursHealth | None:
        found = self.bench.service.find_health(self.consultant, self.consultant.user_id)
        assert found is not None
        return found.hours

    def events(self) -> dict[str, icalendar.Event]:
        """Return what stands in the hours' calendar: by weekday of its start, without overrides."""
        work = self.hours.find_work(self.consultant.organization_id, self.consultant.user_id)
        assert work is not None
        found = {}
        with self.open(work.calendar.url) as calendar:
            for one in calendar.get_many(list(calendar.list_changes(None).etags)).values():
                event = icalendar.Calendar.from_ical(one.ics).walk("VEVENT")[0]
                found[f"{event.start:%a}"] = event
        return found

    @contextmanager
    def open(self, url: str) -> Iterator[object]:
        link = self.bench.service.find_link(self.consultant.organization_id, self.consultant.user_id)
        assert link is not None
        with self.publishing.open_calendar(replace(link, calendar_url=url)) as calendar:
            yield calendar


@pytest.fixture
def shown(bench: Bench, database: Database) -> Shown:
    published = Published()
    hours = PublishedHoursService(database, bench.clock, published, new_id)
    publishing = Publishing(hours, bench.open_calendar, open_caldav_account(LOOPBACK), bench.clock, DOMAIN)
    return Shown(bench, publishing, AvailabilityService(database, bench.clock, new_id, published), published)


@pytest.fixture
def on_memory(shown: Shown) -> tuple[Shown, MemoryCalendar, "MemoryAccount"]:
    memory = Collections()
    account = MemoryAccount()
    shown.publishing = replace(shown.publishing, open_calendar=memory.open, open_account=account.open)
    return shown, memory, account


class Collections(MemoryCalendar):
    """Several calendars in one memory: each lists what stands at its own address."""

    url = ""

    @contextmanager
    def open(self, link: CalendarLink) -> Iterator["Collections"]:
        outer, self.url = self.url, link.calendar_url
        yield self
        self.url = outer

    def list_changes(self, token: str | None) -> Changes:
        found = super().list_changes(token)
        return replace(found, etags={href: etag for href, etag in found.etags.items() if href.startswith(self.url)})


class MemoryAccount:
    """An account that makes calendars, unless it is told not to, and has an inbox if it is given one."""

    def __init__(self) -> None:
        self.calendars: dict[str, str] = {}
        self.makes = True
        self.inbox: dict[str, bytes] | None = None

    def make_calendar(self, url: str, name: str) -> None:
        if not self.makes:
            raise CalendarNotMade
        self.calendars[url] = name

    def remove_calendar(self, url: str) -> None:
        self.calendars.pop(url, None)

    def find_inbox(self) -> str | None:
        return None if self.inbox is None else "memory://inbox/"

    def get_availability(self, inbox_url: str) -> bytes | None:
        return (self.inbox or {}).get(inbox_url)

    def set_availability(self, inbox_url: str, ics: bytes | None) -> None:
        assert self.inbox is not None
        self.inbox.pop(inbox_url, None)
        if ics is not None:
            self.inbox[inbox_url] = ics

    @contextmanager
    def open(self, _link: CalendarLink) -> Iterator[Account]:
        yield self


@pytest.mark.parametrize("server", ["radicale", "xandikos"])
def test_hours_come_into_a_calendar_of_their_own_follow_the_rules_and_leave_again(
    shown: Shown, server: str, request: pytest.FixtureRequest
):
    if server == "xandikos":
        xandikos: XandikosServer = request.getfixturevalue("xandikos")
        url = xandikos.create_calendar()
        shown.bench.service.link_calendar(shown.consultant, shown.consultant.user_id, url, USER, PASSWORD)
    shown.show()
    shown.bring()
    events = shown.events()
    assert sorted(events) == ["Fri", "Mon", "Thu", "Tue", "Wed"]
    assert {str(event["TRANSP"]) for event in events.values()} == {"TRANSPARENT"}
    assert events["Tue"]["RRULE"]["FREQ"] == ["WEEKLY"]
    assert date(2026, 12, 25) in {day.dt.date() for day in exdates(events["Fri"])}
    was = shown.health()
    assert was is not None
    assert (was.is_own, was.told_at, was.failure) == (True, shown.bench.clock.now(), None)

    tuesday = shown.bench.centre.slots[1]
    shown.bench.clock.move(minutes=5)
    shown.availability.add_time_off(
        shown.consultant, shown.consultant.user_id, TimeOffDraft(TUESDAY, TUESDAY, "Europe/Paris")
    )
    shown.availability.update_availability_slot(shown.consultant, tuesday.id, SlotChange(end_time=time(12)))
    shown.availability.delete_availability_slot(shown.consultant, shown.bench.centre.slots[0].id)
    assert [type(event) for event in shown.published.events] == [BookableHoursChanged] * 4
    shown.bring()
    changed = shown.events()
    assert sorted(changed) == ["Fri", "Thu", "Tue", "Wed"]
    assert {day: int(event["SEQUENCE"]) for day, event in changed.items()} == {"Fri": 0, "Thu": 0, "Tue": 1, "Wed": 0}
    assert changed["Tue"]["UID"] == events["Tue"]["UID"]
    assert TUESDAY in {day.dt.date() for day in exdates(changed["Tue"])}
    assert changed["Tue"]["DTSTAMP"].dt == shown.bench.clock.now()

    with shown.open(was.url) as calendar:
        hrefs = sorted(calendar.list_changes(None).etags)
        calendar.delete(hrefs[0], "*")
        calendar.put(hrefs[1], calendar.get(hrefs[1]).ics.replace(b"TRANSPARENT", b"OPAQUE"), "*")
    shown.bring()
    assert {day: str(event["TRANSP"]) for day, event in shown.events().items()} == dict.fromkeys(changed, "TRANSPARENT")

    def is_there() -> bool:
        with shown.open(was.url) as calendar:
            try:
                return bool(calendar.list_changes(None).etags)
            except (NotThere, CalendarRefused):
                return False

    assert is_there()
    shown.hide()
    shown.bring()
    assert (shown.health(), is_there()) == (None, False)

    shown.show()
    shown.bring()
    assert is_there(), "one that was taken away is made again"
    link = shown.bench.service.find_link(shown.consultant.organization_id, shown.consultant.user_id)
    assert link is not None
    with shown.publishing.open_account(link) as account:
        account.remove_calendar(was.url)
        account.remove_calendar(was.url)
    with pytest.raises(NotThere):
        shown.bring()
    assert not is_there(), "its owner deleted it: it is not made behind their back"
    shown.hide()
    shown.bring()
    assert shown.health() is None


def test_hours_stand_apart_from_sessions_and_from_what_closes_times(on_memory: tuple):
    shown, memory, _ = on_memory
    sessions, own = shown.bench.calendar_url, shown.consultant.user_id
    private, apart = sessions.replace("sessions", "private"), sessions.replace("sessions", "apart")
    link = shown.bench.service.link_calendar
    link(shown.consultant, own, sessions, USER, PASSWORD, busy_urls=[private])
    for url in (sessions, private):
        with pytest.raises(HoursNotApart):
            shown.show(url)
    with pytest.raises(TextInvalid):
        shown.show("https://elsewhere.example/calendar/")
    shown.show(apart)
    shown.bring()
    assert {href.rpartition("/")[0] + "/" for href in memory.objects} == {apart}
    for arguments in ((apart, []), (sessions, [apart])):
        with pytest.raises(HoursNotApart):
            link(shown.consultant, own, arguments[0], USER, PASSWORD, busy_urls=arguments[1])


def test_a_calendar_made_for_hours_never_counts_and_goes_when_they_go_elsewhere(on_memory: tuple, database: Database):
    shown, memory, account = on_memory
    shown.show()
    shown.bring()
    [own_url] = account.calendars
    shown.bench.service.link_calendar(
        shown.consultant, shown.consultant.user_id, shown.bench.calendar_url, USER, PASSWORD, busy_urls=[own_url]
    )
    readings = ReadingService(database, shown.bench.clock, Published())
    account_read = readings.begin(shown.consultant.organization_id, shown.consultant.user_id)
    assert list(account_read.calendars) == [shown.bench.calendar_url]
    assert shown.health() is not None, "it went on"

    shown.show(shown.bench.calendar_url.replace("sessions", "apart"))
    with pytest.raises(HoursNotApart):  # it is about to be taken away
        shown.bench.service.link_calendar(shown.consultant, shown.consultant.user_id, own_url, USER, PASSWORD)
    shown.bring()
    assert account.calendars == {}
    assert len(memory.objects) == 5
    assert not any(href.startswith(own_url) for href in memory.objects)


def test_what_its_owner_put_into_the_calendar_that_was_made_keeps_it(on_memory: tuple):
    shown, memory, account = on_memory
    shown.show()
    shown.bring()
    [own_url] = account.calendars
    memory.put(f"{own_url}theirs.ics", shown.bench.foreign_object(), None)
    shown.hide()
    shown.bring()
    assert list(memory.objects) == [f"{own_url}theirs.ics"]
    assert own_url in account.calendars
    assert shown.health() is None


def test_a_server_that_makes_no_calendar_is_told_and_another_one_helps(on_memory: tuple):
    shown, memory, account = on_memory
    account.makes = False
    shown.show()
    with pytest.raises(CalendarNotMade):
        shown.bring()
    shown.show(shown.bench.calendar_url.replace("sessions", "apart"))
    shown.bring()
    assert len(memory.objects) == 5


def test_a_crash_after_the_request_finds_what_it_made(on_memory: tuple):
    shown, memory, _ = on_memory
    shown.show()
    real = memory.put

    def put_and_die(href: str, ics: bytes, if_match: str | None) -> str | None:
        real(href, ics, if_match)
        raise CalendarRefused(500)

    memory.put = put_and_die  # type: ignore[method-assign]
    with pytest.raises(CalendarRefused):
        shown.bring()
    memory.put = real  # type: ignore[method-assign]
    shown.bring()
    assert len(memory.objects) == 5
    assert {icalendar.Calendar.from_ical(one.ics).walk("VEVENT")[0]["SEQUENCE"] for one in memory.objects.values()} == {
        0
    }
    before = dict(memory.objects)
    shown.bring()
    assert memory.objects == before, "nothing is sent when nothing changed"


def test_hours_that_are_wanted_again_while_they_end_are_shown_again(on_memory: tuple):
    shown, memory, account = on_memory
    shown.show()
    shown.bring()
    shown.hide()
    removed = account.remove_calendar

    def remove_while_wanted(url: str) -> None:
        removed(url)
        shown.show()

    account.remove_calendar = remove_while_wanted  # type: ignore[method-assign]
    shown.bring()
    assert len(memory.objects) == 5
    assert list(account.calendars) == [shown.health().url]


def test_a_mistrusted_account_gets_no_hours_and_lost_hours_do_not_make_it_mistrusted(
    on_memory: tuple, database: Database
):
    shown, memory, _ = on_memory
    changes = CalendarChangeService(database, shown.bench.clock, Published(), new_id)
    tenant, own = shown.consultant.organization_id, shown.consultant.user_id
    changes.record_suspicion(tenant, own, 9)
    shown.show()
    shown.bring()
    assert memory.objects == {}
    changes.clear_suspicion(tenant, own)
    shown.bring()
    memory.objects.clear()
    shown.bring()
    assert len(memory.objects) == 5
    assert changes.find_suspicion(tenant, own) is None


@pytest.mark.parametrize("removes", [True, False])
def test_an_account_that_is_left_keeps_nothing_unless_asked(on_memory: tuple, *, removes: bool):
    shown, memory, account = on_memory
    shown.show()
    shown.bring()
    tenant, own = shown.consultant.organization_id, shown.consultant.user_id
    shown.bench.service.unlink_calendar(shown.consultant, own, removes_sessions=removes)
    leaving = shown.bench.service.find_leaving(tenant, own)
    if removes:
        shown.publishing.bring_in_line(leaving[0], tenant, own)
        shown.bench.service.finish_leaving(tenant, own)
    assert (len(memory.objects), len(account.calendars)) == ((0, 0) if removes else (5, 1))
    with pytest.raises(CalendarNotLinked):
        shown.show()
    assert (tenant, own) not in shown.hours.list_published()


def test_the_inbox_is_told_once_if_that_is_wanted_and_what_its_owner_said_stays(on_memory: tuple):
    shown, _, account = on_memory
    account.inbox = {}
    shown.show()
    shown.bring()
    assert account.inbox == {}, "nobody asked for it"
    shown.show(tells_inbox=True)
    shown.bring()
    [said] = account.inbox.values()
    assert len(icalendar.Calendar.from_ical(said).walk("AVAILABLE")) == 5
    shown.availability.delete_availability_slot(shown.consultant, shown.bench.centre.slots[0].id)
    shown.bring()
    assert len(icalendar.Calendar.from_ical(*account.inbox.values()).walk("AVAILABLE")) == 4
    shown.show()
    shown.bring()
    assert account.inbox == {}

    account.inbox["memory://inbox/"] = b"BEGIN:VCALENDAR theirs"
    shown.show(tells_inbox=True)
    shown.bring()
    shown.hide()
    shown.bring()
    assert account.inbox == {"memory://inbox/": b"BEGIN:VCALENDAR theirs"}


def test_an_inbox_is_told_again_also_where_the_name_of_this_instance_is_long(on_memory: tuple):
    shown, _, account = on_memory
    shown.publishing = replace(shown.publishing, domain="appointments.some-department.university.example.org")
    account.inbox = {}
    shown.show(tells_inbox=True)
    shown.bring()
    shown.availability.delete_availability_slot(shown.consultant, shown.bench.centre.slots[0].id)
    shown.bring()
    assert len(icalendar.Calendar.from_ical(*account.inbox.values()).walk("AVAILABLE")) == 4
    shown.hide()
    shown.bring()
    assert account.inbox == {}


def test_an_inbox_on_another_host_keeps_no_hours_from_being_shown(on_memory: tuple, monkeypatch: pytest.MonkeyPatch):
    shown, _, account = on_memory
    monkeypatch.setattr(account, "get_availability", Mock(side_effect=HostNotAllowed))
    account.inbox = {}
    shown.show(tells_inbox=True)
    shown.bring()
    assert shown.health().told_at == shown.bench.clock.now()


SLOT = SlotId(UUID(int=5))
MADE = HoursObject("http://dav/hours/a.ics", '"1"', "now", 2, datetime(2026, 11, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("digest", "known", "listed", "just_put", "steps"),
    [
        ("now", MADE, {MADE.href: '"1"'}, False, []),
        ("now", MADE, {MADE.href: None}, False, []),
        ("now", None, {}, False, [PutHours(SLOT, f"http://dav/hours/{SLOT}.ics", None, 0)]),
        ("new", MADE, {MADE.href: '"1"'}, False, [PutHours(SLOT, MADE.href, '"1"', 3)]),
        ("new", replace(MADE, digest=""), {}, False, [PutHours(SLOT, MADE.href, '"1"', 2)]),
        ("now", MADE, {}, False, [PutHours(SLOT, MADE.href, None, 2)]),
        ("now", MADE, {MADE.href: '"2"'}, False, [PutHours(SLOT, MADE.href, '"1"', 2)]),
        ("now", MADE, {MADE.href: '"2"'}, True, [AdoptEtag(SLOT, '"2"')]),
        ("now", replace(MADE, etag=None), {MADE.href: '"2"'}, False, [AdoptEtag(SLOT, '"2"')]),
        (None, MADE, {MADE.href: '"1"'}, False, [RemoveHours(SLOT, MADE.href, '"1"')]),
        (
            "now",
            replace(MADE, href="http://dav/before/a.ics"),
            {},
            False,
            [
                RemoveHours(SLOT, "http://dav/before/a.ics", '"1"'),
                PutHours(SLOT, f"http://dav/hours/{SLOT}.ics", None, 3),
            ],
        ),
    ],
)
def test_what_is_to_be_done_follows_from_what_is_wanted_known_and_listed(
    digest: str | None, known: HoursObject | None, listed: Mapping, steps: list, *, just_put: bool
):
    wanted = {} if digest is None else {SLOT: digest}
    told = {} if known is None else {SLOT: known}
    fresh = frozenset({SLOT}) if just_put else frozenset()
    assert plan_hours("http://dav/hours/", wanted, told, listed, fresh) == steps


PRINCIPAL = "<D:current-user-principal><D:href>/paul/</D:href></D:current-user-principal>"
INBOX = "<C:schedule-inbox-URL><D:href>/paul/inbox/</D:href></C:schedule-inbox-URL>"


def multistatus(href: str, prop: str, status: str = "200 OK") -> Response:
    body = (
        '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:response>'
        f"<D:href>{href}</D:href><D:propstat><D:prop>{prop}</D:prop><D:status>HTTP/1.1 {status}</D:status></D:propstat>"
        "</D:response></D:multistatus>"
    )
    return Response(body, 207, content_type="application/xml")


@contextmanager
def account_that_answers(answer: Callable[[Request], Response]) -> Iterator[tuple[Account, Server]]:
    open_account: OpenAccount = open_caldav_account(LOOPBACK)
    nobody = UUID(int=0)
    with Server(answer).running() as server:
        link = CalendarLink(nobody, nobody, nobody, server.url, USER, PASSWORD)  # type: ignore[arg-type]
        with open_account(link) as account:
            yield account, server


def test_the_inbox_is_found_by_its_property_and_told_by_another():
    kept: dict[str, str] = {}

    def answer(asked: Request) -> Response:
        body = asked.get_data(as_text=True)
        if asked.method == "PROPPATCH":
            kept["said"] = body
            return multistatus(asked.path, "<C:calendar-availability/>", kept.get("status", "200 OK"))
        if "calendar-availability" in body:
            return multistatus(asked.path, "<C:calendar-availability>BEGIN:VCALENDAR</C:calendar-availability>")
        return multistatus(asked.path, INBOX if "schedule-inbox-URL" in body else PRINCIPAL)

    with account_that_answers(answer) as (account, server):
        inbox = account.find_inbox()
        assert inbox is not None
        assert inbox.endswith("/paul/inbox/")
        assert account.get_availability(inbox) == b"BEGIN:VCALENDAR"
        account.set_availability(inbox, b"SUMMARY:a < b\r\n")
        assert "SUMMARY:a &lt; b&#13;\n" in kept["said"]
        account.set_availability(inbox, None)
        assert "<remove>" in kept["said"]
        kept["status"] = "403 Forbidden"
        with pytest.raises(CalendarRefused):
            account.set_availability(inbox, b"x")
        assert [asked.path for asked in server.asked[:2]] == ["/paul/sessions/", "/paul/"]


@pytest.mark.parametrize("status", [403, 405, 409, 501])
def test_a_refusal_to_make_a_calendar_is_told_apart_from_one_that_is_there(status: int):
    there: list[bool] = []

    def answer(asked: Request) -> Response:
        if asked.method == "MKCALENDAR":
            return Response(status=status)
        return multistatus(asked.path, f"<D:resourcetype>{'<C:calendar/>' if there else ''}</D:resourcetype>")

    with account_that_answers(answer) as (account, server):
        with pytest.raises(CalendarNotMade):
            account.make_calendar(f"{server.url}new/", "Hours & more")
        assert b"Hours &amp; more" in server.asked[0].get_data()
        there.append(True)
        account.make_calendar(f"{server.url}new/", "Hours")


def exdates(event: icalendar.Event) -> list:
    found = event.get("EXDATE", [])
    return [day for one in (found if isinstance(found, list) else [found]) for day in one.dts]


def test_the_consultant_is_told_once_of_hours_that_fail_for_long_and_once_that_they_are_back(
    on_memory: tuple[Shown, MemoryCalendar, MemoryAccount],
):
    shown, _, _ = on_memory
    shown.show()
    tenant, own = shown.consultant.organization_id, shown.consultant.user_id

    def told(failure: PushFailure | None = None, minutes: int = 0) -> list[type]:
        shown.published.events.clear()
        shown.bench.clock.move(minutes=minutes)
        if failure is None:
            shown.bring()
        else:
            shown.hours.record_failure(tenant, own, failure)
        return [type(event) for event in shown.published.events]

    assert told(PushFailure.UNREACHABLE) == told(PushFailure.UNREACHABLE, 14) == []
    assert told(PushFailure.UNREACHABLE, 1) == [HoursUnpublished]
    assert told(PushFailure.UNREACHABLE, 60) == []
    assert told() == [HoursPublishedAgain]
    assert told() == []
    assert told(PushFailure.HOST_NOT_ALLOWED) == [HoursUnpublished], "at once of what does not get better by itself"
    assert told() == [HoursPublishedAgain]
    booking = shown.bench.confirm(shown.bench.book())
    shown.bench.service.record_failure(tenant, booking.id, PushFailure.HOST_NOT_ALLOWED)
    assert told(PushFailure.HOST_NOT_ALLOWED) == [], "not once more where they know it of their sessions"
