"""Diaries: which part of it a booking stands in, page by page, for each role."""

from datetime import UTC, datetime, timedelta

import pytest

from creneau.core.domain.booking import Booking
from creneau.core.domain.diary import Diary, Page, Part, waits_too_long
from creneau.core.domain.ids import BookingId
from creneau.core.domain.people import User
from creneau.core.services.diary import DiaryService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
SIZES = dict.fromkeys(Part, 3)


class Reading:
    """A centre whose people read their diaries."""

    def __init__(self, database: Database, centre: Centre, clock: MovableClock) -> None:
        self.centre = centre
        self.clock = clock
        self._service = DiaryService(database, clock)

    def diary(self, user: User, **pages: int) -> Diary:
        wanted = {Part(name): number for name, number in pages.items()}
        return self._service.get_diary(self.centre.actor(user), wanted, SIZES)

    def parts(self, user: User) -> dict[Part, list[BookingId]]:
        shown = self.diary(user).parts
        return {part: [booking.id for booking in page.bookings] for part, page in shown.items() if page.total}

    def book(self, starts_at: datetime = AT_TEN) -> Booking:
        request = BookingRequest(self.centre.bilan.id, self.centre.consultant.id, starts_at)
        return self.centre.scheduling.create_session_booking(self.centre.actor(self.centre.beneficiary), request)

    def confirmed(self, starts_at: datetime = AT_TEN) -> Booking:
        booking = self.book(starts_at)
        return self.centre.scheduling.confirm_booking(self.centre.actor(self.centre.consultant), booking.id)


@pytest.fixture
def reading(database: Database, centre: Centre, clock: MovableClock) -> Reading:
    return Reading(database, centre, clock)


def test_a_request_waits_for_its_consultant_and_is_coming_for_its_beneficiary(reading: Reading):
    booking = reading.book()

    assert reading.parts(reading.centre.consultant) == {Part.TO_ANSWER: [booking.id]}
    assert reading.parts(reading.centre.beneficiary) == {Part.COMING: [booking.id]}
    assert reading.diary(reading.centre.beneficiary).next is None


def test_times_that_a_consultant_proposed_wait_for_the_beneficiary(reading: Reading):
    booking = reading.book()
    consultant = reading.centre.actor(reading.centre.consultant)

    reading.centre.scheduling.propose_times(consultant, booking.id, [AT_TEN + AN_HOUR])

    assert reading.parts(reading.centre.beneficiary) == {Part.TO_ANSWER: [booking.id]}
    assert reading.parts(reading.centre.consultant) == {Part.COMING: [booking.id]}


def test_a_session_is_coming_then_of_today_then_to_be_recorded_then_past(reading: Reading):
    consultant, beneficiary = reading.centre.consultant, reading.centre.beneficiary
    booking = reading.confirmed()
    assert reading.parts(consultant) == {Part.COMING: [booking.id]}
    assert reading.diary(beneficiary).next == booking

    reading.clock.set(AT_TEN - timedelta(hours=9, minutes=-1))  # one minute past midnight in Paris
    assert reading.parts(consultant) == reading.parts(beneficiary) == {Part.TODAY: [booking.id]}

    reading.clock.set(AT_TEN + AN_HOUR)
    assert reading.parts(consultant) == {Part.TO_RECORD: [booking.id]}
    assert reading.parts(beneficiary) == {Part.PAST: [booking.id]}

    reading.centre.scheduling.complete_session(reading.centre.actor(consultant), booking.id, attended=True)
    assert reading.parts(consultant) == reading.parts(beneficiary) == {Part.PAST: [booking.id]}


def test_the_day_is_the_readers_own(reading: Reading):
    centre = reading.centre
    in_auckland = centre.people.add_user(
        centre.organization, centre.beneficiary.role, "Ana", "ana@example.org", timezone="Pacific/Auckland"
    )
    bilan = centre.people.open_bilan(in_auckland, centre.consultant)
    at_noon = AT_TEN + timedelta(hours=2)  # midnight of the second in Auckland
    request = BookingRequest(bilan.id, centre.consultant.id, at_noon)
    booking = centre.scheduling.create_session_booking(centre.actor(in_auckland), request)
    centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)

    reading.clock.set(AT_TEN)

    assert reading.parts(centre.consultant) == {Part.TODAY: [booking.id]}
    assert reading.parts(in_auckland) == {Part.COMING: [booking.id]}


def test_an_administrator_sees_what_waits_too_long_and_the_sessions_of_the_whole_centre(reading: Reading):
    booking = reading.book(AT_TEN + timedelta(days=7))
    assert reading.parts(reading.centre.admin) == {Part.COMING: [booking.id]}

    reading.clock.set(reading.clock.now() + timedelta(hours=24))  # of the forty-eight that an answer may take

    assert reading.parts(reading.centre.admin) == {Part.TO_ANSWER: [booking.id]}
    assert waits_too_long(booking, reading.clock.now())


def test_parts_are_read_a_page_at_a_time_and_a_page_that_has_gone_is_the_last_one(reading: Reading):
    booked = [reading.confirmed(AT_TEN + number * AN_HOUR) for number in range(4)]
    consultant = reading.centre.consultant

    first = reading.diary(consultant).parts[Part.COMING]
    last = reading.diary(consultant, COMING=7).parts[Part.COMING]

    assert ids(first) == [booking.id for booking in booked[:3]]
    assert ids(last) == [booked[3].id]
    assert (last.number, last.count, last.total) == (1, 2, 4)


def test_the_past_is_paged_newest_first(reading: Reading):
    booked = [reading.confirmed(AT_TEN + number * AN_HOUR) for number in range(4)]
    reading.clock.set(AT_TEN + timedelta(days=1))
    consultant = reading.centre.actor(reading.centre.consultant)
    for booking in booked:
        reading.centre.scheduling.complete_session(consultant, booking.id, attended=True)

    first = reading.diary(reading.centre.beneficiary).parts[Part.PAST]
    last = reading.diary(reading.centre.beneficiary, PAST=9).parts[Part.PAST]

    assert ids(first) == [booking.id for booking in reversed(booked[1:])]
    assert ids(last) == [booked[0].id]


def test_a_diary_is_ones_own(reading: Reading, other_centre: Centre):
    reading.book()
    stranger, _ = reading.centre.add_beneficiary()

    assert reading.parts(stranger) == {}
    assert reading.parts(reading.centre.admin) != {}
    other_service = Reading(reading._service._database, other_centre, reading.clock)
    assert other_service.parts(other_centre.admin) == {}


def ids(page: Page) -> list[BookingId]:
    return [booking.id for booking in page.bookings]
