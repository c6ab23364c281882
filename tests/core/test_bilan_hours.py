"""The hours of a bilan: what was bought, what sessions use up, what is left; closing a bilan."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from creneau.core.domain.bilan import (
    CONSUMING,
    LEGAL_LIMIT_MINUTES,
    Bilan,
    BilanHours,
    BilanStatus,
    Phase,
    count_hours,
    require_hours,
    require_lawful_hours,
)
from creneau.core.domain.booking import Booking, Status
from creneau.core.domain.errors import BilanNotActive, BilanNotFound, HoursExhausted, NotAllowed, TooManyHours
from creneau.core.domain.ids import BilanId, OrganizationId, UserId
from creneau.core.i18n.reader import Reader
from creneau.core.i18n.vocabulary import in_words
from creneau.core.storage import bookings
from creneau.core.storage.database import Database
from creneau.core.usecases.bookings import BookingRequest
from tests.conftest import Centre

TOMORROW_AT_NINE = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
FRENCH = Reader("fr", "Europe/Paris")


def book(centre: Centre, bilan: Bilan, hours_later: int = 0) -> Booking:
    starts_at = TOMORROW_AT_NINE + timedelta(hours=hours_later)
    return centre.scheduling.create_session_booking(
        centre.actor(centre.admin), BookingRequest(bilan.id, centre.consultant.id, starts_at)
    )


def hours_of(centre: Centre, bilan: Bilan) -> BilanHours:
    return centre.scheduling.get_bilan_hours(centre.actor(centre.beneficiary), bilan.id)


def open_bilan(centre: Centre, minutes: int | None) -> Bilan:
    return centre.people.open_bilan(centre.beneficiary, centre.consultant, minutes)


def a_bilan(minutes: int | None) -> Bilan:
    return Bilan(
        BilanId(uuid4()),
        OrganizationId(uuid4()),
        UserId(uuid4()),
        UserId(uuid4()),
        BilanStatus.ACTIVE,
        Phase.PRELIMINARY,
        minutes,
    )


def test_what_is_left_is_what_was_bought_less_what_was_used():
    assert count_hours(a_bilan(14 * 60), 750) == BilanHours(840, 750, 90)


def test_without_a_number_of_hours_the_legal_limit_holds():
    assert count_hours(a_bilan(None), 60) == BilanHours(None, 60, 1380)


def test_hours_taken_back_after_they_were_used_leave_nothing_and_not_less():
    assert count_hours(a_bilan(60), 120).remaining_minutes == 0


def test_a_session_that_just_fits_is_allowed_and_a_minute_more_is_refused():
    require_hours(BilanHours(840, 750, 90), 90)
    with pytest.raises(HoursExhausted) as refusal:
        require_hours(BilanHours(840, 750, 90), 91)
    assert refusal.value.details == {"remaining_minutes": 90, "wanted_minutes": 91}


@pytest.mark.parametrize("minutes", [-1, LEGAL_LIMIT_MINUTES + 1])
def test_no_bilan_lasts_longer_than_the_law_allows(minutes: int):
    with pytest.raises(TooManyHours):
        require_lawful_hours(minutes)


def test_a_missed_session_uses_up_its_hours_and_a_cancelled_one_gives_them_back():
    assert set(Status) - {Status.CANCELLED} == CONSUMING


def test_the_refusal_tells_the_time_left_in_words():
    refusal = HoursExhausted(remaining_minutes=90, wanted_minutes=120)

    said = FRENCH.text(refusal.code, **in_words(FRENCH, refusal.details)).replace("\u00a0", " ")

    assert said == "Il reste 1 h 30 sur cet accompagnement : ce n’est pas assez pour 2 h."


def test_a_booking_over_the_hours_is_refused_and_writes_nothing(centre: Centre):
    bilan = open_bilan(centre, 90)
    book(centre, bilan)

    with pytest.raises(HoursExhausted) as refusal:
        book(centre, bilan, hours_later=1)

    assert refusal.value.details == {"remaining_minutes": 30, "wanted_minutes": 60}
    assert hours_of(centre, bilan) == BilanHours(90, 60, 30)


def test_cancelling_gives_the_hours_back(centre: Centre):
    bilan = open_bilan(centre, 60)
    booking = book(centre, bilan)

    centre.scheduling.cancel_booking(centre.actor(centre.beneficiary), booking.id, "Imprévu")

    assert hours_of(centre, bilan) == BilanHours(60, 0, 60)
    assert book(centre, bilan).status is Status.SCHEDULED


@pytest.mark.parametrize("status", sorted(CONSUMING))
def test_every_state_but_cancelled_uses_up_hours(centre: Centre, database: Database, status: Status):
    bilan = open_bilan(centre, 14 * 60)
    booking = book(centre, bilan)
    with database.transaction(centre.organization.id) as tx:
        bookings.save(tx, replace(booking, status=status))

    assert hours_of(centre, bilan) == BilanHours(840, 60, 780)


def test_the_hours_of_one_bilan_are_not_those_of_another(centre: Centre):
    one, other = open_bilan(centre, 60), open_bilan(centre, 60)
    book(centre, one)

    assert hours_of(centre, other).remaining_minutes == 60


def test_hours_are_told_to_the_sides_of_the_bilan_and_to_administrators_alone(centre: Centre, other_centre: Centre):
    stranger, _ = centre.add_beneficiary()
    for user in (centre.consultant, centre.admin):
        assert centre.scheduling.get_bilan_hours(centre.actor(user), centre.bilan.id).remaining_minutes == 1440

    for actor in (centre.actor(stranger), other_centre.actor(other_centre.admin)):
        with pytest.raises(BilanNotFound):
            centre.scheduling.get_bilan_hours(actor, centre.bilan.id)


def test_more_hours_than_the_law_allows_are_not_sold(centre: Centre):
    with pytest.raises(TooManyHours):
        open_bilan(centre, LEGAL_LIMIT_MINUTES + 60)
    with pytest.raises(TooManyHours):
        centre.people.set_bilan_hours(centre.organization.id, centre.bilan.id, LEGAL_LIMIT_MINUTES + 60)


def test_an_administrator_sets_the_hours_and_nobody_else_does(centre: Centre):
    bilan = centre.people.set_bilan_hours(centre.organization.id, centre.bilan.id, 600, centre.actor(centre.admin))

    assert bilan.purchased_minutes == hours_of(centre, bilan).purchased_minutes == 600
    for user in (centre.beneficiary, centre.consultant):
        with pytest.raises(NotAllowed):
            centre.people.set_bilan_hours(centre.organization.id, bilan.id, 1440, centre.actor(user))


def test_nobody_books_on_a_closed_bilan_and_its_sessions_stay(centre: Centre):
    booking = book(centre, centre.bilan)
    for user in (centre.beneficiary, centre.consultant):
        with pytest.raises(NotAllowed):
            centre.people.close_bilan(centre.organization.id, centre.bilan.id, centre.actor(user))

    closed = centre.people.close_bilan(centre.organization.id, centre.bilan.id, centre.actor(centre.admin))

    assert closed.status is BilanStatus.COMPLETED
    with pytest.raises(BilanNotActive):
        book(centre, centre.bilan, hours_later=1)
    with pytest.raises(BilanNotActive):
        centre.people.close_bilan(centre.organization.id, centre.bilan.id)
    assert centre.scheduling.get_booking(centre.actor(centre.beneficiary), booking.id).status is Status.SCHEDULED


def test_a_bilan_of_another_organization_is_neither_closed_nor_changed(centre: Centre, other_centre: Centre):
    admin = other_centre.actor(other_centre.admin)
    with pytest.raises(BilanNotFound):
        centre.people.close_bilan(admin.organization_id, centre.bilan.id, admin)
    with pytest.raises(BilanNotFound):
        centre.people.set_bilan_hours(centre.organization.id, centre.bilan.id, 60, admin)
