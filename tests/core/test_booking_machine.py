"""Any sequence of acts on bookings, on real Postgres: no two active ones overlap, versions only grow, a no is a no.

Times are held, too: a hold hides its time from others alone, and its owner can book it.

Peers, section 2: rows 1 and 25. The model is the database itself: every refused act must leave it as it was.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from creneau.core.domain.booking import LIVE, Booking, Status
from creneau.core.domain.errors import Refusal
from creneau.core.domain.hold import Hold, HoldRequest
from creneau.core.domain.people import Actor, User
from creneau.core.domain.proposal import ProposalState
from creneau.core.domain.time import Span
from creneau.core.services.choosing import ChoosingService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import MONDAY, Centre, MovableClock, Urls, build_centre, plain, weekly

FIRST = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)  # Wednesday, nine in Paris
STARTS = [FIRST + timedelta(days=day, minutes=30 * half) for day in (0, 1) for half in range(5)]
EXAMPLES = 20
STEPS = 25

who = st.sampled_from(["beneficiary", "second", "consultant", "admin"])
starts = st.sampled_from(STARTS)
number = st.integers(0, 30)
beneficiaries = st.sampled_from(["beneficiary", "second"])


def machine(database: Database, urls: Urls) -> type[RuleBasedStateMachine]:  # noqa: C901 - a rule for each act
    class Bookings(RuleBasedStateMachine):
        @initialize()
        def open_a_centre(self) -> None:
            self.clock = MovableClock(MONDAY)
            self.centre: Centre = build_centre(database, self.clock)
            consultant = self.centre.consultant
            for day in (3, 4):  # times that overlap those on the hour
                self.centre.scheduling.create_availability_slot(
                    Actor.from_user(consultant), consultant.id, weekly(day, "09:30", "16:30", 60)
                )
            second, bilan = self.centre.add_beneficiary()
            self.users: dict[str, User] = {
                "beneficiary": self.centre.beneficiary,
                "second": second,
                "consultant": consultant,
                "admin": self.centre.admin,
            }
            self.bilans = {"beneficiary": self.centre.bilan, "second": bilan}
            self.choosing = ChoosingService(database, self.clock)
            self.holds: dict[str, Hold] = {}
            self.versions: dict[object, int] = {}

        def actor(self, name: str) -> Actor:
            return Actor.from_user(self.users[name])

        def all(self) -> list[Booking]:
            return self.centre.scheduling.get_consultant_bookings(self.actor("admin"), self.centre.consultant.id)

        def rows(self) -> list[object]:
            with psycopg.connect(plain(urls.owner)) as connection:
                return [
                    connection.execute(
                        f"select * from {table} where organization_id = %s order by {order}",  # noqa: S608 - named here
                        (self.centre.organization.id,),
                    ).fetchall()
                    for table, order in (
                        ("session_bookings", "id"),
                        ("booking_history", "booking_id, version"),
                        ("session_reminders", "id"),
                        ("booking_proposals", "id"),
                        ("slot_holds", "user_id"),
                    )
                ]

        def attempt(self, act: Callable[[], object]) -> bool:
            before = self.rows()
            try:
                act()
            except Refusal:
                assert self.rows() == before
                return False
            return True

        def on_one(self, chosen: int, act: Callable[[Booking], object]) -> None:
            known = self.all()
            if known:
                self.attempt(lambda: act(known[chosen % len(known)]))

        def held(self) -> dict[str, Hold]:
            return {name: hold for name, hold in self.holds.items() if hold.expires_at > self.clock.now()}

        def live_during(self, span: Span) -> list[Booking]:
            return [booking for booking in self.all() if booking.is_live and booking.span.overlaps(span)]

        @rule(starts_at=starts, by=beneficiaries)
        def book(self, starts_at: datetime, by: str) -> None:
            request = BookingRequest(self.bilans[by].id, self.centre.consultant.id, starts_at)
            wanted = Span(starts_at, starts_at + timedelta(hours=1))
            is_held = any(hold.time.span.overlaps(wanted) for name, hold in self.held().items() if name != by)
            is_booked = self.attempt(lambda: self.centre.scheduling.create_session_booking(self.actor(by), request))
            assert not (is_booked and is_held)

        @rule(starts_at=starts, by=beneficiaries)
        def hold(self, starts_at: datetime, by: str) -> None:
            request = HoldRequest(self.bilans[by].id, self.centre.consultant.id, starts_at)
            self.attempt(lambda: self.holds.update({by: self.choosing.hold_time(self.actor(by), request)}))

        @rule(by=beneficiaries)
        def release(self, by: str) -> None:
            self.choosing.release_hold(self.actor(by))
            self.holds.pop(by, None)

        @rule(minutes=st.sampled_from([2, 6]))
        def leave_a_form_open(self, minutes: int) -> None:
            self.clock.move(minutes=minutes)

        @rule(by=beneficiaries)
        def book_what_is_held(self, by: str) -> None:
            hold = self.held().get(by)
            if hold is None or hold.time.span.starts_at <= self.clock.now() or self.live_during(hold.time.span):
                return
            request = BookingRequest(self.bilans[by].id, self.centre.consultant.id, hold.time.span.starts_at)
            assert self.attempt(lambda: self.centre.scheduling.create_session_booking(self.actor(by), request))

        @rule(by=who, chosen=number)
        def confirm(self, by: str, chosen: int) -> None:
            self.on_one(chosen, lambda b: self.centre.scheduling.confirm_booking(self.actor(by), b.id))

        @rule(by=who, chosen=number)
        def decline(self, by: str, chosen: int) -> None:
            self.on_one(chosen, lambda b: self.centre.scheduling.decline_booking(self.actor(by), b.id))

        @rule(by=who, chosen=number, reason=st.sampled_from([None, "Imprévu"]))
        def cancel(self, by: str, chosen: int, reason: str | None) -> None:
            self.on_one(chosen, lambda b: self.centre.scheduling.cancel_booking(self.actor(by), b.id, reason))

        @rule(by=who, chosen=number, starts_at=starts)
        def move(self, by: str, chosen: int, starts_at: datetime) -> None:
            self.on_one(chosen, lambda b: self.centre.scheduling.reschedule_booking(self.actor(by), b.id, starts_at))

        @rule(by=who, chosen=number, proposed=st.lists(starts, min_size=1, max_size=3))
        def propose(self, by: str, chosen: int, proposed: list[datetime]) -> None:
            self.on_one(chosen, lambda b: self.centre.scheduling.propose_times(self.actor(by), b.id, proposed))

        @rule(by=who, chosen=number, which=number)
        def accept(self, by: str, chosen: int, which: int) -> None:
            def act(booking: Booking) -> None:
                known = self.centre.scheduling.list_proposals(self.actor("admin"), booking.id)
                if known:
                    proposal = known[which % len(known)]
                    self.centre.scheduling.accept_proposal(self.actor(by), booking.id, proposal.id)
                    assert proposal.state is ProposalState.OPEN

            self.on_one(chosen, act)

        @rule(by=who, chosen=number)
        def refuse(self, by: str, chosen: int) -> None:
            self.on_one(chosen, lambda b: self.centre.scheduling.refuse_proposals(self.actor(by), b.id))

        @rule(by=who, chosen=number)
        def start(self, by: str, chosen: int) -> None:
            self.on_one(chosen, lambda b: self.centre.scheduling.start_session(self.actor(by), b.id))

        @rule(by=who, chosen=number, attended=st.booleans())
        def complete(self, by: str, chosen: int, attended: bool) -> None:  # noqa: FBT001 - drawn
            self.on_one(
                chosen,
                lambda b: self.centre.scheduling.complete_session(self.actor(by), b.id, attended=attended),
            )

        @rule(hours=st.sampled_from([1, 12, 24]))
        def let_time_pass(self, hours: int) -> None:
            self.clock.move(hours=hours)
            self.centre.scheduling.expire_requests()
            assert not [b for b in self.all() if b.status is Status.SCHEDULED and b.span.starts_at <= self.clock.now()]

        @invariant()
        def no_two_active_ones_overlap(self) -> None:
            live = [booking for booking in self.all() if booking.status in LIVE]
            assert not [(a, b) for n, a in enumerate(live) for b in live[n + 1 :] if a.span.overlaps(b.span)]

        @invariant()
        def a_hold_hides_its_time_from_others_alone(self) -> None:
            for owner, hold in self.held().items():
                span, day = hold.time.span, hold.time.local.day
                live = self.live_during(span)
                assert {booking.beneficiary_id for booking in live} <= {self.users[owner].id}
                for name in ("beneficiary", "second", "consultant"):
                    offered = [
                        time.span
                        for time in self.centre.scheduling.get_available_slots_for_consultant(
                            self.actor(name), self.centre.consultant.id, day, day
                        )
                    ]
                    if name != owner:
                        assert not [one for one in offered if one.overlaps(span)]
                    elif not live and span.starts_at > self.clock.now():
                        assert span in offered

        @invariant()
        def versions_only_grow_and_the_history_has_one_line_for_each(self) -> None:
            for booking in self.all():
                assert booking.version >= self.versions.get(booking.id, 1)
                self.versions[booking.id] = booking.version
                told = self.centre.scheduling.get_booking_history(self.actor("admin"), booking.id)
                assert [entry.version for entry in told] == list(range(1, booking.version + 1))
                assert (told[-1].status_after, told[-1].starts_at) == (booking.status, booking.span.starts_at)

    return Bookings


def test_no_sequence_of_acts_breaks_what_bookings_promise(database: Database, worker_urls: Urls):
    run_state_machine_as_test(
        machine(database, worker_urls),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
