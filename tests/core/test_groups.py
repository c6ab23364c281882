"""Groups share a start; a consultant is never in two of them at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from creneau.core.domain.availability import AvailabilitySlot
from creneau.core.domain.bilan import Bilan
from creneau.core.domain.booking import Booking
from creneau.core.domain.errors import SlotTaken
from creneau.core.domain.people import User
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, weekly

SATURDAY_AT_TEN = datetime(2026, 12, 5, 9, 0, tzinfo=UTC)  # 10:00 in Paris
HALF_AN_HOUR = timedelta(minutes=30)
SATURDAY = 6


def add_group(centre: Centre, start: str, end: str) -> AvailabilitySlot:
    return centre.scheduling.create_availability_slot(
        centre.actor(centre.consultant), centre.consultant.id, weekly(SATURDAY, start, end, 60, capacity=3)
    )


def join(
    centre: Centre, person: tuple[User, Bilan], starts_at: datetime, slot: AvailabilitySlot | None = None
) -> Booking:
    user, bilan = person
    request = BookingRequest(bilan.id, centre.consultant.id, starts_at, slot_id=slot.id if slot else None)
    return centre.scheduling.create_session_booking(centre.actor(user), request)


def test_a_group_closes_another_group_that_overlaps(centre: Centre):
    add_group(centre, "10:00", "11:00")
    add_group(centre, "10:30", "11:30")
    join(centre, (centre.beneficiary, centre.bilan), SATURDAY_AT_TEN)

    with pytest.raises(SlotTaken):
        join(centre, centre.add_beneficiary(), SATURDAY_AT_TEN + HALF_AN_HOUR)
    assert join(centre, centre.add_beneficiary(), SATURDAY_AT_TEN).span.starts_at == SATURDAY_AT_TEN


def test_a_group_closes_another_group_of_the_same_start(centre: Centre):
    one, other = add_group(centre, "10:00", "11:00"), add_group(centre, "10:00", "12:00")
    join(centre, (centre.beneficiary, centre.bilan), SATURDAY_AT_TEN, one)

    with pytest.raises(SlotTaken):
        join(centre, centre.add_beneficiary(), SATURDAY_AT_TEN, other)


def test_groups_one_after_the_other_are_both_open(centre: Centre):
    add_group(centre, "10:00", "12:00")
    join(centre, (centre.beneficiary, centre.bilan), SATURDAY_AT_TEN)

    assert join(centre, centre.add_beneficiary(), SATURDAY_AT_TEN + 2 * HALF_AN_HOUR).is_live


def test_of_two_overlapping_groups_that_people_join_at_once_only_one_takes_place(centre: Centre):
    add_group(centre, "10:00", "11:00")
    add_group(centre, "10:30", "11:30")
    people = [centre.add_beneficiary() for _ in range(12)]
    together = Barrier(len(people))

    def try_to_join(number: int) -> datetime | None:
        together.wait()
        try:
            return join(centre, people[number], SATURDAY_AT_TEN + number % 2 * HALF_AN_HOUR).span.starts_at
        except SlotTaken:
            return None

    with ThreadPoolExecutor(len(people)) as pool:
        joined = [start for start in pool.map(try_to_join, range(len(people))) if start]

    assert len(joined) == 3
    assert len(set(joined)) == 1
