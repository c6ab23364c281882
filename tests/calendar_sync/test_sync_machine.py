"""Both sides changed at random, over a network that loses answers: they end in agreement, and no session is lost."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

import icalendar
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from creneau.calendar_sync.calendar import (
    Calendar,
    CalendarObject,
    CalendarUnavailable,
    Changes,
    OpenCalendar,
    SyncTokenInvalid,
)
from creneau.calendar_sync.memory import MemoryCalendar
from creneau.calendar_sync.pull import Pull
from creneau.calendar_sync.push import push_session
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.calendar import CalendarLink
from creneau.core.domain.calendar_change import FEW, ChangeKind
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
LATE = 24
QUICK_EXAMPLES = 4
DAYS = st.integers(1, 4)


OURS = (
    "confirm_a_session",
    "push",
    "lose_the_answer_to_a_push",
    "die_before_it_is_written_down",
    "die_after_some_requests",
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
    "leave_out_what_changed",
    "list_one_too_few",
    "list_nothing",
    "list_everything_again",
)
BEGINNINGS = ("push", "lose_the_answer_to_a_push", "die_before_it_is_written_down", "")
"""How the first push of a session ends; the last: it waits."""
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


class Dying:
    """A calendar that lets a process die when so many of its requests were done."""

    def __init__(self, calendar: Calendar, after: int) -> None:
        self._calendar = calendar
        self._left = after

    def __getattr__(self, name: str) -> object:
        def ask(*given: object) -> object:
            try:
                return getattr(self._calendar, name)(*given)
            finally:
                self._left -= 1
                if not self._left:
                    raise Crash

        return ask


def dying(open_calendar: OpenCalendar, after: int) -> OpenCalendar:
    @contextmanager
    def opened(link: CalendarLink) -> Iterator[Calendar]:
        with open_calendar(link) as calendar:
            yield Dying(calendar, after)

    return opened


class UnsteadyServer(MemoryCalendar):
    """Two calendars on a server that forgets tokens, lists too little, and is vague about etags."""

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

    def leave_out(self, count: int) -> None:
        """Never tell of the last changes but where everything is listed."""
        self._log[-count:] = [""] * len(self._log[-count:])

    def hide(self, hrefs: Iterable[str]) -> None:
        self.hidden |= set(hrefs)
        self._log.extend(self.hidden)

    def show(self) -> None:
        self._log.extend(self.hidden)
        self.hidden.clear()


class Sync(RuleBasedStateMachine):
    """`sessions` are those that we confirmed, with whether we cancelled them; `titles` those that the consultant gave.

    They begin late enough in the week that none is over when a day has passed.
    """

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
        self.titles: dict[str, str] = {}
        self.events = 0
        for place in (8, 12, 14, 16):
            self.confirm_a_session(place, 1)

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

    def confirm_a_session(self, place: int, n: int) -> None:
        if len(self.sessions) < 7:
            self.sessions.append(self.bench.confirm(self.bench.book(LATE + place)))
            beginning = BEGINNINGS[n - 1]
            if beginning:
                getattr(self, beginning)(len(self.sessions) - 1, n)

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

    def die_after_some_requests(self, place: int, n: int) -> None:
        if self.sessions:
            with suppress(Crash):
                self.bench.push(self.sessions[place % len(self.sessions)], dying(self.memory.open, n))

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
            cancelled = self.bench.cancel(self.now(place))
            self.cancelled.add(self.sessions[place % len(self.sessions)])
            self.titles.pop(str(cancelled.id), None)

    # What the consultant does in their calendar

    def drag(self, place: int, days: int) -> None:
        self.rewrite(place, rb"(DT(?:START|END)):(\d{6})(\d\d)", lambda m: m[1] + b":" + m[2] + b"%02d" % (10 + days))

    def give_another_title(self, place: int, _n: int = 0) -> None:
        self.events += 1
        title = f"Tea {self.events}"
        href = self.rewrite(place, rb"SUMMARY:[^\r]*", lambda _: b"SUMMARY:" + title.encode())
        if href is None or not is_as_agreed(self.memory.objects[href].ics):
            return
        self.forget_title(href)
        if name_of(href) in {str(session.id) for session in self.cancelled}:
            return  # it is on its way out
        if [name_of(other) for other in self.memory.objects].count(name_of(href)) == 1:  # else a move was cut short
            self.titles[name_of(href)] = title

    def let_the_server_change_an_etag(self, place: int, _n: int) -> None:
        self.rewrite(place, rb"^", lambda _: b"")

    def make_it_recur(self, place: int, _n: int) -> None:
        """What is put back after that is ours, words included."""
        self.forget_title(self.rewrite(place, rb"SUMMARY:", lambda _: b"RRULE:FREQ=WEEKLY;COUNT=2\r\nSUMMARY:"))

    def mark_it_cancelled(self, place: int, _n: int) -> None:
        self.forget_title(self.rewrite(place, rb"STATUS:CONFIRMED", lambda _: b"STATUS:CANCELLED"))

    # What the server does by itself

    def tell_etags_otherwise(self, _place: int, n: int) -> None:
        self.memory.mood = list(Mood)[n % 3]

    def forget_tokens(self, _place: int, _n: int) -> None:
        self.memory.forget_tokens()

    def leave_out_what_changed(self, _place: int, n: int) -> None:
        self.memory.leave_out(n)

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
            href = sorted(self.memory.objects)[place % len(self.memory.objects)]
            self.memory.delete(href, "*")
            self.forget_title(href)

    def empty_the_calendar(self, _place: int = 0, _n: int = 0) -> None:
        for href in list(self.memory.objects):
            self.memory.delete(href, "*")
            self.forget_title(href)

    def add_an_event(self, _place: int, _n: int) -> None:
        self.events += 1
        ics = one("DTSTART:20261204T090000Z", "DTEND:20261204T100000Z", uid=f"d{self.events}")
        self.memory.put(f"{self.bench.calendar_url}d{self.events}.ics", ics, None)

    # What is read, and answered

    def read(self, _place: int = 0, _n: int = 0) -> None:
        self.bench.clock.move(minutes=3)
        organization_id, consultant_id = self.bench.centre.organization.id, self.bench.centre.consultant.id
        self.pull.read_account(organization_id, consultant_id)
        found = [one.change for one in self.changes.list_watched(organization_id, consultant_id) if one.change]
        gone = Counter(change.seen_at for change in found if change.kind is ChangeKind.GONE)
        assert all(count <= FEW for count in gone.values()), "a mass loss is never believed"

    def read_until_the_network_fails(self, _place: int, after: int) -> None:
        self.bench.clock.move(minutes=1)
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
        if not hasattr(self, "sessions"):
            return
        with self.database.transaction(self.bench.centre.organization.id) as tx:
            states = {row.id: row.status for row in tx.execute(text("select id, status from session_bookings"))}
        for session in self.sessions:
            assert (states[session.id] == Status.CONFIRMED) != (session in self.cancelled)

    def teardown(self) -> None:
        """Let a day pass, answer whatever is asked, and let both sides be brought in line: then they must agree."""
        if not hasattr(self, "sessions"):
            return
        centre = self.bench.centre
        self.memory.show()
        self.memory.mood = Mood.TRUE
        self.bench.clock.move(days=1)
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
        assert self.titles.items() <= dict(self.titles_shown()).items(), "the calendar owns the words"
        assert self.changes.find_suspicion(centre.organization.id, centre.consultant.id) is None
        url = self.bench.calendar_url
        known = self.pull.busy.list_known_objects(centre.organization.id, centre.consultant.id, url)
        here = {href: found.etag for href, found in self.memory.objects.items() if href.startswith(url)}
        assert known == here
        assert self.bench.service.list_to_push(centre.organization.id, centre.consultant.id) == []

    def shown(self) -> list[tuple[str, object]]:
        """Return our sessions as they stand in the calendar: id and start."""
        return sorted((id_, event.start) for id_, event in self.our_events())

    def titles_shown(self) -> list[tuple[str, str]]:
        return [(id_, str(event["summary"])) for id_, event in self.our_events()]

    def our_events(self) -> list[tuple[str, icalendar.Event]]:
        events = [icalendar.Calendar.from_ical(found.ics).walk("VEVENT")[0] for found in self.memory.objects.values()]
        ours = [event for event in events if str(event["uid"]).endswith(f"@{DOMAIN}")]
        return [(str(event["uid"]).removesuffix(f"@{DOMAIN}"), event) for event in ours]

    def forget_title(self, href: str | None) -> None:
        if href is not None:
            self.titles.pop(name_of(href), None)

    def now(self, place: int) -> Booking:
        return self.bench.session(self.sessions[place % len(self.sessions)]).booking

    def rewrite(self, place: int, pattern: bytes, by: object) -> str | None:
        """Change one of our objects; return its address."""
        ours = sorted(href for href in self.memory.objects if "/d" not in href.removeprefix(ROOT))
        if not ours:
            return None
        href = ours[place % len(ours)]
        found: CalendarObject = self.memory.objects[href]
        self.memory.put(href, re.sub(pattern, by, found.ics, flags=re.MULTILINE), "*")  # type: ignore[call-overload]
        return href


def name_of(href: str) -> str:
    return href.rpartition("/")[2].removesuffix(".ics")


def is_as_agreed(ics: bytes) -> bool:
    return b"RRULE" not in ics and b"STATUS:CANCELLED" not in ics


@pytest.fixture
def sync(database: Database) -> type[Sync]:
    class OnThisDatabase(Sync):
        pass

    OnThisDatabase.database = database
    return OnThisDatabase


def test_both_sides_end_in_agreement_and_no_session_is_lost(sync: type[Sync]):
    """A failure is not made smaller in the quick run: that takes minutes. `make soak-sync` does it."""
    examples = int(os.environ.get("SYNC_EXAMPLES", "0"))
    phases = [phase for phase in Phase if examples or phase not in (Phase.shrink, Phase.explain)]
    quick = settings(max_examples=examples or QUICK_EXAMPLES, stateful_step_count=25, deadline=None, phases=phases)
    run_state_machine_as_test(sync, settings=settings(quick, suppress_health_check=list(HealthCheck)))


Act = tuple[str, int, int]
A_MOVE_WITH_WORDS = [("give_another_title", 1, 0), ("read", 0, 0), ("choose_the_other_calendar", 0, 0)]
STORIES: dict[str, list[Act]] = {
    "what was made before a crash is taken out": [("confirm_a_session", 5, 3), ("cancel_a_session", 4, 0)],
    "what was made before a crash moves along": [("confirm_a_session", 5, 3), ("choose_the_other_calendar", 0, 0)],
    "a delta leaves out a deletion": [("read", 0, 0), ("delete", 1, 0), ("leave_out_what_changed", 0, 1)],
    "a delta leaves out a move": [("read", 0, 0), ("drag", 1, 2), ("leave_out_what_changed", 0, 1)],
    "a delta leaves out that somebody else's event is gone": [
        ("add_an_event", 0, 0),
        ("read", 0, 0),
        ("delete", 4, 0),
        ("leave_out_what_changed", 0, 1),
    ],
    "the calendar is emptied": [("read", 0, 0), ("empty_the_calendar", 0, 0), ("read", 0, 0), ("read", 0, 0)],
    "nothing is listed": [("read", 0, 0), ("list_nothing", 0, 0), ("forget_tokens", 0, 0), ("read", 0, 0)],
    "words meet a change of ours": [("give_another_title", 1, 0), ("move_a_session", 1, 3), ("push", 1, 0)],
    "words meet a lost answer": [("confirm_a_session", 5, 2), ("give_another_title", 4, 0), ("push", 4, 0)],
    "words without an etag": [
        ("tell_etags_otherwise", 0, 1),
        ("confirm_a_session", 5, 1),
        *[("give_another_title", place, 0) for place in range(5)],
        ("read", 0, 0),
        ("move_a_session", 4, 4),
    ],
    "words that were not read move along": [("give_another_title", 1, 0), ("choose_the_other_calendar", 0, 0)],
    **{
        f"a crash after {n} requests of a move": [*A_MOVE_WITH_WORDS, ("die_after_some_requests", 1, n)]
        for n in (2, 3, 4)
    },
    **{
        f"a move is begun, left after {n} requests, and taken back": [
            *A_MOVE_WITH_WORDS,
            ("die_after_some_requests", 1, n),
            ("choose_the_other_calendar", 0, 0),
        ]
        for n in (3, 4)
    },
}


@pytest.mark.parametrize("story", STORIES)
def test_a_story_of_both_sides_ends_in_agreement(sync: type[Sync], story: str):
    both = sync()
    both.begin()
    for act, place, n in STORIES[story]:
        getattr(both, act)(place, n)
        both.no_session_is_lost()
    both.teardown()
