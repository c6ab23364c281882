"""Many people, one time: the database lets one through (or a group's capacity), and refuses the rest cleanly."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import psycopg
import pytest

from creneau.core.domain.errors import IllegalTransition, Refusal
from creneau.core.domain.policy import PolicyChoices
from creneau.core.services.availability import AvailabilityService
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import MONDAY, Centre, MovableClock, Urls, new_id, plain, weekly

TOMORROW_AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
PEOPLE = 50


def all_at_once(attempts: list[Callable[[], object]]) -> Counter[str]:
    """Run the attempts at the same moment, each in a thread, and count how they ended, by code."""
    barrier = Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> str:
        barrier.wait()
        try:
            attempt()
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(attempts)) as threads:
        return Counter(threads.map(run, attempts))


def attempt_to_book(centre: Centre, starts_at: datetime) -> Callable[[], object]:
    user, bilan = centre.add_beneficiary()
    return lambda: centre.scheduling.create_session_booking(
        centre.actor(user), BookingRequest(bilan.id, centre.consultant.id, starts_at)
    )


def live_bookings(urls: Urls, centre: Centre) -> int:
    with psycopg.connect(plain(urls.owner)) as connection:
        row = connection.execute(
            "select count(*) from session_bookings where organization_id = %s and status <> 'CANCELLED'",
            (centre.organization.id,),
        ).fetchone()
        assert row
        return int(row[0])


def starts_held(urls: Urls, centre: Centre) -> int:
    with psycopg.connect(plain(urls.owner)) as connection:
        row = connection.execute(
            "select count(distinct starts_at) from session_bookings where organization_id = %s",
            (centre.organization.id,),
        ).fetchone()
        assert row
        return int(row[0])


def test_fifty_people_and_one_slot_give_one_booking_and_forty_nine_refusals(centre: Centre, worker_urls: Urls):
    outcome = all_at_once([attempt_to_book(centre, TOMORROW_AT_TEN) for _ in range(PEOPLE)])

    assert outcome == {"done": 1, "slot.taken": 49}
    assert live_bookings(worker_urls, centre) == 1


def test_times_that_overlap_without_being_equal_exclude_each_other(centre: Centre, worker_urls: Urls):
    centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(2, "09:30", "16:30", 60)
    )
    half_past = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)

    outcome = all_at_once([attempt_to_book(centre, TOMORROW_AT_TEN if n % 2 else half_past) for n in range(20)])

    assert outcome == {"done": 1, "slot.taken": 19}
    assert live_bookings(worker_urls, centre) == 1


def test_a_group_of_three_takes_three_of_twenty(centre: Centre, worker_urls: Urls):
    centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(6, "10:00", "12:00", 60, capacity=3)
    )
    saturday = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)

    outcome = all_at_once([attempt_to_book(centre, saturday) for _ in range(20)])

    assert outcome == {"done": 3, "slot.taken": 17}
    assert live_bookings(worker_urls, centre) == 3


@pytest.mark.parametrize("_round", range(3))
def test_two_groups_that_overlap_are_not_both_held(centre: Centre, worker_urls: Urls, _round: int):
    for start, end in (("10:00", "12:00"), ("10:30", "12:30")):
        centre.scheduling.create_availability_slot(
            centre.actor(centre.consultant), centre.consultant.id, weekly(6, start, end, 60, capacity=20)
        )
    ten, half_past = datetime(2026, 12, 5, 9, 0, tzinfo=UTC), datetime(2026, 12, 5, 9, 30, tzinfo=UTC)

    outcome = all_at_once([attempt_to_book(centre, ten if n % 2 else half_past) for n in range(20)])

    assert outcome == {"done": 10, "slot.taken": 10}
    assert starts_held(worker_urls, centre) == 1


def test_the_database_itself_keeps_two_groups_apart(centre: Centre, worker_urls: Urls):
    """Without the engine: a row of another slot, or of another start, in a seat that is free."""
    slots = [
        centre.scheduling.create_availability_slot(
            centre.actor(centre.consultant), centre.consultant.id, weekly(6, "10:00", "12:00", 60, capacity=3)
        )
        for _ in range(2)
    ]
    user, bilan = centre.add_beneficiary()
    booked = centre.scheduling.create_session_booking(
        centre.actor(user),
        BookingRequest(bilan.id, centre.consultant.id, datetime(2026, 12, 5, 9, 0, tzinfo=UTC), slots[0].id),
    )
    other, _ = centre.add_beneficiary()
    copy = """
      insert into session_bookings (organization_id, id, bilan_id, consultant_id, beneficiary_id,
        availability_slot_id, scheduled_date, scheduled_start_time, scheduled_end_time, duration_minutes, timezone,
        starts_at, ends_at, held_until, seats, session_type, meeting_format, bilan_phase_at_booking, created_at,
        updated_at)
      select organization_id, gen_random_uuid(), bilan_id, consultant_id, %s, %s, scheduled_date,
        scheduled_start_time, scheduled_end_time, duration_minutes, timezone, starts_at + %s, ends_at + %s,
        held_until + %s, '[2,3)', session_type, meeting_format, bilan_phase_at_booking, created_at, updated_at
      from session_bookings where id = %s"""

    for slot, later, constraint in (
        (slots[1], timedelta(), "consultant_one_group"),
        (slots[0], timedelta(minutes=30), "consultant_one_start"),
    ):
        with psycopg.connect(plain(worker_urls.owner)) as connection:
            connection.execute("select set_config('app.organization_id', %s, true)", (str(centre.organization.id),))
            with pytest.raises(psycopg.errors.ExclusionViolation) as refusal:
                connection.execute(copy, (other.id, slot.id, later, later, later, booked.id))
            connection.rollback()
        assert refusal.value.diag.constraint_name == constraint


@pytest.mark.parametrize("_round", range(3))
def test_a_cap_holds_when_many_ask_at_once(centre: Centre, worker_urls: Urls, database: Database, _round: int):
    availability = AvailabilityService(database, MovableClock(MONDAY), new_id)
    availability.set_policy(centre.actor(centre.admin), None, PolicyChoices(daily_cap=2))

    outcome = all_at_once([attempt_to_book(centre, TOMORROW_AT_TEN + timedelta(hours=n % 7)) for n in range(21)])

    assert outcome["done"] == 2
    assert set(outcome) == {"done", "slot.cap", "slot.taken"}
    assert live_bookings(worker_urls, centre) == 2


def test_one_beneficiary_clicking_everywhere_gets_one_session(centre: Centre, worker_urls: Urls):
    attempts = [
        lambda: centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary),
            BookingRequest(centre.bilan.id, centre.consultant.id, TOMORROW_AT_TEN),
        )
        for _ in range(20)
    ]

    outcome = all_at_once(attempts)

    assert outcome["done"] == 1
    assert live_bookings(worker_urls, centre) == 1


@pytest.mark.parametrize("_round", range(5))
def test_confirming_and_cancelling_at_once_leave_one_story(centre: Centre, _round: int):
    booking = centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, TOMORROW_AT_TEN)
    )

    outcome = all_at_once(
        [
            *[lambda: centre.scheduling.confirm_booking(centre.actor(centre.consultant), booking.id)] * 4,
            *[lambda: centre.scheduling.decline_booking(centre.actor(centre.consultant), booking.id)] * 4,
        ]
    )

    assert outcome == {"done": 1, IllegalTransition.code: 7}
    assert centre.scheduling.get_booking(centre.actor(centre.consultant), booking.id).version == 2
