"""Many requests at once: the last hours go to one, a key makes one booking, and a day's numbers miss nobody."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest

from creneau.core.domain.bilan import BilanHours
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre
from tests.race.test_one_slot import all_at_once

AT_NINE = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
TOMORROW = date(2026, 12, 1)


@pytest.mark.parametrize("_round", range(5))
def test_two_requests_for_the_last_hours_give_one_booking(centre: Centre, _round: int):
    bilan = centre.people.open_bilan(centre.beneficiary, centre.consultant, 60)
    attempts = [
        lambda hours=hours: centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary),
            BookingRequest(bilan.id, centre.consultant.id, AT_NINE + timedelta(hours=hours)),
        )
        for hours in range(2)
    ]

    assert all_at_once(attempts) == {"done": 1, "bilan.hours_exhausted": 1}
    assert centre.scheduling.get_bilan_hours(centre.actor(centre.beneficiary), bilan.id) == BilanHours(60, 60, 0)


def test_ten_racers_with_one_key_get_the_same_booking(centre: Centre):
    barrier = Barrier(10)

    def book(_: int):
        barrier.wait()
        return centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary),
            BookingRequest(centre.bilan.id, centre.consultant.id, AT_NINE),
            "one key",
        )

    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(book, range(10)))

    assert answers == [answers[0]] * 10
    assert len(centre.published.events) == 1


def test_when_the_holder_of_a_key_is_refused_another_racer_takes_it(centre: Centre):
    """Of two requests under one key, each for an overlapping time, one is booked and the other is told of the key."""
    attempts = [
        lambda hours=hours: centre.scheduling.create_session_booking(
            centre.actor(centre.beneficiary),
            BookingRequest(centre.bilan.id, centre.consultant.id, AT_NINE + timedelta(hours=hours)),
            "one key",
        )
        for hours in (0, 0, 0, 100, 100, 100)  # a hundred hours later is Saturday, when nothing is offered
    ]

    outcome = all_at_once(attempts)

    assert outcome["done"] == 3
    assert outcome["slot.outside_rules"] + outcome["idempotency.key_reused"] == 3


def test_bookings_of_one_day_made_at_once_are_all_counted(centre: Centre):
    people = [centre.add_beneficiary() for _ in range(8)]
    attempts = [
        lambda user=user, bilan=bilan, hours=hours: centre.scheduling.create_session_booking(
            centre.actor(user), BookingRequest(bilan.id, centre.consultant.id, AT_NINE + timedelta(hours=hours))
        )
        for hours, (user, bilan) in enumerate(people)
    ]

    assert all_at_once(attempts) == {"done": 8}

    actor = centre.actor(centre.consultant)
    (day,) = centre.scheduling.get_consultant_analytics(actor, centre.consultant.id, TOMORROW, TOMORROW)
    assert day.total_sessions_scheduled == 8


def test_a_rebuild_among_bookings_loses_none_of_them(centre: Centre):
    people = [centre.add_beneficiary() for _ in range(8)]
    attempts = [
        lambda user=user, bilan=bilan, hours=hours: centre.scheduling.create_session_booking(
            centre.actor(user), BookingRequest(bilan.id, centre.consultant.id, AT_NINE + timedelta(hours=hours))
        )
        for hours, (user, bilan) in enumerate(people)
    ]
    rebuilds = [lambda: centre.scheduling.rebuild_analytics(centre.organization)] * 4

    assert all_at_once([*attempts, *rebuilds]) == {"done": 12}

    actor = centre.actor(centre.consultant)
    (day,) = centre.scheduling.get_consultant_analytics(actor, centre.consultant.id, TOMORROW, TOMORROW)
    assert day.total_sessions_scheduled == 8
