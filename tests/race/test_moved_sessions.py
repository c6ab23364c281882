"""Many moves at once: a time is taken once, a booking has one story, and nobody is left waiting for each other.

Peers, section 2: rows 1 and 2 (overlapping requests never both stand), row 25 (one act wins, the others are refused).
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import psycopg
import pytest

from creneau.core.domain.booking import Booking, Status
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock, Urls, plain, weekly
from tests.race.test_one_slot import all_at_once, attempt_to_book

WEDNESDAY = datetime(2026, 12, 2, 8, 0, tzinfo=UTC)  # nine in Paris
THURSDAY = WEDNESDAY + timedelta(days=1)
FRIDAY = WEDNESDAY + timedelta(days=2)


def booked(centre: Centre, starts_at: datetime) -> Booking:
    user, bilan = centre.add_beneficiary()
    return centre.scheduling.create_session_booking(
        centre.actor(user), BookingRequest(bilan.id, centre.consultant.id, starts_at)
    )


def overlaps(urls: Urls, centre: Centre) -> int:
    with psycopg.connect(plain(urls.owner)) as connection:
        row = connection.execute(
            """select count(*) from session_bookings a join session_bookings b
               on a.organization_id = b.organization_id and a.consultant_id = b.consultant_id and a.id < b.id
               and a.during && b.during
               where a.organization_id = %s and a.status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS')
               and b.status in ('SCHEDULED', 'CONFIRMED', 'IN_PROGRESS')""",
            (centre.organization.id,),
        ).fetchone()
        assert row
        return int(row[0])


@pytest.mark.parametrize("_round", range(3))
def test_twelve_sessions_moved_onto_one_time_give_one_move_and_eleven_refusals(
    centre: Centre, worker_urls: Urls, _round: int
):
    standing = [booked(centre, WEDNESDAY + timedelta(hours=n)) for n in range(8)]
    standing += [booked(centre, THURSDAY + timedelta(hours=n)) for n in range(4)]
    admin = centre.actor(centre.admin)

    outcome = all_at_once([lambda b=b: centre.scheduling.reschedule_booking(admin, b.id, FRIDAY) for b in standing])

    assert outcome == {"done": 1, "slot.taken": 11}
    now = [centre.scheduling.get_booking(admin, booking.id) for booking in standing]
    assert Counter(b.span.starts_at == FRIDAY for b in now) == {True: 1, False: 11}
    assert all(new == old for new, old in zip(now, standing, strict=True) if new.span.starts_at != FRIDAY)
    assert overlaps(worker_urls, centre) == 0


def test_moves_and_bookings_that_overlap_leave_no_overlap_and_no_deadlock(centre: Centre, worker_urls: Urls):
    centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(5, "09:30", "16:30", 60)
    )
    standing = [booked(centre, WEDNESDAY + timedelta(hours=n)) for n in range(6)]
    admin = centre.actor(centre.admin)
    half_past = FRIDAY + timedelta(minutes=30)
    attempts = [
        lambda b=b, at=at: centre.scheduling.reschedule_booking(admin, b.id, at)
        for b, at in zip(standing, [FRIDAY, half_past] * 3, strict=True)
    ]
    attempts += [attempt_to_book(centre, at) for at in [FRIDAY, half_past] * 3]

    outcome = all_at_once(attempts)

    assert outcome == {"done": 1, "slot.taken": 11}
    assert overlaps(worker_urls, centre) == 0


def test_two_sessions_that_change_places_at_once_do_not_wait_for_each_other(centre: Centre, worker_urls: Urls):
    first, second = booked(centre, WEDNESDAY), booked(centre, THURSDAY)
    admin = centre.actor(centre.admin)

    outcome = all_at_once(
        [
            lambda: centre.scheduling.reschedule_booking(admin, first.id, THURSDAY),
            lambda: centre.scheduling.reschedule_booking(admin, second.id, WEDNESDAY),
        ]
    )

    assert set(outcome) <= {"slot.taken", "done"}
    assert overlaps(worker_urls, centre) == 0


def test_of_two_overlapping_requests_there_is_never_a_second_one_to_confirm(centre: Centre, worker_urls: Urls):
    centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(5, "09:30", "16:30", 60)
    )
    all_at_once([attempt_to_book(centre, FRIDAY + timedelta(minutes=30 * (n % 2))) for n in range(10)])
    consultant = centre.actor(centre.consultant)
    requests = centre.scheduling.get_consultant_bookings(consultant, centre.consultant.id)

    outcome = all_at_once([lambda b=b: centre.scheduling.confirm_booking(consultant, b.id) for b in requests])

    assert outcome == {"done": 1}
    assert overlaps(worker_urls, centre) == 0


@pytest.mark.parametrize("_round", range(5))
def test_confirming_cancelling_and_moving_at_once_leave_one_story(centre: Centre, _round: int):
    booking = centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, WEDNESDAY)
    )
    consultant, beneficiary = centre.actor(centre.consultant), centre.actor(centre.beneficiary)
    scheduling = centre.scheduling

    outcome = all_at_once(
        [
            *[lambda: scheduling.confirm_booking(consultant, booking.id)] * 3,
            *[lambda: scheduling.cancel_booking(beneficiary, booking.id)] * 3,
            *[lambda: scheduling.reschedule_booking(beneficiary, booking.id, FRIDAY)] * 3,
        ]
    )

    told = scheduling.get_booking_history(consultant, booking.id)
    now = scheduling.get_booking(consultant, booking.id)
    assert [entry.version for entry in told] == list(range(1, outcome["done"] + 2))
    assert all(before.status_after == after.status_before for before, after in pairwise(told))
    assert (told[-1].status_after, told[-1].starts_at, told[-1].version) == (
        now.status,
        now.span.starts_at,
        now.version,
    )
    assert now.status is Status.CANCELLED or outcome["done"] < 9
    assert set(outcome) <= {"done", "booking.illegal_transition", "booking.same_time"}


def test_a_request_that_expires_while_it_is_confirmed_has_one_end(centre: Centre, clock: MovableClock):
    booking = centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, FRIDAY)
    )
    consultant = centre.actor(centre.consultant)
    clock.move(hours=48)

    all_at_once(
        [
            *[lambda: centre.scheduling.confirm_booking(consultant, booking.id)] * 2,
            *[centre.scheduling.expire_requests] * 4,
        ]
    )

    told = centre.scheduling.get_booking_history(consultant, booking.id)
    assert [entry.action for entry in told] in (["REQUEST", "CONFIRM"], ["REQUEST", "EXPIRE"])
