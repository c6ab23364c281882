"""Both sides changed at random, over a network that loses answers: they end in agreement, and no session is lost."""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

import icalendar
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from creneau.calendar_sync.calendar import CalendarObject, CalendarUnavailable, Changes, SyncTokenInvalid
from creneau.calendar_sync.memory import MemoryCalendar
from creneau.calendar_sync.pull import Pull
from creneau.calendar_sync.push import push_session
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.calendar_words import CalendarDetail
from creneau.core.domain.errors import Refusal
from creneau.core.domain.policy import PolicyChoices
from creneau.core.secrets import SecretBox, generate_key
from creneau.core.services.availability import AvailabilityService
from creneau.core.services.busy import BusyService
from creneau.core.services.calendar_changes import CalendarChangeService
from creneau.core.services.calendars import CalendarService
from creneau.core.services.readings import ReadingService
from creneau.core.storage.database import Database
from tests.conftest import MONDAY, MovableClock, Published, build_centre, new_id

from .conftest import DOMAIN, Bench
from .ics import one
from .test_push import losing_the_answer
from .test_reading import counting, link

URL = "https://dav.example.org/paul/sessions/"
OTHER_URL = "https://dav.example.org/paul/others/"
ROOT = URL.removesuffix("/sessions/")
PLACES = st.integers(0, 5)
DAYS = st.integers(1, 4)


OURS = (
    "confirm_a_session",
    "push",
    "lose_the_answer_to_a_push",
    "die_before_it_is_written_down",
    "move_a_session",
    "cancel_a_session",
)
THE_CENTRES = ("let_events_tell_more_or_less", "choose_the_other_calendar", "push")
THEIRS = (
    "drag",
    "give_another_title",
    "make_it_recur",
    "mark_it_cancelled",
    "delete",
    "empty_the_calendar",
    "add_an_event",
)
THE_SERVERS = (
    "let_the_server_change_an_etag",
    "tell_etags_otherwise",
    "forget_tokens",
    "list_one_too_few",
    "list_nothing",
    "list_everything_again",
)
READING = ("read", "read", "read_until_the_network_fails", "answer", "accept", "put_all_back")


class Mood(StrEnum):
    """What a server tells of the etag of what was put."""

    TRUE = "true"
    NONE = "none"
    WRONG = "another than it lists"


class Crash(Exception):
    """Our process dies."""


class Crashing:
    """A service that dies when it is to write down what came of a request."""

    def __init__(self, service: CalendarService) -> None:
        self._service = service

    def __getattr__(self, name: str) -> object:
        return getattr(self._service, name)

    def record_push(self, *_: object, **__: object) -> None:
        raise Crash

    record_removal = record_push


class UnsteadyServer(MemoryCalendar):
    """Two calendars on a server that forgets tokens, lists too little for a while, and is vague about etags."""

    def __init__(self) -> None:
        super().__init__()
        self.mood = Mood.TRUE
        self.hidden: set[str] = set()
        self._forgotten = 0
        self._url = URL

    @contextmanager
    def open(self, link: CalendarLink) -> Iterator["UnsteadyServer"]:
        self._url = link.calendar_url
        yield self

    def put(self, href: str, ics: bytes, if_match: str | None) -> str | None:
        etag = super().put(href, ics, if_match)
        return {Mood.TRUE: etag, Mood.NONE: None, Mood.WRONG: f'"not-{etag}'}[self.mood]

    def list_changes(self, token: str | None) -> Changes:
        if token is not None and int(token) < self._forgotten:
            raise SyncTokenInvalid
        found = super().list_changes(token)
        etags = {href: etag for href, etag in found.etags.items() if href.startswith(self._url)}
        gone = {href for href in found.gone | (self.hidden & etags.keys()) if href.startswith(self._url)}
        return replace(
            found, etags={href: etag for href, etag in etags.items() if href not in self.hidden}, gone=frozenset(gone)
        )

    def forget_tokens(self) -> None:
        self._forgotten = len(self._log) + 1

    def hide(self, hrefs: Iterable[str]) -> None:
        self.hidden |= set(hrefs)
        self._log.extend(self.hidden)

    def show(self) -> None:
        self._log.extend(self.hidden)
        self.hidden.clear()


class Sync(RuleBasedStateMachine):
    """`sessions` are those that we confirmed, with whether we cancelled them."""

    database: Database

    @initialize()
    def begin(self) -> None:
        clock = MovableClock(MONDAY)
        centre = build_centre(self.database, clock)
        published = Published()
        service = CalendarService(self.database, clock, SecretBox([generate_key()]), published, new_id)
        self.memory = UnsteadyServer()
        self.bench = Bench(centre, service, self.memory.open, URL, clock)
        link(self.bench)
        self.changes = CalendarChangeService(self.database, clock, published, new_id)
        readings, busy = ReadingService(self.database, clock, published), BusyService(self.database, clock)
        self.pull = Pull(readings, busy, service, self.changes, self.memory.open, clock, DOMAIN)
        self.sessions: list[Booking] = []
        self.cancelled: set[Booking] = set()
        self.dentists = 0
        for place in (3, 9):
            self.confirm(place)

    # One rule for each of those who act, so that all of them do in every example.

    @rule(act=st.sampled_from(OURS), place=PLACES, n=DAYS)
    def we_act(self, act: str, place: int, n: int) -> None:
        getattr(self, act)(place, n)

    @rule(act=st.sampled_from(THE_CENTRES), place=PLACES, n=DAYS)
    def the_centre_chooses(self, act: str, place: int, n: int) -> None:
        getattr(self, act)(place, n)

    @rule(act=st.sampled_from(THEIRS), place=PLACES, n=DAYS)
    def the_consultant_meddles(self, act: str, place: int, n: int) -> None:
        getattr(self, act)(place, n)

    @rule(act=st.sampled_from(THE_SERVERS), place=PLACES, n=DAYS)
    def the_server_has_a_whim(self, act: str, place: int, n: int) -> None:
        getattr(self, act)(place, n)

    @rule(act=st.sampled_from(READING), place=PLACES, n=DAYS)
    def it_is_read_and_answered(self, act: str, place: int, n: int) -> None:
        getattr(self, act)(place, n)

    # What we do

    def confirm_a_session(self, place: int, _n: int) -> None:
        if len(self.sessions) < 6:
            self.confirm(place)

    def push(self, place: int, _n: int = 0) -> None:
        if self.sessions:
            self.bench.push(self.sessions[place % len(self.sessions)])

    def lose_the_answer_to_a_push(self, place: int, _n: int) -> None:
        if self.sessions:
            with suppress(CalendarUnavailable):
                self.bench.push(self.sessions[place % len(self.sessions)], losing_the_answer(self.memory.open))

    def die_before_it_is_written_down(self, place: int, _n: int) -> None:
        if self.sessions:
            booking = self.sessions[place % len(self.sessions)]
            with suppress(Crash):
                push_session(
                    Crashing(self.bench.service), self.memory.open, DOMAIN, booking.organization_id, booking.id
                )

    def let_events_tell_more_or_less(self, _place: int, n: int) -> None:
        centre = self.bench.centre
        availability = AvailabilityService(self.database, self.bench.clock, new_id)
        availability.set_policy(
            centre.actor(centre.admin), None, PolicyChoices(calendar_detail=list(CalendarDetail)[n % 3])
        )

    def choose_the_other_calendar(self, _place: int, _n: int) -> None:
        if self.changes.find_suspicion(self.bench.centre.organization.id, self.bench.centre.consultant.id) is None:
            self.bench.calendar_url = OTHER_URL if self.bench.calendar_url == URL else URL
            link(self.bench)

    def move_a_session(self, place: int, days: int) -> None:
        """An administrator moves it, where that is possible."""
        if self.sessions:
            centre, booking = self.bench.centre, self.now(place)
            with suppress(Refusal):
                centre.scheduling.reschedule_booking(
                    centre.actor(centre.admin), booking.id, booking.span.starts_at + timedelta(days=days)
                )

    def cancel_a_session(self, place: int, _n: int) -> None:
        if self.sessions and self.now(place).is_live:
            self.bench.cancel(self.now(place))
            self.cancelled.add(self.sessions[place % len(self.sessions)])

    # What the consultant does in their calendar

    def drag(self, place: int, days: int) -> None:
        self.rewrite(place, rb"(DT(?:START|END)):(\d{6})(\d\d)", lambda m: m[1] + b":" + m[2] + b"%02d" % (10 + days))

    def give_another_title(self, place: int, _n: int) -> None:
        self.rewrite(place, rb"SUMMARY:[^\r]*", lambda _: b"SUMMARY:Tea")

    def let_the_server_change_an_etag(self, place: int, _n: int) -> None:
        self.rewrite(place, rb"^", lambda _: b"")

    def make_it_recur(self, place: int, _n: int) -> None:
        self.rewrite(place, rb"SUMMARY:", lambda _: b"RRULE:FREQ=WEEKLY;COUNT=2\r\nSUMMARY:")

    def mark_it_cancelled(self, place: int, _n: int) -> None:
        self.rewrite(place, rb"STATUS:CONFIRMED", lambda _: b"STATUS:CANCELLED")

    # What the server does by itself

    def tell_etags_otherwise(self, _place: int, n: int) -> None:
        self.memory.mood = list(Mood)[n % 3]

    def forget_tokens(self, _place: int, _n: int) -> None:
        self.memory.forget_tokens()

    def list_one_too_few(self, place: int, _n: int) -> None:
        if self.memory.objects:
            self.memory.hide([sorted(self.memory.objects)[place % len(self.memory.objects)]])

    def list_nothing(self, _place: int, _n: int) -> None:
        self.memory.hide(self.memory.objects)

    def list_everything_again(self, _place: int, _n: int) -> None:
        self.memory.show()

    # What else the consultant does

    def delete(self, place: int, _n: int) -> None:
        if self.memory.objects:
            self.memory.delete(sorted(self.memory.objects)[place % len(self.memory.objects)], "*")

    def empty_the_calendar(self, _place: int, _n: int) -> None:
        for href in list(self.memory.objects):
            self.memory.delete(href, "*")

    def add_an_event(self, _place: int, _n: int) -> None:
        self.dentists += 1
        ics = one("DTSTART:20261204T090000Z", "DTEND:20261204T100000Z", uid=f"d{self.dentists}")
        self.memory.put(f"{self.bench.calendar_url}d{self.dentists}.ics", ics, None)

    # What is read, and answered

    def read(self, _place: int = 0, _n: int = 0) -> None:
        self.bench.clock.move(minutes=3)
        self.pull.read_account(self.bench.centre.organization.id, self.bench.centre.consultant.id)

    def read_until_the_network_fails(self, _place: int, after: int) -> None:
        failing = replace(self.pull, open_calendar=counting(self.memory.open, [], fails_after=after - 1))
        failing.read_account(self.bench.centre.organization.id, self.bench.centre.consultant.id)

    def answer(self, place: int, n: int) -> None:
        if self.sessions:
            consultant, booking = self.bench.centre.actor(self.bench.centre.consultant), self.now(place)
            with suppress(Refusal):
                (self.changes.ask_for_new_time if n % 2 else self.changes.put_back)(consultant, booking.id)

    def accept(self, place: int, _n: int) -> None:
        if self.sessions:
            centre, booking = self.bench.centre, self.now(place)
            marie = centre.actor(centre.beneficiary)
            for proposal in centre.scheduling.list_proposals(marie, booking.id):
                with suppress(Refusal):
                    centre.scheduling.accept_proposal(marie, booking.id, proposal.id)

    def put_all_back(self, _place: int = 0, _n: int = 0) -> None:
        with suppress(Refusal):
            centre = self.bench.centre
            self.changes.put_all_back(centre.actor(centre.consultant), centre.consultant.id)

    @invariant()
    def no_session_is_lost(self) -> None:
        for place, session in enumerate(getattr(self, "sessions", [])):
            assert (self.now(place).status is Status.CONFIRMED) != (session in self.cancelled)

    def teardown(self) -> None:
        """Answer whatever is asked, and let both sides be brought in line: then they must agree."""
        if not hasattr(self, "sessions"):
            return
        centre = self.bench.centre
        self.memory.show()
        self.memory.mood = Mood.TRUE
        for _ in range(5):
            self.read()
            self.put_all_back()
            for place in range(len(self.sessions)):
                self.answer(place, 0)
                self.push(place)
        assert self.shown() == sorted(
            (str(self.now(place).id), self.now(place).span.starts_at)
            for place, session in enumerate(self.sessions)
            if session not in self.cancelled
        )
        assert self.changes.find_suspicion(centre.organization.id, centre.consultant.id) is None
        url = self.bench.calendar_url
        known = self.pull.busy.list_known_objects(centre.organization.id, centre.consultant.id, url)
        here = {href: found.etag for href, found in self.memory.objects.items() if href.startswith(url)}
        assert known == here
        assert self.bench.service.list_to_push(centre.organization.id, centre.consultant.id) == []

    def confirm(self, place: int) -> None:
        booking = self.bench.confirm(self.bench.book(place))
        self.sessions.append(booking)
        self.bench.push(booking)

    def shown(self) -> list[tuple[str, object]]:
        """Return our sessions as they stand in the calendar: id and start."""
        events = [icalendar.Calendar.from_ical(found.ics).walk("VEVENT")[0] for found in self.memory.objects.values()]
        ours = [event for event in events if str(event["uid"]).endswith(f"@{DOMAIN}")]
        return sorted((str(event["uid"]).removesuffix(f"@{DOMAIN}"), event.start) for event in ours)

    def now(self, place: int) -> Booking:
        return self.bench.session(self.sessions[place % len(self.sessions)]).booking

    def rewrite(self, place: int, pattern: bytes, by: object) -> None:
        ours = sorted(href for href in self.memory.objects if "/d" not in href.removeprefix(ROOT))
        if ours:
            href = ours[place % len(ours)]
            found: CalendarObject = self.memory.objects[href]
            self.memory.put(href, re.sub(pattern, by, found.ics, flags=re.MULTILINE), "*")  # type: ignore[call-overload]


def test_both_sides_end_in_agreement_and_no_session_is_lost(database: Database):
    class OnThisDatabase(Sync):
        pass

    OnThisDatabase.database = database
    examples = int(os.environ.get("SYNC_EXAMPLES", "5"))
    quick = settings(max_examples=examples, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(OnThisDatabase, settings=settings(quick, suppress_health_check=list(HealthCheck)))
