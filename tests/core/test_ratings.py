"""Ratings: the beneficiary's word on a session that took place, once or again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import BookingNotFound, NotAllowed, RatingInvalid, SessionNotCompleted, TextInvalid
from creneau.core.domain.rating import rated
from creneau.core.storage import bookings
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, MovableClock

AT_TEN = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def booking(centre: Centre) -> Booking:
    return centre.scheduling.create_session_booking(
        centre.actor(centre.beneficiary), BookingRequest(centre.bilan.id, centre.consultant.id, AT_TEN)
    )


@pytest.fixture
def completed(centre: Centre, booking: Booking, database: Database, clock: MovableClock) -> Booking:
    """A session that took place, with the rating that the consultant took down at its end."""
    clock.set(AT_TEN + timedelta(hours=1))
    done = replace(booking, status=Status.COMPLETED, completed_at=clock.now(), attended=True)
    done = rated(done, centre.consultant.id, 3, "Noté en séance", clock.now())
    with database.transaction(centre.organization.id) as tx:
        bookings.save(tx, done)
    return done


def test_the_beneficiary_s_own_rating_replaces_what_the_consultant_took_down(
    centre: Centre, completed: Booking, clock: MovableClock
):
    clock.move(hours=1)
    shown = centre.scheduling.rate_session(centre.actor(centre.beneficiary), completed.id, 5)

    assert (shown.beneficiary_rating, shown.beneficiary_feedback) == (5, None)
    assert (shown.rated_by, shown.rated_at) == (centre.beneficiary.id, clock.now())
    assert centre.scheduling.get_booking(centre.actor(centre.beneficiary), completed.id) == shown


def test_rating_again_edits_and_keeps_the_comment_until_it_is_replaced_or_removed(centre: Centre, completed: Booking):
    beneficiary = centre.actor(centre.beneficiary)
    centre.scheduling.rate_session(beneficiary, completed.id, 4, "Très utile")

    assert centre.scheduling.rate_session(beneficiary, completed.id, 2).beneficiary_feedback == "Très utile"
    assert centre.scheduling.rate_session(beneficiary, completed.id, 2, "").beneficiary_feedback is None


def test_only_the_beneficiary_rates(centre: Centre, other_centre: Centre, completed: Booking):
    stranger, _ = centre.add_beneficiary()
    for user in (centre.consultant, centre.admin):
        with pytest.raises(NotAllowed):
            centre.scheduling.rate_session(centre.actor(user), completed.id, 5)
    for actor in (centre.actor(stranger), other_centre.actor(other_centre.admin)):
        with pytest.raises(BookingNotFound):
            centre.scheduling.rate_session(actor, completed.id, 5)


def test_a_session_that_has_not_taken_place_is_not_rated(centre: Centre, booking: Booking):
    with pytest.raises(SessionNotCompleted) as refusal:
        centre.scheduling.rate_session(centre.actor(centre.beneficiary), booking.id, 5)

    assert refusal.value.details == {"status": "SCHEDULED"}


@pytest.mark.parametrize("rating", [-1, 0, 6, 50])
def test_a_rating_is_from_one_to_five(centre: Centre, completed: Booking, rating: int):
    with pytest.raises(RatingInvalid):
        centre.scheduling.rate_session(centre.actor(centre.beneficiary), completed.id, rating)


def test_a_comment_is_bounded(centre: Centre, completed: Booking):
    with pytest.raises(TextInvalid):
        centre.scheduling.rate_session(centre.actor(centre.beneficiary), completed.id, 5, "x" * 4001)


def test_a_rating_is_no_new_version_for_calendars_and_reminders(centre: Centre, completed: Booking):
    rated_again = centre.scheduling.rate_session(centre.actor(centre.beneficiary), completed.id, 5)

    assert rated_again.version == completed.version
