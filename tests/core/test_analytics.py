"""Analytics: a consultant's day in numbers, the same whether kept up with each change or made anew."""

from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creneau.core.domain.analytics import SessionAnalytics, SessionNumbers, numbers_of, summarize
from creneau.core.domain.availability import SlotDraft
from creneau.core.domain.booking import Booking, MeetingFormat, SessionType, Status
from creneau.core.domain.errors import InvalidTimeRange, NotAllowed, Refusal, UserNotFound
from creneau.core.domain.ids import UserId
from creneau.core.domain.people import Role
from creneau.core.domain.time import LocalSpan, Span
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import MONDAY, Centre, MovableClock, build_centre

TOMORROW = date(2026, 12, 1)
AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 11, 20), date(2027, 2, 1)


def session(status: Status, rating: int | None = None, minutes: int = 60, day: date = TOMORROW) -> Booking:
    span = Span(AT_TEN, AT_TEN + timedelta(minutes=minutes))
    local = LocalSpan(day, time(10), time(11), "Europe/Paris")
    ids = [uuid4() for _ in range(6)]
    return Booking(
        *ids, local, span, SessionType.FOLLOW_UP, MeetingFormat.VIDEO, None, None, status, 1, MONDAY, MONDAY,
        beneficiary_rating=rating,
    )  # fmt: skip


def book(centre: Centre, starts_at: datetime = AT_TEN) -> Booking:
    return centre.scheduling.create_session_booking(
        centre.actor(centre.admin), BookingRequest(centre.bilan.id, centre.consultant.id, starts_at)
    )


def days_of(centre: Centre, consultant_id: UserId | None = None) -> list[SessionAnalytics]:
    return centre.scheduling.get_consultant_analytics(
        centre.actor(centre.admin), consultant_id or centre.consultant.id, FIRST, LAST
    )


def test_a_day_counts_what_became_of_its_sessions():
    sessions = [
        session(Status.COMPLETED, 5, minutes=90),
        session(Status.COMPLETED, 4),
        session(Status.COMPLETED, minutes=50),
        session(Status.NO_SHOW),
        session(Status.CANCELLED),
        session(Status.CONFIRMED),
        session(Status.CONFIRMED, day=date(2026, 12, 2)),
    ]

    assert summarize(sessions) == {
        TOMORROW: SessionNumbers(6, 3, 1, 1, minutes_completed=200, ratings=2, rating_total=9),
        date(2026, 12, 2): SessionNumbers(1),
    }
    assert summarize([]) == {}


def test_a_rating_of_a_session_that_did_not_take_place_counts_for_nothing():
    assert numbers_of(session(Status.NO_SHOW, rating=5)) == SessionNumbers(1, no_show=1)


def test_averages_and_hours_are_rounded_to_two_places(centre: Centre, clock: MovableClock):
    consultant = centre.actor(centre.consultant)
    for hour, rating in enumerate((5, 4, 4)):
        booking = book(centre, AT_TEN + timedelta(hours=hour))
        centre.scheduling.confirm_booking(consultant, booking.id)
        clock.set(AT_TEN + timedelta(hours=hour))
        centre.scheduling.complete_session(consultant, booking.id, attended=True, rating=rating)

    (day,) = days_of(centre)
    assert (day.average_rating, day.total_hours_completed) == (Decimal("4.33"), Decimal("3.00"))


def test_a_day_is_the_date_that_the_session_bears(centre: Centre):
    """The date both sides agreed on: it stays when somebody moves to another zone."""
    consultant = centre.people.add_user(
        centre.organization, Role.CONSULTANT, "Julie Roux", "julie@example.org", timezone="Pacific/Auckland"
    )
    centre.scheduling.create_availability_slot(
        centre.actor(consultant), consultant.id, SlotDraft(time(20), time(21), "Europe/Paris", 2, duration_minutes=60)
    )
    request = BookingRequest(centre.bilan.id, consultant.id, AT_TEN.replace(hour=19))
    centre.scheduling.create_session_booking(centre.actor(centre.admin), request)

    assert [day.session_date for day in days_of(centre, consultant.id)] == [TOMORROW]


def test_each_change_of_a_booking_is_in_the_numbers_at_once(centre: Centre, clock: MovableClock):
    consultant = centre.actor(centre.consultant)
    booking = book(centre)
    assert days_of(centre) == [SessionAnalytics(centre.consultant.id, TOMORROW, 1, 0, 0, 0, None, Decimal("0.00"))]

    centre.scheduling.confirm_booking(consultant, booking.id)
    clock.set(AT_TEN + timedelta(hours=1))
    centre.scheduling.complete_session(consultant, booking.id, attended=True, rating=3)
    assert days_of(centre) == [
        SessionAnalytics(centre.consultant.id, TOMORROW, 1, 1, 0, 0, Decimal("3.00"), Decimal("1.00"))
    ]

    centre.scheduling.rate_session(centre.actor(centre.beneficiary), booking.id, 5)
    assert days_of(centre)[0].average_rating == Decimal("5.00")


def test_a_missed_and_a_cancelled_session_are_counted_as_such(centre: Centre, clock: MovableClock):
    consultant = centre.actor(centre.consultant)
    missed, cancelled = book(centre), book(centre, AT_TEN + timedelta(hours=1))
    centre.scheduling.confirm_booking(consultant, missed.id)
    centre.scheduling.cancel_booking(consultant, cancelled.id, "Imprévu")
    clock.set(AT_TEN + timedelta(hours=1))
    centre.scheduling.complete_session(consultant, missed.id, attended=False)

    assert days_of(centre) == [SessionAnalytics(centre.consultant.id, TOMORROW, 2, 0, 1, 1, None, Decimal("0.00"))]


def test_a_session_that_is_moved_leaves_one_day_and_comes_into_another(centre: Centre):
    booking = book(centre)

    centre.scheduling.reschedule_booking(
        centre.actor(centre.admin), booking.id, AT_TEN + timedelta(days=2), reason="Imprévu"
    )

    assert [(day.session_date, day.total_sessions_scheduled) for day in days_of(centre)] == [(date(2026, 12, 3), 1)]


def test_a_refused_booking_is_in_no_numbers(centre: Centre):
    book(centre)
    with pytest.raises(Refusal):
        book(centre)

    assert days_of(centre)[0].total_sessions_scheduled == 1


def test_a_consultant_reads_their_own_numbers_and_an_administrator_all(centre: Centre, other_centre: Centre):
    book(centre)
    read = centre.scheduling.get_consultant_analytics
    colleague = centre.people.add_user(centre.organization, Role.CONSULTANT, "Julie Roux", "julie@example.org")

    assert len(read(centre.actor(centre.consultant), centre.consultant.id, FIRST, LAST)) == 1
    for user in (colleague, centre.beneficiary):
        with pytest.raises(NotAllowed):
            read(centre.actor(user), centre.consultant.id, FIRST, LAST)
    with pytest.raises(UserNotFound):
        read(other_centre.actor(other_centre.admin), centre.consultant.id, FIRST, LAST)


def test_days_backwards_or_more_than_a_year_of_them_are_refused(centre: Centre):
    for first, last in ((LAST, FIRST), (date(2026, 1, 1), date(2027, 6, 1))):
        with pytest.raises(InvalidTimeRange):
            centre.scheduling.get_consultant_analytics(centre.actor(centre.admin), centre.consultant.id, first, last)


ZONES = ("Europe/Paris", "Pacific/Auckland", "America/Los_Angeles")
STEPS = st.tuples(
    st.sampled_from(("book", "book", "confirm", "decline", "cancel", "move", "complete", "miss", "rate", "wait")),
    st.integers(0, 7),
    st.integers(0, 4),
    st.integers(1, 5),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(zone=st.sampled_from(ZONES), steps=st.lists(STEPS, min_size=1, max_size=25))
def test_the_numbers_kept_up_to_date_are_those_made_anew(
    database: Database, zone: str, steps: list[tuple[str, int, int, int]]
):
    clock = MovableClock(MONDAY)
    centre = build_centre(database, clock)
    player = Player(centre, clock, zone)
    for step in steps:
        with suppress(Refusal):
            player.play(*step)
    kept = days_of(centre, player.consultant.id)

    centre.scheduling.rebuild_analytics(centre.organization)

    assert days_of(centre, player.consultant.id) == kept
    assert sum(day.total_sessions_scheduled for day in kept) == len(player.booked)


class Player:
    """Plays random steps with a consultant who lives in another zone than the sessions are offered in."""

    def __init__(self, centre: Centre, clock: MovableClock, zone: str) -> None:
        self._centre = centre
        self._clock = clock
        self.booked: list[Booking] = []
        self.consultant = centre.people.add_user(
            centre.organization, Role.CONSULTANT, "Julie Roux", "julie@example.org", timezone=zone
        )
        for day in range(1, 6):
            centre.scheduling.create_availability_slot(
                centre.actor(self.consultant),
                self.consultant.id,
                SlotDraft(time(8), time(20), "Europe/Paris", day, duration_minutes=60),
            )

    def play(self, step: str, place: int, day: int, rating: int) -> None:
        scheduling, admin = self._centre.scheduling, self._centre.actor(self._centre.admin)
        starts_at = MONDAY.replace(hour=7) + timedelta(days=1 + day, hours=place + rating)
        if step == "wait":
            self._clock.move(hours=6 * rating)
        elif step == "book":
            request = BookingRequest(self._centre.bilan.id, self.consultant.id, starts_at)
            self.booked.append(scheduling.create_session_booking(admin, request))
        elif self.booked:
            booking_id = self.booked[place % len(self.booked)].id
            if step in ("complete", "miss"):
                ends_at = scheduling.get_booking(admin, booking_id).span.ends_at
                with suppress(Refusal):
                    scheduling.confirm_booking(admin, booking_id)
                self._clock.set(max(self._clock.now(), ends_at))
            {
                "confirm": lambda: scheduling.confirm_booking(admin, booking_id),
                "decline": lambda: scheduling.decline_booking(admin, booking_id),
                "cancel": lambda: scheduling.cancel_booking(admin, booking_id, "Imprévu"),
                "move": lambda: scheduling.reschedule_booking(admin, booking_id, starts_at, reason="Imprévu"),
                "complete": lambda: scheduling.complete_session(admin, booking_id, attended=True),
                "miss": lambda: scheduling.complete_session(admin, booking_id, attended=False),
                "rate": lambda: scheduling.rate_session(
                    self._centre.actor(self._centre.beneficiary), booking_id, rating
                ),
            }[step]()
