"""A bilan's state and hours are among what the one engine looks at: listed, explained and refused alike."""

from datetime import UTC, date, datetime, timedelta

import pytest

from creneau.core.domain.bilan import Bilan
from creneau.core.domain.errors import BilanNotActive, BilanNotFound, HoursExhausted
from creneau.core.domain.explanation import Reason
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre, weekly

TUESDAY = date(2026, 12, 1)
NINE = datetime(2026, 12, 1, 8, tzinfo=UTC)  # 9:00 in Paris


@pytest.fixture
def bilan(centre: Centre) -> Bilan:
    """An hour and a half is left; the consultant offers sessions of one hour, and of two from six to eight."""
    consultant = centre.actor(centre.consultant)
    centre.scheduling.create_availability_slot(consultant, centre.consultant.id, weekly(2, "18:00", "20:00", 120))
    return centre.people.set_bilan_hours(centre.organization.id, centre.bilan.id, 90)


def lengths(centre: Centre, bilan: Bilan | None) -> set[int]:
    offered = centre.scheduling.get_available_slots_for_consultant(
        centre.actor(centre.beneficiary),
        centre.consultant.id,
        TUESDAY,
        TUESDAY,
        bilan_id=bilan.id if bilan else None,
    )
    return {time.span.minutes for time in offered}


def why(centre: Centre, bilan: Bilan, starts_at: datetime):
    return centre.scheduling.explain_slot(
        centre.actor(centre.beneficiary), centre.consultant.id, starts_at, bilan_id=bilan.id
    )


def book(centre: Centre, bilan: Bilan, starts_at: datetime):
    request = BookingRequest(bilan.id, centre.consultant.id, starts_at)
    return centre.scheduling.create_session_booking(centre.actor(centre.beneficiary), request)


def test_sessions_that_the_hours_do_not_suffice_for_are_not_listed(centre: Centre, bilan: Bilan):
    assert lengths(centre, None) == {60, 120}
    assert lengths(centre, bilan) == {60}

    book(centre, bilan, NINE)
    assert lengths(centre, bilan) == set()


def test_hours_that_do_not_suffice_are_explained_as_they_are_refused(centre: Centre, bilan: Bilan):
    six = NINE + timedelta(hours=9)
    told = why(centre, bilan, six)
    assert told.reasons == (Reason.HOURS_EXHAUSTED,)
    with pytest.raises(HoursExhausted) as refused:
        book(centre, bilan, six)
    (explained,) = told.refusals()
    assert (explained.code, explained.details) == (refused.value.code, refused.value.details)
    assert explained.details == {"remaining_minutes": 90, "wanted_minutes": 120}


def test_a_bilan_that_has_ended_closes_every_start(centre: Centre, bilan: Bilan):
    centre.people.close_bilan(centre.organization.id, bilan.id)

    assert lengths(centre, bilan) == set()
    assert why(centre, bilan, NINE).reasons == (Reason.BILAN_NOT_ACTIVE,)
    assert why(centre, bilan, NINE + timedelta(minutes=7)).reasons == (Reason.BILAN_NOT_ACTIVE, Reason.OUTSIDE_RULES)
    with pytest.raises(BilanNotActive):
        book(centre, bilan, NINE)


def test_times_at_which_the_bilan_s_beneficiary_is_busy_are_left_out(centre: Centre, bilan: Bilan):
    book(centre, bilan, NINE)
    centre.people.set_bilan_hours(centre.organization.id, bilan.id, None)

    assert Reason.BENEFICIARY_BUSY in why(centre, bilan, NINE).reasons


def test_nobody_asks_about_a_bilan_that_is_not_theirs(centre: Centre, other_centre: Centre):
    stranger, own = centre.add_beneficiary()
    for actor, bilan in (
        (centre.actor(stranger), centre.bilan),
        (centre.actor(centre.beneficiary), own),
        (other_centre.actor(other_centre.admin), centre.bilan),
    ):
        consultant = centre if actor.organization_id == centre.organization.id else other_centre
        with pytest.raises(BilanNotFound):
            centre.scheduling.get_available_slots_for_consultant(actor, consultant.consultant.id, bilan_id=bilan.id)
