"""Pushing sessions to a real CalDAV server and a real database: the whole way there and back."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

import icalendar
import pytest

from creneau.app.subscriptions import jobs_for
from creneau.calendar_sync.caldav import open_caldav
from creneau.calendar_sync.calendar import (
    AccountBusy,
    AuthenticationFailed,
    Calendar,
    CalendarRefused,
    CalendarUnavailable,
    ForeignObject,
    HostNotAllowed,
    OpenCalendar,
)
from creneau.calendar_sync.catching_up import push_all
from creneau.calendar_sync.hosts import Hosts
from creneau.calendar_sync.jobs import PUSH_SESSION
from creneau.calendar_sync.lanes import Lanes
from creneau.calendar_sync.memory import MemoryCalendar
from creneau.calendar_sync.push import push_session
from creneau.core.domain.booking import Booking, MeetingFormat
from creneau.core.domain.calendar import CalendarLink, PushedObject
from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.events import CalendarPushWanted, SessionPlaced
from creneau.core.domain.ids import BookingId, CalendarLinkId
from creneau.core.domain.meeting_place import MeetingPlace
from creneau.core.domain.people import Actor
from creneau.core.domain.policy import PolicyChoices
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.calendars import CalendarService
from creneau.core.storage.database import Database
from creneau.core.storage.fence import Fence
from creneau.core.usecases.bookings import BookingRequest
from creneau.demo.radicale_server import RadicaleServer
from tests.conftest import Centre, Published, new_id

from .conftest import DOMAIN, Bench


def test_a_request_is_not_in_the_calendar(bench: Bench) -> None:
    booking = bench.book()
    bench.push(booking)
    assert bench.on_server(booking).status_code == 404
    assert bench.session(booking).pushed is None


def test_a_confirmed_session_stands_in_the_calendar_and_its_href_and_etag_are_kept(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    answer = bench.on_server(booking)
    event = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")[0]
    assert event["UID"] == f"{booking.id}@creneau"
    assert event.start == booking.span.starts_at
    assert event.end == booking.span.ends_at
    assert bench.session(booking).pushed == PushedObject(bench.href(booking), answer.headers["ETag"], 2)


def test_pushing_twice_changes_nothing(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    before = bench.on_server(booking)
    bench.push(booking)
    after = bench.on_server(booking)
    assert (after.headers["ETag"], after.content) == (before.headers["ETag"], before.content)


def test_a_place_that_is_said_later_comes_into_the_calendar_also_in_the_middle_of_a_push(bench: Bench):
    centre = bench.centre
    actor = centre.actor(centre.beneficiary)
    start = centre.scheduling.get_available_slots_for_consultant(actor, centre.consultant.id)[24].span.starts_at
    asked = BookingRequest(centre.bilan.id, centre.consultant.id, start, meeting_format=MeetingFormat.IN_PERSON)
    booking = bench.confirm(centre.scheduling.create_session_booking(actor, asked))
    bench.push(booking)

    def say(place: str) -> None:
        centre.scheduling.set_meeting_place(centre.actor(centre.consultant), booking.id, MeetingPlace(location=place))

    say("Room 5")
    assert PUSH_SESSION in {name for name, _ in jobs_for(SessionPlaced(booking))}
    bench.push(booking)
    assert b"LOCATION:Room 5" in bench.on_server(booking).content

    @contextmanager
    def moving_on(link: CalendarLink) -> Iterator[Calendar]:
        with bench.open_calendar(link) as calendar:
            if b"Room 6" not in bench.on_server(booking).content:
                say("Room 7")
            yield calendar

    say("Room 6")
    bench.push(booking, moving_on)
    assert b"LOCATION:Room 7" in bench.on_server(booking).content


def test_a_cancelled_session_leaves_the_calendar(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    bench.push(bench.cancel(booking))
    assert bench.on_server(booking).status_code == 404
    assert bench.session(booking).pushed is None


def test_a_cancellation_of_what_the_consultant_deleted_is_done(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    bench.request("DELETE", bench.href(booking)).raise_for_status()
    bench.push(bench.cancel(booking))
    assert bench.session(booking).pushed is None


def test_a_session_that_changed_in_the_calendar_is_still_removed_on_cancellation(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    edited = bench.on_server(booking).content.replace(b"END:VEVENT", b"DESCRIPTION:bring the keys\r\nEND:VEVENT")
    bench.request("PUT", bench.href(booking), edited).raise_for_status()
    bench.push(bench.cancel(booking))
    assert bench.on_server(booking).status_code == 404


def test_an_older_version_is_updated_under_its_etag(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    session = bench.session(booking)
    old = bench.on_server(booking).content.replace(b"SEQUENCE:1", b"SEQUENCE:0")
    etag = bench.request("PUT", bench.href(booking), old).headers["ETag"]
    make_older(bench.service, session, etag)
    bench.push(booking)
    assert b"SEQUENCE:1" in bench.on_server(booking).content
    assert bench.session(booking).pushed.pushed_version == 2


def test_an_update_under_a_lost_etag_finds_the_object_again(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    for etag in (None, '"some-other"'):
        make_older(bench.service, bench.session(booking), etag)
        bench.push(booking)
        assert bench.session(booking).pushed == PushedObject(
            bench.href(booking), bench.on_server(booking).headers["ETag"], 2
        )


def test_an_update_of_what_the_consultant_deleted_puts_it_back(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    make_older(bench.service, bench.session(booking), bench.session(booking).pushed.etag)
    bench.request("DELETE", bench.href(booking)).raise_for_status()
    bench.push(booking)
    assert bench.on_server(booking).status_code == 200


def test_a_create_whose_answer_was_lost_adopts_what_it_made(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    with pytest.raises(CalendarUnavailable):
        bench.push(booking, losing_the_answer(bench.open_calendar))
    assert bench.on_server(booking).status_code == 200
    assert bench.session(booking).pushed == PushedObject(bench.href(booking), None, 0)
    bench.push(booking)
    assert bench.session(booking).pushed == PushedObject(
        bench.href(booking), bench.on_server(booking).headers["ETag"], 2
    )


def test_a_session_cancelled_after_a_lost_answer_leaves_the_calendar(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    with pytest.raises(CalendarUnavailable):
        bench.push(booking, losing_the_answer(bench.open_calendar))
    bench.push(bench.cancel(booking))
    assert bench.on_server(booking).status_code == 404
    assert bench.session(booking).pushed is None


def test_a_session_cancelled_during_its_push_leaves_the_calendar(bench: Bench) -> None:
    booking = bench.confirm(bench.book())

    @contextmanager
    def cancelling(link: CalendarLink) -> Iterator[Calendar]:
        with bench.open_calendar(link) as calendar:
            if bench.session(booking).booking.status == "CONFIRMED":
                bench.cancel(booking)
            yield calendar

    bench.push(booking, cancelling)
    assert bench.on_server(booking).status_code == 404
    assert bench.session(booking).pushed is None


def test_somebody_elses_object_at_our_href_is_not_overwritten(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.request("PUT", bench.href(booking), bench.foreign_object()).raise_for_status()
    with pytest.raises(ForeignObject):
        bench.push(booking)
    bench.push(bench.cancel(booking))
    assert b"Dentist" in bench.on_server(booking).content


def test_without_a_linked_calendar_nothing_happens(bench: Bench, other_centre: Centre) -> None:
    memory = MemoryCalendar()
    unlinked = replace(bench, centre=other_centre)
    unlinked.push(unlinked.confirm(unlinked.book()), memory.open)
    assert memory.objects == {}


def test_a_wrong_password_is_told_apart_and_the_right_one_sends_what_was_missed(bench: Bench) -> None:
    consultant = bench.centre.consultant
    bench.service.link_calendar(Actor.from_user(consultant), consultant.id, bench.calendar_url, "paul", "wrong")
    booking = bench.confirm(bench.book())
    with pytest.raises(AuthenticationFailed):
        bench.push(booking)
    bench.service.link_calendar(
        Actor.from_user(consultant), consultant.id, bench.calendar_url, "paul", "s3cret-and-läng"
    )
    assert bench.service.list_to_push(booking.organization_id, consultant.id) == [booking.id]
    bench.push(booking)
    assert bench.on_server(booking).status_code == 200


def test_another_calendar_of_the_account_gets_what_stood_in_the_one_before(
    bench: Bench, radicale: RadicaleServer
) -> None:
    booking, cancelled = bench.confirm(bench.book(10)), bench.confirm(bench.book(30))
    for one in (booking, cancelled):
        bench.push(one)
    new_url = radicale.create_calendar("paul", f"new-{booking.id.hex}")
    consultant = bench.centre.consultant
    bench.service.link_calendar(Actor.from_user(consultant), consultant.id, new_url, "paul", "s3cret-and-läng")
    bench.cancel(cancelled)
    assert bench.service.list_to_push(booking.organization_id, consultant.id) == [booking.id, cancelled.id]
    for one in (booking, cancelled):
        bench.push(one)
        assert bench.on_server(one).status_code == 404
    assert bench.session(booking).pushed.href == f"{new_url}{booking.id}.ics"
    assert bench.request("GET", f"{new_url}{booking.id}.ics").status_code == 200
    assert bench.request("GET", f"{new_url}{cancelled.id}.ics").status_code == 404
    assert bench.service.list_to_push(booking.organization_id, consultant.id) == []


def test_what_is_over_moves_too_and_so_does_what_its_consultant_wrote(bench: Bench, radicale: RadicaleServer) -> None:
    booking, coming = bench.confirm(bench.book(1)), bench.confirm(bench.book(30))
    for one in (booking, coming):
        bench.push(one)
    edited = bench.on_server(booking).content.replace(b"END:VEVENT", b"DESCRIPTION:bring the keys\r\nEND:VEVENT")
    etag = bench.request("PUT", bench.href(booking), edited).headers["ETag"]
    bench.service.record_push(bench.session(booking), bench.href(booking), etag, is_edited=True)
    bench.clock.move(days=3)
    consultant = bench.centre.consultant
    new_url = radicale.create_calendar("paul", f"new-{booking.id.hex}")
    bench.service.link_calendar(Actor.from_user(consultant), consultant.id, new_url, "paul", "s3cret-and-läng")
    assert bench.service.list_to_push(booking.organization_id, consultant.id) == [coming.id, booking.id]
    with pytest.raises(CalendarUnavailable):
        bench.push(booking, losing_the_answer(bench.open_calendar))
    assert booking.id in bench.service.list_to_push(booking.organization_id, consultant.id), "it is not forgotten"
    for one in (booking, coming):
        bench.push(one)
        assert bench.on_server(one).status_code == 404
    assert b"bring the keys" in bench.request("GET", f"{new_url}{booking.id}.ics").content
    assert bench.service.list_to_push(booking.organization_id, consultant.id) == []


def test_what_events_tell_follows_the_centre_and_words_of_the_consultant_stay(bench: Bench, database: Database) -> None:
    centre, published = bench.centre, Published()
    availability = AvailabilityService(database, bench.clock, new_id, published)
    plain, edited = bench.confirm(bench.book(10)), bench.confirm(bench.book(30))

    def choose(level: CalendarDetail) -> list[str]:
        availability.set_policy(centre.actor(centre.admin), None, PolicyChoices(calendar_detail=level))
        for booking_id in bench.service.list_to_push(centre.organization.id, centre.consultant.id):
            push_session(bench.service, bench.open_calendar, DOMAIN, centre.organization.id, booking_id)
        shown = [icalendar.Calendar.from_ical(bench.on_server(one).content) for one in (plain, edited)]
        return [str(one.walk("VEVENT")[0]["SUMMARY"]) for one in shown]

    assert choose(CalendarDetail.DETAILED)[0] == f"Marie Durand · Entretien préliminaire · {plain.reference}"
    assert [type(event) for event in published.events] == [CalendarPushWanted]
    alarm = bench.on_server(edited).content.replace(b"END:VEVENT", b"DESCRIPTION:keys\r\nEND:VEVENT")
    etag = bench.request("PUT", bench.href(edited), alarm).headers["ETag"]
    bench.service.record_push(bench.session(edited), bench.href(edited), etag, is_edited=True)
    assert choose(CalendarDetail.NEUTRAL) == [f"RDV {plain.reference}", f"RDV {edited.reference}"]
    assert b"DESCRIPTION:keys" in bench.on_server(edited).content
    own = bench.on_server(edited).content.replace(f"RDV {edited.reference}".encode(), b"Tea")
    bench.request("PUT", bench.href(edited), own).raise_for_status()
    assert choose(CalendarDetail.NAMED) == [f"Marie Durand · {plain.reference}", "Tea"]
    assert choose(CalendarDetail.NAMED) == [f"Marie Durand · {plain.reference}", "Tea"]
    assert len(published.events) == 3, "the same again is no change"


def test_what_cannot_leave_the_calendar_before_does_not_keep_a_session_out_of_the_new_one(
    bench: Bench, radicale: RadicaleServer
) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    new_url = radicale.create_calendar("paul", f"new-{booking.id.hex}")
    consultant = bench.centre.consultant
    bench.service.link_calendar(Actor.from_user(consultant), consultant.id, new_url, "paul", "s3cret-and-läng")

    @contextmanager
    def read_only_before(link: CalendarLink) -> Iterator[Calendar]:
        with bench.open_calendar(link) as calendar:
            yield NoDelete(calendar)

    bench.push(booking, read_only_before)
    assert bench.on_server(booking).status_code == 200
    assert bench.request("GET", f"{new_url}{booking.id}.ics").status_code == 200


def test_the_fifth_request_of_an_account_gives_way_in_any_worker_and_holds_up_nobody(
    bench: Bench, database: Database
) -> None:
    link = bench.service.find_link(bench.centre.organization.id, bench.centre.consultant.id)
    other = replace(link, id=CalendarLinkId(uuid4()))
    worker, another = Fence(database.conninfo), Fence(database.conninfo)
    here, there = (Lanes(fence.hold).around(MemoryCalendar().open) for fence in (worker, another))
    with ExitStack() as stack:
        for open_calendar in (here, there, here, there):
            stack.enter_context(open_calendar(link))
        for open_calendar in (here, there):
            with pytest.raises(AccountBusy) as busy:
                stack.enter_context(open_calendar(link))
            assert busy.value.retry_after == timedelta(seconds=5)
            stack.enter_context(open_calendar(other))
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(here(link))
        worker.close()  # a worker that is killed
        stack.enter_context(there(link))
    worker.close()
    another.close()


class NoDelete:
    """A calendar that lets nothing be taken out."""

    def __init__(self, calendar: Calendar) -> None:
        self.get, self.put = calendar.get, calendar.put

    def delete(self, _href: str, _if_match: str) -> None:
        raise CalendarRefused(403)


def test_a_private_host_that_the_operator_did_not_allow_is_never_asked(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    with pytest.raises(HostNotAllowed):
        bench.push(booking, open_caldav(Hosts()))
    assert bench.on_server(booking).status_code == 404


def test_what_a_dead_server_missed_is_sent_when_it_is_back(
    tmp_path: Path, centre: Centre, service: CalendarService, bench: Bench
) -> None:
    server = RadicaleServer(tmp_path, {"paul": "secret"}).start()
    url = server.create_calendar("paul", "sessions")
    server.stop()
    service.link_calendar(Actor.from_user(centre.consultant), centre.consultant.id, url, "paul", "secret")
    first, second = bench.confirm(bench.book(10)), bench.confirm(bench.book(20))
    for booking in (first, second):
        with pytest.raises(CalendarUnavailable):
            bench.push(booking)
    cancelled = bench.cancel(second)
    with server:
        assert service.list_to_push(centre.organization.id, centre.consultant.id) == [first.id, second.id]
        bench.push(first)
        bench.push(cancelled)
        assert bench.session(first).pushed.pushed_version == 2
        assert bench.session(cancelled).pushed is None
        assert service.list_to_push(centre.organization.id, centre.consultant.id) == []


def test_a_session_that_is_moved_moves_in_the_calendar_under_the_same_uid_with_a_higher_sequence(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    first = event_on_server(bench, booking)
    moved = bench.centre.scheduling.reschedule_booking(
        Actor.from_user(bench.centre.admin), booking.id, booking.span.starts_at + timedelta(days=1)
    )

    bench.push(moved)

    event = event_on_server(bench, moved)
    assert (event.start, event.end) == (moved.span.starts_at, moved.span.ends_at)
    assert event.start == booking.span.starts_at + timedelta(days=1)
    assert event["UID"] == first["UID"]
    assert event["SEQUENCE"] > first["SEQUENCE"]
    assert bench.session(moved).pushed.pushed_version == moved.version


def test_a_session_that_its_beneficiary_moves_leaves_the_calendar_until_it_is_confirmed_again(bench: Bench) -> None:
    booking = bench.confirm(bench.book())
    bench.push(booking)
    moved = bench.centre.scheduling.reschedule_booking(
        Actor.from_user(bench.centre.beneficiary), booking.id, booking.span.starts_at + timedelta(days=1)
    )
    bench.push(moved)
    assert bench.on_server(moved).status_code == 404

    confirmed = bench.confirm(moved)
    bench.push(confirmed)

    event = event_on_server(bench, confirmed)
    assert event.start == moved.span.starts_at
    assert event["UID"] == f"{booking.id}@creneau"


def event_on_server(bench: Bench, booking: Booking) -> Any:
    return icalendar.Calendar.from_ical(bench.on_server(booking).content).walk("VEVENT")[0]


def make_older(service: CalendarService, session: Any, etag: str | None) -> None:
    """Record that an earlier version of a session stands in the calendar."""
    service.record_push(replace(session, booking=replace(session.booking, version=1)), session.pushed.href, etag)


def losing_the_answer(open_calendar: OpenCalendar) -> OpenCalendar:
    """The network fails after the server has stored what was put."""

    class Losing:
        def __init__(self, calendar: Calendar) -> None:
            self.get, self.delete, self._put = calendar.get, calendar.delete, calendar.put

        def put(self, href: str, ics: bytes, if_match: str | None) -> str | None:
            self._put(href, ics, if_match)
            raise CalendarUnavailable

    @contextmanager
    def opened(link: CalendarLink) -> Iterator[Calendar]:
        with open_calendar(link) as calendar:
            yield Losing(calendar)

    return opened


def test_what_a_calendar_lacks_is_pushed_by_four_at_once_over_connections_that_are_kept(
    bench: Bench, database: Database
) -> None:
    bookings = [bench.confirm(bench.book(hours)) for hours in range(30, 46, 2)]
    together = Barrier(4, timeout=30)
    opened: list[CalendarLink] = []
    memory = MemoryCalendar()

    class Together:
        """Nobody is answered before four have asked."""

        get, delete = memory.get, memory.delete

        def put(self, href: str, ics: bytes, if_match: str | None) -> str | None:
            together.wait()
            return memory.put(href, ics, if_match)

    @contextmanager
    def opening(link: CalendarLink) -> Iterator[Calendar]:
        opened.append(link)
        yield Together()

    tenant, consultant = bench.centre.organization.id, bench.centre.consultant.id
    missed = bench.service.list_to_push(tenant, consultant)
    assert missed == [booking.id for booking in bookings]
    failed: list[BookingId] = []
    push_all(
        bench.service,
        Lanes(database.fence.hold).around(opening),
        DOMAIN,
        tenant,
        missed,
        lambda booking_id, _: failed.append(booking_id),
    )
    assert bench.service.list_to_push(tenant, consultant) == failed == []
    assert len(memory.objects) == len(bookings)
    assert len(opened) == 4


def test_trouble_of_the_account_ends_what_is_under_way_and_is_raised(bench: Bench) -> None:
    for hours in range(30, 42, 2):
        bench.confirm(bench.book(hours))
    tenant, consultant = bench.centre.organization.id, bench.centre.consultant.id
    missed = bench.service.list_to_push(tenant, consultant)
    failed: list[BookingId] = []

    @contextmanager
    def refusing(_: CalendarLink) -> Iterator[Calendar]:
        raise AuthenticationFailed
        yield

    with pytest.raises(AuthenticationFailed):
        push_all(bench.service, refusing, DOMAIN, tenant, missed, lambda booking_id, _: failed.append(booking_id))
    assert 1 <= len(failed) <= 4
    assert bench.service.list_to_push(tenant, consultant) == missed
