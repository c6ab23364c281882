"""Reading accounts: from real servers into the database, and what servers do that are neither well nor honest."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from werkzeug.wrappers import Request, Response

from creneau.calendar_sync.calendar import (
    AccountBusy,
    AuthenticationFailed,
    Calendar,
    CalendarObject,
    CalendarUnavailable,
    Changes,
    OpenCalendar,
)
from creneau.calendar_sync.lanes import Lanes
from creneau.calendar_sync.memory import MemoryCalendar
from creneau.calendar_sync.pull import Pull
from creneau.calendar_sync.session_feed import render_busy
from creneau.core.domain.calendar import CalendarHealth, CalendarLink, PushFailure
from creneau.core.domain.calendar_server import ServerKind
from creneau.core.domain.errors import SlotBusyUnknown
from creneau.core.domain.events import CalendarPushWanted, CalendarReadAgain, CalendarUnread, SessionsRefused
from creneau.core.domain.explanation import Reason
from creneau.core.domain.feeds import FeedKind
from creneau.core.domain.people import Actor
from creneau.core.domain.policy import PolicyChoices
from creneau.core.domain.preferences import Preferences
from creneau.core.i18n.reader import Reader as Words
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.busy import BusyService
from creneau.core.services.calendar_changes import CalendarChangeService
from creneau.core.services.feeds import FeedService
from creneau.core.services.preferences import PreferencesService
from creneau.core.services.readings import ReadingService
from creneau.core.storage import busy as busy_storage
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from creneau.demo.radicale_server import RadicaleServer
from tests.conftest import Published, new_id

from .conftest import DOMAIN, PASSWORD, USER, Bench
from .ics import an_object, one
from .test_caldav import Server

TUESDAY = datetime(2026, 12, 1, tzinfo=UTC)


@dataclass
class Reader:
    """A bench whose calendar is read."""

    bench: Bench
    pull: Pull
    published: Published

    def read(self, pull: Pull | None = None) -> CalendarHealth:
        centre = self.bench.centre
        assert (pull or self.pull).read_account(centre.organization.id, centre.consultant.id)
        return self.health()

    def health(self) -> CalendarHealth:
        consultant = self.bench.centre.consultant
        found = self.bench.service.find_health(Actor.from_user(consultant), consultant.id)
        assert found is not None
        return found

    def reading(self, open_calendar: OpenCalendar) -> Pull:
        return replace(self.pull, open_calendar=open_calendar)

    def put(self, name: str, ics: bytes) -> None:
        """Put an object as another program of the consultant's does."""
        self.bench.request("PUT", f"{self.bench.calendar_url}{name}.ics", ics).raise_for_status()

    def delete(self, name: str) -> None:
        self.bench.request("DELETE", f"{self.bench.calendar_url}{name}.ics").raise_for_status()

    def closed(self, day: datetime = TUESDAY) -> list[int]:
        """Return which hours of a day, nine to five in Paris, are not offered."""
        centre = self.bench.centre
        free = centre.scheduling.get_available_slots_for_consultant(
            centre.actor(centre.beneficiary), centre.consultant.id, day.date(), day.date()
        )
        return sorted(set(range(8, 16)) - {time.span.starts_at.hour for time in free})


@pytest.fixture
def reader(bench: Bench, database: Database) -> Reader:
    published = Published()
    readings = ReadingService(database, bench.clock, published)
    busy = BusyService(database, bench.clock)
    changes = CalendarChangeService(database, bench.clock, published, new_id)
    pull = Pull(readings, busy, bench.service, changes, bench.open_calendar, bench.clock, DOMAIN)
    return Reader(bench, pull, published)


def at(hour: int, day: datetime = TUESDAY) -> tuple[str, str]:
    return f"DTSTART:{day:%Y%m%d}T{hour:02}0000Z", f"DTEND:{day:%Y%m%d}T{hour + 1:02}0000Z"


def test_what_another_program_puts_closes_a_slot_until_it_is_gone(reader: Reader):
    reader.put("dentist", one(*at(9)))
    reader.put("weekly", one(*at(11), "RRULE:FREQ=WEEKLY", uid="weekly"))
    health = reader.read()
    assert (reader.closed(), reader.closed(TUESDAY + timedelta(days=7))) == ([9, 11], [11])
    assert (health.read_at, health.read_failure, health.doubtful) == (reader.bench.clock.now(), None, 0)

    reader.put("dentist", one(*at(14)))
    reader.delete("weekly")
    assert reader.closed() == [9, 11], "not before it is read"
    reader.read()
    assert reader.closed() == [14]


def test_an_event_under_another_address_and_one_of_two_of_a_uid_go_on_closing_their_time(reader: Reader):
    memory, url = MemoryCalendar(), reader.bench.calendar_url
    pull = reader.reading(memory.open)
    memory.put(f"{url}old.ics", one(*at(9)), None)
    reader.read(pull)
    memory.delete(f"{url}old.ics", "*")
    memory.put(f"{url}new.ics", one(*at(9)), None)
    reader.read(pull)
    assert reader.closed() == [9], "its program, or its server, gave it another name"

    memory.put(f"{url}twin.ics", one(at(9)[0], at(11)[1]), None)
    reader.read(pull)
    assert reader.closed() == [9, 10, 11]
    memory.delete(f"{url}new.ics", "*")
    reader.read(pull)
    assert reader.closed() == [9, 10, 11]


def test_nothing_new_costs_one_request(reader: Reader):
    reader.put("dentist", one(*at(9)))
    reader.read()
    asked: list[str] = []
    reader.read(reader.reading(counting(reader.bench.open_calendar, asked)))
    assert asked == ["list_changes"]


def test_a_server_that_takes_any_token_is_asked_for_everything_each_time(reader: Reader):
    own = Actor.from_user(reader.bench.centre.consultant)
    reader.bench.service.link_calendar(
        own, own.user_id, reader.bench.calendar_url, USER, PASSWORD, server=ServerKind.SOGO
    )
    asked: list[str] = []
    for _ in range(2):
        reader.read(reader.reading(counting(MemoryCalendar().open, asked)))
    assert asked == ["list_all", "list_all"]


def test_nothing_new_costs_one_request_over_http_too(reader: Reader):
    idle = b"<sync-token>two</sync-token>"

    def answer(request: Request) -> Response:
        if request.method == "PROPFIND":
            return multistatus(PROPFIND_ONE)
        return multistatus(idle if b"sync-collection" in request.get_data() else MULTIGET_ONE)

    with Server(answer).running() as server:
        reader.bench.calendar_url = server.url
        link(reader.bench)
        reader.read()
        before = len(server.asked)
        reader.read()
        reader.read()
    assert [request.method for request in server.asked[before:]] == ["REPORT", "REPORT"]
    assert b"<sync-token>two</sync-token>" in server.asked[-1].get_data()


def test_only_what_changed_is_fetched_and_everything_listed_once_a_day(reader: Reader):
    for number in range(3):
        reader.put(f"e{number}", one(*at(9 + number), uid=f"e{number}"))
    reader.read()
    reader.put("e1", one(*at(14), uid="e1"))
    fetched: list[str] = []
    counted = reader.reading(counting(reader.bench.open_calendar, fetched))
    reader.read(counted)
    assert fetched == ["list_changes", "get e1.ics"]
    assert reader.closed() == [9, 11, 14]

    reader.bench.clock.move(hours=25)
    fetched.clear()
    reader.read(counted)
    assert fetched == ["list_all"], "nothing differs: nothing is fetched"


def test_our_own_sessions_do_not_close_their_own_time_and_what_was_dragged_closes_the_new_one(reader: Reader):
    booking = reader.bench.confirm(reader.bench.book(2))
    reader.bench.push(booking)
    reader.read()
    spoken = reader.bench.centre.scheduling.explain_slot(
        reader.bench.centre.actor(reader.bench.centre.beneficiary), booking.consultant_id, booking.span.starts_at
    )
    assert Reason.BUSY_ELSEWHERE not in spoken.reasons

    pushed = reader.bench.on_server(booking).content
    start = booking.span.starts_at
    dragged = re.sub(rb"(DT(?:START|END):)\d{8}T(\d\d)", lambda m: m[1] + b"20261202T" + m[2], pushed)
    reader.bench.request("PUT", reader.bench.href(booking), dragged).raise_for_status()
    reader.read()
    wednesday = datetime(2026, 12, 2, tzinfo=UTC)
    assert reader.closed(wednesday) == [start.hour]
    reader.bench.centre.scheduling.propose_times(
        reader.bench.centre.actor(reader.bench.centre.consultant),
        booking.id,
        [start.replace(day=2, month=12)],  # its own event does not stand in its way
    )


def test_our_own_busy_feed_in_a_calendar_that_counts_closes_nothing(reader: Reader, database: Database):
    bench = reader.bench
    booking = bench.confirm(bench.book(20))
    feeds = FeedService(database, bench.clock, new_id)
    opened = feeds.open_feed(feeds.issue_feed_token(bench.centre.consultant, FeedKind.BUSY), FeedKind.BUSY)
    assert opened is not None
    told = render_busy(feeds.list_sessions(opened.owner), booking.consultant_id, Words("en", "UTC"), DOMAIN)
    memory = MemoryCalendar()
    memory.put(f"{bench.calendar_url}copy.ics", an_object(told.decode()), None)
    reader.read(reader.reading(memory.open))
    bench.cancel(booking)
    assert booking.span.starts_at.hour not in reader.closed(booking.span.starts_at), "the copy is some hours old"


def test_one_unreadable_object_hides_nothing_else_and_is_counted(reader: Reader):
    memory = MemoryCalendar()
    url = reader.bench.calendar_url
    memory.put(f"{url}bad.ics", b"BEGIN:VCALENDAR\r\nnonsense", None)
    memory.put(f"{url}mars.ics", one("DTSTART;TZID=Mars/X:20261201T150000", "DURATION:PT1H", uid="mars"), None)
    memory.put(f"{url}late.ics", one("DTSTART:99991231T230000Z", "RRULE:FREQ=MINUTELY", uid="late"), None)
    memory.put(f"{url}nul.ics", one(*at(11), uid="n\0l"), None)
    memory.put(f"{url}good.ics", one(*at(9), uid="good"), None)
    assert reader.read(reader.reading(memory.open)).doubtful == 3
    assert reader.closed() == [9, 11, 14]


def test_what_recurs_is_worked_out_further_as_time_goes_by(reader: Reader):
    memory = MemoryCalendar()
    memory.put(f"{reader.bench.calendar_url}w.ics", one(*at(9), "RRULE:FREQ=WEEKLY"), None)
    mars = one("DTSTART;TZID=Mars/X:20261204T200000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY", uid="mars")
    memory.put(f"{reader.bench.calendar_url}mars.ics", mars, None)
    pull = reader.reading(memory.open)
    reader.read(pull)
    reader.bench.clock.move(days=399)
    assert reader.read(pull).doubtful == 1, "further on it is no surer"
    next_year = datetime(2028, 1, 11, tzinfo=UTC)
    assert reader.closed(next_year) == [9]


def test_days_mean_the_consultants_zone_and_are_read_anew_when_it_changes(reader: Reader, database: Database):
    centre = reader.bench.centre
    reader.put("off", one("DTSTART;VALUE=DATE:20261201"))
    reader.read()
    assert reader.closed() == list(range(8, 16))
    preferences = PreferencesService(database, reader.bench.clock, new_id)
    preferences.set_preferences(centre.actor(centre.consultant), "en", "Pacific/Auckland", Preferences())
    reader.read()
    assert reader.closed() == [8, 9, 10], "the day in Auckland ends at eleven in the morning, UTC"


def test_another_calendar_of_the_account_counts_too_and_leaves_nothing_behind(reader: Reader, radicale: RadicaleServer):
    bench, centre = reader.bench, reader.bench.centre
    private = radicale.create_calendar(USER, f"private-{uuid4().hex[:8]}")
    bench.request("PUT", f"{private}dentist.ics", one(*at(9))).raise_for_status()
    link(bench, busy_urls=[private])
    reader.read()
    assert reader.closed() == [9]

    link(bench)
    assert reader.closed() == [], "it does not count any more"
    bench.request("PUT", f"{bench.calendar_url}own.ics", one(*at(10), uid="own")).raise_for_status()
    reader.read()
    assert reader.closed() == [10]
    bench.service.unlink_calendar(Actor.from_user(centre.consultant), centre.consultant.id)
    assert reader.closed() == []


@pytest.mark.parametrize("is_chosen_again", [False, True])
def test_a_calendar_that_is_left_while_it_is_read_leaves_nothing_behind(
    reader: Reader, database: Database, *, is_chosen_again: bool
):
    bench, own = reader.bench, Actor.from_user(reader.bench.centre.consultant)
    memory = MemoryCalendar()
    memory.put(f"{bench.calendar_url}dentist.ics", one(*at(9)), None)

    class Left(MemoryCalendar):
        def get_many(self, hrefs: Sequence[str]) -> Mapping[str, CalendarObject]:
            bench.service.unlink_calendar(own, own.user_id)
            if is_chosen_again:
                bench.clock.move(seconds=1)
                link(bench)
            return super().get_many(hrefs)

    reader.reading(Left(memory.objects).open).read_account(own.organization_id, own.user_id)
    assert reader.closed() == []
    with database.transaction(own.organization_id) as tx:
        known = busy_storage.list_chosen(tx, own.organization_id, own.user_id)
        assert busy_storage.find_oldest_reading(tx, own.organization_id, own.user_id) == (
            bench.clock.now() if is_chosen_again else None
        ), "or times would be closed for good once it is old"
    assert [progress.whole_at for progress in known.values()] == [None] * is_chosen_again
    if is_chosen_again:
        reader.read(reader.reading(memory.open))
        assert reader.closed() == [9]


@pytest.mark.parametrize("status", [403, 409, 410, 412, 415, 418, 500, 501, 507])
def test_a_server_that_cannot_go_on_from_a_token_is_asked_for_everything(reader: Reader, status: int):
    """An invalid token is told in many ways, and some servers know no synchronization at all."""
    listing = PROPFIND_ONE

    def answer(request: Request) -> Response:
        if request.method == "PROPFIND":
            return multistatus(listing)
        if b"sync-collection" in request.get_data():
            return Response(b"", status)
        return multistatus(MULTIGET_ONE)

    with Server(answer).running() as server:
        reader.bench.calendar_url = server.url
        link(reader.bench)
        reader.read()
        assert reader.closed() == [9]
        reader.read()
    assert [request.method for request in server.asked] == ["PROPFIND", "REPORT", "REPORT", "PROPFIND"]
    assert reader.health().read_failure is None


def test_a_delta_in_pages_is_followed_and_a_property_that_is_missing_is_no_deletion(reader: Reader):
    pages = iter(
        [
            (
                b"<response><href>/paul/sessions/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
                b"<response><href>/paul/sessions/a.ics</href><status>HTTP/1.1 404 Not Found</status></response>"
                b"<sync-token>two</sync-token>"
            ),
            (
                b"<response><href>/paul/sessions/b.ics</href><propstat><prop><getetag/></prop>"
                b"<status>HTTP/1.1 404 Not Found</status></propstat></response><sync-token>three</sync-token>"
            ),
        ]
    )

    def answer(request: Request) -> Response:
        if request.method == "PROPFIND":
            return multistatus(PROPFIND_ONE + propfind_of("b.ics"))
        if request.method == "GET":
            return Response(one(*at(11), uid="b"), headers={"ETag": '"b"'})
        return multistatus(next(pages) if b"sync-collection" in request.get_data() else MULTIGET_ONE)

    with Server(answer).running() as server:
        reader.bench.calendar_url = server.url
        link(reader.bench)
        reader.read()
        assert reader.closed() == [9, 11]
        reader.read()
        assert reader.closed() == [11]
    tokens = [found[1] for one in server.asked if (found := re.search(rb"<sync-token>(.*?)<", one.get_data()))]
    assert tokens == [b"one", b"two"]


def test_objects_that_spoil_a_multiget_are_fetched_one_by_one(reader: Reader):
    def answer(request: Request) -> Response:
        if request.method == "PROPFIND":
            return multistatus(PROPFIND_ONE + propfind_of("broken.ics") + propfind_of("gone.ics"))
        if request.method == "REPORT":
            return Response(b"", 500)
        name = request.path.rsplit("/", 1)[-1]
        return {
            "a.ics": Response(one(*at(9)), headers={"ETag": '"a"'}),
            "gone.ics": Response(b"", 404),
        }.get(name, Response(b"", 500))

    with Server(answer).running() as server:
        reader.bench.calendar_url = server.url
        link(reader.bench)
        assert reader.read().doubtful == 1
    assert reader.closed() == [9]


def test_a_calendar_that_cannot_be_read_keeps_what_was_known_and_fails_closed_by_policy(
    reader: Reader, database: Database
):
    """The consultant is told once, and once more when it is well again."""
    bench, centre = reader.bench, reader.bench.centre
    AvailabilityService(database, bench.clock, new_id).set_policy(
        centre.actor(centre.consultant), centre.consultant.id, PolicyChoices(busy_max_age_minutes=60)
    )
    reader.put("dentist", one(*at(9)))
    reader.read()
    down = reader.reading(failing(CalendarUnavailable()))
    for _ in range(3):
        bench.clock.move(minutes=25)
        health = reader.read(down)
    assert (health.read_failure, health.read_at) == (PushFailure.UNREACHABLE, bench.clock.now() - timedelta(minutes=75))
    assert reader.closed() == list(range(8, 16))
    with pytest.raises(SlotBusyUnknown):
        centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary),
            BookingRequest(centre.bilan.id, centre.consultant.id, TUESDAY.replace(hour=10)),
        )
    assert [type(event) for event in reader.published.events] == [CalendarUnread]

    reader.read(down)
    reader.read()
    assert reader.closed() == [9]
    reader.read()
    assert [type(event) for event in reader.published.events] == [CalendarUnread, CalendarReadAgain]


def test_a_wrong_password_is_tried_twice_and_told_at_once(reader: Reader):
    wrong = reader.reading(failing(AuthenticationFailed()))
    mine = (reader.bench.centre.organization.id, reader.bench.centre.consultant.id)
    reader.read(wrong)
    assert mine not in reader.pull.readings.list_due()
    reader.bench.clock.move(minutes=5)
    assert mine in reader.pull.readings.list_due()
    assert reader.published.events == []
    reader.read(wrong)
    reader.bench.clock.move(days=30)
    assert mine not in reader.pull.readings.list_due(), "asking again may lock the account"
    assert [type(event) for event in reader.published.events] == [CalendarUnread]
    link(reader.bench)
    assert mine in reader.pull.readings.list_due()


def test_one_reader_at_a_time_reads_an_account(reader: Reader):
    ids = (reader.bench.centre.organization.id, reader.bench.centre.consultant.id)
    seen: list[bool] = []

    @contextmanager
    def opening(link: CalendarLink) -> Iterator[Calendar]:
        seen.append(reader.pull.read_account(*ids))
        yield MemoryCalendar()

    assert reader.reading(opening).read_account(*ids)
    assert seen == [False]
    assert reader.pull.read_account(*ids), "and then it is free again"


def test_what_was_fetched_before_a_failure_is_kept_and_not_fetched_again(reader: Reader):
    memory = MemoryCalendar()
    for number in range(150):
        ics = one(*at(9 + number % 2), uid=f"e{number}")
        memory.put(f"{reader.bench.calendar_url}e{number:03}.ics", ics, None)
    asked: list[str] = []
    reader.read(reader.reading(counting(memory.open, asked, fails_after=100)))
    assert reader.health().read_failure is PushFailure.UNREACHABLE
    assert reader.closed() == [9, 10]
    asked.clear()
    reader.read(reader.reading(counting(memory.open, asked)))
    assert len([call for call in asked if call.startswith("get ")]) == 50


PROPFIND_ONE = (
    b"<response><href>/paul/sessions/</href><propstat><prop><resourcetype><collection/></resourcetype>"
    b"<sync-token>one</sync-token></prop><status>HTTP/1.1 200 OK</status></propstat></response>"
    b'<response><href>/paul/sessions/a.ics</href><propstat><prop><getetag>"a"</getetag></prop>'
    b"<status>HTTP/1.1 200 OK</status></propstat></response>"
)
MULTIGET_ONE = (
    b'<response><href>/paul/sessions/a.ics</href><propstat><prop><getetag>"a"</getetag><C:calendar-data>'
    + one(*at(9))
    + b"</C:calendar-data></prop><status>HTTP/1.1 200 OK</status></propstat></response>"
)


def propfind_of(name: str) -> bytes:
    return PROPFIND_ONE[PROPFIND_ONE.rindex(b"<response>") :].replace(b"a.ics", name.encode())


def multistatus(body: bytes) -> Response:
    head = b'<?xml version="1.0"?><multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    return Response(head + body + b"</multistatus>", 207, content_type="application/xml")


def link(bench: Bench, busy_urls: Sequence[str] = ()) -> None:
    consultant = bench.centre.consultant
    actor = Actor.from_user(consultant)
    bench.service.link_calendar(actor, consultant.id, bench.calendar_url, USER, PASSWORD, busy_urls=busy_urls)


def failing(error: Exception) -> OpenCalendar:
    @contextmanager
    def opened(_link: CalendarLink) -> Iterator[Calendar]:
        raise error
        yield

    return opened


def counting(open_calendar: OpenCalendar, asked: list[str], fails_after: int | None = None) -> OpenCalendar:
    """Keep what is asked of a calendar, and let the network fail after some objects."""

    class Counting:
        def __init__(self, calendar: Calendar) -> None:
            self.get, self.delete, self.put, self._calendar = calendar.get, calendar.delete, calendar.put, calendar

        def list_changes(self, token: str | None) -> Changes:
            asked.append("list_all" if token is None else "list_changes")
            return self._calendar.list_changes(token)

        def get_many(self, hrefs: Sequence[str]) -> Mapping[str, CalendarObject]:
            if fails_after is not None and len(asked) > fails_after:
                raise CalendarUnavailable
            asked.extend(f"get {href.rsplit('/', 1)[-1]}" for href in hrefs)
            return self._calendar.get_many(hrefs)

    @contextmanager
    def opened(link: CalendarLink) -> Iterator[Calendar]:
        with open_calendar(link) as calendar:
            yield Counting(calendar)

    return opened


def test_what_a_server_did_not_take_is_sent_again_some_hours_later_with_a_reading(reader: Reader):
    bench = reader.bench
    booking = bench.confirm(bench.book())
    bench.push(booking, MemoryCalendar().open)
    bench.service.record_refusal(bench.session(booking), 413)

    def wanted(hours: int) -> int:
        bench.clock.move(hours=hours)
        reader.published.events.clear()
        reader.read(reader.reading(MemoryCalendar().open))
        return [type(event) for event in reader.published.events].count(CalendarPushWanted)

    assert (wanted(0), wanted(5), wanted(1)) == (0, 0, 1)
    bench.service.record_removal(bench.session(booking))
    assert wanted(6) == 0
    bench.service._follow.events.clear()
    bench.push(booking, MemoryCalendar().open)
    bench.service.record_refusal(bench.session(booking), 413)
    assert [type(event) for event in bench.service._follow.events] == [SessionsRefused], "a new one is news again"


def test_a_reading_gives_way_where_the_account_has_all_its_requests_under_way(reader: Reader, database: Database):
    bench = reader.bench
    lanes = Lanes(database.fence.hold)
    link = bench.service.find_link(bench.centre.organization.id, bench.centre.consultant.id)
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(lanes.take(link))
        with pytest.raises(AccountBusy):
            reader.read(reader.reading(lanes.around(MemoryCalendar().open)))
    health = reader.health()
    assert (health.read_failure, health.read_at) == (None, None)
    assert reader.read(reader.reading(lanes.around(MemoryCalendar().open))).read_at == bench.clock.now()
