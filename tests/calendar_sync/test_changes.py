"""What a consultant does to our sessions in their own calendar: asked about, never acted on, put back when wanted."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import icalendar
import pytest

from creneau.calendar_sync.calendar import Calendar, OpenCalendar
from creneau.calendar_sync.memory import MemoryCalendar
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.calendar import CalendarLink, PushFailure
from creneau.core.domain.calendar_change import ChangeKind
from creneau.core.domain.errors import CalendarChangeSettled, NotAllowed
from creneau.core.domain.events import CalendarChangeFound, CalendarEmptied, SessionPutBack, TimesProposed
from creneau.core.services.calendar_changes import CalendarChangeService

from .conftest import Bench
from .ics import one
from .test_reading import Reader, link, reader  # noqa: F401 - a fixture


@dataclass
class Agenda:
    """A consultant with a session in their calendar, and another program with which they change it."""

    reader: Reader
    booking: Booking

    @property
    def bench(self) -> Bench:
        return self.reader.bench

    @property
    def changes(self) -> CalendarChangeService:
        return self.reader.pull.changes

    def rewrite(self, pattern: bytes, by: bytes) -> None:
        ics = self.bench.on_server(self.booking).content
        changed = re.sub(pattern, by, ics)
        assert changed != ics
        self.bench.request("PUT", self.bench.href(self.booking), changed).raise_for_status()

    def drag_to(self, day: bytes) -> None:
        self.rewrite(rb"(DT(?:START|END)):\d{8}", rb"\g<1>:" + day)

    def event(self) -> icalendar.Event:
        [event] = icalendar.Calendar.from_ical(self.bench.on_server(self.booking).content).walk("VEVENT")
        return event

    def read(self) -> list[ChangeKind]:
        """Read the account some minutes later; return the kinds of what is open and asked about by now."""
        self.bench.clock.move(minutes=3)
        self.reader.read()
        return self.asked()

    def asked(self) -> list[ChangeKind]:
        watched = self.changes.list_watched(self.booking.organization_id, self.booking.consultant_id)
        return [one.change.kind for one in watched if one.change and one.change.asked_at]

    def published(self) -> list[type]:
        return [type(event) for event in self.reader.published.events]

    def now(self) -> Booking:
        return self.bench.session(self.booking).booking


@pytest.fixture
def agenda(reader: Reader) -> Agenda:  # noqa: F811
    booking = reader.bench.confirm(reader.bench.book(10))
    reader.bench.push(booking)
    made = Agenda(reader, booking)
    assert made.read() == []
    return made


def test_our_own_pushes_are_no_changes(agenda: Agenda):
    agenda.reader.published.events.clear()
    assert agenda.read() == []
    assert agenda.published() == []


def test_a_dragged_session_is_asked_about_once_and_left_where_it_is_meanwhile(agenda: Agenda):
    agenda.drag_to(b"20261208")
    assert agenda.read() == [ChangeKind.MOVED]
    assert agenda.read() == [ChangeKind.MOVED]
    assert agenda.published() == [CalendarChangeFound]
    agenda.bench.push(agenda.booking)
    assert agenda.event().start.day == 8, "no push before the answer"
    assert agenda.now().span == agenda.booking.span


def test_asking_for_the_new_time_proposes_it_and_brings_the_event_back_until_it_is_accepted(agenda: Agenda):
    agenda.drag_to(b"20261208")
    agenda.rewrite(rb"SUMMARY:[^\r]*", b"SUMMARY:Mine")
    agenda.read()
    centre = agenda.bench.centre
    asked = agenda.changes.ask_for_new_time(centre.actor(centre.consultant), agenda.booking.id)
    assert agenda.published()[-1] is TimesProposed
    agenda.bench.push(asked)
    assert (agenda.event().start, agenda.event()["SUMMARY"]) == (agenda.booking.span.starts_at, "Mine")
    [proposal] = centre.scheduling.list_proposals(centre.actor(centre.beneficiary), asked.id)
    moved = centre.scheduling.accept_proposal(centre.actor(centre.beneficiary), asked.id, proposal.id)
    agenda.bench.push(moved)
    assert (agenda.event().start.day, agenda.event()["SUMMARY"]) == (8, "Mine")
    assert agenda.read() == []


def test_putting_it_back_restores_the_event_and_keeps_its_words(agenda: Agenda):
    agenda.rewrite(
        rb"END:VEVENT", b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT"
    )
    agenda.drag_to(b"20261208")
    agenda.read()
    centre = agenda.bench.centre
    with pytest.raises(NotAllowed):
        agenda.changes.put_back(centre.actor(centre.beneficiary), agenda.booking.id)
    agenda.changes.put_back(centre.actor(centre.consultant), agenda.booking.id)
    agenda.bench.push(agenda.booking)
    assert agenda.event().start == agenda.booking.span.starts_at
    assert b"BEGIN:VALARM" in agenda.bench.on_server(agenda.booking).content
    assert agenda.read() == []
    with pytest.raises(CalendarChangeSettled):
        agenda.changes.put_back(centre.actor(centre.consultant), agenda.booking.id)


def test_other_words_are_kept_and_nobody_is_asked(agenda: Agenda):
    agenda.rewrite(rb"SUMMARY:[^\r]*", b"SUMMARY:With tea")
    assert agenda.read() == []
    assert agenda.published() == []
    moved = agenda.bench.centre.scheduling.reschedule_booking(
        agenda.bench.centre.actor(agenda.bench.centre.admin),
        agenda.booking.id,
        agenda.booking.span.starts_at.replace(day=9),
    )
    agenda.bench.push(moved)
    assert (agenda.event().start, agenda.event()["SUMMARY"]) == (moved.span.starts_at, "With tea")


def test_dragging_it_back_by_oneself_settles_it(agenda: Agenda):
    agenda.drag_to(b"20261208")
    agenda.read()
    agenda.drag_to(f"{agenda.booking.span.starts_at:%Y%m%d}".encode())
    assert agenda.read() == []
    assert agenda.published() == [CalendarChangeFound, SessionPutBack]


def test_a_deletion_is_looked_at_twice_before_it_is_asked_about_and_nothing_is_cancelled(agenda: Agenda):
    agenda.reader.delete(str(agenda.booking.id))
    agenda.reader.read()
    assert agenda.asked() == []
    agenda.reader.read()
    assert agenda.asked() == [], "not twice in the same moment"
    assert agenda.read() == [ChangeKind.GONE]
    assert agenda.published() == [CalendarChangeFound]
    assert agenda.now().status is Status.CONFIRMED
    centre = agenda.bench.centre
    agenda.changes.put_back(centre.actor(centre.consultant), agenda.booking.id)
    agenda.bench.push(agenda.booking)
    assert agenda.event().start == agenda.booking.span.starts_at
    assert agenda.read() == []


def test_a_deletion_that_is_undone_is_not_asked_about(agenda: Agenda):
    ics = agenda.bench.on_server(agenda.booking).content
    agenda.reader.delete(str(agenda.booking.id))
    agenda.read()
    agenda.bench.request("PUT", agenda.bench.href(agenda.booking), ics).raise_for_status()
    assert agenda.read() == []
    assert agenda.published() == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"STATUS:CANCELLED", ChangeKind.DECLINED),
        (b"STATUS:CONFIRMED\r\nRRULE:FREQ=WEEKLY;COUNT=3", ChangeKind.REPEATED),
    ],
)
def test_what_else_people_do_to_an_event_is_asked_about_and_put_back_as_ours(
    agenda: Agenda, line: bytes, kind: ChangeKind
):
    agenda.rewrite(rb"STATUS:CONFIRMED", line)
    assert agenda.read() == [kind]
    centre = agenda.bench.centre
    agenda.changes.put_back(centre.actor(centre.consultant), agenda.booking.id)
    agenda.bench.push(agenda.booking)
    assert (agenda.event()["STATUS"], agenda.event().get("RRULE")) == ("CONFIRMED", None)
    assert agenda.read() == []


def test_an_event_under_another_address_is_followed(agenda: Agenda):
    """Some programs write what they change to a new address and delete the old one."""
    ics = agenda.bench.on_server(agenda.booking).content
    agenda.reader.delete(str(agenda.booking.id))
    agenda.reader.put("elsewhere", ics)
    assert agenda.read() == []
    assert agenda.read() == []
    assert agenda.published() == []
    pushed = agenda.bench.session(agenda.booking).pushed
    assert pushed is not None
    assert pushed.href.endswith("/elsewhere.ics")


def test_an_event_under_another_address_is_followed_however_its_calendar_is_spelled(agenda: Agenda):
    memory = MemoryCalendar()
    agenda.bench.calendar_url = "https://dav.example/paul%40example.org/sessions/"
    link(agenda.bench)
    agenda.bench.push(agenda.booking, memory.open)
    pushed = agenda.bench.session(agenda.booking).pushed
    assert pushed is not None
    theirs = "https://dav.example/paul@example.org/sessions/theirs.ics"
    memory.put(theirs, memory.get(pushed.href).ics, None)
    memory.delete(pushed.href, "*")

    agenda.reader.read(agenda.reader.reading(memory.open))
    stands = agenda.bench.session(agenda.booking).pushed
    assert stands is not None
    assert stands.href == f"{agenda.bench.calendar_url}theirs.ics"
    agenda.bench.push(agenda.booking, memory.open)
    assert list(memory.objects) == [theirs], "it stands where it should"


def test_a_question_ends_with_the_calendar_that_it_was_about(agenda: Agenda):
    agenda.drag_to(b"20261208")
    assert agenda.read() == [ChangeKind.MOVED]
    consultant = agenda.bench.centre.consultant
    agenda.bench.service.unlink_calendar(agenda.bench.centre.actor(consultant), consultant.id)
    agenda.bench.request("DELETE", agenda.bench.href(agenda.booking)).raise_for_status()
    link(agenda.bench)
    agenda.bench.push(agenda.booking)
    assert agenda.event().start == agenda.booking.span.starts_at
    assert agenda.read() == []


def test_a_cancellation_here_goes_through_whatever_was_done_there(agenda: Agenda):
    agenda.drag_to(b"20261208")
    agenda.read()
    agenda.bench.push(agenda.bench.cancel(agenda.booking))
    assert agenda.bench.on_server(agenda.booking).status_code == 404
    assert agenda.asked() == []


def test_what_is_seen_of_a_session_that_changed_meanwhile_is_not_believed(agenda: Agenda):
    """Or the next push would take the event for one of the newest version."""
    bench, centre = agenda.bench, agenda.bench.centre
    agenda.rewrite(rb"SUMMARY:[^\r]*", b"SUMMARY:With tea")

    def propose() -> None:
        centre.scheduling.propose_times(
            centre.actor(centre.consultant), agenda.booking.id, [agenda.booking.span.starts_at.replace(day=9)]
        )

    agenda.reader.read(agenda.reader.reading(interrupted(bench.open_calendar, propose, after="get_many")))
    session = bench.session(agenda.booking)
    assert session.pushed is not None
    assert session.pushed.pushed_version == agenda.booking.version < session.booking.version
    bench.push(agenda.booking)
    assert agenda.read() == []
    assert agenda.event()["SUMMARY"] == "With tea"


def test_sessions_that_are_cancelled_while_the_calendar_is_listed_did_not_vanish(agenda: Agenda):
    bench = agenda.bench
    sessions = [agenda.booking, *(bench.confirm(bench.book(place)) for place in (12, 14, 16))]
    for session in sessions:
        bench.push(session)
    agenda.read()
    agenda.reader.published.events.clear()

    def cancel() -> None:
        for session in sessions:
            bench.push(bench.cancel(session))

    health = agenda.reader.read(agenda.reader.reading(interrupted(bench.open_calendar, cancel, before="list_changes")))
    assert health.read_failure is None
    assert agenda.published() == []


def interrupted(
    open_calendar: OpenCalendar, act: Callable[[], None], before: str = "", after: str = ""
) -> OpenCalendar:
    """Do something in the middle of a reading."""

    class Interrupted:
        def __init__(self, calendar: Calendar) -> None:
            self._calendar = calendar

        def __getattr__(self, name: str) -> Callable[..., object]:
            def call(*arguments: object) -> object:
                if name == before:
                    act()
                result = getattr(self._calendar, name)(*arguments)
                if name == after:
                    act()
                return result

            return call

    @contextmanager
    def opening(link: CalendarLink) -> Iterator[Calendar]:
        with open_calendar(link) as calendar:
            yield Interrupted(calendar)

    return opening


def test_many_that_vanish_at_once_stop_the_account_and_are_asked_about_once(agenda: Agenda):
    bench, centre = agenda.bench, agenda.bench.centre
    sessions = [agenda.booking]
    for place in (12, 14, 16):
        sessions.append(bench.confirm(bench.book(place)))
        bench.push(sessions[-1])
    agenda.read()
    agenda.reader.put("dentist", one("DTSTART:20261201T090000Z", "DURATION:PT1H"))
    agenda.read()
    closed = agenda.reader.closed()
    for session in sessions:
        agenda.reader.delete(str(session.id))
    agenda.reader.delete("dentist")
    for _ in range(3):
        assert agenda.read() == []
        assert agenda.reader.health().read_failure is PushFailure.MISTRUSTED
    assert agenda.published() == [CalendarEmptied]
    assert agenda.reader.closed() == closed, "nothing that the calendar says is believed"
    assert bench.session(agenda.booking).link is None, "and nothing is sent"

    agenda.changes.put_all_back(centre.actor(centre.consultant), centre.consultant.id)
    for session in sessions:
        bench.push(session)
        assert bench.on_server(session).status_code == 200
    assert agenda.reader.health().read_failure is None
    assert agenda.read() == []
    with pytest.raises(CalendarChangeSettled):
        agenda.changes.put_all_back(centre.actor(centre.consultant), centre.consultant.id)


def test_what_is_asked_of_an_event_that_stands_there_outlives_the_loss_of_others(agenda: Agenda):
    bench, centre = agenda.bench, agenda.bench.centre
    sessions = [bench.confirm(bench.book(place)) for place in (12, 14, 16, 18, 20)]
    for session in sessions:
        bench.push(session)
    lost, others = sessions[0], sessions[1:]
    agenda.drag_to(b"20261208")
    agenda.reader.delete(str(lost.id))
    agenda.read()
    assert sorted(agenda.read()) == [ChangeKind.GONE, ChangeKind.MOVED]
    for session in others:
        agenda.reader.delete(str(session.id))
    agenda.read()
    assert agenda.published()[-1] is CalendarEmptied

    agenda.changes.put_all_back(centre.actor(centre.consultant), centre.consultant.id)

    settled = [event.booking.id for event in agenda.reader.published.events if isinstance(event, SessionPutBack)]
    assert settled == [lost.id]
    assert agenda.asked() == [ChangeKind.MOVED]
    for session in sessions:
        bench.push(session)
        assert bench.on_server(session).status_code == 200
    assert agenda.read() == [ChangeKind.MOVED]
